"""Fields that both forms use."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.enums import Weekday
from clients.enums import DayPart
from clients.validation import clean_text

CONTACT = ("is_sensitive", "may_mail", "may_phone", "instructions")
WHOLE_DATE = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})", re.ASCII)
RADIO, CHECKBOXES = forms.RadioSelect, forms.CheckboxSelectMultiple


def lines(rows):
    return forms.Textarea(attrs={"rows": rows})


class OneLineField(forms.CharField):
    """Text on one line, single spaces, as clients keep it."""

    def to_python(self, value):
        return clean_text(super().to_python(value))


class BirthDateField(forms.DateField):
    """A date as people write it; one the calendar does not have is named back."""

    def to_python(self, value):
        try:
            return super().to_python(value)
        except ValidationError:
            written = WHOLE_DATE.fullmatch(value.strip())
            if not written:
                raise
            message = _("%(date)s does not exist.") % {"date": "-".join(written.groups())}
            raise ValidationError(message, code="no_such_date") from None


class AvailabilityField(forms.MultipleChoiceField):
    """Parts of the week as "0-morning"; clean data are {(weekday, DayPart)}."""

    def __init__(self, **kwargs):
        choices = [(f"{day.value}-{part.value}", f"{day.label} {part.label}") for day in Weekday for part in DayPart]
        super().__init__(choices=choices, required=False, **kwargs)

    def clean(self, value):
        pairs = (choice.split("-") for choice in super().clean(value))
        return {(int(day), DayPart(part)) for day, part in pairs}


def availability_rows(bound_field):
    """The week as rows for _availability.html: (day, [(id, value, name, whether ticked)])."""
    ticked = set(bound_field.value() or ())
    return [(day.label, [_part_box(bound_field, day, part, ticked) for part in DayPart]) for day in Weekday]


def _part_box(bound_field, day, part, ticked):
    value = f"{day.value}-{part.value}"
    return {"id": f"id_{bound_field.name}_{value}", "value": value, "label": part.label, "ticked": value in ticked}
