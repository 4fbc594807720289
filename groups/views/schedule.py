"""The schedule: a week as days, or a list; one's own sessions and leave, or all that one may see. No client names."""

import datetime as dt
from dataclasses import dataclass, field

from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from accounts.periods import local_period
from accounts.permissions import allow, is_coordinator
from groups.calendar import SATURDAY, public_holidays
from groups.colleagues import can_report_absence
from groups.discretion import shown_name, shown_place
from groups.enums import SessionState
from groups.permissions import can_keep_time, can_see_schedule
from groups.queries import leave_between, sessions_page

LIST_WEEKS = 8
OWN, ALL = "own", "all"
WEEK, LIST = "week", "list"
# Further than this nobody looks, and dates stay computable.
FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass
class Day:
    """A day with what is on it, in order."""

    date: dt.date
    is_today: bool
    is_off: bool
    slots: list = field(default_factory=list)

    @property
    def is_weekend(self):
        return self.date.weekday() >= SATURDAY


@allow(can_see_schedule)
@require_safe
def schedule(request):
    """`dag` is any day of the week shown; `wie` own or all; `vorm` week or list."""
    today = timezone.localdate()
    monday, shape, who = _monday(request, today), _chosen(request, "vorm", (WEEK, LIST)), _who(request)
    last = monday + dt.timedelta(weeks=LIST_WEEKS if shape == LIST else 1, days=-1)
    days = _days(request.user, monday, last, today, own=who == OWN)
    has_weekend = any(day.is_weekend and (day.slots or day.is_today) for day in days)
    context = {
        "days": [day for day in days if day.slots or (shape == WEEK and (has_weekend or not day.is_weekend))],
        "has_weekend": has_weekend,
        "is_list": shape == LIST,
        "who": who,
        "shape": shape,
        "monday": monday,
        "last": last,
        "previous": monday - dt.timedelta(weeks=1),
        "next": monday + dt.timedelta(weeks=1),
        "is_this_week": monday <= today < monday + dt.timedelta(weeks=1),
        "is_empty": not any(day.slots for day in days),
        **_rights(request.user),
    }
    return render(request, "groups/schedule.html", context)


def _rights(user):
    return {"keeps_time": can_keep_time(user), "reports_absence": can_report_absence(user)}


def _monday(request, today):
    try:
        day = parse_date(request.GET.get("dag", "")) or today
    except ValueError:
        day = today
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        day = today
    return day - dt.timedelta(days=day.weekday())


def _chosen(request, name, choices):
    """The chosen one; the first when nothing, or nonsense, was chosen."""
    return request.GET.get(name) if request.GET.get(name) in choices else choices[0]


def _who(request):
    """A coordinator leads nothing, so sees all first."""
    only_coordinates = is_coordinator(request.user) and not can_keep_time(request.user)
    return _chosen(request, "wie", (ALL, OWN) if only_coordinates else (OWN, ALL))


def _days(user, first, last, today, *, own):
    dates = [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
    days = {date: Day(date, date == today, date in public_holidays(date.year)) for date in dates}
    for leave in leave_between(user, *local_period(first, last)):
        for date in dates:
            if slot := _leave_slot(leave, date):
                days[date].slots.append(slot)
    for session in sessions_page(user, first=first, last=last, own=own):
        days[session.date].slots.append(_session_slot(session))
    return list(days.values())


def _session_slot(session):
    offer = session.cycle.offer
    return {
        "kind": "cancelled" if session.state == SessionState.CANCELLED else "session",
        "session": session,
        "name": shown_name(offer),
        "place": shown_place(offer, session.room),
        "area": session.cycle.catchment,
        "leaders": [seat.user.short_name for seat in session.staff.all()],
        "start": session.start_time,
        "end": session.end_time,
    }


def _leave_slot(leave, date):
    """Leave as it falls on this local day; None if it does not. Times are None for a whole day."""
    start, end = local_period(date, date)
    begins, ends = max(leave.starts_at, start), min(leave.ends_at, end)
    if begins >= ends:
        return None
    is_whole = begins == start and ends == end
    return {
        "kind": "leave",
        "note": leave.note,
        "start": None if is_whole else timezone.localtime(begins).time(),
        "end": None if is_whole else timezone.localtime(ends).time(),
    }
