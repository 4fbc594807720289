"""About one person on a waitlist. Field names are the services' argument names."""

import datetime as dt

from django import forms
from django.utils.translation import gettext_lazy as _

from groups.enums import LeaveReason
from groups.forms.refusals import DayInput, RefusableForm, capital_choices, text_field

FOLLOW_UP_AFTER = dt.timedelta(weeks=4)


class TalkForm(RefusableForm):
    """R8."""

    held_on = forms.DateField(label=_("Held on"), widget=DayInput)

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, today=today, **kwargs)
        self.fields["held_on"].initial = today

    def clean(self):
        self.check_day("held_on", latest=self.today)


class HoldForm(RefusableForm):
    """R5."""

    reason = text_field(_("What comes first?"), help_text=_("For example: housing. Who places people reads it."))
    until = forms.DateField(
        label=_("Ask again on"), required=False, widget=DayInput, help_text=_("So that nobody drops out of sight.")
    )

    def clean(self):
        self.check_day("until", earliest=self.today)


class ReleaseForm(RefusableForm):
    """Nothing is asked; what the service refuses still has a place to stand."""


class PriorityForm(RefusableForm):
    """R17."""

    field_of = {"priority_needs_reason": "reason"}
    reason = text_field(_("Why does this person go first?"), help_text=_("It is kept with your name."))


class LeaveForm(RefusableForm):
    """R10."""

    reason = forms.ChoiceField(
        label=_("Why?"), choices=capital_choices(LeaveReason.to_choose()), widget=forms.RadioSelect
    )
    note = text_field(_("Note"), required=False)
    follow_up_on = forms.DateField(
        label=_("Ask how it goes on"),
        required=False,
        widget=DayInput,
        help_text=_("Leave it empty if that is not needed."),
    )

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, today=today, **kwargs)
        self.fields["follow_up_on"].initial = today + FOLLOW_UP_AFTER

    def clean(self):
        self.check_day("follow_up_on", earliest=self.today)
