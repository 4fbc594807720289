"""The desk in the demo: two social workers with intake slots, somebody who did not come, somebody who is booked."""

import datetime as dt

from django.utils import timezone

from accounts.enums import Weekday
from intake.enums import AppointmentState, IntakeWay
from intake.models import Appointment, Referral
from intake.queries.desk import free_places
from intake.services import SlotPlan, add_slot, book_appointment, note_outcome
from neighbourhoods.models import Municipality, Room

# (who, municipality, day, time, how, room)
SLOTS = (
    ("maatschappelijk", "Beverwijk", Weekday.MONDAY, dt.time(9, 30), IntakeWay.ROOM, "Spreekruimte"),
    ("maatschappelijk", "Beverwijk", Weekday.MONDAY, dt.time(11), IntakeWay.ROOM, "Spreekruimte"),
    ("maatschappelijk", "Velsen", Weekday.WEDNESDAY, dt.time(13, 30), IntakeWay.ROOM, "Duinkamer"),
    ("maatschappelijk", "Velsen", Weekday.FRIDAY, dt.time(10), IntakeWay.PHONE, None),
    ("maatschappelijk2", "Heemskerk", Weekday.TUESDAY, dt.time(9, 30), IntakeWay.ROOM, "Cursuszaal"),
    ("maatschappelijk2", "Heemskerk", Weekday.TUESDAY, dt.time(11), IntakeWay.ROOM, "Cursuszaal"),
    ("maatschappelijk2", "Castricum", Weekday.THURSDAY, dt.time(14), IntakeWay.HOME, None),
)
WEEKS_AGO = 6
NO_SHOW, BOOKED = "Ellen", "Tom"


def open_desk(*, staff, now):
    """The weekly slots, as if they were there for weeks. staff: {name before the @: User}."""
    then = now - dt.timedelta(weeks=WEEKS_AGO)
    for who, municipality, weekday, starts_at, way, room in SLOTS:
        place = Municipality.objects.get(name=municipality)
        found = Room.objects.get(name=room, venue__municipality=place) if room else None
        plan = SlotPlan(municipality=place, weekday=weekday, starts_at=starts_at, minutes=60, way=way, room=found)
        worker = staff[who]
        add_slot(worker=worker, plan=plan, valid_from=timezone.localdate(then), by=worker, now=then)


def miss_an_intake(*, desk, day):
    """Somebody is booked for the first free place after `day`, which is long ago, and does not come."""
    made = _book(NO_SHOW, desk, day)
    note_outcome(appointment=made, state=AppointmentState.NO_SHOW, by=made.worker, now=made.ends_at)


def book_an_intake(*, desk, now):
    _book(BOOKED, desk, now)


def _book(given_name, desk, now):
    referral = Referral.objects.select_related("client").get(client__given_name=given_name)
    place = free_places(desk, referral.client, first=timezone.localdate(now), now=now)[0]
    made = book_appointment(referral=referral, slot=place.slot, date=place.date, by=desk, now=now)
    return Appointment.objects.get(pk=made.pk)
