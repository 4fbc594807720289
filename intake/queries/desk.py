"""What the desk looks at (R2): the places of a week, and free ones for a client."""

import datetime as dt
from dataclasses import dataclass, field

from django.db.models import Prefetch
from django.utils import timezone

from accounts.enums import BookingKind
from accounts.models import WorkerBooking
from accounts.periods import local_period
from groups.calendar import SATURDAY, public_holidays
from intake.enums import AppointmentState, PlaceState
from intake.models import Appointment, IntakeSlot, SlotCancellation
from neighbourhoods.models import RoomBooking, WorkArea

# How far ahead a page offers places at once.
WEEKS_AHEAD = 4


@dataclass(frozen=True)
class Place:
    """One occurrence of a slot, or an appointment that stands apart from it."""

    slot: IntakeSlot
    date: dt.date
    starts_at: dt.datetime
    ends_at: dt.datetime
    state: PlaceState
    appointment: Appointment | None = None
    reason: str = ""

    @property
    def worker(self):
        return (self.appointment or self.slot).worker

    @property
    def way(self):
        return (self.appointment or self.slot).get_way_display()

    @property
    def room(self):
        return (self.appointment or self.slot).room

    @property
    def is_free(self):
        return self.state == PlaceState.FREE

    @property
    def words(self):
        """How it stands, with the reason why a slot was called off."""
        label = str(PlaceState(self.state).label)
        return f"{label}: {self.reason}" if self.reason else label

    @property
    def key(self):
        """As a form carries it."""
        return f"{self.slot.pk}:{self.date}"


@dataclass
class Week:
    """days: columns; rows: [(local time, [places of each day])]."""

    days: list
    rows: list = field(default_factory=list)
    places: list = field(default_factory=list)

    @property
    def by_day(self):
        """[(day, its places)], for a narrow screen; days without any are left out."""
        days = [(day, [place for place in self.places if place.date == day]) for day in self.days]
        return [(day, places) for day, places in days if places]

    @property
    def free(self):
        return sum(place.is_free for place in self.places)

    @property
    def booked(self):
        return sum(place.state == PlaceState.BOOKED for place in self.places)


def slots_of(user, *, municipality=None, workers=None):
    """The series this user keeps, with all that their lines show; workers: keys, or a query that finds them."""
    slots = IntakeSlot.objects.manageable_by(user).select_related("worker", "municipality", "room__venue")
    slots = slots.defer("municipality__polygon", "municipality__figures")
    if municipality is not None:
        slots = slots.filter(municipality=municipality)
    if workers is not None:
        slots = slots.filter(worker__in=workers)
    return slots.order_by("worker__first_name", "worker__last_name", "worker", "weekday", "starts_at", "pk")


