"""A formed cycle's fate before its first session, and its running (R21)."""

import datetime as dt
import logging

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import WorkerBooking
from accounts.periods import local_moment
from groups.calendar import weekly_days
from groups.enums import (
    LEAVES_BECAUSE,
    LIVE_CYCLES,
    CycleState,
    HistoryCode,
    ParticipationState,
    SessionState,
)
from groups.exceptions import NotAllowed, ScheduleClash
from groups.models import Cycle, Session, WaitlistEntry
from groups.notifications import tell_cycle_cancelled, tell_cycle_moved
from groups.services.bookings import rebook_sessions
from groups.services.capacity import make_blocked_lists_due
from groups.services.files import close_files
from groups.services.forming import answer_deadline
from groups.services.history import record
from groups.services.locking import lock_cycle
from groups.services.merging import return_entries
from groups.services.moves import move, move_all
from groups.services.rounds import settle_rounds
from groups.services.waitlists import make_due
from neighbourhoods.models import RoomBooking

logger = logging.getLogger(__name__)
MOVE_TRIES = 6
DECIDE_UNTIL = dt.time(17)  # R21: local time on the day before the first session


@transaction.atomic
def cancel_cycle(*, cycle, reason, now, by=None, rule=""):
    """Everyone goes back to the waitlist with their original waiting time (R17, R21). NotAllowed once it is over.

    But for who decided already to end here (R28).
    """
    cycle = lock_cycle(cycle.pk)
    if cycle.state not in LIVE_CYCLES:
        raise NotAllowed("cycle_is_over")
    move(
        cycle, CycleState.CANCELLED, code=HistoryCode.CYCLE_CANCELLED, now=now, by=by, rule=rule, args={"why": reason}
    )
    step = {"now": now, "by": by, "rule": rule or "R21"}
    participations = _all_in(cycle)
    done = [p for p in participations if p.outcome in LEAVES_BECAUSE]
    move_all(done, ParticipationState.FINISHED, code=HistoryCode.PARTICIPATION_FINISHED, **step)
    participations = [participation for participation in participations if participation not in done]
    goes_on = set(WaitlistEntry.objects.who_go_on_from(participations))  # they wait, or have a place, already
    entries = [participation.entry for participation in participations if participation.pk not in goes_on]
    return_entries(entries, **step)
    move_all(participations, ParticipationState.RETURNED, code=HistoryCode.PARTICIPATION_RETURNED, **step)
    _cancel_sessions(cycle, step)
    close_files(clients=[participation.client_id for participation in participations], now=now)
    tell_cycle_cancelled(cycle=cycle, participations=participations, now=now)
    make_blocked_lists_due(cycle, now=now)
    make_due([cycle.waitlist_id], now=now)
    return cycle


def _all_in(cycle):
    participations = list(cycle.participations.counting().select_related("client__contact", "entry__waitlist"))
    for participation in participations:
        participation.cycle = cycle
    return participations


def _cancel_sessions(cycle, step):
    """Rooms and leaders are free again."""
    planned = list(cycle.sessions.planned())
    rooms = [session.room_booking_id for session in planned]
    move_all(planned, SessionState.CANCELLED, code=HistoryCode.SESSION_CANCELLED, room_booking=None, **step)
    WorkerBooking.objects.filter(session_seat__session__in=planned).delete()
    RoomBooking.objects.filter(pk__in=rooms).delete()


@transaction.atomic
def start_smaller(*, cycle, by, now):
    """R21: the lead starts with fewer than the minimum."""
    cycle = lock_cycle(cycle.pk)
    _check_formed(cycle)
    if not cycle.participations.counting().exists():
        raise NotAllowed("nobody_left")
    cycle.is_accepted_small = True
    cycle.save(update_fields=["is_accepted_small"])
    count = cycle.participations.counting().count()
    record(HistoryCode.CYCLE_SMALLER, at=now, by=by, cycle=cycle, waitlist=cycle.waitlist, people=count)
    return cycle


