"""Manual or automatic (R23)."""

from django import forms
from django.utils.translation import gettext_lazy as _

from groups.forms.refusals import RefusableForm, text_field


class ModeForm(RefusableForm):
    """Which way it goes stands in the form, so that a second press does not turn it back."""

    field_of = {"reason_missing": "reason"}
    manual = forms.TypedChoiceField(
        choices=[("yes", ""), ("no", "")],
        coerce=lambda value: value == "yes",
        widget=forms.HiddenInput,
        error_messages={"required": _("Open this page again.")},
    )
    reason = text_field(
        _("Why?"),
        help_text=_("One sentence, without names of participants."),
        error_messages={"required": _("Write down why. Colleagues find it back below.")},
    )

    def __init__(self, *args, is_manual, **kwargs):
        super().__init__(*args, initial={"manual": "no" if is_manual else "yes"}, **kwargs)
