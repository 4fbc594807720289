"""Changing what is planned: a session's day or room. A clash is refused and explained (R20)."""

import datetime as dt
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q

from groups.calendar import blocked_dates
from groups.enums import CycleState, HistoryCode, Seat, SessionState
from groups.exceptions import NotAllowed
from groups.models import Cycle, Session
from groups.notifications import tell_session_cancelled, tell_session_changed
from groups.services.bookings import (
    book_sessions,
    find_clashes,
    is_clash,
    rebook_sessions,
    release_session,
)
from groups.services.files import close_files
from groups.services.forming import answer_deadline
from groups.services.history import record
from groups.services.locking import lock_cycle
from groups.services.moves import move
from groups.services.waitlists import make_due


@transaction.atomic
def move_session(*, session, date, start_time, by, now):
    """Another local day or time, same length, same room and leaders.

    NotAllowed: in_the_past, blocked_day, out_of_order, room_closed, session_is_over. ScheduleClash: somebody is taken.
    """
    session, cycle = locked_session(session)
    old_date = session.date
    set_moment(session, date, start_time)
    check_moments([session], cycle, now)
    rebook_sessions(sessions=[session])
    keep_first_date(cycle)
    args = {"number": session.number, "was": old_date.isoformat(), "date": date.isoformat()}
    record(HistoryCode.SESSION_MOVED, at=now, by=by, cycle=cycle, waitlist=cycle.waitlist, session=session, **args)
    tell_session_changed(session=session, now=now, key=f"moved:{date}:{start_time}:{int(now.timestamp())}")
    make_due([cycle.waitlist_id], now=now)
    return session


def set_moment(session, date, start_time):
    """Another local day and time, as long as it was; not saved yet."""
    opens, closes = (dt.datetime.combine(session.date, clock) for clock in (session.start_time, session.end_time))
    session.date, session.start_time = date, start_time
    session.end_time = (dt.datetime.combine(date, start_time) + (closes - opens)).time()


def locked_session(session):
    """(session, cycle) as the database has them, under the cycle's lock. NotAllowed: session_is_over, or has begun."""
    cycle = lock_cycle(session.cycle_id)
    session = (Session.objects.select_related("room__venue", "room_booking").prefetch_related("staff__booking")).get(
        pk=session.pk
    )
    session.cycle = cycle
    if session.state != SessionState.PLANNED or session.attendance.exists():
        raise NotAllowed("session_is_over")
    return session, cycle


def check_moments(sessions, cycle, now):
    """Whether these sessions of one cycle, in order and each with its new moment, may be then (R20, R28)."""
    for session in sessions:
        _check_moment(session, cycle, now)
    check_rounds(sessions[0].date, cycle)
    check_rounds(sessions[-1].date, cycle)
    others = cycle.sessions.exclude(state=SessionState.CANCELLED).exclude(pk__in=[session.pk for session in sessions])
    for session in (sessions[0], sessions[-1]):
        before = Q(number__lt=session.number, date__gte=session.date)
        after = Q(number__gt=session.number, date__lte=session.date)
        if others.filter(before | after).exists():
            raise NotAllowed("out_of_order")
    if not all(session.room.venue.is_open(session.starts_at, session.ends_at) for session in sessions):
        raise NotAllowed("room_closed")


def _check_moment(session, cycle, now):
    if session.end_time <= session.start_time:
        raise NotAllowed("past_midnight")
    if session.starts_at <= now:
        raise NotAllowed("in_the_past")
    blocked = blocked_dates(today=session.date, weeks=1, skips_school_holidays=cycle.offer.skips_school_holidays)
    if session.date in blocked:
        raise NotAllowed("blocked_day")


def keep_first_date(cycle):
    """A formed cycle begins when its first planned session does, and answers count until two working days before."""
    first = cycle.sessions.planned().first()
    if cycle.state != CycleState.FORMED or first is None:
        return
    cycle.starts_on, cycle.start_time, cycle.end_time = first.date, first.start_time, first.end_time
    cycle.answer_deadline = answer_deadline(first.date)
    cycle.save(update_fields=["starts_on", "start_time", "end_time", "answer_deadline"])


@transaction.atomic
def cancel_session(*, session, reason, by, now, append=True):
    """One session does not take place; with `append` one is added a week after the last, so that nobody loses one.

    NotAllowed: reason_missing, session_is_over, only_session (a cycle that has not begun would have none left),
    no_free_week (nothing is free within six weeks after the last).
    """
    called_off = call_off(session=session, reason=reason, by=by, now=now)
    return make_up_for(called_off, by=by, now=now, append=append)


def check_rounds(day, cycle):
    """R28: a round ends before the next one of the same people begins."""
    following = cycle.continued_by.exclude(state=CycleState.CANCELLED).first()
    if following is not None and day >= following.starts_on:
        raise NotAllowed("next_round_begins", date=following.starts_on.isoformat())
    if cycle.continues is not None:
        last = cycle.continues.sessions.exclude(state=SessionState.CANCELLED).order_by("-date").first()
        if last is not None and day <= last.date:
            raise NotAllowed("round_before_goes_on", date=last.date.isoformat())


