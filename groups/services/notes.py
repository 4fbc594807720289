"""The key of what leaders write down about a group as a whole: made at the first word (R25)."""

from django.db import transaction

from clients.models import SealKey
from groups.models import Cycle, CycleNotes


@transaction.atomic
def notes_of(cycle):
    """The CycleNotes of this cycle with their key; made once, however many ask at the same moment."""
    notes = _found(cycle)
    if notes is None:
        # Locked as whoever refers to it does: a session of the same cycle can be noted meanwhile.
        Cycle.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=cycle.pk)
        notes = _found(cycle) or CycleNotes.objects.create(cycle=cycle, key=SealKey.objects.make())
    notes.cycle = cycle
    return notes


def _found(cycle):
    return CycleNotes.objects.select_related("key").filter(cycle=cycle).first()
