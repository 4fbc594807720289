"""What a cycle's own pages read of it, in one statement with all its counts."""

from collections import defaultdict

from django.db.models import Avg, Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from groups.enums import CycleState, EntryState, HistoryCode, ParticipationState, Seat
from groups.models import Cycle, HistoryEntry, ParticipantMark, SessionReport, WaitlistEntry
from groups.queries import cycle_detail, sessions_of
from neighbourhoods.models import Provision

ANSWERS = (ParticipationState.CONFIRMED, ParticipationState.INVITED, ParticipationState.DECLINED)


def cycle_page(user, *, today):
    """As cycle_detail(), with what its page counts, all in one statement.

    said_…: how many gave which answer. has_news: somebody else leads from a session to come (R14). next_round_pk and
    _on, and how many wait for it: going_on (R28). mark_count and mark_mean: of the participants (R30).
    """
    said = {f"said_{state}": Count("participations", filter=Q(participations__state=state)) for state in ANSWERS}
    changes = HistoryEntry.objects.filter(
        cycle=OuterRef("pk"),
        code=HistoryCode.LEADER_CHANGED,
        args__seat=Seat.LEAD.value,
        args__from__gte=today.isoformat(),
    )
    following = Cycle.objects.filter(continues=OuterRef("pk")).exclude(state=CycleState.CANCELLED).order_by("pk")
    going = WaitlistEntry.objects.filter(continues__cycle=OuterRef("pk"), state=EntryState.WAITING).order_by()
    marks = ParticipantMark.objects.filter(participation__cycle=OuterRef("pk")).order_by()
    marks = marks.values("participation__cycle")
    return cycle_detail(user).annotate(
        **said,
        has_news=Exists(changes),
        going_on=_count(going.values("continues__cycle")),
        mark_count=_count(marks),
        mark_mean=Subquery(marks.annotate(mean=Avg("score")).values("mean")),
        next_round_pk=Subquery(following.values("pk")[:1]),
        next_round_on=Subquery(following.values("starts_on")[:1]),
    )


def _count(grouped):
    return Coalesce(Subquery(grouped.annotate(count=Count("pk")).values("count")), 0)


def sessions_with_reports(cycle):
    """As sessions_of(), with `is_closed`: whether attendance and notes are complete (R25)."""
    closed = SessionReport.objects.filter(session=OuterRef("pk"), closed_at__isnull=False)
    return sessions_of(cycle).annotate(is_closed=Exists(closed))


def agreed_provisions(municipalities):
    """{municipality: [Provision]} of those to which somebody may be sent (R36); one statement."""
    found = defaultdict(list)
    for provision in Provision.objects.agreed().filter(municipality__in=municipalities).order_by("name", "pk"):
        found[provision.municipality_id].append(provision)
    return found
