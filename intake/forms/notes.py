"""What a referrer tells afterwards."""

from django import forms
from django.utils.translation import gettext_lazy

from intake.forms.parts import lines


class NoteForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("What changed?"),
        help_text=gettext_lazy("For example another phone number, or when it is safe to call. Who judges reads it."),
        max_length=1000,
        widget=lines(3),
    )
