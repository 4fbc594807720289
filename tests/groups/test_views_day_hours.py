"""Mijn tijden: other hours on one day, beside weekly times and leave (R20)."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.periods import local_moment
from accounts.services import record_leave
from tests.factories.accounts import make_coordinator, make_group_worker
from tests.factories.groups import fresh, make_entry, make_waitlist, make_worker
from tests.factories.neighbourhoods import make_municipality
from tests.groups.pages import browser_of, statements, text_of

pytestmark = pytest.mark.django_db

TIMES = "/groepen/mijn-tijden/"
DAY = "/groepen/mijn-tijden/dag/"


def in_days(number):
    return timezone.localdate() + dt.timedelta(days=number)


def hours(day, *windows, how="hours"):
    data = {"date": day, "how": how}
    for number, (start, end) in enumerate(windows):
        data |= {f"h{number}_from": start, f"h{number}_until": end}
    return data


def stored(user):
    return list(user.availability_exceptions.order_by("date", "starts_at").values_list("date", "starts_at", "ends_at"))


def test_a_day_is_saved_shown_changed_and_taken_back():
    worker, day = make_group_worker(), in_days(10)
    browser = browser_of(worker)
    assert "No day differs from your usual week." in text_of(browser.get(TIMES))
    assert browser.post(DAY, hours(day, ("09:00", "12:00"), ("13:00", "17:00"))).url == TIMES
    assert "09:00–12:00, 13:00–17:00" in text_of(browser.get(TIMES))
    assert 'value="13:00"' in text_of(browser.get(DAY, {"dag": day}))
    browser.post(DAY, hours(day, how="away"))
    assert stored(worker) == [(day, None, None)]
    assert ": not available" in text_of(browser.get(TIMES))
    assert browser.get(DAY, {"dag": day}).context["form"]["how"].value() == "away"
    for _time in range(2):
        assert browser.post(reverse("groups:day_hours_remove", args=[day])).url == TIMES
    assert stored(worker) == []


def test_a_day_begins_with_the_usual_times():
    worker = make_worker(windows=[(weekday, dt.time(19), dt.time(22)) for weekday in range(7)])
    words = text_of(browser_of(worker).get(DAY, {"dag": in_days(3)}))
    assert 'value="19:00"' in words
    assert f'value="{in_days(3)}"' in words


@pytest.mark.parametrize(
    ("day", "windows", "how", "field"),
    [
        (-1, [("09:00", "12:00")], "hours", "date"),
        (9999, [("09:00", "12:00")], "hours", "date"),
        (3, [("12:00", "09:00")], "hours", "h0_until"),
        (3, [("09:00", "12:00"), ("11:00", "13:00")], "hours", "h1_from"),
        (3, [("09:00", "")], "hours", "h0_until"),
        (3, [("25:00", "26:00")], "hours", "h0_from"),
        (3, [], "hours", "h0_from"),
        (3, [], "soms", "how"),
    ],
)
def test_impossible_hours_stand_at_their_field_and_are_kept(day, windows, how, field):
    worker = make_group_worker()
    answer = browser_of(worker).post(DAY, hours(in_days(day), *windows, how=how))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert all(f'value="{time}"' in text_of(answer) for window in windows for time in window if time)
    assert stored(worker) == []


@pytest.mark.parametrize("day", ["onzin", "2026-99-99", "2026-1"])
def test_a_day_that_is_none(day):
    browser = browser_of(make_group_worker())
    assert browser.get(DAY, {"dag": day}).status_code == 200
    assert browser.post(f"{TIMES}{day}/intrekken/").status_code == 404


def test_past_days_are_not_shown():
    worker = make_group_worker()
    for number in (-1, 0):
        worker.availability_exceptions.create(date=in_days(number))
    assert [day for day, _hours in browser_of(worker).get(TIMES).context["days"]] == [in_days(0)]


def test_only_ones_own():
    worker, other = make_group_worker("Ik"), make_group_worker("Ander")
    other.availability_exceptions.create(date=in_days(3))
    browser_of(worker).post(reverse("groups:day_hours_remove", args=[in_days(3)]))
    assert other.availability_exceptions.count() == 1
    assert browser_of(make_coordinator()).get(DAY).status_code == 403
    assert browser_of(worker).get(reverse("groups:day_hours_remove", args=[in_days(3)])).status_code == 405


def test_lists_that_wait_are_looked_at_again():
    waitlist = make_waitlist()
    make_entry(waitlist, now=timezone.localtime())
    worker = make_worker(lead=True, municipality=make_municipality())
    type(waitlist).objects.filter(pk=waitlist.pk).update(due_at=timezone.now() + dt.timedelta(days=1))
    browser_of(worker).post(DAY, hours(in_days(8), how="away"))
    assert fresh(waitlist).due_at <= timezone.now()


def test_many_days_cost_what_one_does():
    worker = make_group_worker()
    browser = browser_of(worker)
    worker.availability_exceptions.create(date=in_days(1))
    one = statements(browser, TIMES)
    for number in range(2, 30):
        worker.availability_exceptions.create(date=in_days(number))
    assert statements(browser, TIMES) == one


def test_hours_within_leave_open_nothing_and_are_refused_with_the_reason():
    """R20: leave holds; an afternoon beside a morning's leave is fine."""
    worker, day = make_group_worker(), in_days(10)
    record_leave(user=worker, by=worker, starts_at=at(day, 8), ends_at=at(day, 13))
    browser = browser_of(worker)
    answer = browser.post(DAY, hours(day, ("09:00", "12:00")))
    assert answer.status_code == 422
    assert "You have leave then. Take the leave back first." in text_of(answer)
    assert 'value="09:00"' in text_of(answer)
    assert stored(worker) == []
    assert browser.post(DAY, hours(day, ("13:00", "17:00"))).url == TIMES


def at(day, hour):
    return local_moment(day, dt.time(hour))
