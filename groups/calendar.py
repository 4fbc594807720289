"""Days on which nothing is planned, and working days; all local dates (R20, R21)."""

import datetime as dt
from functools import lru_cache

import holidays

from accounts.workdays import SATURDAY, add_working_days, is_working_day, public_holidays

__all__ = [
    "SATURDAY",
    "add_working_days",
    "blocked_dates",
    "is_working_day",
    "public_holidays",
    "school_holiday_days",
    "weekly_days",
]


@lru_cache(maxsize=64)
def school_holiday_days(year):
    """School-holiday days of region Noord, in which the five municipalities lie. Empty for years not yet published."""
    return frozenset(holidays.country_holidays("NL", subdiv="Noord", years=year, categories=("school",)))


def blocked_dates(*, today, weeks, skips_school_holidays):
    """Days without sessions from today on, over `weeks` weeks (R20)."""
    years = range(today.year, (today + dt.timedelta(weeks=weeks)).year + 1)
    days = frozenset().union(*(public_holidays(year) for year in years))
    if skips_school_holidays:
        days |= frozenset().union(*(_school_weeks(year) for year in years))
    return days


def _school_weeks(year):
    """All seven days of each week with school holidays: a blocked week is skipped whole."""
    weeks = {day - dt.timedelta(days=day.weekday()) for day in school_holiday_days(year)}
    return frozenset(monday + dt.timedelta(days=offset) for monday in weeks for offset in range(7))


def weekly_days(first, count, *, skips_school_holidays):
    """So many days, a week apart, from `first` on; a blocked week is skipped and the series runs on longer (R20)."""
    blocked = blocked_dates(today=first, weeks=count * 2 + 8, skips_school_holidays=skips_school_holidays)
    days, day = [], first
    while len(days) < count:
        if day not in blocked:
            days.append(day)
        day += dt.timedelta(weeks=1)
    return days
