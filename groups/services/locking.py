"""In which order a cycle is locked: its waitlist, itself, and only then what belongs to it."""

from groups.models import Cycle
from groups.services.waitlists import lock_waitlist


def lock_cycle(pk):
    """The cycle under its waitlist's lock and its own."""
    lock_waitlist(Cycle.objects.values_list("waitlist", flat=True).get(pk=pk))
    return (
        Cycle.objects.select_for_update(of=("self",))
        .select_related("waitlist__offer", "waitlist__catchment", "lead", "co_lead", "room__venue")
        .get(pk=pk)
    )
