"""What a referrer tells afterwards, for who judges."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.sealing import Sealed, SealedText
from intake.models.referral import Referral


class ReferralNote(Sealed):
    """Something changed since the referral, in the referrer's words; never shown to another referrer (R43)."""

    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="notes")
    text = SealedText(_("what changed"), max_length=1000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    seal_client = "referral.client"

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.CheckConstraint(name="referral_note_says_what", condition=~Q(text=""))]

    def __str__(self):
        """Never what is in it: strings end up in logs."""
        return f"note #{self.pk} on {self.referral_id}"
