"""Local days and times as moments. The clock on the wall counts: a day can have 23 or 25 hours."""

from datetime import datetime, time, timedelta

from django.utils import timezone


def local_moment(day, clock):
    """The moment at which a clock here shows this time on this day."""
    return datetime.combine(day, clock, tzinfo=timezone.get_default_timezone())


def local_period(day_from, day_to):
    """(start, end) of whole local days, day_to included; ValueError if it ends before it starts."""
    if day_to < day_from:
        raise ValueError("a period ends before it starts")
    return local_moment(day_from, time()), local_moment(day_to + timedelta(days=1), time())
