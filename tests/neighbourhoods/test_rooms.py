"""A room is taken once, ever (R20), and a clash is explained."""

import threading
from datetime import time, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.utils.translation import override

from neighbourhoods.enums import RoomBookingKind
from neighbourhoods.exceptions import RoomClash
from neighbourhoods.models import Room, RoomBooking, Venue
from neighbourhoods.queries import taken_periods
from neighbourhoods.services import (
    book_room,
    book_room_series,
    close_room,
    close_venue,
    release_booking,
    reopen_room,
    update_room,
)
from tests.factories.accounts import make_coordinator, make_team_member
from tests.factories.neighbourhoods import local, make_room, make_venue

pytestmark = pytest.mark.django_db

TUESDAY = local(2027, 1, 12, 19)
TWO_HOURS = timedelta(hours=2)
SESSION = RoomBookingKind.SESSION


def _book(room, starts_at=TUESDAY, hours=2, kind=SESSION):
    return book_room(room=room, starts_at=starts_at, ends_at=starts_at + timedelta(hours=hours), kind=kind)


@pytest.mark.parametrize("minutes", [-119, 0, 30, 119])
def test_book_twice_is_impossible(minutes):
    room = make_room()
    first = _book(room)
    with pytest.raises(RoomClash) as caught:
        _book(room, TUESDAY + timedelta(minutes=minutes))
    assert caught.value.clashes == [first]
    assert RoomBooking.objects.count() == 1


def test_book_before_after_and_next_door_is_fine():
    venue = make_venue(rooms=("Zaal 1", "Zaal 2"))
    room, next_door = venue.rooms.order_by("name")
    for starts_at in (TUESDAY, TUESDAY - TWO_HOURS, TUESDAY + TWO_HOURS):
        _book(room, starts_at)
    _book(next_door)
    assert RoomBooking.objects.count() == 4


def test_the_database_refuses_what_passes_the_services_by():
    room = make_room()
    _book(room)
    with pytest.raises(IntegrityError, match="room_booked_once"), transaction.atomic():
        RoomBooking.objects.create(room=room, period=(TUESDAY, TUESDAY + TWO_HOURS), kind=SESSION)
    for period in [(TUESDAY, TUESDAY), (None, TUESDAY - TWO_HOURS), (TUESDAY + TWO_HOURS, None)]:
        with pytest.raises(IntegrityError, match="room_booking_bounded"), transaction.atomic():
            RoomBooking.objects.create(room=room, period=period, kind=SESSION)


def test_series_is_all_or_nothing():
    room = make_room()
    third = _book(room, TUESDAY + timedelta(weeks=2))
    weeks = [TUESDAY + timedelta(weeks=week) for week in range(5)]
    with pytest.raises(RoomClash) as caught:
        book_room_series(room=room, periods=[(start, start + TWO_HOURS) for start in weeks], kind=SESSION)
    assert caught.value.clashes == [third]
    assert list(RoomBooking.objects.order_by("pk")) == [third]


def test_a_clash_leaves_the_callers_transaction_usable():
    room = make_room()
    with transaction.atomic():
        _book(room)
        with pytest.raises(RoomClash):
            _book(room)
        _book(room, TUESDAY + TWO_HOURS)
    assert RoomBooking.objects.count() == 2


def test_series_costs_the_same_for_five_as_for_one(django_assert_num_queries):
    room = make_room()
    weeks = [TUESDAY + timedelta(weeks=week) for week in range(5)]
    with django_assert_num_queries(6):
        book_room_series(room=room, periods=[(start, start + TWO_HOURS) for start in weeks[:1]], kind=SESSION)
    with django_assert_num_queries(6):
        book_room_series(room=room, periods=[(start, start + TWO_HOURS) for start in weeks[1:]], kind=SESSION)


def test_a_room_out_of_use_is_refused_but_keeps_what_it_has():
    room, worker = make_room(), make_coordinator()
    kept = _book(room)
    update_room(room=room, name="Zaal", capacity=12, is_active=False, by=worker, now=TUESDAY)
    with pytest.raises(RoomClash) as caught, override("en"):
        _book(room, TUESDAY + TWO_HOURS)
    assert (caught.value.clashes, list(RoomBooking.objects.order_by("pk"))) == ([], [kept])
    with override("en"):
        assert caught.value.message == "Zaal, Buurthuis Proef is not in use."


def test_clash_tells_what_and_when_in_local_time_and_names_nobody():
    room = make_room()
    booking = _book(room)
    RoomBooking.objects.filter(pk=booking.pk).update(note="Anna de Vries")
    with pytest.raises(RoomClash) as caught:
        _book(room)
    with override("en"):
        message = caught.value.message
    assert message == "Zaal, Buurthuis Proef is taken: group session, Tue 12 Jan, 19:00–21:00."


def test_clash_in_a_hidden_venue_does_not_name_it():
    room = make_room(name="Geheim", is_hidden=True)
    _book(room)
    with pytest.raises(RoomClash) as caught, override("en"):
        _book(room)
    with override("en"):
        assert caught.value.message.startswith("location known to the participants is taken")


