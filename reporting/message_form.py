"""The form in which a coordinator words a message."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

from notifications.validation import MAX_BODY, MAX_SUBJECT, check_message
from reporting.messages import telling_names


class MessageForm(forms.Form):
    """Subject and text of one kind; `seen` is the number of the row that the page showed, 0 for the default."""

    subject = forms.CharField(
        label=gettext_lazy("Subject"),
        error_messages={"required": gettext_lazy("Fill in a subject.")},
        help_text=gettext_lazy("The same for everybody: it lights up on a screen that others see."),
        widget=forms.TextInput(attrs={"maxlength": MAX_SUBJECT}),
    )
    body = forms.CharField(
        label=gettext_lazy("Text"),
        error_messages={"required": gettext_lazy("Fill in a text.")},
        strip=False,
        widget=forms.Textarea(attrs={"rows": 14, "maxlength": MAX_BODY}),
        help_text=gettext_lazy("Write “you” politely and in short sentences. What stands in braces is filled in."),
    )
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args, kind, shown, seen, **kwargs):
        """shown: the row whose words the page begins with, or None for the default."""
        words = kind if shown is None or shown.is_default else shown
        super().__init__(*args, initial={"subject": words.subject, "body": words.body, "seen": seen}, **kwargs)
        self.kind = kind

    def clean(self):
        cleaned = super().clean()
        if self.errors:
            return cleaned
        try:
            telling = telling_names()
            checked = check_message(
                self.kind, subject=cleaned.get("subject", ""), body=cleaned.get("body", ""), telling=telling
            )
        except ValidationError as error:
            self.add_error(None, error)
            return cleaned
        return cleaned | {"subject": checked[0], "body": checked[1], "telling": telling}

    def look_at(self, number):
        """The page shows what holds now: what was typed stays, and the next time it is about that."""
        self.data = self.data.copy()
        self.data["seen"] = number
