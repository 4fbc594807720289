"""What a client gets about an intake: an entry for the calendar, or a letter where no mail is safe (R40)."""

import datetime as dt

import pytest
from icalendar import Calendar

from clients.models import Client, ContactPreference, Letter
from intake.enums import CancelReason, IntakeWay
from intake.services import cancel_appointment, move_appointment
from notifications.models import Notification
from tests.factories.accounts import make_desk
from tests.factories.groups import NOW, TODAY
from tests.factories.intake import make_appointment, make_door, make_referral, make_slot
from tests.factories.neighbourhoods import make_room

pytestmark = pytest.mark.django_db
NEXT_MONDAY = TODAY + dt.timedelta(weeks=1)
ADDRESS = {"street": "Verzonnenlaan 1", "town": "Beverwijk", "postcode": "1943 AB"}


@pytest.fixture
def here():
    return make_door()


@pytest.fixture
def slot(here):
    room = make_room(neighbourhood=here, now=NOW)
    return make_slot(municipality=here.municipality, way=IntakeWay.ROOM, room=room)


def entries():
    """(uid, sequence, begin, status, place) of each mail's calendar entry, the oldest mail first."""
    found = []
    for mail in Notification.objects.order_by("pk"):
        [event] = Calendar.from_ical(mail.attachment).walk("VEVENT")
        words = event["UID"], event["SEQUENCE"], event["DTSTART"].dt, event["STATUS"], event.get("LOCATION", "")
        found.append(words)
    return found


def referral_of(here, *, contact=None, **fields):
    referral = make_referral(neighbourhood=here)
    Client.objects.filter(pk=referral.client_id).update(**fields)
    ContactPreference.objects.filter(client=referral.client_id).update(**(contact or {}))
    referral.refresh_from_db()
    return referral


def test_the_entry_follows_the_appointment_when_it_moves_and_is_called_off(here, slot):
    loes = make_desk("Loes", municipalities=[here.municipality])
    appointment = make_appointment(referral_of(here, email="k@voorbeeld.example"), slot=slot, date=NEXT_MONDAY)
    later = NOW + dt.timedelta(hours=1)
    week = dt.timedelta(weeks=1)
    moved = move_appointment(appointment=appointment, slot=slot, date=NEXT_MONDAY + week, by=loes, now=later)
    cancel_appointment(appointment=moved, reason=CancelReason.WORKER_AWAY, by=loes, now=later + dt.timedelta(hours=1))
    first, second, third = entries()
    assert first[0] == second[0] == third[0]
    assert first[1] < second[1] < third[1]
    assert (second[2] - first[2], third[2]) == (week, second[2])
    assert [entry[3] for entry in (first, second, third)] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert slot.room.venue.name in first[4]
    assert third[4] == ""


def test_a_hidden_place_stands_in_no_entry(here, slot):
    slot.room.venue.is_hidden = True
    slot.room.venue.save(update_fields=["is_hidden"])
    make_appointment(referral_of(here, email="k@voorbeeld.example"), slot=slot, date=NEXT_MONDAY)
    [(_uid, _sequence, _begin, _status, place)] = entries()
    assert place == ""


def test_who_has_no_mail_gets_a_letter_and_still_a_call(here, slot):
    appointment = make_appointment(referral_of(here, email="", **ADDRESS), slot=slot, date=NEXT_MONDAY)
    letter = Letter.objects.get()
    assert letter.client == appointment.referral.client
    assert slot.worker.short_name in letter.text
    assert appointment.is_untold
    assert not Notification.objects.exists()


@pytest.mark.parametrize(
    "contact",
    [{"is_sensitive": True}, {"may_letter": False}, {"address_is_secret": True}],
    ids=lambda c: next(iter(c)),
)
def test_no_letter_where_one_is_not_safe(here, slot, contact):
    make_appointment(referral_of(here, email="", contact=contact, **ADDRESS), slot=slot, date=NEXT_MONDAY)
    assert not Letter.objects.exists()


def test_no_letter_that_comes_too_late(here):
    slot = make_slot(municipality=here.municipality, weekday=(TODAY + dt.timedelta(days=2)).weekday())
    make_appointment(referral_of(here, email="", **ADDRESS), slot=slot, date=TODAY + dt.timedelta(days=2))
    assert not Letter.objects.exists()
