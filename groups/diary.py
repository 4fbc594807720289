"""What stands in the calendar: sessions, talks, intakes and leave, of oneself, colleagues, a municipality or a room.

Never a client's name. The number of statements is the same however much there is; of a full day only the first rows
are fetched, with how many more there are.
"""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from accounts.enums import BookingKind
from accounts.models import User, WorkerBooking
from accounts.periods import local_period
from groups.colleagues import colleagues_of
from groups.discretion import shown_name, shown_place
from groups.enums import SessionState
from groups.models import Cycle, Session, SessionStaff
from groups.queries import held_number, with_staff
from neighbourhoods.models import Municipality, Room, RoomBooking, Venue

MOST_OPTIONS, MOST_OF_ONE = 300, 50
_HEAVY = ("municipality__polygon", "municipality__figures")
KINDS = {BookingKind.TALK: "talk", BookingKind.INTAKE: "intake", BookingKind.LEAVE: "leave"}


@dataclass(frozen=True)
class Whose:
    """own, all, or one colleague, municipality or room."""

    kind: str
    colleague: User | None = None
    municipality: Municipality | None = None
    room: Room | None = None


@dataclass
class Slot:
    """Something on one local day. kind: session, cancelled, talk, intake, leave or taken; no times: the whole day."""

    date: dt.date
    kind: str
    start: dt.time | None = None
    end: dt.time | None = None
    session: Session | None = None
    name: str = ""
    area: str = ""
    place: str = ""
    leaders: tuple = ()
    who: str = ""
    note: str = ""
    talks_of: int | None = None

    @property
    def order(self):
        return (self.date, self.start or dt.time.min, self.name, self.who)


@dataclass
class Choices:
    """Whom and what one can look at."""

    colleagues: list
    municipalities: list
    rooms: list

    def find(self, kind, key):
        """The Whose of a choice; None for what cannot be chosen."""
        things = {"colleague": self.colleagues, "municipality": self.municipalities, "room": self.rooms}[kind]
        found = next((thing for thing in things if str(thing.pk) == key), None)
        return None if found is None else Whose(kind, **{kind: found})


def choices_for(user):
    """Colleagues as for absence, municipalities of visible cycles, and rooms where those meet; three statements."""
    cycles = Cycle.objects.visible_to(user).order_by()
    rooms = Room.objects.filter(is_active=True, venue__in=Venue.objects.visible_to(user).order_by())
    shown = cycles.filter(waitlist__offer__place_is_hidden=False)  # R40: the list itself would tell where
    rooms = rooms.filter(pk__in=shown.values("room")).select_related("venue").order_by("venue__name", "name", "pk")
    here = Municipality.objects.filter(pk__in=cycles.values("waitlist__catchment__municipality"))
    return Choices(
        colleagues=list(colleagues_of(user).exclude(pk=user.pk)[:MOST_OPTIONS]),
        municipalities=list(here.only("code", "name").order_by("name")),
        rooms=list(rooms[:MOST_OPTIONS]),
    )


def days_between(user, whose, first, last, *, most):
    """[(date, slots in order, how many more there are)] for each local day from first to last."""
    few = whose.kind in ("own", "colleague", "room")  # nobody and no room is taken twice
    sessions = list(_sessions(user, whose, first, last, MOST_OF_ONE if few else most))
    more = Counter()
    for day, rows in groupby(sessions, key=lambda session: session.date):
        rows = list(rows)
        more[day] = rows[0].on_day - len(rows)
    slots = [_session_slot(session) for session in sessions]
    slots += _bookings(user, whose, first, last, sessions)
    by_day = {}
    for slot in sorted(slots, key=lambda slot: slot.order):
        by_day.setdefault(slot.date, []).append(slot)
    dates = (first + dt.timedelta(days=number) for number in range((last - first).days + 1))
    found = ((date, by_day.get(date, [])) for date in dates)
    return [(date, rows[:most], more[date] + max(0, len(rows) - most)) for date, rows in found]


