from datetime import UTC, date, datetime, time, timedelta

import pytest

from accounts.periods import local_moment, local_period


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2027, 3, 28), 23), (date(2027, 10, 31), 25), (date(2027, 6, 1), 24), (date(2026, 12, 31), 24)],
)
def test_a_local_day_is_whole_when_the_clock_changes(day, hours):
    start, end = local_period(day, day)
    assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=hours)
    assert (start.date(), start.time(), end.time()) == (day, time(), time())


def test_both_days_are_included():
    start, end = local_period(date(2027, 1, 12), date(2027, 1, 14))
    assert (start.astimezone(UTC), end.astimezone(UTC)) == (
        datetime(2027, 1, 11, 23, tzinfo=UTC),
        datetime(2027, 1, 14, 23, tzinfo=UTC),
    )


def test_a_period_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="ends before"):
        local_period(date(2027, 1, 12), date(2027, 1, 11))


def test_a_local_moment_follows_the_clock_on_the_wall():
    assert local_moment(date(2027, 1, 12), time(19, 30)).astimezone(UTC).hour == 18
    assert local_moment(date(2027, 7, 13), time(19, 30)).astimezone(UTC).hour == 17
