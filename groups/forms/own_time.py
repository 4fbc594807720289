"""Somebody's own weekly times and leave."""

import datetime as dt

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
            for name in names:
                self._clean_line(weekday, name)

    def _clean_line(self, weekday, name):
        start, end = self.cleaned_data.get(f"{name}_from"), self.cleaned_data.get(f"{name}_until")
        if start is None and end is None:
            return
        if start is None or end is None:
            missing = f"{name}_from" if start is None else f"{name}_until"
            if missing not in self.errors:
                self.add_error(missing, _("Fill in both times, or neither."))
        elif end <= start:
            self.add_error(f"{name}_until", _("The end must be later than the start."))
        elif any(day == weekday.value and start < until and begin < end for day, begin, until in self.windows):
            self.add_error(f"{name}_from", _("Two times on the same day overlap."))
        else:
            self.windows.append((weekday.value, start, end))


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
