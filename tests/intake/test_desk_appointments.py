"""Booking, moving and calling off intakes (R2): a place takes one client, whoever clicks at the same moment."""

import datetime as dt
import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from accounts.enums import BookingKind
from accounts.exceptions import BookingClash
from accounts.models import WorkerBooking
from accounts.services import record_leave
from clients.models import Client
from intake.enums import AppointmentState, CancelReason, IntakeWay
from intake.exceptions import AlreadyJudged, DeskRefused, PlaceGone
from intake.models import Appointment, AppointmentEvent, Referral
from intake.services import (
    be_away,
    book_appointment,
    cancel_appointment,
    cancel_occurrence,
    judge_referral,
    move_appointment,
    note_outcome,
)
from neighbourhoods.models import RoomBooking
from tests.factories.accounts import make_desk, make_group_worker, make_social_worker
from tests.factories.groups import NOW, TODAY
from tests.factories.intake import make_appointment, make_door, make_judge, make_referral, make_slot
from tests.factories.neighbourhoods import make_municipality, make_neighbourhood, make_room

pytestmark = pytest.mark.django_db
NEXT_MONDAY = TODAY + dt.timedelta(weeks=1)


@pytest.fixture
def here():
    return make_door()


@pytest.fixture
def loes(here):
    return make_desk("Loes", municipalities=[here.municipality])


@pytest.fixture
def slot(here):
    return make_slot(municipality=here.municipality)


def refused(code, **arguments):
    with pytest.raises(DeskRefused) as caught:
        book_appointment(**arguments)
    assert caught.value.code == code


def test_booking_takes_the_worker_and_the_room_and_writes_what_happened(here, loes):
    room = make_room(neighbourhood=here, now=NOW)
    slot = make_slot(municipality=here.municipality, way=IntakeWay.ROOM, room=room)
    referral = make_referral(neighbourhood=here)
    made = book_appointment(referral=referral, slot=slot, date=NEXT_MONDAY, by=loes, now=NOW)
    assert (made.state, made.worker, made.room, made.date) == ("booked", slot.worker, room, NEXT_MONDAY)
    booking = WorkerBooking.objects.get(kind=BookingKind.INTAKE)
    assert (booking.user, booking.starts_at, booking.ends_at) == (slot.worker, made.starts_at, made.ends_at)
    assert RoomBooking.objects.get(room=room).period.lower == made.starts_at
    [event] = AppointmentEvent.objects.all()
    assert (event.code, event.by, event.at, event.starts_at) == ("booked", loes, NOW, made.starts_at)


def test_a_place_takes_one_client_and_the_second_hears_it_is_gone(here, loes, slot):
    make_appointment(make_referral(neighbourhood=here), slot=slot, date=NEXT_MONDAY)
    second = make_referral(neighbourhood=here)
    with pytest.raises(PlaceGone):
        book_appointment(referral=second, slot=slot, date=NEXT_MONDAY, by=loes, now=NOW)
    assert Appointment.objects.count() == 1
    assert (
        book_appointment(referral=second, slot=slot, date=NEXT_MONDAY + dt.timedelta(weeks=1), by=loes, now=NOW).pk
        is not None
    )


