"""The overview's filter, and the forms by which a coordinator changes a minimum (R11)."""

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groups.models import GroupOffer
from groups.services.offers import NUMBERS, numbers_of
from groups.services.waitlists import sizes_seen
from neighbourhoods.enums import CatchmentLevel
from neighbourhoods.models import Catchment, Municipality

LARGEST = 50


class OverviewFilter(forms.Form):
    """Which lists the overview shows; what it does not know, it leaves out."""

    gemeente = forms.ChoiceField(label=gettext_lazy("Municipality"), required=False)
    aanbod = forms.ChoiceField(label=gettext_lazy("Group offer"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        places = Municipality.objects.order_by("name").values_list("code", "name")
        offers = GroupOffer.objects.filter(waitlists__isnull=False).distinct().order_by("name")
        self.fields["gemeente"].choices = [("", _("All municipalities")), *places]
        self.fields["aanbod"].choices = [("", _("All offers")), *offers.values_list("slug", "name")]

    def chosen(self):
        self.full_clean()
        data = getattr(self, "cleaned_data", {})
        return {"municipality": data.get("gemeente", ""), "offer": data.get("aanbod", "")}


class ListForm(forms.Form):
    """Which list: an area and an offer, also when nobody ever waited there."""

    area = forms.ModelChoiceField(
        label=gettext_lazy("Neighbourhood or area"), queryset=Catchment.objects.none(), empty_label=""
    )
    offer = forms.ModelChoiceField(
        label=gettext_lazy("Group offer"), queryset=GroupOffer.objects.active().order_by("name"), empty_label=""
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        areas = Catchment.objects.filter(joined_into=None).select_related("municipality")
        areas = areas.defer("municipality__polygon")
        self.fields["area"].queryset = areas
        self.fields["area"].choices = [("", ""), *_area_groups(areas)]


def _area_groups(areas):
    """The areas of each municipality under its name, the whole of it first; the region last."""
    groups = {}
    for area in areas.order_by("municipality__name", "level", "name", "pk"):
        name = area.municipality.name if area.municipality else _("Region")
        groups.setdefault(name, []).append(area)
    return [(name, [(area.pk, _area_label(area)) for area in _whole_first(rows)]) for name, rows in groups.items()]


def _whole_first(areas):
    return sorted(areas, key=lambda area: (area.level == CatchmentLevel.NEIGHBOURHOOD, area.name))


def _area_label(area):
    if area.level == CatchmentLevel.MUNICIPALITY:
        return _("All of %(municipality)s") % {"municipality": area.name}
    return _("The whole region") if area.level == CatchmentLevel.REGION else area.name


class SeenForm(forms.Form):
    """Carries what somebody looked at, so that the service can tell when a colleague changed it meanwhile."""

    seen = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)

    def look_at(self, values):
        """The page shows these values now: what was typed stays, and the next time it is about them."""
        self.initial["seen"] = seen = _packed(values)
        if self.is_bound:
            self.data = self.data.copy()
            self.data["seen"] = seen

    def seen_values(self):
        """What was looked at, a number or None each; None when the form did not say."""
        packed = self.cleaned_data["seen"]
        if not packed:
            return None
        return tuple(int(value) if value.isdecimal() else None for value in packed.split("-"))


def _packed(values):
    return "-".join("" if value is None else str(value) for value in values)


class MinimumForm(SeenForm):
    """A list's own minimum and maximum; the button 'reset' goes back to the offer's."""

    minimum = forms.IntegerField(
        label=gettext_lazy("Minimum"),
        validators=[
            MinValueValidator(1, gettext_lazy("A minimum is at least 1.")),
            MaxValueValidator(LARGEST, gettext_lazy("A group of more than %(limit_value)s is no group any more.")),
        ],
        widget=forms.NumberInput(attrs={"min": 1, "inputmode": "numeric"}),
        help_text=gettext_lazy("From this many participants a group starts by itself."),
    )
    maximum = forms.IntegerField(
        label=gettext_lazy("Maximum"),
        required=False,
        validators=[MinValueValidator(1, gettext_lazy("A maximum is at least 1."))],
        widget=forms.NumberInput(attrs={"min": 1, "inputmode": "numeric"}),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why?"),
        max_length=300,
        error_messages={"required": gettext_lazy("Write down why. Colleagues find it back below.")},
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("One sentence, without names of participants."),
    )

    def __init__(self, *args, waitlist, proposed="", **kwargs):
        minimum = int(proposed) if proposed.isdecimal() and int(proposed) <= LARGEST else waitlist.minimum
        initial = {"minimum": minimum, "maximum": waitlist.own_soft_maximum}
        super().__init__(*args, initial=initial | {"seen": _packed(sizes_seen(waitlist))}, **kwargs)
        self.waitlist = waitlist
        self.is_reset = "reset" in self.data
        self.fields["maximum"].help_text = _maximum_help(waitlist)
        if self.is_reset:
            self.fields["minimum"].required = False
            self.fields["minimum"].disabled = self.fields["maximum"].disabled = True

    def clean(self):
        super().clean()
        if not self.is_reset:
            self._check_maximum()
            self._check_change()
        return self.cleaned_data

    def _check_maximum(self):
        most = self.waitlist.own_hard_maximum or self.waitlist.offer.hard_maximum
        maximum = self.cleaned_data.get("maximum")
        if maximum and most and maximum > most:
            self.add_error("maximum", _("This group has %(most)s places at most.") % {"most": most})

    def _check_change(self):
        asked = (self.cleaned_data.get("minimum"), self.cleaned_data.get("maximum"))
        if not self.errors and asked == (self.waitlist.minimum, self.waitlist.own_soft_maximum):
            self.add_error("minimum", _("This is how it is already."))

    def change(self):
        """Arguments for set_sizes(); a size of None means the offer's."""
        data = self.cleaned_data
        sizes = (data["minimum"], data["maximum"], self.waitlist.own_hard_maximum)
        names = ("minimum", "soft_maximum", "hard_maximum")
        chosen = dict.fromkeys(names) if self.is_reset else dict(zip(names, sizes, strict=True))
        return chosen | {"reason": data["reason"], "seen": self.seen_values()}

    def add_refusal(self, reason, text):
        """A NotAllowed of the service, at the field it is about."""
        self.add_error(FIELD_OF.get(reason.code, "minimum").replace("soft_", ""), text)


# At which field a refusal stands; the others at the minimum.
FIELD_OF = {"reason_missing": "reason", "maximum_above_hard": "soft_maximum"}


def _number(label, least, most, help_text=""):
    """A number that may stay empty: not settled is not guessed."""
    return forms.IntegerField(
        label=label,
        required=False,
        validators=[
            MinValueValidator(least, gettext_lazy("Fill in %(limit_value)s at least, or leave it empty.")),
            MaxValueValidator(most, gettext_lazy("Fill in %(limit_value)s at most.")),
        ],
        widget=forms.NumberInput(attrs={"min": least, "max": most, "inputmode": "numeric"}),
        help_text=help_text,
    )


class OfferForm(SeenForm):
    """The numbers of an offer (R11); empty stays empty."""

    sessions_count = _number(gettext_lazy("Number of sessions"), 1, 30)
    session_minutes = _number(gettext_lazy("Minutes per session"), 15, 480)
    minimum = _number(
        gettext_lazy("Minimum"), 1, LARGEST, gettext_lazy("From this many participants a group starts by itself.")
    )
    soft_maximum = _number(gettext_lazy("Maximum"), 1, LARGEST, gettext_lazy("So many participants, preferably."))
    hard_maximum = _number(gettext_lazy("Hard maximum"), 1, LARGEST, gettext_lazy("Never more than this."))
    entry_until = _number(
        gettext_lazy("Newcomers until session"),
        1,
        30,
        gettext_lazy("1: only at the first session. Empty: at every session, while there is a place."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why?"),
        max_length=300,
        error_messages={"required": gettext_lazy("Write down why. Colleagues find it back below.")},
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("One sentence, without names of participants."),
    )

    def __init__(self, *args, offer, **kwargs):
        initial = numbers_of(offer)
        super().__init__(*args, initial=initial | {"seen": _packed(initial.values())}, **kwargs)
        self.offer = offer

    def clean(self):
        super().clean()
        data = {name: self.cleaned_data.get(name) for name in NUMBERS}
        minimum, soft, hard = data["minimum"], data["soft_maximum"], data["hard_maximum"]
        if soft and hard and soft > hard:
            self.add_error(
                "soft_maximum", _("The maximum cannot be above the hard maximum of %(most)s.") % {"most": hard}
            )
        most = soft or hard
        if minimum and most and minimum > most:
            self.add_error("minimum", _("The minimum cannot be above the maximum of %(most)s.") % {"most": most})
        if data["entry_until"] and data["sessions_count"] and data["entry_until"] > data["sessions_count"]:
            self.add_error("entry_until", _("There are only %(count)s sessions.") % {"count": data["sessions_count"]})
        if not self.errors and data == numbers_of(self.offer):
            self.add_error("sessions_count", _("This is how it is already."))
        return self.cleaned_data

    def add_refusal(self, reason, text):
        """A NotAllowed of the service, at the field it is about; what a colleague changed stands above them all."""
        self.add_error(None if reason.code == "changed_meanwhile" else FIELD_OF.get(reason.code, "minimum"), text)

    def change(self):
        """Arguments for set_offer_numbers()."""
        seen = self.seen_values()
        return {
            "numbers": {name: self.cleaned_data[name] for name in NUMBERS},
            "reason": self.cleaned_data["reason"],
            "seen": None if seen is None else dict(zip(NUMBERS, seen, strict=False)),
        }


def _maximum_help(waitlist):
    usual = waitlist.offer.soft_maximum or waitlist.offer.hard_maximum
    if usual is None:
        return _("Empty: no maximum.")
    return _("Empty: the offer's maximum of %(maximum)s.") % {"maximum": usual}
