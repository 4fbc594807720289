"""Stored periods as the engine knows them: local wall-clock time."""

import datetime as dt

from django.utils import timezone

from accounts.periods import local_moment
from groups.engine import Busy


def local_busy(period):
    return Busy(_naive(period.lower), _naive(period.upper))


def _naive(moment):
    return timezone.make_naive(moment, timezone.get_default_timezone())


def midnight(day):
    return local_moment(day, dt.time.min)