def test_the_database_itself_refuses_a_second_in_one_place_and_a_second_for_one_client(here, slot):
    made = make_appointment(make_referral(neighbourhood=here), slot=slot, date=NEXT_MONDAY)
    later = make_appointment(make_referral(neighbourhood=here), slot=slot, date=NEXT_MONDAY + dt.timedelta(weeks=1))
    for fields in ({"date": made.date}, {"referral": made.referral}, {"worker_booking": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Appointment.objects.filter(pk=later.pk).update(**fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        WorkerBooking.objects.filter(pk=later.worker_booking_id).update(period=made.period)


@pytest.mark.django_db(transaction=True)
def test_two_desks_at_the_same_moment_one_books_and_the_other_hears_so(here, loes, slot):
    referrals = [make_referral(neighbourhood=here), make_referral(neighbourhood=here)]
    ready, results = threading.Barrier(2, timeout=20), []

    def click(referral):
        try:
            ready.wait()
            book_appointment(referral=referral, slot=slot, date=NEXT_MONDAY, by=loes, now=NOW)
            results.append("booked")
        except PlaceGone:
            results.append("gone")
        finally:
            connection.close()

    threads = [threading.Thread(target=click, args=[referral]) for referral in referrals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(results) == ["booked", "gone"]
    assert Appointment.objects.booked().count() == 1
    assert WorkerBooking.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_client_booked_by_two_at_once_has_one_intake(here, loes, slot):
    referral = make_referral(neighbourhood=here)
    days = [NEXT_MONDAY, NEXT_MONDAY + dt.timedelta(weeks=1)]
    ready, results = threading.Barrier(2, timeout=20), []

    def click(day):
        try:
            ready.wait()
            book_appointment(referral=referral, slot=slot, date=day, by=loes, now=NOW)
            results.append("booked")
        except DeskRefused as error:
            results.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=click, args=[day]) for day in days]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(results) == ["booked", "has_appointment"]


def test_a_room_that_a_group_took_meanwhile_is_gone(here, loes):
    room = make_room(neighbourhood=here, now=NOW)
    slot = make_slot(municipality=here.municipality, way=IntakeWay.ROOM, room=room)
    RoomBooking.objects.create(room=room, period=slot.period_on(NEXT_MONDAY), kind="session")
    referral = make_referral(neighbourhood=here)
    refused("gone", referral=referral, slot=slot, date=NEXT_MONDAY, by=loes, now=NOW)
    assert WorkerBooking.objects.count() == 0


def test_what_cannot_be_booked_says_why(here, loes, slot):
    referral = make_referral(neighbourhood=here)
    book = {"referral": referral, "slot": slot, "by": loes, "now": NOW}
    refused("no_such_place", date=NEXT_MONDAY + dt.timedelta(days=1), **book)
    refused("past", date=TODAY, **book)
    cancel_occurrence(slot=slot, date=NEXT_MONDAY, reason="Studiedag", by=slot.worker, now=NOW)
    refused("cancelled", date=NEXT_MONDAY, **book)
    easter_monday = dt.date(2027, 3, 29)
    refused("holiday", date=easter_monday, **book)
    slot.worker.work_areas.all().delete()
    refused("worker_elsewhere", date=NEXT_MONDAY + dt.timedelta(weeks=1), **book)
    assert not Appointment.objects.exists()


def test_who_moved_away_is_not_booked_here(here, loes, slot):
    referral = make_referral(neighbourhood=here)
    elsewhere = make_neighbourhood("Bakkum", make_municipality("Castricum", "GM0383"))
    Client.objects.filter(pk=referral.client_id).update(neighbourhood=elsewhere)
    refused("not_here", referral=referral, slot=slot, date=NEXT_MONDAY, by=loes, now=NOW)


def test_a_referral_judged_meanwhile_is_not_booked(here, loes, slot):
    referral = make_referral(neighbourhood=here)
    judge_referral(referral=referral, decision="individual_help", by=make_judge(), now=NOW)
    with pytest.raises(AlreadyJudged):
        book_appointment(referral=referral, slot=slot, date=NEXT_MONDAY, by=loes, now=NOW)


def test_a_desk_elsewhere_neither_books_nor_calls_off(here, slot):
    far = make_desk("Lara", municipalities=[make_municipality("Castricum", "GM0383")])
    referral = make_referral(neighbourhood=here)
    refused("not_here", referral=referral, slot=slot, date=NEXT_MONDAY, by=far, now=NOW)
    made = make_appointment(referral, slot=slot)
    with pytest.raises(PermissionDenied):
        cancel_appointment(appointment=made, reason=CancelReason.CLIENT, by=far, now=NOW)


def test_moving_frees_the_old_place_and_takes_the_new_one(here, loes, slot):
    made = make_appointment(make_referral(neighbourhood=here), slot=slot, date=NEXT_MONDAY)
    room = make_room(neighbourhood=here, now=NOW)
    other = make_slot(
        make_social_worker("Sam", municipalities=[here.municipality]),
        municipality=here.municipality,
        weekday=2,
        way=IntakeWay.ROOM,
        room=room,
    )
    day = NEXT_MONDAY + dt.timedelta(days=2)
    moved = move_appointment(appointment=made, slot=other, date=day, by=loes, now=NOW)
    assert (moved.pk, moved.worker, moved.date, moved.room) == (made.pk, other.worker, day, room)
    assert [row.user for row in WorkerBooking.objects.all()] == [other.worker]
    assert list(moved.events.values_list("code", flat=True)) == ["booked", "moved"]
    back = move_appointment(appointment=moved, slot=slot, date=NEXT_MONDAY, by=loes, now=NOW)
    assert (back.room, RoomBooking.objects.count()) == (None, 0)


def test_moving_to_a_place_that_is_gone_changes_nothing(here, loes, slot):
    made = make_appointment(make_referral(neighbourhood=here), slot=slot, date=NEXT_MONDAY)
    later = NEXT_MONDAY + dt.timedelta(weeks=1)
    make_appointment(make_referral(neighbourhood=here), slot=slot, date=later)
    with pytest.raises(PlaceGone):
        move_appointment(appointment=made, slot=slot, date=later, by=loes, now=NOW)
    made.refresh_from_db()
    assert (made.date, made.version, made.worker_booking.starts_at) == (NEXT_MONDAY, 0, made.starts_at)


def test_called_off_the_place_is_free_and_the_client_waits_again(here, loes, slot):
    made = make_appointment(make_referral(neighbourhood=here), slot=slot, date=NEXT_MONDAY)
    cancelled = cancel_appointment(appointment=made, reason=CancelReason.CLIENT, by=loes, now=NOW)
    assert (cancelled.state, cancelled.cancel_reason, WorkerBooking.objects.count()) == ("cancelled", "client", 0)
    assert list(Referral.objects.of_desk(loes).without_appointment()) == [made.referral]
    again = book_appointment(referral=made.referral, slot=slot, date=NEXT_MONDAY, by=loes, now=NOW)
    assert again.pk != made.pk
    with pytest.raises(DeskRefused) as caught:
        cancel_appointment(appointment=made, reason=CancelReason.CLIENT, by=loes, now=NOW)
    assert caught.value.code == "not_booked"


def test_the_outcome_is_noted_after_the_beginning_and_can_be_put_right(here, loes, slot):
    made = make_appointment(make_referral(neighbourhood=here), slot=slot, date=NEXT_MONDAY)
    with pytest.raises(DeskRefused) as caught:
        note_outcome(appointment=made, state=AppointmentState.HELD, by=loes, now=NOW)
    assert caught.value.code == "not_yet"
    after = made.ends_at
    note_outcome(appointment=made, state=AppointmentState.NO_SHOW, by=loes, now=after)
    assert list(Referral.objects.of_desk(loes).without_appointment()) == [made.referral]
    held = note_outcome(appointment=made, state=AppointmentState.HELD, by=slot.worker, now=after)
    assert (held.state, list(held.events.values_list("code", flat=True))) == ("held", ["booked", "no_show", "held"])
    assert WorkerBooking.objects.count() == 1


def test_leave_over_intakes_calls_them_off_and_a_session_in_the_way_writes_nothing(here, loes, slot):
    made = make_appointment(make_referral(neighbourhood=here), slot=slot, date=NEXT_MONDAY)
    start = made.starts_at - dt.timedelta(hours=2)
    period = {"starts_at": start, "ends_at": start + dt.timedelta(hours=8)}
    with pytest.raises(BookingClash):
        record_leave(user=slot.worker, by=slot.worker, **period)
    session = slot.worker.bookings.create(period=(start, made.starts_at), kind=BookingKind.SESSION)
    with pytest.raises(BookingClash):
        be_away(user=slot.worker, by=slot.worker, now=NOW, **period)
    made.refresh_from_db()
    assert made.state == AppointmentState.BOOKED
    session.delete()
    assert [row.pk for row in be_away(user=slot.worker, by=slot.worker, now=NOW, **period)] == [made.pk]
    made.refresh_from_db()
    assert (made.state, made.cancel_reason) == ("cancelled", "worker_away")
    assert [row.kind for row in slot.worker.bookings.all()] == [BookingKind.LEAVE]


def test_a_stranger_takes_nobody_s_leave(here, slot):
    stranger = make_social_worker("Sanne", municipalities=[here.municipality])
    with pytest.raises(PermissionDenied):
        be_away(user=slot.worker, by=stranger, now=NOW, starts_at=NOW, ends_at=NOW + dt.timedelta(days=9))
    colleague = make_group_worker("Wil", municipalities=[here.municipality])
    assert be_away(user=slot.worker, by=colleague, now=NOW, starts_at=NOW, ends_at=NOW + dt.timedelta(days=9)) == []


def test_a_judgement_holds_what_has_begun_and_calls_off_what_is_to_come(here, slot):
    coming = make_appointment(make_referral(neighbourhood=here), slot=slot, date=NEXT_MONDAY)
    judge_referral(referral=coming.referral, decision="individual_help", by=slot.worker, now=NOW)
    coming.refresh_from_db()
    assert (coming.state, coming.cancel_reason) == ("cancelled", "judged")
    now = make_appointment(make_referral(neighbourhood=here), slot=slot, date=NEXT_MONDAY)
    judge_referral(referral=now.referral, decision="individual_help", by=slot.worker, now=now.starts_at)
    now.refresh_from_db()
    assert now.state == AppointmentState.HELD
