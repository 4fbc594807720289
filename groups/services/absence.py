"""Somebody is ill or away while sessions are planned: who takes over, in one step for all of them (R14).

Propose, confirm, tell. Nothing is written before the confirmation, and then all of it or nothing.
"""

from collections import defaultdict
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import BookingKind
from accounts.models import User
from accounts.services import book_worker
from groups.colleagues import can_report_for
from groups.engine.substitutes import Filling, Roster, fill
from groups.enums import Seat, SessionState
from groups.exceptions import NotAllowed, ScheduleClash
from groups.models import Session, SessionStaff
from groups.services.bookings import hold
from groups.services.capacity import make_lists_of_worker_due
from groups.services.facts import load_workers
from groups.services.locking import lock_cycle
from groups.services.scheduling import call_off, make_up_for
from groups.services.substitution import check_takeover, follow_up, seat_people, vacancy_in

TAKE_OVER, LEAVE_EMPTY, CANCEL, CANCEL_AND_ADD = "take_over", "leave_empty", "cancel", "cancel_and_add"


@dataclass(frozen=True)
class Gap:
    """A planned session that loses a leader, with who can take the seat (an engine Filling)."""

    session: Session
    seat: Seat
    filling: Filling

    @property
    def cycle(self):
        return self.session.cycle


@dataclass(frozen=True)
class Choice:
    """What happens to one session. `second` is who sits second when the second leader moves up to lead."""

    what: str
    user: User | None = None
    second: User | None = None


def find_gaps(*, user, starts_at, ends_at, now):
    """[Gap] for every planned session that this user leads or co-leads in the period, in order; writes nothing.

    One statement for each waitlist besides a fixed number, however many sessions there are.
    """
    seats = _seats(user, starts_at, ends_at)
    workers = _workers(seats, timezone.localdate(now))
    vacancies = [_vacancy(seat) for seat in seats]
    return [
        Gap(seat.session, Seat(seat.seat), filling)
        for seat, filling in zip(seats, fill(vacancies, workers), strict=True)
    ]


def _seats(user, starts_at, ends_at):
    seats = SessionStaff.objects.filter(
        user=user, session__state=SessionState.PLANNED, booking__period__overlap=(starts_at, ends_at)
    )
    cycle = "session__cycle__waitlist"
    seats = seats.select_related(f"{cycle}__offer", f"{cycle}__catchment__municipality", "session__room__venue")
    seats = seats.defer(f"{cycle}__catchment__municipality__polygon", f"{cycle}__catchment__municipality__figures")
    seats = seats.prefetch_related("session__staff__user")
    return list(seats.order_by("session__date", "session__start_time", "session__pk"))


def _vacancy(seat):
    return vacancy_in(seat.session.cycle, Seat(seat.seat), [seat.session])


def _workers(seats, today):
    """cycle → who may sit in it; asked once for each waitlist."""
    cycles = {seat.session.cycle_id: seat.session.cycle for seat in seats}
    by_waitlist = {cycle.waitlist_id: cycle.waitlist for cycle in cycles.values()}
    crews = {pk: load_workers(waitlist, today) for pk, waitlist in sorted(by_waitlist.items())}
    return {pk: crews[cycle.waitlist_id] for pk, cycle in cycles.items()}


@transaction.atomic
def report_absence(*, user, starts_at, ends_at, choices, by, now, note=""):
    """Book the absence [starts_at, ends_at) and settle each session in it by its Choice: {session pk: Choice}.

    Who is away already for a part of it is so for the rest. What has passed today is left alone. Participants hear of
    each change as far as mail is safe, and whoever takes over hears when and where (R40).
    NotAllowed (with `session` where it is about one): in_the_past, already_away, sessions_changed, not_competent,
    falls_away, same_person, second_seat_missing, not_that_day, calendar_full, taken_then, no_free_week.
    ScheduleClash: taken. BookingClash: a talk or an intake stands in the way.
    """
    if not can_report_for(by, user):
        raise PermissionDenied
    starts_at = max(starts_at, now.replace(second=0, microsecond=0))
    if ends_at <= starts_at:
        raise NotAllowed("in_the_past")
    seats = _locked_seats(user, starts_at, ends_at)
    if {seat.session_id for seat in seats} != set(choices):
        raise NotAllowed("sessions_changed")
    _hold_all(user, seats, choices)
    free = _uncovered(user, starts_at, ends_at)
    if not free:
        raise NotAllowed("already_away")
    taken_over = _take_over(seats, choices, timezone.localdate(now))
    called_off = _call_off(seats, choices, by, now)
    for start, end in free:
        book_worker(user=user, starts_at=start, ends_at=end, kind=BookingKind.LEAVE, note=note)
    _make_up(called_off, by, now)
    _follow_up(taken_over, by, now)
    make_lists_of_worker_due(user, now=now)


