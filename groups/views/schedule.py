"""The calendar: a week, a month, the coming weeks or one day; of oneself, of all, or of one colleague, municipality or
room. No client names.
"""

import datetime as dt
from dataclasses import dataclass, field

from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from accounts.permissions import allow, is_coordinator
from groups.calendar import SATURDAY, public_holidays
from groups.colleagues import can_report_absence
from groups.diary import Whose, choices_for, days_between
from groups.permissions import can_keep_time, can_see_schedule

OWN, ALL = "own", "all"
WEEK, MONTH, AGENDA, DAY = "week", "month", "agenda", "day"
SHAPES = (WEEK, MONTH, AGENDA, DAY)
AGENDA_WEEKS = 6
# So many things of one day are shown; the rest is one press further, on the page of that day.
MOST = {WEEK: 8, MONTH: 4, AGENDA: 6, DAY: 400}
# Further than this nobody looks, and dates stay computable.
FIRST_YEAR, LAST_YEAR = 2000, 2100
KEYS = {"c": "colleague", "g": "municipality", "r": "room"}


@dataclass
class Day:
    """A day with what is on it, in order, and how much more there is."""

    date: dt.date
    is_today: bool
    is_off: bool
    is_beside: bool = False
    slots: list = field(default_factory=list)
    more: int = 0

    @property
    def is_weekend(self):
        return self.date.weekday() >= SATURDAY


@dataclass(frozen=True)
class Stretch:
    """The days that are shown, and where the pages before and after it begin."""

    first: dt.date
    last: dt.date
    previous: dt.date
    next: dt.date
    at: dt.date


@allow(can_see_schedule)
@require_safe
def schedule(request):
    """`dag` is any day of what is shown; `wie` whose; `vorm` week, month, agenda (list) or day."""
    today, shape, choices = timezone.localdate(), _shape(request), choices_for(request.user)
    key, whose = _whose(request, choices)
    stretch = _stretch(_day(request, today), shape)
    days = _days(request.user, whose, stretch, today, shape)
    has_weekend = any(day.is_weekend and (day.slots or day.is_today) for day in days)
    context = {
        "days": [day for day in days if _is_shown(day, shape, has_weekend)],
        "has_weekend": has_weekend,
        "shape": shape,
        "who": key,
        "whose": whose,
        "choices": choices,
        "stretch": stretch,
        "is_now": stretch.first <= today <= stretch.last,
        "is_empty": not any(day.slots for day in days),
        "keeps_time": can_keep_time(request.user),
        "reports_absence": can_report_absence(request.user),
    }
    return render(request, "groups/schedule.html", context)


def _is_shown(day, shape, has_weekend):
    if shape in (WEEK, MONTH):
        return has_weekend or not day.is_weekend
    return bool(day.slots)


def _shape(request):
    """The week when nothing, or nonsense, was chosen; `list` is what the agenda was called before."""
    asked = {"list": AGENDA}.get(request.GET.get("vorm"), request.GET.get("vorm"))
    return asked if asked in SHAPES else WEEK


def _day(request, today):
    try:
        day = parse_date(request.GET.get("dag", "")) or today
    except ValueError:
        day = today
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else today


def _stretch(day, shape):
    if shape == DAY:
        one = dt.timedelta(days=1)
        return Stretch(day, day, day - one, day + one, day)
    if shape == MONTH:
        first, after = day.replace(day=1), (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
        last = after - dt.timedelta(days=1)
        begin, end = first - dt.timedelta(days=first.weekday()), last + dt.timedelta(days=6 - last.weekday())
        return Stretch(begin, end, (first - dt.timedelta(days=1)).replace(day=1), after, first)
    monday, length = day - dt.timedelta(days=day.weekday()), dt.timedelta(weeks=AGENDA_WEEKS if shape == AGENDA else 1)
    return Stretch(monday, monday + length - dt.timedelta(days=1), monday - length, monday + length, monday)


def _whose(request, choices):
    """(what stands in the address, the Whose); what cannot be chosen gives one's own.

    A coordinator leads nothing, so sees all first.
    """
    asked = request.GET.get("wie", "")
    if asked[:1] in KEYS and (found := choices.find(KEYS[asked[:1]], asked[1:])):
        return asked, found
    only_coordinates = is_coordinator(request.user) and not can_keep_time(request.user)
    key = asked if asked in (OWN, ALL) else ALL if only_coordinates else OWN
    return key, Whose(key)


def _days(user, whose, stretch, today, shape):
    return [
        Day(
            date,
            is_today=date == today,
            is_off=date in public_holidays(date.year),
            is_beside=shape == MONTH and date.month != stretch.at.month,
            slots=slots,
            more=more,
        )
        for date, slots, more in days_between(user, whose, stretch.first, stretch.last, most=MOST[shape])
    ]
