"""Local days and times as moments. The clock on the wall counts: a day can have 23 or 25 hours."""

from datetime import datetime, time, timedelta

from django.utils import dateformat, timezone
from django.utils.dates import MONTHS_3
from django.utils.translation import get_language


def local_moment(day, clock):
    """The moment at which a clock here shows this time on this day."""
    return datetime.combine(day, clock, tzinfo=timezone.get_default_timezone())


def local_period(day_from, day_to):
    """(start, end) of whole local days, day_to included; ValueError if it ends before it starts."""
    if day_to < day_from:
        raise ValueError("a period ends before it starts")
    return local_moment(day_from, time()), local_moment(day_to + timedelta(days=1), time())


def short_day(value):
    """A date or local moment as "di 12 jan" (English: "Tue 12 Jan")."""
    month = str(MONTHS_3[value.month])
    if get_language() != "nl":
        month = month.title()
    return f"{dateformat.format(value, 'D')} {value.day} {month}"


def short_moment(moment):
    """A moment in local time as "di 12 jan, 19:30"."""
    local = timezone.localtime(moment)
    return f"{short_day(local)}, {local:%H:%M}"
