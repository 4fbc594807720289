"""A form at which a service's refusal stands in words, at the field it is about, with all that was typed."""

import datetime as dt
from contextlib import contextmanager

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from groups.exceptions import NotAllowed, ScheduleClash
from groups.time_words import clash_text
from groups.wording import reason_text, sentence

# Nothing is planned or looked back at further than this.
FURTHEST = dt.timedelta(days=366)


class RefusableForm(forms.Form):
    """`field_of` says at which field a refusal's code belongs; others stand above the form."""

    field_of = {}

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today

    @contextmanager
    def explaining(self):
        """Around the one service call: what it refuses becomes an error of the form."""
        try:
            yield
        except NotAllowed as refusal:
            self.add_refusal(refusal.reason)
        except ScheduleClash as clash:
            self.add_error(self.field_for("clash"), sentence(clash_text(clash)))

    def add_refusal(self, reason):
        self.add_error(self.field_for(reason.code), sentence(reason_text(reason)))

    def field_for(self, code):
        return self.field_of.get(code)

    def check_day(self, name, *, earliest=None, latest=None):
        """An error at the field for a day outside [earliest, latest]; without bounds, a year around today."""
        day = self.cleaned_data.get(name)
        if day is None:
            return
        if day < (earliest or self.today - FURTHEST):
            self.add_error(name, _("This day is too early."))
        elif day > (latest or self.today + FURTHEST):
            self.add_error(name, _("This day is too late."))


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self):
        super().__init__(format="%Y-%m-%d")


class ClockInput(forms.TimeInput):
    input_type = "time"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%H:%M")


def capital_choices(choices):
    """Choices that stand on a line of their own, so with a capital."""
    return [(value, capfirst(label)) for value, label in choices]


def text_field(label, **options):
    """A few lines of text; what it is for stands in the help text."""
    return forms.CharField(label=label, max_length=500, widget=forms.Textarea(attrs={"rows": 3}), **options)
