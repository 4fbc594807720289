"""What the page of an offer says. Field names are the service's names."""

from django import forms
from django.utils.translation import gettext_lazy as _

from groups.forms.refusals import RefusableForm
from groups.services.offers import TEXTS


def _words(label, help_text):
    area = forms.Textarea(attrs={"rows": 5})
    return forms.CharField(label=label, help_text=help_text, max_length=3000, required=False, widget=area)


class OfferTextsForm(RefusableForm):
    """R37. What nobody knows yet stays empty; the page then says so."""

    what_happens = _words(_("What happens in this group"), _("In plain words, as you would tell a resident."))
    for_whom = _words(_("For whom"), _("Whom it fits, and whom it does not."))
    how_to_motivate = _words(_("How do I motivate somebody?"), _("What helps in the first talk about it."))
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data=None, *, offer, number, today):
        initial = {name: getattr(offer, name) for name in TEXTS} | {"seen": number}
        super().__init__(data, initial=initial, today=today)

    def changes(self):
        """Arguments for set_offer_texts."""
        return {"texts": {name: self.cleaned_data[name] for name in TEXTS}, "seen": self.cleaned_data["seen"]}
