"""Somebody's own weekly times, other hours on a day, and leave."""

import datetime as dt
from itertools import zip_longest

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Weekday
from accounts.periods import local_moment
from groups.forms.refusals import ClockInput, DayInput, RefusableForm

# Room for a morning and an evening each day; who has stored more keeps the lines for them.
LINES_A_DAY = 2
MIDNIGHT = dt.time()


class WeekForm(forms.Form):
    """A line from–until for each stretch of each day; empty lines do not count."""

    def __init__(self, *args, stored, **kwargs):
        super().__init__(*args, **kwargs)
        self.lines = {}
        for weekday in Weekday:
            windows = [window for window in stored if window.weekday == weekday]
            count = max(LINES_A_DAY, len(windows) + 1)
            self.lines[weekday] = [f"d{weekday.value}_{number}" for number in range(count)]
            for name, window in zip(self.lines[weekday], windows + [None] * count, strict=False):
                self._add_line(name, weekday, window)

    def _add_line(self, name, weekday, window):
        number = int(name.rpartition("_")[2]) + 1
        for end, label, value in (
            ("from", _("%(day)s %(number)s, from"), window and window.starts_at),
            ("until", _("%(day)s %(number)s, until"), window and window.ends_at),
        ):
            label = label % {"day": weekday.label, "number": number}
            widget = ClockInput({"class": "form-control w-auto"})
            self.fields[f"{name}_{end}"] = forms.TimeField(label=label, required=False, initial=value, widget=widget)

    @property
    def days(self):
        """[(weekday, [(from field, until field)])] for the page."""
        return [
            (weekday, [(self[f"{name}_from"], self[f"{name}_until"]) for name in names])
            for weekday, names in self.lines.items()
        ]

    def clean(self):
        self.windows = []
        for weekday, names in self.lines.items():
            hours = []
            for name in names:
                clean_line(self, name, hours)
            self.windows += [(weekday.value, *window) for window in hours]


class DayHoursForm(RefusableForm):
    """One day with other hours than every week, or none (R20)."""

    HOURS, AWAY = "hours", "away"
    date = forms.DateField(label=gettext_lazy("Day"), widget=DayInput)
    how = forms.ChoiceField(
        label=gettext_lazy("On this day I am available"),
        widget=forms.RadioSelect,
        choices=[(HOURS, gettext_lazy("at the times below")), (AWAY, gettext_lazy("not at all"))],
        initial=HOURS,
    )
    keep_booked = forms.BooleanField(
        label=gettext_lazy("I will be there for what is planned then"),
        required=False,
        help_text=gettext_lazy("Nothing else is planned with you outside these times."),
    )

    def __init__(self, *args, stored=(), **kwargs):
        """stored: what the day starts with, [(start, end)]."""
        super().__init__(*args, **kwargs)
        self.names = [f"h{number}" for number in range(max(LINES_A_DAY, len(stored) + 1))]
        for number, (name, hours) in enumerate(zip_longest(self.names, stored, fillvalue=(None, None)), start=1):
            labels = {"from": _("%(number)s, from"), "until": _("%(number)s, until")}
            for (end, label), value in zip(labels.items(), hours, strict=True):
                widget = ClockInput({"class": "form-control w-auto"})
                self.fields[f"{name}_{end}"] = forms.TimeField(
                    label=label % {"number": number}, required=False, initial=value, widget=widget
                )

    @property
    def lines(self):
        return [(self[f"{name}_from"], self[f"{name}_until"]) for name in self.names]

    def clean(self):
        self.check_day("date", earliest=self.today)
        self.windows = []
        if self.cleaned_data.get("how") != self.HOURS:
            return
        for name in self.names:
            clean_line(self, name, self.windows)
        if not self.windows and not self.errors:
            self.add_error(f"{self.names[0]}_from", _("Fill in from when until when, or choose “not at all”."))


def clean_line(form, name, windows):
    """Adds a filled line's (start, end) to windows; an empty line does not count, a wrong one is an error at it."""
    start, end = form.cleaned_data.get(f"{name}_from"), form.cleaned_data.get(f"{name}_until")
    if start is None and end is None:
        return
    if start is None or end is None:
        missing = f"{name}_from" if start is None else f"{name}_until"
        if missing not in form.errors:
            form.add_error(missing, _("Fill in both times, or neither."))
    elif end <= start:
        form.add_error(f"{name}_until", _("The end must be later than the start."))
    elif any(start < until and begin < end for begin, until in windows):
        form.add_error(f"{name}_from", _("Two times on the same day overlap."))
    else:
        windows.append((start, end))


class LeaveForm(RefusableForm):
    """Whole days, or hours of one day, in local time."""

    first_day = forms.DateField(label=gettext_lazy("First day"), widget=DayInput)
    last_day = forms.DateField(label=gettext_lazy("Last day"), widget=DayInput)
    start_time = forms.TimeField(
        label=gettext_lazy("From"),
        required=False,
        widget=ClockInput,
        help_text=gettext_lazy("Leave both times empty for whole days."),
    )
    end_time = forms.TimeField(label=gettext_lazy("Until"), required=False, widget=ClockInput)
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=200,
        validators=[ProhibitNullCharactersValidator()],
        help_text=gettext_lazy("For yourself. No names of participants."),
    )

    def clean(self):
        self.check_day("first_day", earliest=self.today)
        first, last = self.cleaned_data.get("first_day"), self.cleaned_data.get("last_day")
        if first is None or last is None:
            return
        if last < first:
            self.add_error("last_day", _("The last day is before the first."))
            return
        self.check_day("last_day")
        if not self.errors and self.ends_at <= self.starts_at:
            self.add_error("end_time", _("The end must be later than the start."))

    @property
    def starts_at(self):
        return local_moment(self.cleaned_data["first_day"], self.cleaned_data.get("start_time") or MIDNIGHT)

    @property
    def ends_at(self):
        """The end of the last day when no time is given."""
        day, time = self.cleaned_data["last_day"], self.cleaned_data.get("end_time")
        return local_moment(day, time) if time else local_moment(day + dt.timedelta(days=1), MIDNIGHT)
