"""Whether whoever sits on a seat may sit there on that day, and what is wrong where they may not (R14)."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import RoleName
from accounts.models import RoleAssignment, User
from accounts.periods import short_day
from groups.enums import CompetenceKind, Seat, SessionState
from groups.models import Competence

PROFESSIONALS = (RoleName.GROUP_WORKER, RoleName.SOCIAL_WORKER)


@dataclass(frozen=True)
class SeatSignal:
    """Something about a seat that somebody must settle. code: empty, inactive, expires. From `date` on, in `sessions`
    planned sessions; user is None for an empty seat.
    """

    code: str
    seat: Seat
    user: User | None
    date: object
    sessions: int


class Competent:
    """What these users may do, read once: two statements."""

    def __init__(self, users, *, without=None):
        rows = Competence.objects.filter(user__in=users).order_by("pk")
        self._rows = defaultdict(list)
        for row in rows.exclude(pk=without.pk) if without is not None else rows:
            self._rows[row.user_id].append(row)
        holders = RoleAssignment.objects.filter(user__in=users, role__in=PROFESSIONALS)
        self._professionals = set(holders.order_by().values_list("user_id", flat=True))

    def may_sit(self, user_id, seat, offer_id, day):
        """Leading takes a professional with the competence to lead; who may lead may sit second too (R14)."""
        kinds = {row.kind for row in self._rows[user_id] if _is_valid(row, offer_id, day)}
        leads = CompetenceKind.LEAD in kinds and user_id in self._professionals
        return leads or (seat == Seat.CO_LEAD and CompetenceKind.CO_LEAD in kinds)


def _is_valid(row, offer_id, day):
    is_current = row.granted_on <= day and (row.expires_on is None or day < row.expires_on)
    return is_current and row.offer_id in (None, offer_id)


def seat_signals(cycle, sessions):
    """[SeatSignal] of the planned ones of these sessions (with `staff` and its users); two statements (R14)."""
    planned = [session for session in sessions if session.state == SessionState.PLANNED]
    competent = Competent({place.user_id for session in planned for place in session.staff.all()})
    found = defaultdict(list)
    for session in planned:
        for signal in _signals_of(session, cycle.offer, competent):
            found[signal].append(session.date)
    return [
        SeatSignal(code, seat, user, min(days), len(days))
        for (code, seat, user), days in sorted(found.items(), key=_first)
    ]


def _first(item):
    (_code, seat, _user), days = item
    return min(days), seat != Seat.LEAD


def _signals_of(session, offer, competent):
    places = {place.seat: place.user for place in session.staff.all()}
    for seat in Seat:
        user = places.get(seat)
        if user is None:
            if seat == Seat.LEAD or offer.second_seat_required or offer.two_workers_required:
                yield "empty", seat, None
        elif not user.is_active:
            yield "inactive", seat, user
        elif not competent.may_sit(user.pk, seat, offer.pk, session.date):
            yield "expires", seat, user


def signal_text(signal):
    """The signal as a sentence, with the first day it is about."""
    args = {"seat": signal.seat.label, "day": short_day(signal.date), "count": signal.sessions}
    if signal.code == "empty":
        return (
            ngettext(
                "No %(seat)s for the session of %(day)s.",
                "No %(seat)s for %(count)s sessions, from %(day)s on.",
                signal.sessions,
            )
            % args
        )
    args["name"] = signal.user.full_name
    if signal.code == "inactive":
        return _("%(name)s does not work here any more, and still is %(seat)s from %(day)s on.") % args
    return (
        ngettext(
            "%(name)s has no valid competence as %(seat)s for the session of %(day)s.",
            "%(name)s has no valid competence as %(seat)s for %(count)s sessions, from %(day)s on.",
            signal.sessions,
        )
        % args
    )


def seats_that_need(competence, *, today):
    """Planned sessions from today on that their leader could not lead without this competence, in order."""
    user = competence.user
    seats = user.session_seats.filter(
        Q(session__cycle__waitlist__offer=competence.offer_id) if competence.offer_id else Q(),
        session__state=SessionState.PLANNED,
        session__date__gte=today,
    ).select_related("session__cycle__waitlist")
    rest = Competent([user.pk], without=competence)
    return [
        seat
        for seat in seats.order_by("session__date", "session__start_time", "pk")
        if not rest.may_sit(user.pk, seat.seat, seat.session.cycle.waitlist.offer_id, seat.session.date)
    ]
