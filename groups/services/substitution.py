"""Somebody else on a leader's seat: who can, and the writing of it (R14)."""

import hashlib

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.enums import BookingKind
from accounts.models import WorkerBooking
from clients.enums import InvolvementKind
from clients.services import involve
from groups.engine.substitutes import Vacancy, rank, why_not, without
from groups.enums import HistoryCode, Seat
from groups.exceptions import NotAllowed, ScheduleClash
from groups.models import SessionStaff
from groups.notifications import tell_leader_changed, tell_substitute
from groups.services.bookings import find_clashes, hold, is_clash, period_of
from groups.services.facts import load_workers
from groups.services.files import close_files
from groups.services.history import record
from groups.services.locking import lock_cycle
from groups.services.scheduling import people_in, planned_sessions
from groups.services.waitlists import make_due

OTHER = {Seat.LEAD: Seat.CO_LEAD, Seat.CO_LEAD: Seat.LEAD}
KIND = {Seat.LEAD: InvolvementKind.LEAD, Seat.CO_LEAD: InvolvementKind.CO_LEAD}


def vacancy_in(cycle, seat, sessions):
    """This seat of these planned sessions as the engine knows it; `away` is who holds it in all of them."""
    offer = cycle.offer
    return Vacancy(
        cycle=cycle.pk,
        seat=str(seat),
        moments=tuple((session.date, session.start_time, session.end_time) for session in sessions),
        away=_holder(sessions, seat) or 0,
        beside=_holder(sessions, OTHER[seat]),
        needs_second=offer.second_seat_required or offer.two_workers_required,
        two_workers=offer.two_workers_required,
        insiders=frozenset({cycle.lead_id, cycle.co_lead_id, *_seated(sessions)} - {None}),
    )


def _holder(sessions, seat):
    """Who holds the seat in all of these sessions; None when that differs."""
    holders = {next((s.user_id for s in session.staff.all() if s.seat == seat), None) for session in sessions}
    return holders.pop() if len(holders) == 1 else None


def _seated(sessions):
    return {seat.user_id for session in sessions for seat in session.staff.all()}


def staffing(cycle):
    """Who sits where in the planned sessions, as a fingerprint: two people who change it at once are told apart."""
    seats = SessionStaff.objects.filter(session__in=cycle.sessions.planned().order_by())
    rows = list(seats.order_by("session", "seat").values_list("session", "seat", "user"))
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:16]


def crew_of(cycle, seat, sessions, today):
    """Who may sit in this cycle; that they hold this very seat in some of these sessions keeps nobody from it."""
    held = {}
    for session in sessions:
        for place in session.staff.all():
            if place.seat == seat:
                held.setdefault(place.user_id, []).append((session.date, session.start_time, session.end_time))
    workers = load_workers(cycle.waitlist, today)
    return tuple(without(worker, held[worker.id]) if worker.id in held else worker for worker in workers)


def propose_substitutes(*, cycle, seat, now, from_date=None, until_date=None):
    """Who can take this seat in all planned sessions of the period, best first: engine Candidates (R14).

    With who can sit second if the second leader moves up: (candidates, seconds). Local dates, the last included; an
    empty period has nobody. Writes nothing.
    """
    today = timezone.localdate(now)
    sessions = planned_sessions(cycle, from_date=max(from_date or today, today), until_date=until_date)
    if not sessions:
        return (), ()
    vacancy, crew = vacancy_in(cycle, seat, sessions), crew_of(cycle, seat, sessions, today)
    candidates = rank(vacancy, crew)
    moves_up = any(candidate.moves_up for candidate in candidates)
    return candidates, rank(vacancy.behind(), crew) if moves_up else ()


