"""A form that sends along what it showed, and can be shown again with what holds now."""

from django import forms
from django.db.models import Model
from django.utils.translation import gettext as _

from clients.shown import seen_of


class SeenForm(forms.Form):
    """R40: what a colleague changed after the page was made is not taken back by it. The service holds that rule."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def show_what_holds(self, client, changed, *, shown):
        """The fields that were changed meanwhile say what holds now; what was typed there is told beside it.

        changed: {field: what holds now}; shown: {field: value} of all that the page shows from here.
        """
        typed = {name: in_words(self.fields[name], self[name].value()) for name in changed}
        self.data = self.data.copy()
        for name, value in changed.items():
            self.data.pop(name, None)
            for one in as_sent(value):
                self.data.appendlist(name, one)
        self.data["seen"] = seen_of(client, shown)
        for name, value in changed.items():
            self.add_error(name, changed_text(self.fields[name], value, typed[name]))


def changed_text(field, now, typed):
    said = _(
        "A colleague changed this meanwhile. Now it says: %(now)s. You had: %(typed)s. Look at it, and save again."
    )
    return said % {"now": in_words(field, as_initial(now)), "typed": typed}


def as_initial(value):
    """A stored value as a form's field holds it."""
    if isinstance(value, (set, frozenset)):
        return [f"{weekday}-{part}" for weekday, part in sorted(value)]
    return value.pk if isinstance(value, Model) else value


def as_sent(value):
    """A stored value as a browser sends it."""
    value = as_initial(value)
    if isinstance(value, bool):
        return ["on"] if value else []
    return [str(one) for one in value] if isinstance(value, list) else ["" if value is None else str(value)]


def in_words(field, value):
    """A field's value as somebody reads it."""
    if isinstance(field, forms.BooleanField):
        return _("yes") if value else _("no")
    if isinstance(field, forms.ModelChoiceField):
        found = field.queryset.filter(pk=value).first() if str(value or "").isdecimal() else None
        return str(found or _("nothing"))
    if isinstance(field, (forms.ChoiceField, forms.MultipleChoiceField)):
        labels = {str(code): str(label) for code, label in field.choices}
        codes = value if isinstance(value, (list, tuple)) else [value]
        return ", ".join(labels[str(code)] for code in codes if str(code) in labels) or _("nothing")
    return str(value or "").strip() or _("nothing")
