"""F9: a weekly series keeps its local time over every change of the clock."""

import datetime as dt
from zoneinfo import ZoneInfo

from accounts.periods import local_moment
from groups.engine.slots import series
from tests.faults.outcome import Outcome

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
FIRST, LAST = dt.date(2025, 1, 1), dt.date(2035, 12, 31)
SESSIONS, WEEK = 5, dt.timedelta(weeks=1)
WRONG_IN_UTC = 616  # known: what is lost by who adds weeks to a moment instead of to a date


def run(start=dt.time(19, 30)):
    """Five weekly sessions from every date of eleven years; beside it the same in UTC, which must go wrong."""
    days = [FIRST + dt.timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
    found = {"series": len(days), "constant": 0, "wrong in UTC": 0}
    for day in days:
        moments = [local_moment(each, start).astimezone(dt.UTC) for each in series(day, SESSIONS, frozenset())]
        found["constant"] += all(_local_time(moment) == start for moment in moments)
        found["wrong in UTC"] += any(_local_time(moments[0] + WEEK * n) != start for n in range(SESSIONS))
    good = found["constant"] == len(days) and found["wrong in UTC"] == WRONG_IN_UTC
    return Outcome("F9", {"from": FIRST.isoformat(), "to": LAST.isoformat(), "at": f"{start:%H:%M}"}, found, good)


def _local_time(moment):
    return moment.astimezone(AMSTERDAM).time()