@transaction.atomic
def substitute_leader(*, cycle, seat, user, by, now, from_date=None, until_date=None, second=None, seen=None):
    """Another leader or second leader for the planned sessions in a period; without an end, for good (R14).

    The second leader may move up to lead when `second` takes the seat that falls empty. Participants hear who leads,
    as far as mail is safe, and whoever takes over hears when and where. `seen`: the staffing() on which it was
    decided. NotAllowed: team_changed, no_sessions, falls_away, not_competent, same_person, second_seat_missing,
    not_that_day, calendar_full. ScheduleClash: taken.
    """
    cycle, seat = lock_cycle(cycle.pk), Seat(seat)
    if seen is not None and seen != staffing(cycle):
        raise NotAllowed("team_changed")
    today = timezone.localdate(now)
    sessions = planned_sessions(cycle, from_date=max(from_date or today, today), until_date=until_date)
    if not sessions:
        raise NotAllowed("no_sessions")
    hold(users=[user.pk, second.pk if second else None], rooms=[])
    vacancy = vacancy_in(cycle, seat, sessions)
    crew = {worker.id: worker for worker in crew_of(cycle, seat, sessions, today)}
    seats = check_takeover(vacancy, crew, user, second, sessions)
    if until_date is None:
        _hand_over(cycle, seats)
    seat_people([(session, place, person) for session in sessions for place, person in seats.items()])
    follow_up(cycle, seats, sessions, by=by, now=now, for_good=until_date is None)
    return sessions


def check_takeover(vacancy, crew, user, second, sessions):
    """{seat: user} that come of it; crew: user id → Worker. Refuses what the engine says cannot be."""
    _check_one(vacancy, crew, user, sessions)
    if vacancy.seat != Seat.LEAD or user.pk != vacancy.beside:
        return {Seat(vacancy.seat): user}
    if second is None and vacancy.needs_second:
        raise NotAllowed("second_seat_missing")
    if second is not None:
        _check_one(vacancy.behind(), crew, second, sessions)
    return {Seat.LEAD: user, Seat.CO_LEAD: second}


def _check_one(vacancy, crew, user, sessions):
    worker = crew.get(user.pk)
    reason = why_not(worker, vacancy) if worker is not None else None
    if worker is None:
        raise NotAllowed("same_person" if user.pk == vacancy.beside else "not_competent")
    if reason is None:
        return
    clashes = find_clashes(sessions=sessions, users=[user]) if reason.code == "taken_then" else ()
    if clashes:
        raise ScheduleClash(clashes)
    # Taken by no other session: it is the other seat of one of these.
    raise NotAllowed("same_person" if reason.code == "taken_then" else reason.code)


def seat_people(changes):
    """Write who sits where: [(session, seat, user or None)]; ScheduleClash when somebody was just taken."""
    changed = [session for session, _seat, _user in changes]
    try:
        with transaction.atomic():
            for session, seat, _user in changes:
                WorkerBooking.objects.filter(session_seat__session=session, session_seat__seat=seat).delete()
            for session, seat, user in changes:
                if user is not None:
                    booking = WorkerBooking.objects.create(
                        user=user, period=period_of(session), kind=BookingKind.SESSION
                    )
                    SessionStaff.objects.create(session=session, seat=seat, user=user, booking=booking)
    except IntegrityError as error:
        if not is_clash(error):
            raise
        users = [user for _session, _seat, user in changes if user is not None]
        raise ScheduleClash(find_clashes(sessions=changed, users=users)) from error


def _hand_over(cycle, seats):
    """For good: the cycle gets its new leaders, who are two people."""
    for seat, user in seats.items():
        setattr(cycle, seat.value, user)
    if cycle.lead_id == cycle.co_lead_id:
        raise NotAllowed("same_person")
    cycle.save(update_fields=["lead", "co_lead"])


def follow_up(cycle, seats, sessions, *, by, now, for_good=False):
    """What comes with other people on these seats: files (R41), history, and word to all concerned (R40)."""
    participations = list(cycle.participations.counting().select_related("client__contact"))
    for seat, user in seats.items():
        if user is not None:
            for participation in participations:
                involve(client=participation.client, user=user, kind=KIND[seat], now=now)
        args = {"seat": str(seat), "from": sessions[0].date.isoformat(), "sessions": len(sessions)}
        args["user"] = user.pk if user is not None else None
        record(HistoryCode.LEADER_CHANGED, at=now, by=by, cycle=cycle, waitlist=cycle.waitlist, **args)
        if user is not None and user != by:
            tell_substitute(user=user, seat=seat, cycle=cycle, sessions=sessions, now=now)
    close_files(clients=people_in(cycle), now=now)
    if seats.get(Seat.LEAD) is not None:
        tell_leader_changed(cycle=cycle, sessions=sessions, leader=seats[Seat.LEAD], now=now, for_good=for_good)
    make_due([cycle.waitlist_id], now=now)
