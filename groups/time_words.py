"""Days, times and parts of the day in words, for every page about groups."""

import datetime as dt

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.enums import Weekday
from accounts.periods import short_day, short_moment
from clients.enums import DayPart


def moment_text(day, start, end):
    """A local day with its local times: "Tue 12 Jan, 19:30–21:30"."""
    return f"{short_day(day)}, {start:%H:%M}–{end:%H:%M}"


def fixed_moment_text(offer):
    """The offer's own day, part of the day and time, as far as it has them."""
    words = []
    if offer.fixed_weekday is not None:
        words.append(str(weekday_part({"weekday": offer.fixed_weekday, "part": offer.fixed_day_part})))
    elif offer.fixed_day_part:
        words.append(str(DayPart(offer.fixed_day_part).label))
    if offer.fixed_start_time is not None:
        words.append(f"{offer.fixed_start_time:%H:%M}")
    return ", ".join(words)


def clash_text(clash):
    """What a ScheduleClash found, each with its local period."""
    parts = [
        _("%(what)s is taken on %(when)s")
        % {
            "what": what,
            "when": f"{short_moment(period.lower)}–{_local(period.upper):%H:%M}",
        }
        for what, period in clash.clashes
    ]
    return "; ".join(parts) or _("somebody was just before you; try again")


def _local(moment):
    return timezone.localtime(moment)


def month_day(text):
    """A stored local day as "12 January"."""
    return date_format(dt.date.fromisoformat(text), "j F")


def ready_moment(args):
    """When a prepared cycle would begin, from the arguments of ready_by_click: "Tue 12 Jan 19:30"."""
    return f"{short_day(dt.date.fromisoformat(args['date']))} {args['time']}"


def weekday_part(args):
    """Like "Tuesday evening"; the day alone where the part does not matter."""
    weekday = Weekday(args["weekday"]).label
    if not args.get("part"):
        return weekday
    return _("%(weekday)s %(part)s") % {"weekday": weekday, "part": DayPart(args["part"]).label}
