import threading
from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils import translation

from accounts import services
from accounts.enums import BookingKind
from accounts.exceptions import BookingClash
from accounts.models import User, WorkerBooking
from tests.factories.accounts import make_administrator, make_coordinator, make_group_worker

pytestmark = pytest.mark.django_db

EVENING = datetime(2027, 1, 12, 18, 30, tzinfo=UTC)  # 19:30 in the Netherlands
TWO_HOURS = timedelta(hours=2)


def book(user, starts_at=EVENING, kind=BookingKind.SESSION):
    return services.book_worker(user=user, starts_at=starts_at, ends_at=starts_at + TWO_HOURS, kind=kind)


def test_make_user_gives_roles_and_no_password():
    user = services.make_user(email="Fatima@Socius.Example", first_name="Fatima", last_name="B", roles=["desk"])
    assert user.email == "fatima@socius.example"
    assert user.role_names == {"desk"}
    assert not user.has_usable_password()


@pytest.mark.parametrize(
    ("email", "first_name", "roles"),
    [
        ("geen adres", "Fatima", ["desk"]),
        ("fatima@socius.example", "Fat\x00ima", ["desk"]),
        ("fatima@socius.example", "Fatima", ["keizer"]),
        ("GROETJE.voorbeeld@socius.example", "Fatima", ["desk"]),
    ],
)
def test_make_user_refuses_and_leaves_nothing(email, first_name, roles):
    make_group_worker("Groetje")
    with pytest.raises(ValidationError):
        services.make_user(email=email, first_name=first_name, last_name="B", roles=roles)
    assert User.objects.count() == 1


def test_set_roles_is_exact_and_only_for_an_administrator():
    worker = make_group_worker()
    worker = services.set_roles(user=worker, roles=["desk", "coordinator"], by=make_administrator(), now=EVENING)
    assert worker.role_names == {"desk", "coordinator"}
    with pytest.raises(PermissionDenied):
        services.set_roles(user=worker, roles=["administrator"], by=worker, now=EVENING)


def test_weekly_availability_is_replaced():
    worker = make_group_worker()
    services.set_weekly_availability(user=worker, windows=[(0, time(9), time(12))], by=worker)
    windows = [(3, time(19), time(22)), (1, time(9), time(12)), (1, time(12), time(13))]
    services.set_weekly_availability(user=worker, windows=windows, by=worker)
    stored = worker.weekly_availability.values_list("weekday", "starts_at", "ends_at").order_by("weekday", "starts_at")
    assert list(stored) == sorted(windows)


@pytest.mark.parametrize(
    ("windows", "code"),
    [
        ([(7, time(9), time(12))], "weekday"),
        ([(1, time(12), time(12))], "end_before_start"),
        ([(1, time(9), time(12)), (1, time(11), time(13))], "overlap"),
    ],
)
def test_impossible_weekly_availability_changes_nothing(windows, code):
    worker = make_group_worker()
    services.set_weekly_availability(user=worker, windows=[(0, time(9), time(12))], by=worker)
    with pytest.raises(ValidationError) as caught:
        services.set_weekly_availability(user=worker, windows=windows, by=worker)
    assert caught.value.code == code
    assert worker.weekly_availability.count() == 1


def test_only_oneself_and_a_coordinator_manage_someones_time():
    worker, colleague = make_group_worker("Fatima"), make_group_worker("Joris")
    services.set_weekly_availability(user=worker, windows=[], by=make_coordinator())
    leave = services.record_leave(user=worker, starts_at=EVENING, ends_at=EVENING + TWO_HOURS, by=worker)
    for forbidden in (
        lambda: services.set_weekly_availability(user=worker, windows=[], by=colleague),
        lambda: services.record_leave(user=worker, starts_at=EVENING, ends_at=EVENING + TWO_HOURS, by=colleague),
        lambda: services.remove_leave(booking=leave, by=colleague),
    ):
        with pytest.raises(PermissionDenied):
            forbidden()


def test_a_clash_is_explained_without_names():
    worker = make_group_worker()
    session = book(worker)
    with pytest.raises(BookingClash) as caught, translation.override("en"):
        book(worker, EVENING + timedelta(hours=1), BookingKind.TALK)
    with translation.override("en"):
        assert caught.value.reasons == ["session, Tue 12 Jan, 19:30–21:30"]
        assert str(caught.value) == "Already taken: session, Tue 12 Jan, 19:30–21:30."
    assert (caught.value.user, caught.value.clashes) == (worker, [session])


def test_a_clash_breaks_no_transaction_of_the_caller():
    worker = make_group_worker()
    with transaction.atomic():
        book(worker)
        with pytest.raises(BookingClash):
            book(worker)
        book(worker, EVENING + timedelta(days=7))
    assert worker.bookings.count() == 2


def test_a_booking_ends_after_it_starts():
    with pytest.raises(ValidationError):
        services.book_worker(user=make_group_worker(), starts_at=EVENING, ends_at=EVENING, kind=BookingKind.TALK)


def test_leave_over_sessions_lists_them_all():
    worker = make_group_worker()
    sessions = [book(worker, EVENING + timedelta(days=7 * week)) for week in range(3)]
    with pytest.raises(BookingClash) as caught:
        services.record_leave(
            user=worker, starts_at=EVENING - timedelta(days=1), ends_at=EVENING + timedelta(days=8), by=worker
        )
    assert caught.value.clashes == sessions[:2]
    assert not worker.bookings.leave().exists()


def test_only_leave_can_be_removed_as_leave():
    worker = make_group_worker()
    session = book(worker)
    with pytest.raises(ValueError, match="only leave"):
        services.remove_leave(booking=session, by=worker)
    day_off = EVENING + timedelta(days=1)
    leave = services.record_leave(user=worker, starts_at=day_off, ends_at=day_off + TWO_HOURS, by=worker)
    services.remove_leave(booking=leave, by=worker)
    assert list(worker.bookings.order_by("pk")) == [session]