def test_close_refuses_to_hide_a_session_and_touches_nothing():
    room, worker = make_room(now=TUESDAY), make_coordinator()
    session = _book(room)
    day = local(2027, 1, 12), local(2027, 1, 13)
    with pytest.raises(RoomClash) as caught:
        close_room(room=room, starts_at=day[0], ends_at=day[1], by=worker, now=TUESDAY + TWO_HOURS)
    assert caught.value.clashes == [session]
    assert Venue.objects.get().changed_at == TUESDAY


def test_close_and_reopen_move_changed_at_and_block_bookings():
    room, worker = make_room(now=TUESDAY), make_coordinator()
    day = local(2027, 1, 12), local(2027, 1, 13)
    closure = close_room(room=room, starts_at=day[0], ends_at=day[1], by=worker, now=TUESDAY + TWO_HOURS)
    with pytest.raises(RoomClash):
        _book(room)
    venue = Venue.objects.get()
    assert (venue.changed_at, venue.changed_by) == (TUESDAY + TWO_HOURS, worker)
    reopen_room(booking=closure, by=worker, now=TUESDAY + 2 * TWO_HOURS)
    assert Venue.objects.get().changed_at == TUESDAY + 2 * TWO_HOURS
    _book(room)


def test_close_venue_closes_all_rooms_or_none():
    venue, worker = make_venue(rooms=("Zaal 1", "Zaal 2")), make_coordinator()
    second = venue.rooms.get(name="Zaal 2")
    session = _book(second)
    day = {"starts_at": local(2027, 1, 12), "ends_at": local(2027, 1, 13), "by": worker, "now": TUESDAY}
    with pytest.raises(RoomClash):
        close_venue(venue=venue, **day)
    assert list(RoomBooking.objects.order_by("pk")) == [session]
    release_booking(booking=session)
    assert len(close_venue(venue=venue, **day)) == 2


def test_reopen_is_for_closures_only():
    booking = _book(make_room())
    with pytest.raises(ValueError, match="not a closure"):
        reopen_room(booking=booking, by=make_coordinator(), now=TUESDAY)
    assert RoomBooking.objects.count() == 1


def test_only_venue_managers_close_rooms():
    room, stranger = make_room(), make_team_member()
    day = {"starts_at": local(2027, 1, 12), "ends_at": local(2027, 1, 13), "now": TUESDAY}
    with pytest.raises(PermissionDenied):
        close_room(room=room, by=stranger, **day)
    closure = close_room(room=room, by=None, **day)
    with pytest.raises(PermissionDenied):
        reopen_room(booking=closure, by=stranger, now=TUESDAY)
    assert list(RoomBooking.objects.order_by("pk")) == [closure]


def test_release_twice_does_no_harm():
    booking = _book(make_room())
    release_booking(booking=booking)
    release_booking(booking=booking)
    assert RoomBooking.objects.count() == 0


def test_taken_periods_come_per_room_within_the_span(django_assert_num_queries):
    venue = make_venue(rooms=("Zaal 1", "Zaal 2"))
    one, two = venue.rooms.order_by("name")
    _book(one)
    _book(one, TUESDAY + timedelta(days=1))
    _book(two, TUESDAY + timedelta(days=40))
    with django_assert_num_queries(1):
        taken = taken_periods([one, two], local(2027, 1, 12), local(2027, 2, 1))
    later = TUESDAY + timedelta(days=1)
    assert taken == {one.pk: [(TUESDAY, TUESDAY + TWO_HOURS), (later, later + TWO_HOURS)]}


def test_is_open_reads_local_time_in_winter_and_summer(django_assert_num_queries):
    make_venue(hours=[(1, time(19), time(22))])
    venue = Venue.objects.prefetch_related("opening_hours").get()
    with django_assert_num_queries(0):
        for month, day in [(1, 12), (7, 13)]:
            start = local(2027, month, day, 19)
            assert venue.is_open(start, start + timedelta(hours=3))
            assert not venue.is_open(start - timedelta(minutes=1), start + TWO_HOURS)
            assert not venue.is_open(start, start + timedelta(hours=3, minutes=1))
            assert not venue.is_open(start + timedelta(days=1), start + timedelta(days=1) + TWO_HOURS)
            assert not venue.is_open(start, start + timedelta(days=7, hours=1))


@pytest.mark.django_db(transaction=True)
def test_two_at_once_one_wins_and_the_other_hears_why():
    room = make_room()
    ready, results = threading.Barrier(2), []

    def book():
        try:
            ready.wait(timeout=10)
            periods = [
                (TUESDAY + timedelta(weeks=week), TUESDAY + timedelta(weeks=week, hours=2)) for week in range(5)
            ]
            book_room_series(room=Room.objects.get(pk=room.pk), periods=periods, kind=SESSION)
            results.append("booked")
        except RoomClash as clash:
            results.append(len(clash.clashes))
        finally:
            connection.close()

    threads = [threading.Thread(target=book) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(results, key=str) == [5, "booked"]
    assert RoomBooking.objects.count() == 5
