"""What a cycle's own pages read of it, in one statement with all its counts."""

from collections import defaultdict

from django.db.models import Count, Exists, OuterRef, Q, Subquery

from groups.enums import CycleState, HistoryCode, ParticipationState, Seat
from groups.models import Cycle, HistoryEntry
from groups.queries import cycle_detail
from neighbourhoods.models import Provision

ANSWERS = (ParticipationState.CONFIRMED, ParticipationState.INVITED, ParticipationState.DECLINED)


def cycle_page(user, *, today):
    """As cycle_detail(), with how many said what (`said_…`), whether somebody else leads from a session to come
    (`has_news`, R14), and the next round (`next_round_pk`, `next_round_on`, R28)."""
    said = {f"said_{state}": Count("participations", filter=Q(participations__state=state)) for state in ANSWERS}
    changes = HistoryEntry.objects.filter(
        cycle=OuterRef("pk"),
        code=HistoryCode.LEADER_CHANGED,
        args__seat=Seat.LEAD.value,
        args__from__gte=today.isoformat(),
    )
    following = Cycle.objects.filter(continues=OuterRef("pk")).exclude(state=CycleState.CANCELLED).order_by("pk")
    return cycle_detail(user).annotate(
        **said,
        has_news=Exists(changes),
        next_round_pk=Subquery(following.values("pk")[:1]),
        next_round_on=Subquery(following.values("starts_on")[:1]),
    )


def agreed_provisions(municipalities):
    """{municipality: [Provision]} of those to which somebody may be sent (R36); one statement."""
    found = defaultdict(list)
    for provision in Provision.objects.agreed().filter(municipality__in=municipalities).order_by("name", "pk"):
        found[provision.municipality_id].append(provision)
    return found
