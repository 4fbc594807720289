"""One statement for each subject of the facts, written as SQL: a start asks five questions, however many people wait.

The statements name columns that the models define; the tests of the facts fail when one goes.
"""

import datetime as dt

from django.conf import settings
from django.db import connection

from accounts.periods import local_moment
from groups.engine import Busy, Window


def fetch(statement, **params):
    """Rows as dicts by column name; `zone` is always known to the statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params | {"zone": settings.TIME_ZONE})
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]


def windows(weekdays, starts, ends):
    return tuple(Window(*window) for window in zip(weekdays, starts, ends, strict=True))


def busy(starts, ends):
    """Taken stretches in local wall-clock time."""
    return tuple(Busy(*stretch) for stretch in zip(starts, ends, strict=True))


def midnight(day):
    """The moment a local day begins."""
    return local_moment(day, dt.time.min)
