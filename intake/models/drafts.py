"""What a social worker has typed at an intake that is not finished yet."""

import datetime as dt

from django.conf import settings
from django.db import models

from clients.sealing import Sealed, SealedText
from intake.models.referral import Referral

# A draft that nobody touched for so long is deleted (R42).
KEPT = dt.timedelta(days=30)


class DraftQuerySet(models.QuerySet):
    def filled(self):
        """Those in which there is something; one that was cleared keeps its version only."""
        return self.exclude(values="")

    def abandoned(self, *, now):
        return self.filter(saved_at__lt=now - KEPT)


class IntakeDraft(Sealed):
    """One per referral and social worker, sealed with the client's key.

    The version grows with each change, so that an older tab never overwrites what another saved later.
    """

    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="drafts")
    worker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField(default=0)
    values = SealedText(blank=True, help_text="JSON, {field: [what was sent]}.")
    started_at = models.DateTimeField()
    saved_at = models.DateTimeField(db_index=True)

    objects = DraftQuerySet.as_manager()
    seal_client = "referral.client"

    class Meta:
        ordering = ["started_at", "pk"]
        constraints = [models.UniqueConstraint(name="draft_once", fields=["referral", "worker"])]

    def __str__(self):
        """Never what is in it: strings end up in logs."""
        return f"draft #{self.pk}"
