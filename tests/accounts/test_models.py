from datetime import UTC, datetime, time

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.enums import BookingKind, RoleName
from accounts.models import User
from tests.factories.accounts import make_coordinator, make_group_worker, make_user

pytestmark = pytest.mark.django_db


def at(hour, minute=0):
    return datetime(2027, 1, 12, hour, minute, tzinfo=UTC)


def test_email_is_unique_whatever_its_case():
    make_user("Fatima", email="fatima@socius.example")
    with pytest.raises(IntegrityError, match="user_email_once"):
        User(email="Fatima@Socius.example").save()


@pytest.mark.parametrize(
    ("first_name", "last_name", "short_name"),
    [
        ("Fatima", "Bouzid", "Fatima B."),
        ("Joris", "de Vries", "Joris de V."),
        ("Sam", "van der Berg", "Sam van der B."),
        ("Cher", "", "Cher"),
    ],
)
def test_short_name_shows_the_initial_only(first_name, last_name, short_name):
    assert User(first_name=first_name, last_name=last_name).short_name == short_name


def test_str_is_not_an_email_address():
    assert "@" not in str(User(pk=4, email="x@y.example"))


def test_with_role_lists_active_holders_once():
    worker = make_user("Fatima", RoleName.GROUP_WORKER, RoleName.SOCIAL_WORKER)
    make_coordinator()
    make_group_worker("Weg", is_active=False)
    assert list(User.objects.with_role(RoleName.GROUP_WORKER, RoleName.SOCIAL_WORKER)) == [worker]
    assert worker.role_names == {"group_worker", "social_worker"}


def test_one_role_once():
    worker = make_group_worker()
    with pytest.raises(IntegrityError, match="role_once"):
        worker.role_assignments.create(role=RoleName.GROUP_WORKER)


def test_nobody_is_booked_twice():
    worker, colleague = make_group_worker("Fatima"), make_group_worker("Joris")
    worker.bookings.create(period=(at(19), at(21)), kind=BookingKind.SESSION)
    colleague.bookings.create(period=(at(19), at(21)), kind=BookingKind.SESSION)
    worker.bookings.create(period=(at(21), at(22)), kind=BookingKind.TALK)
    with pytest.raises(IntegrityError, match="worker_booked_once"):
        worker.bookings.create(period=(at(20, 59), at(21)), kind=BookingKind.LEAVE)


@pytest.mark.parametrize("period", [(at(19), at(19)), (None, at(19)), (at(19), None)])
def test_a_booking_has_a_begin_and_an_end(period):
    with pytest.raises(IntegrityError, match="booking_has_begin_and_end"):
        make_group_worker().bookings.create(period=period, kind=BookingKind.TALK)


def test_overlapping_finds_what_shares_a_moment():
    worker = make_group_worker()
    evening = worker.bookings.create(period=DateTimeTZRange(at(19), at(21)), kind=BookingKind.SESSION)
    assert list(worker.bookings.overlapping(at(20), at(23))) == [evening]
    assert list(worker.bookings.overlapping(at(21), at(23))) == []
    assert (evening.starts_at, evening.ends_at) == (at(19), at(21))


@pytest.mark.parametrize("second", [(time(9), time(10)), (time(11), time(13)), (time(8), time(18))])
def test_weekly_windows_of_a_day_do_not_overlap(second):
    worker = make_group_worker()
    worker.weekly_availability.create(weekday=1, starts_at=time(9), ends_at=time(12))
    worker.weekly_availability.create(weekday=2, starts_at=second[0], ends_at=second[1])
    with pytest.raises(IntegrityError, match="availability_no_overlap"), transaction.atomic():
        worker.weekly_availability.create(weekday=1, starts_at=second[0], ends_at=second[1])
    worker.weekly_availability.create(weekday=1, starts_at=time(18), ends_at=time(20))


def test_a_weekly_window_ends_after_it_starts():
    with pytest.raises(IntegrityError):
        make_group_worker().weekly_availability.create(weekday=1, starts_at=time(12), ends_at=time(9))
