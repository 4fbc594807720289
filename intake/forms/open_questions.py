"""What is asked about an open question."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groups.forms.refusals import DayInput
from intake.forms.parts import lines

LATEST_DAYS = 365


class ReviewForm(forms.Form):
    review_on = forms.DateField(label=gettext_lazy("Look again on"), widget=DayInput)

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_review_on(self):
        day = self.cleaned_data["review_on"]
        if day <= self.today:
            raise ValidationError(_("Choose a day after today."))
        if (day - self.today).days > LATEST_DAYS:
            raise ValidationError(_("Choose a day within a year."))
        return day


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why is this question no longer open?"), max_length=500, widget=lines(2)
    )


class OfferForm(forms.Form):
    """Which of the offers that fit now."""

    offer = forms.IntegerField(min_value=1, max_value=2**31)
