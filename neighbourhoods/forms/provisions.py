"""The form of a provision (R36)."""

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from neighbourhoods.models import Neighbourhood, Provision
from neighbourhoods.models.provisions import municipalities_of


class ProvisionForm(forms.ModelForm):
    """A provision, where `by` keeps them: in one neighbourhood, or for a whole municipality."""

    website = forms.URLField(label=gettext_lazy("Website"), required=False, max_length=200, assume_scheme="https")
    where = forms.ChoiceField(
        label=gettext_lazy("Where"), help_text=gettext_lazy("A neighbourhood, or the whole municipality.")
    )

    seen = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Provision
        fields = (
            *("name", "kind", "address", "phone", "email", "website", "opening", "note"),
            *("receives", "agreed_on", "agreed_with"),
        )
        widgets = {
            "note": forms.Textarea(attrs={"rows": 2}),
            "receives": forms.Textarea(attrs={"rows": 3}),
            "agreed_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }
        help_texts = {
            "opening": gettext_lazy("In words, for example: every weekday from 10:00, coffee on Wednesday."),
            "note": gettext_lazy("No names of clients."),
            "receives": gettext_lazy(
                "Whom may we send, how many, for what, and how do we announce them? "
                "Leave empty until they have agreed: nobody is sent before."
            ),
            "agreed_with": gettext_lazy("The person or the role at the provision that you spoke with."),
        }

    field_order = ("name", "kind", "where")

    def __init__(self, *args, by, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        self.municipalities = {place.pk: place for place in municipalities_of(by).defer("polygon").order_by("name")}
        areas = Neighbourhood.objects.filter(municipality__in=self.municipalities).defer("polygon")
        own = self.instance.neighbourhood_id
        current = [area for area in areas.order_by("name", "pk") if area.is_current or area.pk == own]
        self.neighbourhoods = {area.pk: area for area in current}
        self.fields["where"].choices = [("", ""), *map(self._group, self.municipalities.values())]
        self.initial.setdefault("where", own or self.instance.municipality_id or "")
        if self.instance.pk:
            self.initial["seen"] = self.instance.changed_at.isoformat()

    def _group(self, municipality):
        inside = [
            (area.pk, area.name) for area in self.neighbourhoods.values() if area.municipality_id == municipality.pk
        ]
        return municipality.name, [(municipality.pk, _("Whole of %(name)s") % {"name": municipality.name}), *inside]

    def clean_agreed_on(self):
        day = self.cleaned_data["agreed_on"]
        if day and day > self.today:
            raise forms.ValidationError(_("This day is still to come."))
        return day

    def clean(self):
        super().clean()
        self._check_name()
        agreement = {name: self.cleaned_data.get(name) for name in ("receives", "agreed_on", "agreed_with")}
        if any(agreement.values()):
            for name in (name for name, value in agreement.items() if not value and name not in self.errors):
                self.add_error(name, _("An agreement says what, when and with whom. Fill in all three, or none."))

    def add_changed(self, provision):
        """Somebody changed it meanwhile: says who, when and what it is now, and keeps all that was typed.

        The page then knows of that change: saved again, what was typed holds.
        """
        moment = timezone.localtime(provision.changed_at)
        words = {"now": "; ".join(self._differing(provision)) or "–", "when": date_format(moment, "j F H:i")}
        said = _("Somebody changed this meanwhile, on %(when)s.")
        if provision.changed_by is not None:
            said, words["who"] = _("%(who)s changed this meanwhile, on %(when)s."), provision.changed_by.short_name
        more = _("It is now: %(now)s. Nothing of yours was saved yet. Save again to make it what you typed.")
        self.add_error(None, f"{said % words} {more % words}")
        self.data = self.data.copy()
        self.data["seen"] = provision.changed_at.isoformat()

    def _differing(self, provision):
        """What it says now and was typed otherwise, by field."""
        names = [name for name in self.Meta.fields if getattr(provision, name) != self.cleaned_data[name]]
        lines = [f"{self.fields[name].label}: {_shown(provision, name)}" for name in names]
        place, area = self._place(), provision.neighbourhood
        if (place["municipality"], place["neighbourhood"]) != (provision.municipality, area):
            lines.append(f"{self.fields['where'].label}: {area or provision.municipality}")
        return lines

    def _check_name(self):
        name, place = self.cleaned_data.get("name"), self._place()
        if name and place:
            others = Provision.objects.open().filter(municipality=place["municipality"], name__iexact=name)
            if others.exclude(pk=self.instance.pk).exists():
                self.add_error("name", _("There is a provision of this name in this municipality already."))

    def _place(self):
        where = self.cleaned_data.get("where")
        if not where:
            return None
        area = self.neighbourhoods.get(where)
        return {"municipality": self.municipalities[area.municipality_id if area else where], "neighbourhood": area}

    def values(self):
        """What the services take."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields} | self._place()


def _shown(provision, name):
    value = getattr(provision, name)
    if name == "agreed_on":
        return date_format(value, "j F Y") if value else "–"
    return provision.get_kind_display() if name == "kind" else value or "–"
