"""R11: what a list that fills too slowly could become: one with a bordering area, or the whole municipality's."""

from dataclasses import dataclass

from groups.enums import EntryState
from groups.exceptions import NotAllowed
from groups.models import Waitlist, WaitlistEntry
from groups.services.areas import check_wider
from neighbourhoods.enums import CatchmentLevel
from neighbourhoods.models import Catchment
from neighbourhoods.queries import bordering_catchments


@dataclass(frozen=True)
class Proposal:
    """The numbers of one list together with another, who waits on both counted once; minimum is the other's."""

    catchment: Catchment
    waiting: int
    placeable: int
    minimum: int | None

    @property
    def is_enough(self):
        return self.minimum is not None and self.placeable >= self.minimum


def joinings(waitlist):
    """A Proposal for each bordering area, the most people together first; none where nothing can be joined."""
    area = waitlist.catchment
    if area.level != CatchmentLevel.NEIGHBOURHOOD or area.joined_into_id or area.joined.exists():
        return []
    found = _proposals(waitlist, bordering_catchments(area))
    return sorted(found, key=lambda proposal: (-proposal.placeable, -proposal.waiting))


def widening(waitlist):
    """The Proposal of the municipality's list, or None where this group cannot run there."""
    try:
        check_wider(waitlist)
    except NotAllowed:
        return None
    wide = Catchment.objects.get(level=CatchmentLevel.MUNICIPALITY, municipality=waitlist.catchment.municipality_id)
    return _proposals(waitlist, [wide])[0]


def _proposals(waitlist, catchments):
    lists = {
        row.catchment_id: row
        for row in Waitlist.objects.filter(offer=waitlist.offer, catchment__in=catchments).select_related("offer")
    }
    people = {waitlist.pk: {}} | {row.pk: {} for row in lists.values()}
    entries = WaitlistEntry.objects.filter(waitlist__in=people, state=EntryState.WAITING).order_by("pk")
    for pk, client, reasons in entries.values_list("waitlist", "client", "reasons"):
        people[pk][client] = not reasons
    return [_proposal(waitlist, lists.get(area.pk), area, people) for area in catchments]


def _proposal(waitlist, other, area, people):
    together = people[waitlist.pk] | (people[other.pk] if other else {})
    return Proposal(
        catchment=area,
        waiting=len(together),
        placeable=sum(together.values()),
        minimum=other.minimum if other else waitlist.offer.minimum,
    )