def _sessions(user, whose, first, last, most):
    """The first of each day, with `on_day`: how many there are in all."""
    rows = Session.objects.visible_to(user).between(first, last).filter(_of(user, whose))
    order = [F("start_time"), F("pk")]
    rows = rows.annotate(
        held_number=held_number(),
        on_day=Window(Count("pk"), partition_by=[F("date")]),
        in_day=Window(RowNumber(), partition_by=[F("date")], order_by=order),
    )
    rows = rows.filter(in_day__lte=most)
    rows = rows.select_related("room__venue", "cycle__waitlist__offer", "cycle__waitlist__catchment__municipality")
    rows = rows.defer(*(f"cycle__waitlist__catchment__{field}" for field in _HEAVY))
    return with_staff(rows).order_by("date", "start_time", "pk")


def _of(user, whose):
    if whose.kind == "own":
        return _led_by(user)
    if whose.kind == "colleague":
        return _led_by(whose.colleague)
    if whose.kind == "municipality":
        here = Q(cycle__waitlist__catchment__municipality=whose.municipality)
        return here | Q(room__venue__municipality=whose.municipality)
    if whose.kind == "room":
        # R40: that a group whose place is hidden is in this very room, is seen as "taken" only.
        return Q(room=whose.room, cycle__waitlist__offer__place_is_hidden=False)
    return Q()


def _led_by(user):
    """Sessions this user leads; a cancelled one has no leaders any more, so there the cycle's count."""
    seats = SessionStaff.objects.filter(user=user).order_by().values("session")
    leads = Q(cycle__lead=user) | Q(cycle__co_lead=user)
    return Q(pk__in=seats) | (Q(state=SessionState.CANCELLED) & leads)


def _session_slot(session):
    offer = session.cycle.offer
    return Slot(
        date=session.date,
        kind="cancelled" if session.state == SessionState.CANCELLED else "session",
        start=session.start_time,
        end=session.end_time,
        session=session,
        name=shown_name(offer),
        area=str(session.cycle.catchment),
        place=shown_place(offer, session.room),
        leaders=tuple(seat.user.short_name for seat in session.staff.all()),
    )


def _bookings(user, whose, first, last, sessions):
    """What else takes the people, or the room, that are looked at."""
    period = local_period(first, last)
    if whose.kind == "municipality":
        return []
    if whose.kind == "room":
        shown = [session.room_booking_id for session in sessions]
        rows = RoomBooking.objects.filter(room=whose.room, period__overlap=period).exclude(pk__in=shown)
        return [slot for row in rows.order_by("period", "pk") for slot in _on_days(row, first, last, kind="taken")]
    rows = WorkerBooking.objects.filter(period__overlap=period, user__in=_people(user, whose))
    if whose.kind != "colleague":
        rows = rows.exclude(kind=BookingKind.SESSION)
    rows = rows.select_related("user", "individual_talk__participation", "session_seat").order_by("period", "pk")
    shown = {session.pk for session in sessions}
    slots = (slot for row in rows for slot in _booking_slots(row, user, first, last, shown))
    return list(slots)


def _people(user, whose):
    if whose.kind == "all":
        return User.objects.filter(Q(pk=user.pk) | Q(pk__in=colleagues_of(user).order_by().values("pk"))).order_by()
    return [whose.colleague.pk if whose.colleague else user.pk]


def _booking_slots(row, user, first, last, shown):
    """Of a colleague no note; a session that this reader may not see only takes them."""
    is_own = row.user_id == user.pk
    if row.kind == BookingKind.SESSION:
        seat = getattr(row, "session_seat", None)
        return [] if seat is None or seat.session_id in shown else _on_days(row, first, last, kind="taken")
    talk = getattr(row, "individual_talk", None)
    more = {"who": "" if is_own else row.user.short_name, "note": row.note if is_own else ""}
    more["talks_of"] = talk.participation.cycle_id if talk is not None and is_own else None
    return _on_days(row, first, last, kind=KINDS[row.kind], **more)


def _on_days(row, first, last, **fields):
    """A Slot for each local day that a booking touches, with its times on that day."""
    begins, ends = timezone.localtime(row.period.lower), timezone.localtime(row.period.upper)
    slots, day = [], max(first, begins.date())
    while day <= min(last, ends.date()):
        start, end = local_period(day, day)
        since, until = max(begins, start), min(ends, end)
        if since < until:
            whole = since == start and until == end
            times = {} if whole else {"start": _clock(since), "end": _clock(until)}
            slots.append(Slot(day, **times, **fields))
        day += dt.timedelta(days=1)
    return slots


def _clock(moment):
    return timezone.localtime(moment).time()
