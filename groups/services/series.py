"""Changing more of a cycle at once: the rest of its sessions to another rhythm, or one session more (R20)."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from groups.calendar import weekly_days
from groups.enums import LIVE_CYCLES, HistoryCode, Seat, SessionState
from groups.exceptions import NotAllowed, ScheduleClash
from groups.models import Session
from groups.notifications import tell_cycle_moved, tell_session_added
from groups.services.bookings import book_sessions, find_clashes, hold, is_clash, rebook_sessions
from groups.services.history import record
from groups.services.locking import lock_cycle
from groups.services.scheduling import check_moments, keep_first_date, locked_session, planned_sessions, set_moment
from groups.services.waitlists import make_due


@transaction.atomic
def move_rest(*, session, date, start_time, by, now):
    """This session and all planned ones after it: from this day on week after week, blocked weeks skipped (R20).

    Each keeps its length, room and leaders. NotAllowed and ScheduleClash as move_session.
    """
    session, cycle = locked_session(session)
    rest = [planned for planned in planned_sessions(cycle, from_date=session.date) if planned.number >= session.number]
    was = [planned.date for planned in rest]
    days = weekly_days(date, len(rest), skips_school_holidays=cycle.offer.skips_school_holidays)
    if days[0] != date:
        raise NotAllowed("blocked_day")
    for planned, day in zip(rest, days, strict=True):
        planned.cycle = cycle
        set_moment(planned, day, start_time)
    check_moments(rest, cycle, now)
    rebook_sessions(sessions=rest)
    keep_first_date(cycle)
    row = {"at": now, "by": by, "cycle": cycle, "waitlist": cycle.waitlist}
    for planned, before in zip(rest, was, strict=True):
        dates = {"was": before.isoformat(), "date": planned.date.isoformat()}
        record(HistoryCode.SESSION_MOVED, session=planned, number=planned.number, **dates, **row)
    tell_cycle_moved(cycle=cycle, now=now, key=f"{session.pk}:{date}:{int(now.timestamp())}")
    make_due([cycle.waitlist_id], now=now)
    return rest


def next_day(cycle, *, now):
    """The day that a session more would be on: a week after the last, blocked weeks skipped, not in the past (R20)."""
    last = _latest(cycle)
    first = weekly_days(
        last.date if last else timezone.localdate(now), 2, skips_school_holidays=cycle.offer.skips_school_holidays
    )
    return first[-1]


def _latest(cycle):
    return cycle.sessions.exclude(state=SessionState.CANCELLED).order_by("-number").first()


@transaction.atomic
def add_session(*, cycle, date, start_time, by, now):
    """One session more, after the last, as long as the others, with the cycle's room and leaders.

    NotAllowed: cycle_is_over, in_the_past, blocked_day, out_of_order, room_closed, past_midnight, next_round_begins.
    ScheduleClash: somebody or the room is taken.
    """
    cycle = lock_cycle(cycle.pk)
    if cycle.state not in LIVE_CYCLES:
        raise NotAllowed("cycle_is_over")
    extra = _unsaved(cycle, date, start_time)
    check_moments([extra], cycle, now)
    _book(cycle, extra)
    record(HistoryCode.SESSION_ADDED, at=now, by=by, cycle=cycle, session=extra, date=date.isoformat())
    tell_session_added(session=extra, now=now)
    make_due([cycle.waitlist_id], now=now)
    return extra


def _unsaved(cycle, date, start_time):
    """Numbered after all there ever were: numbers only keep sessions apart and in order."""
    last = cycle.sessions.order_by("-number").first()
    extra = Session(cycle=cycle, number=last.number + 1, date=last.date, room=cycle.room)
    extra.start_time, extra.end_time = cycle.start_time, cycle.end_time
    set_moment(extra, date, start_time)
    return extra


def _book(cycle, extra):
    staff = {Seat.LEAD: cycle.lead, Seat.CO_LEAD: cycle.co_lead}
    people = [user for user in staff.values() if user is not None]
    hold(users=[user.pk for user in people], rooms=[extra.room_id])
    if clashes := find_clashes(sessions=[extra], users=people, room=extra.room):
        raise ScheduleClash(clashes)
    try:
        with transaction.atomic():
            book_sessions(cycle=cycle, sessions=[extra], lead=staff[Seat.LEAD], co_lead=staff[Seat.CO_LEAD])
    except IntegrityError as error:
        if not is_clash(error):
            raise
        raise ScheduleClash(find_clashes(sessions=[extra], users=people, room=extra.room)) from error
