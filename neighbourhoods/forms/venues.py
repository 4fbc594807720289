"""Forms for venues, rooms, opening hours and closures."""

import re
from collections import defaultdict
from datetime import datetime, time, timedelta

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Weekday
from neighbourhoods.models import Municipality, Neighbourhood, Room, Venue
from neighbourhoods.models.venues import LOCAL_ZONE
from neighbourhoods.permissions import can_hide_venues

WINDOW = re.compile(
    r"(?P<from>\d{1,2})(?:[:.](?P<from_minute>\d{2}))?\s*(?:-|–|—|tot|to)\s*(?P<to>\d{1,2})(?:[:.](?P<to_minute>\d{2}))?",
    re.ASCII | re.IGNORECASE,
)
LONGEST_CLOSURE = timedelta(days=400)
FURTHEST_CLOSURE = timedelta(days=3 * 365)


class VenueForm(forms.ModelForm):
    """A venue, where `by` keeps them; its municipality follows from the neighbourhood."""

    class Meta:
        model = Venue
        fields = ("name", "neighbourhood", "address", "is_hidden", "note")
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        field, municipalities = self.fields["neighbourhood"], Municipality.objects.managed_by(by)
        field.required = True
        field.queryset = Neighbourhood.objects.filter(municipality__in=municipalities.order_by())
        field.choices = [("", "")] + _neighbourhood_choices(field.queryset)
        if not can_hide_venues(by):
            del self.fields["is_hidden"]

    def clean(self):
        super().clean()
        name, neighbourhood = self.cleaned_data.get("name"), self.cleaned_data.get("neighbourhood")
        if name and neighbourhood:
            others = Venue.objects.filter(municipality=neighbourhood.municipality_id, name__iexact=name)
            if others.exclude(pk=self.instance.pk).exists():
                self.add_error("name", _("There is a venue of this name in this municipality already."))

    def values(self):
        """What the services take."""
        fields = {name: getattr(self.instance, name) for name in self.Meta.fields}
        return {**fields, "municipality": self.cleaned_data["neighbourhood"].municipality}


def _neighbourhood_choices(neighbourhoods):
    by_municipality = defaultdict(list)
    rows = neighbourhoods.order_by("municipality__name", "name").values_list("municipality__name", "code", "name")
    for municipality, code, name in rows:
        by_municipality[municipality].append((code, name))
    return list(by_municipality.items())


class RoomForm(forms.ModelForm):
    """A room of a venue."""

    class Meta:
        model = Room
        fields = ("name", "capacity", "is_active")
        help_texts = {"is_active": gettext_lazy("Nothing new is planned in a room that is out of use.")}

    def __init__(self, *args, venue, **kwargs):
        super().__init__(*args, **kwargs)
        self.venue = venue

    def clean_name(self):
        name = self.cleaned_data["name"]
        if self.venue.rooms.filter(name__iexact=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("This venue has a room of this name already."))
        return name


class OpeningHoursForm(forms.Form):
    """One line a day: "09:00–17:00, 19:00–22:00"; empty is closed."""

    def __init__(self, *args, venue, **kwargs):
        super().__init__(*args, **kwargs)
        stored = list(venue.opening_hours.all())
        for day in Weekday:
            hours = ", ".join(
                f"{row.opens_at:%H:%M}–{row.closes_at:%H:%M}" for row in stored if row.weekday == day.value
            )
            self.fields[f"day_{day.value}"] = forms.CharField(
                label=capfirst(day.label), required=False, max_length=100, initial=hours
            )
        self.fields["day_0"].help_text = _(
            "For example 09:00–17:00, 19:00–22:00. Leave a day empty when it is closed."
        )

    def clean(self):
        self.windows = []
        for day in Weekday:
            text = self.cleaned_data.get(f"day_{day.value}", "")
            try:
                self.windows += [(day.value, *window) for window in read_windows(text)]
            except ValueError:
                self.add_error(f"day_{day.value}", _("Write times like 09:00–17:00, 19:00–22:00."))


def read_windows(text):
    """Read "9-17, 19.00–22.00" as pairs of times. Raises ValueError for anything else."""
    windows = []
    for part in filter(None, (part.strip() for part in re.split(r"[,;]", text))):
        match = WINDOW.fullmatch(part)
        if match is None:
            raise ValueError("not a window")
        opens_at = time(int(match["from"]), int(match["from_minute"] or 0))
        closes_at = time(int(match["to"]), int(match["to_minute"] or 0))
        if closes_at <= opens_at:
            raise ValueError("ends before it starts")
        windows.append((opens_at, closes_at))
    return windows


class ClosureForm(forms.Form):
    """When a room, or the whole venue, is closed: days in local time, both included."""

    room = forms.ModelChoiceField(
        label=gettext_lazy("Room"), queryset=Room.objects.none(), required=False, empty_label=gettext_lazy("All rooms")
    )
    starts_on = forms.DateField(label=gettext_lazy("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    ends_on = forms.DateField(label=gettext_lazy("Last day"), widget=forms.DateInput(attrs={"type": "date"}))
    starts_time = forms.TimeField(
        label=gettext_lazy("From"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}),
        help_text=gettext_lazy("Leave both times empty when it is closed all day."),
    )
    ends_time = forms.TimeField(
        label=gettext_lazy("Until"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    note = forms.CharField(
        label=gettext_lazy("Why"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("For example: summer closure. No names of participants."),
    )

    def __init__(self, *args, venue, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["room"].queryset = venue.rooms.order_by("name", "pk")
        self.fields["room"].label_from_instance = lambda room: room.name
        for name in ("starts_on", "ends_on"):
            self.fields[name].widget.format = "%Y-%m-%d"

    def clean(self):
        first, last = self.cleaned_data.get("starts_on"), self.cleaned_data.get("ends_on")
        if first is None or last is None:
            return
        if first < self.today:
            self.add_error("starts_on", _("This day is over."))
        elif last < first:
            self.add_error("ends_on", _("The last day is before the first."))
        elif last - first > LONGEST_CLOSURE or first - self.today > FURTHEST_CLOSURE:
            self.add_error("ends_on", _("Choose days within three years, and at most 400 days together."))
        else:
            self._clean_times(first, last)

    def _clean_times(self, first, last):
        starts, ends = self.cleaned_data.get("starts_time"), self.cleaned_data.get("ends_time")
        last_day, ends = (last, ends) if ends else (last + timedelta(days=1), time.min)
        self.starts_at = datetime.combine(first, starts or time.min, LOCAL_ZONE)
        self.ends_at = datetime.combine(last_day, ends, LOCAL_ZONE)
        if self.ends_at <= self.starts_at:
            self.add_error("ends_time", _("The end is before the start."))
