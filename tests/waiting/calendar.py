"""Fixed start dates: a start is possible in the first whole week of each quarter only."""

import datetime as dt

QUARTERS = (1, 4, 7, 10)
LEAD = dt.timedelta(weeks=1)


def may_start(today):
    """Whether a start decided today, a week ahead, falls in the first whole week (Monday to Friday) of a quarter."""
    first = today + LEAD
    monday = first - dt.timedelta(days=first.weekday())
    return first.weekday() < 5 and monday.day <= 7 and monday.month in QUARTERS
