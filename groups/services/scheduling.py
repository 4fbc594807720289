"""Changing what is planned: a session's day, room or leader. A clash is refused and explained (R14, R20)."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.enums import BookingKind
from accounts.models import WorkerBooking
from clients.enums import InvolvementKind
from clients.services import involve
from groups.calendar import blocked_dates
from groups.enums import CycleState, HistoryCode, Seat, SessionState
from groups.exceptions import NotAllowed, ScheduleClash
from groups.models import Session, SessionStaff
from groups.notifications import tell_session_cancelled, tell_session_changed
from groups.services.bookings import (
    book_sessions,
    find_clashes,
    hold,
    is_clash,
    period_of,
    rebook_sessions,
    release_session,
)
from groups.services.cycles import lock_cycle
from groups.services.facts import load_workers
from groups.services.files import close_files
from groups.services.forming import answer_deadline
from groups.services.history import record
from groups.services.moves import move
from groups.services.waitlists import make_due


@transaction.atomic
def move_session(*, session, date, start_time, by, now):
    """Another local day or time, same length, same room and leaders.

    NotAllowed: in_the_past, blocked_day, out_of_order, room_closed, session_is_over. ScheduleClash: somebody is taken.
    """
    session, cycle = _locked_session(session)
    length = session.ends_at - session.starts_at
    old_date = session.date
    session.date, session.start_time = date, start_time
    session.end_time = (dt.datetime.combine(date, start_time) + length).time()
    _check_moment(session, cycle, now)
    rebook_sessions(sessions=[session])
    _keep_first_date(cycle)
    args = {"number": session.number, "was": old_date.isoformat(), "date": date.isoformat()}
    record(HistoryCode.SESSION_MOVED, at=now, by=by, cycle=cycle, waitlist=cycle.waitlist, session=session, **args)
    tell_session_changed(session=session, now=now, key=f"moved:{date}:{start_time}")
    make_due([cycle.waitlist_id], now=now)
    return session


def _locked_session(session):
    cycle = lock_cycle(session.cycle_id)
    session = (Session.objects.select_related("room__venue", "room_booking").prefetch_related("staff__booking")).get(
        pk=session.pk
    )
    session.cycle = cycle
    if session.state != SessionState.PLANNED:
        raise NotAllowed("session_is_over")
    return session, cycle


def _check_moment(session, cycle, now):
    if session.end_time <= session.start_time:
        raise NotAllowed("past_midnight")
    if session.starts_at <= now:
        raise NotAllowed("in_the_past")
    blocked = blocked_dates(today=session.date, weeks=1, skips_school_holidays=cycle.offer.skips_school_holidays)
    if session.date in blocked:
        raise NotAllowed("blocked_day")
    others = cycle.sessions.exclude(state=SessionState.CANCELLED).exclude(pk=session.pk)
    if others.filter(number__lt=session.number, date__gte=session.date).exists():
        raise NotAllowed("out_of_order")
    if others.filter(number__gt=session.number, date__lte=session.date).exists():
        raise NotAllowed("out_of_order")
    if not session.room.venue.is_open(session.starts_at, session.ends_at):
        raise NotAllowed("room_closed")


def _keep_first_date(cycle):
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

    NotAllowed: reason_missing, session_is_over, no_free_week (nothing is free within six weeks after the last).
    """
    session, cycle = _locked_session(session)
    if not reason.strip():
        raise NotAllowed("reason_missing")
    room_booking = session.room_booking_id
    staff = {seat.seat: seat.user for seat in session.staff.select_related("user")}
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
    close_files(clients=_people_in(cycle), now=now)
    extra = _append_session(cycle, session, staff, by=by, now=now) if append else None
    _keep_first_date(cycle)
    tell_session_cancelled(session=session, extra=extra, now=now)
    make_due([cycle.waitlist_id], now=now)
    return extra


def _append_session(cycle, cancelled, staff, *, by, now):
    last = cycle.sessions.order_by("-number").first()
    latest = cycle.sessions.order_by("-date").first()
    blocked = blocked_dates(today=latest.date, weeks=8, skips_school_holidays=cycle.offer.skips_school_holidays)
    for weeks in range(1, 7):
        day = latest.date + dt.timedelta(weeks=weeks)
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
    session, cycle = _locked_session(session)
    sessions = [session]
    if following:
        sessions = list(_planned_from(cycle, session.date))
    _check_room(cycle, room, sessions)
    for changed in sessions:
        changed.room, changed.cycle = room, cycle
    rebook_sessions(sessions=sessions)
    if following and cycle.room_id != room.pk:
        cycle.room = room
        cycle.save(update_fields=["room"])
    for changed in sessions:
        record(HistoryCode.ROOM_CHANGED, at=now, by=by, cycle=cycle, session=changed, number=changed.number)
    tell_session_changed(session=session, now=now, key=f"room:{room.pk}:{session.date}")
    make_due([cycle.waitlist_id], now=now)
    return sessions


