"""The page of a session as a form (R25): each field beside what the screen showed of it, however late it comes."""

import re
import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from groups.enums import AttendanceState, ThemeWish
from groups.forms.refusals import RefusableForm
from groups.noting import Typed, TypedText, Typings

_OF_PERSON = re.compile(r"(state|score|goal)-([1-9]\d{0,8})", re.ASCII)
_SEEN_OF_TICK = re.compile(r"was-(theme|part)-([1-9]\d{0,8})", re.ASCII)
_SCORE = re.compile(r"\d{1,2}", re.ASCII)
MOST_FIELDS = 300  # nobody leads a group with more; what comes beyond is nonsense
WHOLE_NUMBER = _("Choose a whole number from 0 to 10.")


class LongText(forms.CharField):
    """As the database has it: without the carriage returns that browsers put in."""

    def __init__(self, **options):
        super().__init__(required=False, widget=forms.Textarea(attrs={"rows": 3}), **options)

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n")


def _state():
    return forms.ChoiceField(required=False, choices=AttendanceState.choices)


def _score():
    messages = dict.fromkeys(("invalid", "min_value", "max_value"), WHOLE_NUMBER)
    return forms.IntegerField(required=False, min_value=0, max_value=10, error_messages=messages)


def _goal():
    return LongText(max_length=500)


_FIELDS = {"state": _state, "score": _score, "goal": _goal}


class SessionNoteForm(RefusableForm):
    """Fields are made for what was sent, also of people who are not expected any more: the service says why."""

    key = forms.CharField(required=False)
    by = forms.CharField(required=False)
    homework = LongText(max_length=1000, label=_("Homework"))
    note = LongText(max_length=2000, label=_("Note for who leads the next session"))
    theme_title = forms.CharField(required=False, max_length=120, label=_("Theme"))
    theme_wish = forms.ChoiceField(required=False, choices=ThemeWish.choices, label=_("What do they want?"))
    theme_votes = forms.IntegerField(required=False, min_value=1, max_value=99, label=_("How many named it?"))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        for name in [name for name in self.data if _OF_PERSON.fullmatch(name)][:MOST_FIELDS]:
            self.fields[name] = _FIELDS[name.partition("-")[0]]()

    def clean_key(self):
        """None for what is no key: the sending then counts as often as it comes."""
        try:
            return uuid.UUID(self.cleaned_data["key"])
        except ValueError:
            return None

    def clean(self):
        """A page that was left open, on a device on which somebody else has logged in since."""
        if self.cleaned_data.get("by", "") not in ("", str(self.user.pk)):
            raise forms.ValidationError(_("Somebody else filled this in. Log in as that person to send it."))

    def typings(self, *, everybody=False):
        """What the service is told."""
        typed = Typings(everybody=everybody)
        for name in self.fields:
            if _OF_PERSON.fullmatch(name):
                kind, _dash, pk = name.partition("-")
                into = {"state": typed.attendance, "score": typed.scores, "goal": typed.goals}[kind]
                into[int(pk)] = self._of(name)
        for name in [name for name in self.data if _SEEN_OF_TICK.fullmatch(name)][:MOST_FIELDS]:
            _was, kind, pk = name.split("-")
            seen, value = self.data[name] == "on", f"{kind}-{pk}" in self.data
            {"theme": typed.themes, "part": typed.parts}[kind][int(pk)] = Typed(value, seen)
        for name in ("homework", "note"):
            if name in self.data:
                setattr(typed, name, self._of(name))
        typed.new_theme = self._new_theme()
        return typed

    def _of(self, name):
        value, seen = self.cleaned_data[name], self.data.get(f"was-{name}")
        if isinstance(self.fields[name], LongText):
            return TypedText(value, seen)
        if name.startswith("score"):
            seen = int(seen) if _SCORE.fullmatch(seen or "") else seen
            value = "" if value is None else value
        return Typed(value, seen)

    def _new_theme(self):
        title = self.cleaned_data["theme_title"]
        if not title:
            return None
        wish = self.cleaned_data["theme_wish"] or ThemeWish.DISCUSS
        return {"title": title, "wish": wish, "votes": self.cleaned_data["theme_votes"] or 1}
