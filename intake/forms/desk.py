"""The desk's forms: which place, which client, why it is called off (R2)."""

import datetime as dt

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groups.forms.refusals import RefusableForm, capital_choices
from intake.desk_wording import desk_refusal
from intake.enums import CancelReason
from intake.exceptions import PlaceGone
from intake.models import IntakeSlot

MOST_DIGITS = 18


def parse_place(text):
    """(slot's key, day) as Place.key writes them; None for anything else."""
    number, _colon, day = (text or "").partition(":")
    if not number.isascii() or not number.isdigit() or len(number) > MOST_DIGITS:
        return None
    try:
        return int(number), dt.date.fromisoformat(day)
    except ValueError:
        return None


class DeskForm(RefusableForm):
    """A form at which the desk's refusals stand in words."""

    has_gone = False

    def refuse(self, refused):
        """Put a DeskRefused in words at its field."""
        self.has_gone = isinstance(refused, PlaceGone)
        self.add_error(self.field_for(refused.code), desk_refusal(refused))


class PlaceChoiceForm(DeskForm):
    """One of the free places. What was offered a moment ago may be gone: the service says so, not the list."""

    place = forms.CharField(label=gettext_lazy("When"), max_length=40, error_messages={"required": ""})

    def clean_place(self):
        place = parse_place(self.cleaned_data["place"])
        slot = IntakeSlot.objects.filter(pk=place[0]).first() if place else None
        if slot is None:
            raise forms.ValidationError(_("Choose one of the places."))
        return slot, place[1]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["place"].error_messages["required"] = _("Choose one of the places.")


class ClientChoiceForm(DeskForm):
    """Who comes to a place: one of those who wait for an intake."""

    referral = forms.ModelChoiceField(
        label=gettext_lazy("Who comes?"),
        queryset=None,
        error_messages={
            "required": gettext_lazy("Choose who comes."),
            "invalid_choice": gettext_lazy("This referral was planned or judged meanwhile. Choose somebody else."),
        },
    )

    def __init__(self, *args, referrals, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["referral"].queryset = referrals


class CancelForm(DeskForm):
    reason = forms.ChoiceField(label=gettext_lazy("Why?"), widget=forms.RadioSelect)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        reasons = [CancelReason.CLIENT, CancelReason.WORKER_AWAY, CancelReason.MISTAKE]
        self.fields["reason"].choices = capital_choices((reason.value, reason.label) for reason in reasons)
