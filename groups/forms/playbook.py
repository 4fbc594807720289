"""A part of a playbook, and a click on a session's plan (R31). Field names are the services' names."""

from django import forms
from django.utils.translation import gettext_lazy as _

from groups.enums import PlaybookMethod
from groups.forms.refusals import RefusableForm, capital_choices
from groups.services.playbook import FIELDS

LONGEST = 480


class PartForm(RefusableForm):
    """One part, new or to be changed; of one that a colleague changed meanwhile nothing is lost."""

    field_of = {"title_taken": "title"}
    title = forms.CharField(label=_("Name"), max_length=120)
    method = forms.ChoiceField(label=_("Method"), choices=capital_choices(PlaybookMethod.choices))
    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=LONGEST)
    material = forms.CharField(
        label=_("Material"), max_length=300, required=False, help_text=_("What to bring; separate things by commas.")
    )
    description = forms.CharField(
        label=_("How it goes"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("So that a colleague can do it without having seen it. Nothing about who takes part."),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data=None, *, part=None, today):
        initial = {} if part is None else {name: getattr(part, name) for name in FIELDS} | {"seen": part.version}
        super().__init__(data, initial=initial, today=today)

    def values(self):
        return {name: self.cleaned_data[name] for name in FIELDS}

    def look_again(self, version):
        """The next save is meant for what stands there now."""
        self.data = self.data.copy()
        self.data["seen"] = version


class StepForm(forms.Form):
    """One click in a list that is put in order: which part, and what happens with it."""

    PICK, DROP, UP, DOWN = "pick", "drop", "up", "down"
    part = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    step = forms.ChoiceField(choices=[(step, step) for step in (PICK, DROP, UP, DOWN)])