def _locked_seats(user, starts_at, ends_at):
    """The seats as they are once their cycles are locked; always in the same order, so two at once never lock up."""
    before = _seats(user, starts_at, ends_at)
    for _waitlist, pk in sorted({(seat.session.cycle.waitlist_id, seat.session.cycle_id) for seat in before}):
        lock_cycle(pk)
    return _seats(user, starts_at, ends_at)


def _hold_all(user, seats, choices):
    people = {user.pk} | {place.user_id for seat in seats for place in seat.session.staff.all()}
    for choice in choices.values():
        people |= {person.pk for person in (choice.user, choice.second) if person is not None}
    hold(users=people, rooms={seat.session.room_id for seat in seats})


def _uncovered(user, starts_at, ends_at):
    """The parts of the period in which this user is not away already: [(start, end)]."""
    parts = [(starts_at, ends_at)]
    for leave in user.bookings.leave().overlapping(starts_at, ends_at):
        parts = [
            piece
            for start, end in parts
            for piece in ((start, min(end, leave.starts_at)), (max(start, leave.ends_at), end))
            if piece[0] < piece[1]
        ]
    return parts


def _take_over(seats, choices, today):
    """Seat the chosen people; [(session, {seat: user or None})]. The load of one choice counts for the next (R14)."""
    roster, taken_over = Roster(_workers(seats, today)), []
    for seat in seats:
        choice = choices[seat.session_id]
        if choice.what in (TAKE_OVER, LEAVE_EMPTY):
            taken_over.append((seat.session, _checked(seat, choice, roster)))
    seat_people([(session, place, user) for session, taken in taken_over for place, user in taken.items()])
    return taken_over


def _checked(seat, choice, roster):
    vacancy = roster.insiders(_vacancy(seat))
    if choice.what == LEAVE_EMPTY:
        if seat.seat == Seat.LEAD or vacancy.needs_second:
            raise NotAllowed("second_seat_missing", session=seat.session_id)
        return {Seat.CO_LEAD: None}
    crew = {worker.id: worker for worker in roster.crew(vacancy)}
    try:
        taken = check_takeover(vacancy, crew, choice.user, choice.second, [seat.session])
    except ScheduleClash:
        raise NotAllowed("taken_then", session=seat.session_id) from None
    except NotAllowed as refusal:
        raise NotAllowed(refusal.reason.code, session=seat.session_id) from None
    roster.give(choice.user.pk, vacancy)
    roster.give(choice.second.pk if choice.second else None, vacancy.behind())
    return taken


def _call_off(seats, choices, by, now):
    """[(CalledOff, whether a session is added)]: their moments are free before the absence is booked."""
    return [
        (
            call_off(session=seat.session, reason=_("no leader available"), by=by, now=now),
            choices[seat.session_id].what == CANCEL_AND_ADD,
        )
        for seat in seats
        if choices[seat.session_id].what in (CANCEL, CANCEL_AND_ADD)
    ]


def _make_up(called_off, by, now):
    """After the absence is booked, so that nothing is added into it."""
    for cancelled, append in called_off:
        try:
            make_up_for(cancelled, by=by, now=now, append=append)
        except NotAllowed as refusal:
            raise NotAllowed(refusal.reason.code, session=cancelled.session.pk) from None


def _follow_up(taken_over, by, now):
    """History and word once for all sessions of a cycle that the same people take over."""
    groups = defaultdict(list)
    for session, taken in taken_over:
        team = tuple((seat, user.pk if user else None) for seat, user in taken.items())
        groups[session.cycle_id, team].append((session, taken))
    for members in groups.values():
        sessions = [session for session, _taken in members]
        follow_up(sessions[0].cycle, members[0][1], sessions, by=by, now=now)
