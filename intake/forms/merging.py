"""Which of two files is right, where they differ (R43)."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.services.merging import CHOICES, differing

LABELS = {
    "name": gettext_lazy("Name"),
    "birth_date": gettext_lazy("Date of birth"),
    "sex": gettext_lazy("Sex"),
    "address": gettext_lazy("Address"),
    "phone": gettext_lazy("Phone"),
    "email": gettext_lazy("E-mail"),
}
KEPT, OTHER = "kept", "other"


class MergeForm(forms.Form):
    """One question for each thing in which the files differ; what only one of them says is taken over unasked."""

    understood = forms.BooleanField(label=gettext_lazy("I know for sure that this is one person"))

    def __init__(self, *args, kept, other, **kwargs):
        super().__init__(*args, **kwargs)
        self.names = differing(kept, other)
        for name in self.names:
            choices = [(KEPT, _said(kept, name)), (OTHER, _said(other, name))]
            self.fields[name] = forms.ChoiceField(label=LABELS[name], choices=choices, widget=forms.RadioSelect)
        self.order_fields([*self.names, "understood"])

    @property
    def chosen(self):
        """The names in which the other file is right."""
        return [name for name in self.names if self.cleaned_data[name] == OTHER]


def _said(person, name):
    if name == "name":
        return person.full_name
    if name == "sex":
        return person.get_sex_display()
    if name == "birth_date":
        day = person.birth_date
        return f"{day.day}-{day.month}-{day.year}"
    if name == "address":
        parts = (person.street, f"{person.postcode} {person.town}".strip(), str(person.neighbourhood))
        return ", ".join(part for part in parts if part) or _("no address")
    return getattr(person, CHOICES[name][0])
