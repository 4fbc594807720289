"""Working days and days without sessions (R20, R21)."""

import datetime as dt

import pytest

from groups.calendar import add_working_days, blocked_dates, is_working_day, public_holidays, school_holiday_days

DAY = dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (dt.date(2026, 9, 14), -2, dt.date(2026, 9, 10)),  # a weekend between
        (dt.date(2026, 9, 16), -2, dt.date(2026, 9, 14)),
        (dt.date(2026, 9, 7), 3, dt.date(2026, 9, 10)),
        (dt.date(2026, 9, 10), 3, dt.date(2026, 9, 15)),
        (dt.date(2026, 12, 24), 1, dt.date(2026, 12, 28)),  # Christmas and a weekend
        (dt.date(2026, 12, 29), -2, dt.date(2026, 12, 24)),
        (dt.date(2026, 9, 12), 0, dt.date(2026, 9, 12)),
    ],
)
def test_working_days_are_counted_without_weekends_and_holidays(day, count, expected):
    assert add_working_days(day, count) == expected


def test_holidays_are_the_dutch_ones():
    assert {dt.date(2026, 4, 27), dt.date(2026, 5, 14), dt.date(2026, 12, 25)} <= public_holidays(2026)
    assert not is_working_day(dt.date(2026, 4, 27))
    assert dt.date(2026, 9, 7) not in public_holidays(2026)


def test_blocked_days_reach_over_the_turn_of_the_year():
    blocked = blocked_dates(today=dt.date(2026, 12, 1), weeks=10, skips_school_holidays=False)
    assert {dt.date(2026, 12, 25), dt.date(2027, 1, 1)} <= blocked


@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_a_week_with_a_school_holiday_is_blocked_whole(year):
    blocked = blocked_dates(today=dt.date(year, 1, 1), weeks=51, skips_school_holidays=True)
    assert school_holiday_days(year)
    for day in school_holiday_days(year):
        monday = day - dt.timedelta(days=day.weekday())
        assert {monday + DAY * number for number in range(7)} <= blocked


def test_years_without_published_school_holidays_do_not_fail():
    assert blocked_dates(today=dt.date(2040, 1, 1), weeks=10, skips_school_holidays=True)