@transaction.atomic
def move_cycle(*, cycle, weeks, now, by=None, rule=""):
    """Shift all planned sessions by whole weeks, skipping blocked ones (R20, R21).

    NotAllowed: cycle_already_started, in_the_past (today is too late to tell anybody). ScheduleClash when not free.
    """
    cycle = lock_cycle(cycle.pk)
    _check_formed(cycle)
    sessions = list(
        cycle.sessions.planned().select_related("room__venue", "room_booking").prefetch_related("staff__booking")
    )
    first = sessions[0].date + dt.timedelta(weeks=weeks)
    days = weekly_days(first, len(sessions), skips_school_holidays=cycle.offer.skips_school_holidays)
    if days[0] <= timezone.localdate(now):
        raise NotAllowed("in_the_past")
    for session, day in zip(sessions, days, strict=True):
        session.date, session.cycle = day, cycle
    rebook_sessions(sessions=sessions)
    cycle.starts_on = sessions[0].date
    cycle.answer_deadline = answer_deadline(cycle.starts_on)
    cycle.save(update_fields=["starts_on", "answer_deadline"])
    args = {"date": cycle.starts_on.isoformat()}
    record(HistoryCode.CYCLE_MOVED, at=now, by=by, rule=rule, cycle=cycle, waitlist=cycle.waitlist, **args)
    tell_cycle_moved(cycle=cycle, now=now)
    make_due([cycle.waitlist_id], now=now)
    return cycle


def _check_formed(cycle):
    if cycle.state != CycleState.FORMED:
        raise NotAllowed("cycle_already_started")


def settle_cycles(*, now):
    """What time does to cycles: short ones move a week (R21), first sessions begin, past ones finish.

    Files that leaders need no longer close (R41). Safe twice.
    """
    today = timezone.localdate(now)
    for pk in _pks(Cycle.objects.filter(state=CycleState.FORMED, starts_on__lte=today + dt.timedelta(days=1))):
        _settle(pk, _settle_formed, now)
    for pk in _pks(_running_with_a_past(today)):
        _settle(pk, _settle_running, now)
    close_files(now=now)


def _running_with_a_past(today):
    """Running cycles of which a session may be over, or all are; the others are not locked and read in vain."""
    planned = Session.objects.planned().filter(cycle=OuterRef("pk"))
    return Cycle.objects.filter(Exists(planned.filter(date__lte=today)) | ~Exists(planned), state=CycleState.RUNNING)


def _pks(cycles):
    return list(cycles.order_by("pk").values_list("pk", flat=True))


def _settle(pk, step, now):
    """One cycle in its own transaction; one that fails is logged by number and never stops the others."""
    try:
        with transaction.atomic():
            step(lock_cycle(pk), now)
    except Exception:
        logger.exception("cycle %s could not be settled", pk)


def _settle_formed(cycle, now):
    if cycle.state != CycleState.FORMED:
        return
    today = timezone.localdate(now)
    count = cycle.participations.counting().count()
    if count == 0:
        cancel_cycle(cycle=cycle, reason="nobody_left", now=now, rule="R21")
    elif count + _too_late_to_decide(cycle) < cycle.minimum and not cycle.is_accepted_small:
        if now >= _decide_until(cycle):
            _move_to_free_week(cycle, now)
    elif cycle.starts_on <= today and _first_session(cycle).starts_at <= now:
        move(cycle, CycleState.RUNNING, code=HistoryCode.CYCLE_RUNNING, now=now, rule="R12")


def _decide_until(cycle):
    return local_moment(cycle.starts_on - dt.timedelta(days=1), DECIDE_UNTIL)


def _too_late_to_decide(cycle):
    """Who said no after the lead could still decide: the group meets as the others were told."""
    declined = cycle.participations.filter(state=ParticipationState.DECLINED)
    return declined.filter(answered_at__gte=_decide_until(cycle)).count()


def _move_to_free_week(cycle, now):
    """R21: no decision by the day before means a week's move; the first coming week in which all are free."""
    late = max(0, (timezone.localdate(now) - cycle.starts_on).days // 7)  # nobody looked for weeks
    for weeks in range(late + 1, late + 1 + MOVE_TRIES):
        try:
            move_cycle(cycle=cycle, weeks=weeks, now=now, rule="R21")
            return
        except ScheduleClash:
            continue
    cancel_cycle(cycle=cycle, reason="no_free_week", now=now, rule="R21")


def _first_session(cycle):
    return cycle.sessions.planned().first()


def _settle_running(cycle, now):
    past = [session for session in cycle.sessions.planned() if session.ends_at <= now]
    move_all(past, SessionState.HELD, code=HistoryCode.SESSION_HELD, now=now, rule="R24")
    is_over = cycle.state == CycleState.RUNNING and not cycle.sessions.planned().exists()
    if is_over:
        move(cycle, CycleState.FINISHED, code=HistoryCode.CYCLE_FINISHED, now=now, rule="R24")
        make_blocked_lists_due(cycle, now=now)
    if past or is_over:
        settle_rounds(cycle, now=now)
