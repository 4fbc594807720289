"""Why a group worker formed a group in this way: it can be about somebody, so it is sealed (R17, R41)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from clients.sealing import Sealed, SealedText
from groups.models.attendance import CycleNotes


class StartReason(Sealed):
    """Sealed by the key of the group's notes; `Cycle.reason` says no more than that it was formed by hand."""

    seal_client = "notes"
    notes = models.OneToOneField(CycleNotes, on_delete=models.CASCADE, related_name="start_reason")
    why = SealedText(_("why"), max_length=1000)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"start reason of {self.notes_id}"
