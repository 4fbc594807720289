"""Columns of the facts' statements as the engine's values."""

import datetime as dt

from accounts.periods import local_moment
from groups.engine import Busy, Window


def windows(weekdays, starts, ends):
    return tuple(Window(*window) for window in zip(weekdays, starts, ends, strict=True))


def busy(starts, ends):
    """Taken stretches in local wall-clock time."""
    return tuple(Busy(*stretch) for stretch in zip(starts, ends, strict=True))


def midnight(day):
    """The moment a local day begins."""
    return local_moment(day, dt.time.min)
