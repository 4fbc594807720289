"""Working days of people here: local dates, without weekends and public holidays (R7, R21)."""

import datetime as dt
from functools import lru_cache

import holidays

SATURDAY = 5


@lru_cache(maxsize=64)
def public_holidays(year):
    """Dutch public holidays of a calendar year."""
    return frozenset(holidays.country_holidays("NL", years=year))


def is_working_day(day):
    return day.weekday() < SATURDAY and day not in public_holidays(day.year)


def add_working_days(day, count):
    """The date `count` working days after (or, negative, before) a date."""
    step = dt.timedelta(days=1 if count >= 0 else -1)
    for _ in range(abs(count)):
        day += step
        while not is_working_day(day):
            day += step
    return day


def latest_day_over(today, count):
    """The last day whose `count` working days are over: add_working_days(day, count) lies before today."""
    day = today
    while add_working_days(day, count) >= today:
        day -= dt.timedelta(days=1)
    return day