def _planned_from(cycle, date):
    planned = cycle.sessions.planned().filter(date__gte=date)
    return planned.select_related("room__venue", "room_booking").prefetch_related("staff__booking")


def _check_room(cycle, room, sessions):
    if not room.is_active:
        raise NotAllowed("room_not_in_use")
    people = cycle.participations.counting().count() + 1 + (cycle.co_lead_id is not None)
    if room.capacity < people:
        raise NotAllowed("room_too_small", capacity=room.capacity, people=people)
    if not all(room.venue.is_open(session.starts_at, session.ends_at) for session in sessions):
        raise NotAllowed("room_closed")


@transaction.atomic
def substitute_leader(*, cycle, seat, user, by, now, from_date=None, until_date=None):
    """Another leader or second leader for the planned sessions in a period; without an end, for good (R14).

    NotAllowed: not_competent, same_person, no_sessions. ScheduleClash: the substitute is taken.
    """
    cycle = lock_cycle(cycle.pk)
    today = timezone.localdate(now)
    sessions = list(_planned_from(cycle, max(from_date or today, today)))
    if until_date is not None:
        sessions = [session for session in sessions if session.date <= until_date]
    if not sessions:
        raise NotAllowed("no_sessions")
    _check_substitute(cycle, seat, user, sessions, today, for_good=until_date is None)
    hold(users=[user.pk], rooms=[])
    clashes = find_clashes(sessions=sessions, users=[user])
    if clashes:
        raise ScheduleClash(clashes)
    _swap(sessions, seat, user)
    if until_date is None:
        _hand_over(cycle, seat, user)
    _involve_substitute(cycle, seat, user, now)
    close_files(clients=_people_in(cycle), now=now)
    args = {"seat": str(seat), "from": sessions[0].date.isoformat(), "sessions": len(sessions), "user": user.pk}
    record(HistoryCode.LEADER_CHANGED, at=now, by=by, cycle=cycle, waitlist=cycle.waitlist, **args)
    make_due([cycle.waitlist_id], now=now)
    return sessions


def _check_substitute(cycle, seat, user, sessions, today, *, for_good):
    other, stays = (Seat.CO_LEAD, cycle.co_lead_id) if seat == Seat.LEAD else (Seat.LEAD, cycle.lead_id)
    if for_good and user.pk == stays:
        raise NotAllowed("same_person")
    if SessionStaff.objects.filter(session__in=sessions, seat=other, user=user).exists():
        raise NotAllowed("same_person")
    workers = load_workers(cycle.waitlist, today, only=[user.pk])
    last = sessions[-1].date
    may = [w.may_lead(last) if seat == Seat.LEAD else (w.may_co_lead(last) or w.may_lead(last)) for w in workers]
    if not any(may):
        raise NotAllowed("not_competent")


def _swap(sessions, seat, user):
    try:
        with transaction.atomic():
            for session in sessions:
                WorkerBooking.objects.filter(session_seat__session=session, session_seat__seat=seat).delete()
                booking = WorkerBooking.objects.create(user=user, period=period_of(session), kind=BookingKind.SESSION)
                SessionStaff.objects.create(session=session, seat=seat, user=user, booking=booking)
    except IntegrityError as error:
        if not is_clash(error):
            raise
        raise ScheduleClash(find_clashes(sessions=sessions, users=[user])) from error


def _hand_over(cycle, seat, user):
    """For good: the cycle gets its new leader."""
    field = "lead" if seat == Seat.LEAD else "co_lead"
    setattr(cycle, field, user)
    cycle.save(update_fields=[field])


def _people_in(cycle):
    return cycle.participations.counting().order_by().values("client")


def _involve_substitute(cycle, seat, user, now):
    """Who leads, even once, may open the files of the participants (R41)."""
    kind = InvolvementKind.LEAD if seat == Seat.LEAD else InvolvementKind.CO_LEAD
    for participation in cycle.participations.counting().select_related("client"):
        involve(client=participation.client, user=user, kind=kind, now=now)
