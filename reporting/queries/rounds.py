"""Cycles that ask their leaders for something: a decision before the first session or after the last, a mark."""

import datetime as dt

from django.db.models import Case, Count, Exists, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from groups.enums import CycleState, EntryState, ParticipationState
from groups.models import Cycle, Participation, Session, SessionStaff, WaitlistEntry, WorkerMark

# So long after the last session it is still asked; later nobody remembers.
ASKED_FOR = dt.timedelta(weeks=8)


def cycles_that_ask(user, *, today, formed=True):
    """Cycles with `taken`, `undecided` (R28) and `asks_mark` (R30); one statement. With `formed`, those too that need
    a decision before they begin (R21); `needs_decision()` tells."""
    wanted = _over(user, today)
    if formed:
        wanted |= Q(state=CycleState.FORMED, answer_deadline__lt=today)
    rows = Cycle.objects.visible_to(user).annotate(
        undecided=_undecided(), asks_mark=_asks_mark(user), is_recent=Exists(_recent(today)), is_mine=_is_mine(user)
    )
    rows = rows.filter(wanted).select_related("lead", "waitlist__offer", "waitlist__catchment__municipality")
    rows = rows.defer("waitlist__catchment__municipality__polygon").with_taken()
    return list(rows.order_by("starts_on", "start_time", "pk"))


def _over(user, today):
    begun = Q(state__in=[CycleState.RUNNING, CycleState.FINISHED], is_mine=True, is_recent=True)
    return begun & (Q(undecided__gt=0) | Q(asks_mark=True))


def _is_mine(user):
    seats = SessionStaff.objects.filter(user=user, session__cycle=OuterRef("pk"))
    mine = Q(lead=user) | Q(co_lead=user) | Q(Exists(seats))
    return Case(When(mine, then=Value(True)), default=Value(False))


def _recent(today):
    return Session.objects.filter(cycle=OuterRef("pk"), date__gte=today - ASKED_FOR)


def _undecided():
    """Who had all their sessions and has not decided; not for whom the rest of their series is kept (R22)."""
    kept = WaitlistEntry.objects.filter(continues=OuterRef("pk")).exclude(state=EntryState.LEFT)
    rows = Participation.objects.filter(
        ~Exists(kept), cycle=OuterRef("pk"), state=ParticipationState.FINISHED, outcome=""
    )
    grouped = rows.order_by().values("cycle").annotate(count=Count("pk"))
    return Coalesce(Subquery(grouped.values("count")), 0)


def _asks_mark(user):
    given = WorkerMark.objects.filter(cycle=OuterRef("pk"), user=user)
    return Case(When(Q(~Exists(given), state=CycleState.FINISHED), then=Value(True)), default=Value(False))