@dataclass(frozen=True)
class CalledOff:
    """A session that was just cancelled, with who was to lead it: {seat: user}."""

    session: Session
    cycle: Cycle
    staff: dict


def call_off(*, session, reason, by, now):
    """The first half of cancel_session: room and leaders are free, and nobody has been told yet."""
    session, cycle = locked_session(session)
    if not reason.strip():
        raise NotAllowed("reason_missing")
    room_booking = session.room_booking_id
    staff = {Seat.LEAD: cycle.lead} | {seat.seat: seat.user for seat in session.staff.select_related("user")}
    move(
        session,
        SessionState.CANCELLED,
        code=HistoryCode.SESSION_CANCELLED,
        now=now,
        by=by,
        args={"number": session.number, "date": session.date.isoformat()},
        cancel_reason=reason.strip(),
        room_booking=None,
    )
    release_session(session_pk=session.pk, room_booking_pk=room_booking)
    return CalledOff(session, cycle, staff)


def make_up_for(called_off, *, by, now, append):
    """The second half: the session added for it, if any, and everyone is told."""
    session, cycle = called_off.session, called_off.cycle
    close_files(clients=people_in(cycle), now=now)
    extra = _append_session(cycle, session, called_off.staff, by=by, now=now) if append else None
    if cycle.state == CycleState.FORMED and not cycle.sessions.planned().exists():
        raise NotAllowed("only_session")
    keep_first_date(cycle)
    tell_session_cancelled(session=session, extra=extra, now=now)
    make_due([cycle.waitlist_id], now=now)
    return extra


def _append_session(cycle, cancelled, staff, *, by, now):
    last = cycle.sessions.order_by("-number").first()
    latest = cycle.sessions.order_by("-date").first()
    blocked = blocked_dates(today=latest.date, weeks=8, skips_school_holidays=cycle.offer.skips_school_holidays)
    for weeks in range(1, 7):
        day = latest.date + dt.timedelta(weeks=weeks)
        check_rounds(day, cycle)
        extra = Session(
            number=last.number + 1,
            date=day,
            start_time=cancelled.start_time,
            end_time=cancelled.end_time,
            room=cancelled.room,
        )
        if day in blocked or find_clashes(sessions=[extra], users=list(staff.values()), room=extra.room):
            continue
        try:
            with transaction.atomic():
                book_sessions(cycle=cycle, sessions=[extra], lead=staff[Seat.LEAD], co_lead=staff.get(Seat.CO_LEAD))
        except IntegrityError as error:
            if not is_clash(error):
                raise
            continue
        record(HistoryCode.SESSION_ADDED, at=now, by=by, cycle=cycle, session=extra, date=day.isoformat())
        return extra
    raise NotAllowed("no_free_week")


@transaction.atomic
def change_room(*, session, room, by, now, following=False):
    """Another room for this session, with `following` for all planned ones from here on.

    NotAllowed: room_closed, room_too_small, room_not_in_use. ScheduleClash: the room is taken.
    """
    session, cycle = locked_session(session)
    sessions = [session]
    if following:
        sessions = planned_sessions(cycle, from_date=session.date)
    _check_room(cycle, room, sessions)
    for changed in sessions:
        changed.room, changed.cycle = room, cycle
    rebook_sessions(sessions=sessions)
    if following and cycle.room_id != room.pk:
        cycle.room = room
        cycle.save(update_fields=["room"])
    for changed in sessions:
        record(HistoryCode.ROOM_CHANGED, at=now, by=by, cycle=cycle, session=changed, number=changed.number)
    tell_session_changed(session=session, now=now, key=f"room:{room.pk}:{session.date}:{int(now.timestamp())}")
    make_due([cycle.waitlist_id], now=now)
    return sessions


def planned_sessions(cycle, *, from_date, until_date=None):
    """Planned sessions of these local days, in order, with room and leaders."""
    planned = cycle.sessions.planned().filter(date__gte=from_date)
    if until_date is not None:
        planned = planned.filter(date__lte=until_date)
    planned = planned.select_related("room__venue", "room_booking")
    return list(planned.prefetch_related("staff__booking", "staff__user"))


def people_in(cycle):
    """The clients with a place in it, to ask with."""
    return cycle.participations.counting().order_by().values("client")


def _check_room(cycle, room, sessions):
    if not room.is_active:
        raise NotAllowed("room_not_in_use")
    people = cycle.participations.counting().count() + 1 + (cycle.co_lead_id is not None)
    if room.capacity < people:
        raise NotAllowed("room_too_small", capacity=room.capacity, people=people)
    if not all(room.venue.is_open(session.starts_at, session.ends_at) for session in sessions):
        raise NotAllowed("room_closed")