def load_places(user, first, last, *, now, municipality=None, workers=None):
    """[Place] of these local days, both included, in order; six statements, however many there are."""
    called_off = Prefetch("cancellations", SlotCancellation.objects.filter(date__gte=first, date__lte=last))
    slots = list(
        slots_of(user, municipality=municipality, workers=workers).between(first, last).prefetch_related(called_off)
    )
    by_place, apart = _appointments(user, first, last, municipality, workers, slots)
    taken = _Taken(slots, first, last)
    days = [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
    places = [
        _place(slot, day, by_place.get((slot.pk, day)), taken, now)
        for slot in slots
        for day in days
        if slot.holds_on(day)
    ]
    places += [_of(appointment) for appointment in apart]
    return sorted(places, key=lambda place: (place.starts_at, place.worker.short_name, place.slot.pk))


def _appointments(user, first, last, municipality, workers, slots):
    """({(slot, day): appointment}, those whose slot no longer has that place)."""
    rows = appointments_of(user).between(first, last).exclude(state=AppointmentState.CANCELLED)
    if municipality is not None:
        rows = rows.filter(slot__municipality=municipality)
    if workers is not None:
        rows = rows.filter(worker__in=workers)
    series = {slot.pk: slot for slot in slots}
    by_place, apart = {}, []
    for row in rows:
        slot = series.get(row.slot_id)
        if slot and slot.holds_on(row.date) and slot.period_on(row.date)[0] == row.starts_at:
            by_place[row.slot_id, row.date] = row
        else:
            apart.append(row)
    return by_place, apart


def appointments_of(user):
    """Those this user keeps, with all that lists show and without the question (R41)."""
    rows = Appointment.objects.manageable_by(user)
    rows = rows.select_related("referral__client__contact", "worker", "room__venue", "slot__municipality")
    heavy = ("referral__question", "referral__aim", "slot__municipality__polygon", "slot__municipality__figures")
    return rows.defer(*heavy).order_by("starts_at", "pk")


class _Taken:
    """When workers and rooms of these slots are taken."""

    def __init__(self, slots, first, last):
        period = local_period(first, last)
        self.workers, self.rooms = {}, {}
        for row in WorkerBooking.objects.filter(
            user__in={slot.worker_id for slot in slots}, period__overlap=period
        ).order_by("pk"):
            self.workers.setdefault(row.user_id, []).append(row)
        for row in RoomBooking.objects.filter(
            room__in={slot.room_id for slot in slots} - {None}, period__overlap=period
        ).order_by("pk"):
            self.rooms.setdefault(row.room_id, []).append(row)

    def state(self, slot, starts_at, ends_at):
        """AWAY, TAKEN, or None when worker and room are free."""
        busy = _overlapping(self.workers.get(slot.worker_id, ()), starts_at, ends_at)
        if any(booking.kind == BookingKind.LEAVE for booking in busy):
            return PlaceState.AWAY
        room = _overlapping(self.rooms.get(slot.room_id, ()), starts_at, ends_at)
        return PlaceState.TAKEN if busy or room else None


def _overlapping(bookings, starts_at, ends_at):
    return [row for row in bookings if row.period.lower < ends_at and starts_at < row.period.upper]


def _of(appointment):
    state = PlaceState(appointment.state)
    return Place(
        appointment.slot, appointment.date, appointment.starts_at, appointment.ends_at, state, appointment=appointment
    )


def _place(slot, day, appointment, taken, now):
    if appointment is not None:
        return _of(appointment)
    starts_at, ends_at = slot.period_on(day)
    called_off = [row.reason for row in slot.cancellations.all() if row.date == day]
    if called_off:
        return Place(slot, day, starts_at, ends_at, PlaceState.CANCELLED, reason=called_off[0])
    if day in public_holidays(day.year):
        return Place(slot, day, starts_at, ends_at, PlaceState.HOLIDAY)
    state = taken.state(slot, starts_at, ends_at) or (PlaceState.PAST if starts_at <= now else PlaceState.FREE)
    if slot.room is not None and not slot.room.is_active:
        state = PlaceState.TAKEN
    return Place(slot, day, starts_at, ends_at, state)


def load_week(user, monday, *, now, municipality=None, worker=None):
    """The grid of one week; Saturday and Sunday only when there is something then."""
    last = monday + dt.timedelta(days=6)
    workers = None if worker is None else [worker.pk]
    places = load_places(user, monday, last, now=now, municipality=municipality, workers=workers)
    used = {place.date for place in places}
    days = [monday + dt.timedelta(days=number) for number in range(7)]
    days = [day for day in days if day.weekday() < SATURDAY or day in used]
    times = sorted({timezone.localtime(place.starts_at).time() for place in places})
    rows = [(clock, [[p for p in places if p.date == day and _clock(p) == clock] for day in days]) for clock in times]
    return Week(days=days, rows=rows, places=places)


def _clock(place):
    return timezone.localtime(place.starts_at).time()


def free_places(user, client, *, first, now, weeks=WEEKS_AHEAD, worker=None):
    """Places this client can be booked in, from `first` on: with workers who work where the client lives (R41).

    worker: with this one only.
    """
    last = first + dt.timedelta(weeks=weeks, days=-1)
    near = WorkArea.objects.filter(municipality__neighbourhoods=client.neighbourhood_id, user__is_active=True)
    near = near if worker is None else near.filter(user=worker)
    places = load_places(user, first, last, now=now, workers=near.order_by().values("user"))
    return [place for place in places if place.is_free]


def nearest(places, starts_at, count=3):
    """The free places closest to a moment, in order of time."""
    closest = sorted(places, key=lambda place: abs(place.starts_at - starts_at))[:count]
    return sorted(closest, key=lambda place: place.starts_at)


def find_place(user, slot_pk, day, *, now):
    """One occurrence as it is now; None if this user keeps no such slot or it has none on this day."""
    return next((p for p in load_places(user, day, day, now=now) if p.slot.pk == slot_pk), None)
