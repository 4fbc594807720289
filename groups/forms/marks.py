"""Marks from 1 to 10 by halves, each with a why (R30)."""

import re
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groups.enums import MarkSource
from groups.exceptions import NotAllowed
from groups.forms.refusals import RefusableForm
from groups.marks import mark_text
from groups.models.progress import HALF_MARKS
from groups.wording import reason_text, sentence


class MarkField(forms.CharField):
    """7, 7,5 or 7.5; whatever else is refused in words."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "size": 4, "class": "mark-input"})

    def __init__(self, **options):
        super().__init__(max_length=10, **options)

    def prepare_value(self, value):
        return mark_text(value) if isinstance(value, Decimal) else value

    def clean(self, value):
        text = super().clean(value).replace(",", ".")
        if not text:
            return None
        # What only looks like a number to Python, like 1_0, sNaN or other scripts' digits, nobody means.
        if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]*)?", text) or Decimal(text) not in HALF_MARKS:
            raise ValidationError(sentence(reason_text(NotAllowed("mark_not_by_halves").reason)))
        return Decimal(text)


def why_field(label, **options):
    rows = forms.Textarea(attrs={"rows": options.pop("rows", 3)})
    return forms.CharField(label=label, max_length=1000, required=False, widget=rows, **options)


class OwnMarkForm(RefusableForm):
    """The participant's, by the link."""

    field_of = {"mark_not_by_halves": "score"}
    score = MarkField(
        label=gettext_lazy("Your mark, from 1 to 10"),
        help_text=gettext_lazy("10 is very good. Half marks are fine."),
        error_messages={"required": gettext_lazy("Fill in a mark from 1 to 10.")},
    )
    why = why_field(
        gettext_lazy("Why this mark?"),
        help_text=gettext_lazy("We use it to make our groups better. It is not shown with your name."),
    )


class WayOfWorkingForm(RefusableForm):
    """A leader's own (R30)."""

    field_of = {"mark_not_by_halves": "score"}
    score = MarkField(label=gettext_lazy("Your mark for this way of working, from 1 to 10"), required=False)
    why = why_field(gettext_lazy("Why?"), rows=2)

    def __init__(self, data=None, *, mark, today):
        known = {"score": mark.score, "why": mark.why} if mark else {}
        super().__init__(data, today=today, prefix="own", initial=known)
        self.mark = mark

    def clean(self):
        data = self.cleaned_data
        if data.get("why") and not data.get("score") and "score" not in self.errors:
            self.add_error("score", _("Fill in a mark from 1 to 10."))


class PaperMarkForm(RefusableForm):
    """One participant's, from paper; read only once it came by the link, or by a colleague."""

    score = MarkField(label=gettext_lazy("Mark"), required=False)
    why = why_field(gettext_lazy("Why?"), rows=2)

    def __init__(self, data=None, *, row, by, today):
        self.row, self.mark = row, getattr(row, "mark", None)
        self.is_own = self.mark is None or (self.mark.source, self.mark.noted_by_id) == (MarkSource.PAPER, by.pk)
        if self.mark is not None:
            self.mark.participation = row
        known = {"score": self.mark.score, "why": self.mark.why} if self.mark is not None and self.is_own else {}
        super().__init__(data, today=today, prefix=f"p{row.pk}", initial=known)

    def clean(self):
        data = self.cleaned_data
        if data.get("why") and not data.get("score") and "score" not in self.errors:
            self.add_error("score", _("Fill in a mark from 1 to 10."))

    @property
    def is_filled(self):
        return self.cleaned_data.get("score") is not None