# --- other hours on one day


TUESDAY = EVENING.date()


def hours_of(user):
    return list(user.availability_exceptions.values_list("date", "starts_at", "ends_at").order_by("starts_at"))


def set_day(user, *windows, date=TUESDAY, today=TUESDAY, **fields):
    return services.set_day_hours(user=user, date=date, windows=windows, today=today, **({"by": user} | fields))


def test_a_day_gets_other_hours_or_none_and_each_replaces_the_last():
    worker = make_group_worker()
    set_day(worker, (time(15), time(17)), (time(9), time(12)))
    assert hours_of(worker) == [(TUESDAY, time(9), time(12)), (TUESDAY, time(15), time(17))]
    set_day(worker)
    assert hours_of(worker) == [(TUESDAY, None, None)]
    assert services.remove_day_hours(user=worker, date=TUESDAY, by=worker) is True
    assert services.remove_day_hours(user=worker, date=TUESDAY, by=worker) is False
    assert hours_of(worker) == []


@pytest.mark.parametrize(
    ("windows", "days", "code"),
    [
        ([(time(9), time(12))], -1, "in_the_past"),
        ([(time(12), time(9))], 0, "end_before_start"),
        ([(time(9), time(9))], 0, "end_before_start"),
        ([(time(9), time(12)), (time(11), time(13))], 0, "overlap"),
    ],
)
def test_impossible_hours_of_a_day_change_nothing(windows, days, code):
    worker = make_group_worker()
    set_day(worker, (time(9), time(12)))
    with pytest.raises(ValidationError) as caught:
        set_day(worker, *windows, date=TUESDAY + timedelta(days=days))
    assert caught.value.code == code
    assert hours_of(worker) == [(TUESDAY, time(9), time(12))]


def test_hours_that_leave_a_session_out_are_refused_with_the_session_and_kept_on_request():
    worker = make_group_worker()
    session = book(worker)  # 19:30 to 21:30 in the Netherlands
    book(worker, EVENING - timedelta(hours=6), BookingKind.LEAVE)
    for windows in ([], [(time(9), time(21))], [(time(20), time(22))], [(time(19), time(20)), (time(20), time(22))]):
        with pytest.raises(BookingClash) as caught:
            set_day(worker, *windows)
        assert caught.value.clashes == [session]
    assert hours_of(worker) == []
    set_day(worker, (time(19, 30), time(21, 30)))
    set_day(worker, keep_booked=True)
    assert hours_of(worker) == [(TUESDAY, None, None)]
    assert worker.bookings.filter(pk=session.pk).exists()


def test_only_oneself_and_a_coordinator_set_a_day():
    worker, colleague = make_group_worker("Fatima"), make_group_worker("Joris")
    set_day(worker, by=make_coordinator())
    with pytest.raises(PermissionDenied):
        set_day(worker, by=colleague)
    with pytest.raises(PermissionDenied):
        services.remove_day_hours(user=worker, date=TUESDAY, by=colleague)
    assert hours_of(worker) == [(TUESDAY, None, None)]


# --- who leaves


def test_an_account_with_sessions_to_come_is_not_closed_and_lists_them():
    worker, ada = make_group_worker(), make_administrator()
    session = book(worker)
    with pytest.raises(BookingClash) as caught:
        services.deactivate_user(user=worker, by=ada, now=EVENING)
    assert caught.value.clashes == [session]
    assert User.objects.get(pk=worker.pk).is_active
    gone = services.deactivate_user(user=worker, by=ada, now=EVENING + TWO_HOURS)
    assert not gone.is_active
    assert gone.access_version == worker.access_version + 1
    again = services.deactivate_user(user=worker, by=None, now=EVENING + TWO_HOURS)
    assert again.access_version == gone.access_version


def test_only_an_administrator_closes_an_account():
    worker = make_group_worker()
    with pytest.raises(PermissionDenied):
        services.deactivate_user(user=worker, by=worker, now=EVENING)


def test_a_role_that_planned_sessions_need_cannot_be_taken():
    worker, ada = make_group_worker(), make_administrator()
    book(worker)
    for roles in (["team_member"], ["desk"], []):
        with pytest.raises(BookingClash):
            services.set_roles(user=worker, roles=roles, by=ada, now=EVENING)
    assert services.set_roles(user=worker, roles=["social_worker"], by=ada, now=EVENING).role_names == {
        "social_worker"
    }
    assert services.set_roles(user=worker, roles=["desk"], by=ada, now=EVENING + TWO_HOURS).role_names == {"desk"}


@pytest.mark.django_db(transaction=True)
def test_two_at_once_book_a_worker_once_and_the_loser_hears_why():
    """Both look before either writes: only the database can decide."""
    worker = make_group_worker()
    has_looked = threading.Barrier(2, timeout=20)
    outcomes = []

    def try_to_book():
        try:
            with transaction.atomic():
                assert not worker.bookings.overlapping(EVENING, EVENING + TWO_HOURS).exists()
                has_looked.wait()
                outcomes.append(_insert(worker))
        except BookingClash as clash:
            outcomes.append(clash.clashes)
        finally:
            connection.close()

    threads = [threading.Thread(target=try_to_book) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    booked = WorkerBooking.objects.get()
    assert sorted(outcomes, key=str) == sorted([booked, [booked]], key=str)


def _insert(worker):
    """book_worker from the moment on at which it has found nobody in the way."""
    return services._insert_booking(worker, EVENING, EVENING + TWO_HOURS, BookingKind.SESSION, "")
