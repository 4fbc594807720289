"""What somebody typed of a referral and did not send yet. Theirs alone; sealed with a key of its own."""

import json
from datetime import timedelta

from django.conf import settings
from django.db import models

from clients.models import SealKey
from clients.sealing import Sealed, SealedText

# Kept this long after the last letter was typed.
KEPT_FOR = timedelta(days=14)


class ReferralDraftQuerySet(models.QuerySet):
    def of(self, user):
        """One's own, the last typed first; nobody else's, whatever somebody's role."""
        return self.filter(user=user).select_related("key").order_by("-changed_at", "-pk")

    def left_alone(self, *, now):
        return self.filter(changed_at__lte=now - KEPT_FOR)


class ReferralDraft(Sealed):
    """The fields of one opened form as they were typed, checked by nobody. `version` tells two tabs apart."""

    seal_client = ""

    key = models.OneToOneField(SealKey, on_delete=models.PROTECT, related_name="referral_draft", editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="referral_drafts")
    submission_key = models.UUIDField(help_text="That of the form; the referral that comes of it has the same.")
    version = models.PositiveIntegerField(default=1)
    content = SealedText()
    started_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = ReferralDraftQuerySet.as_manager()

    class Meta:
        ordering = ["-changed_at", "-pk"]
        indexes = [models.Index(name="referral_draft_old", fields=["changed_at"])]
        constraints = [models.UniqueConstraint(name="referral_draft_once", fields=["user", "submission_key"])]

    def __str__(self):
        """Never what is in it: strings end up in logs."""
        return f"draft #{self.pk}"

    @property
    def values(self):
        """{field: [what was typed or chosen]}."""
        return json.loads(self.content)

    @property
    def short_name(self):
        """A. de V., as far as it was typed; "" before that."""
        values = self.values
        given, prefix, family = (
            " ".join(values.get(name, [""])[0].split()) for name in ("given_name", "name_prefix", "family_name")
        )
        parts = (f"{given[:1]}." if given else "", prefix[:20], f"{family[:1]}." if family else "")
        return " ".join(part for part in parts if part)
