"""Forms for the weekly intake slots: when and where, from when, and what happens to who is booked (R2)."""

import datetime as dt

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Weekday
from accounts.models import User
from accounts.periods import short_moment
from groups.forms.refusals import ClockInput, DayInput, capital_choices
from intake.enums import IntakeWay
from intake.forms.desk import DeskForm
from intake.models.desk import LONGEST, SHORTEST, USUAL
from intake.services import SlotPlan, appointments_hit, areas_for
from intake.services.slots import CALL_OFF, KEEP, MOVE
from neighbourhoods.models import Municipality, Room

# Nobody plans further than this, and dates stay computable.
FURTHEST = dt.timedelta(days=5 * 366)


class NameField(forms.ModelChoiceField):
    def label_from_instance(self, obj):
        return obj.full_name


class RoomField(forms.ModelChoiceField):
    def label_from_instance(self, obj):
        return f"{obj.venue.municipality.name}: {obj.venue.name}, {obj.name}"


class PlanForm(DeskForm):
    """When and where; `worker` is whose slot it is, None while the desk has yet to say so."""

    field_of = {
        **dict.fromkeys(("past_midnight", "overlaps_own"), "starts_at"),
        **dict.fromkeys(("room_elsewhere", "room_out_of_use", "room_closed", "room_has_slot"), "room"),
    }
    municipality = forms.ModelChoiceField(
        label=gettext_lazy("Municipality"), queryset=Municipality.objects.none(), empty_label=None
    )
    weekday = forms.TypedChoiceField(
        label=gettext_lazy("Day"), coerce=int, choices=[(day.value, capfirst(day.label)) for day in Weekday][:7]
    )
    starts_at = forms.TimeField(label=gettext_lazy("Time"), widget=ClockInput)
    minutes = forms.IntegerField(
        label=gettext_lazy("Length in minutes"), min_value=SHORTEST, max_value=LONGEST, initial=USUAL
    )
    way = forms.ChoiceField(label=gettext_lazy("How"), widget=forms.RadioSelect, initial=IntakeWay.ROOM)
    room = RoomField(
        label=gettext_lazy("Room"),
        queryset=Room.objects.none(),
        required=False,
        help_text=gettext_lazy("Only for an intake in a room."),
    )

    def __init__(self, *args, by, worker, **kwargs):
        super().__init__(*args, **kwargs)
        self.by, self.worker = by, worker
        areas = areas_for(by, worker)
        self.fields["municipality"].queryset = areas
        self.fields["way"].choices = capital_choices(IntakeWay.choices)
        rooms = Room.objects.filter(is_active=True, venue__is_hidden=False)
        rooms = rooms.filter(venue__municipality__in=areas.order_by().values("pk"))
        self.fields["room"].queryset = rooms.select_related("venue__municipality").order_by(
            "venue__municipality__name", "venue__name", "name", "pk"
        )

    def clean(self):
        way, room = self.cleaned_data.get("way"), self.cleaned_data.get("room")
        if way == IntakeWay.ROOM and room is None and "room" not in self.errors:
            self.add_error("room", _("Choose the room, or choose by telephone or at home."))
        if way != IntakeWay.ROOM:
            self.cleaned_data["room"] = None

    @property
    def plan(self):
        names = ("municipality", "weekday", "starts_at", "minutes", "way", "room")
        return SlotPlan(**{name: self.cleaned_data.get(name) for name in names})

    def check_far(self, name):
        self.check_day(name, earliest=self.today, latest=self.today + FURTHEST)


class SlotForm(PlanForm):
    """A new slot of every week."""

    field_of = {
        **PlanForm.field_of,
        **{"in_the_past": "valid_from", "ends_before_begin": "valid_until", "never_then": "valid_until"},
    }
    who = NameField(label=gettext_lazy("Whose slot"), queryset=User.objects.none(), empty_label=None)
    valid_from = forms.DateField(label=gettext_lazy("From"), widget=DayInput)
    valid_until = forms.DateField(
        label=gettext_lazy("Until and including"),
        widget=DayInput,
        required=False,
        help_text=gettext_lazy("Empty: every week, until you stop it."),
    )
    field_order = ["who", "municipality", "weekday", "starts_at", "minutes", "way", "room"]

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["who"].queryset = people
        if self.worker is not None:
            del self.fields["who"]
        self.fields["valid_from"].initial = self.today

    def clean(self):
        super().clean()
        self.check_far("valid_from")
        self.check_far("valid_until")

    @property
    def owner(self):
        return self.worker or self.cleaned_data["who"]

    @property
    def valid_period(self):
        return {name: self.cleaned_data[name] for name in ("valid_from", "valid_until")}


class ExtraForm(SlotForm):
    """One extra slot, on one day."""

    field_of = {**PlanForm.field_of, "in_the_past": "valid_from", "holiday": "valid_from"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        del self.fields["weekday"], self.fields["valid_until"]
        self.fields["valid_from"].label = _("Which day")
        self.fields["valid_from"].initial = None

    def clean(self):
        super().clean()
        if day := self.cleaned_data.get("valid_from"):
            self.cleaned_data |= {"weekday": day.weekday(), "valid_until": day}


class HitFields:
    """For who is booked from the chosen day on: what happens to each. Asked as soon as the day is known."""

    def ask_about(self, slot, *, may_move):
        self.hit = appointments_hit(slot, self._day()) if self._day() else []
        choices = [(KEEP, _("stays as agreed"))]
        choices += [(MOVE, _("moves to the new time, in the same week"))] if may_move else []
        choices += [(CALL_OFF, _("is called off; the desk plans it anew"))]
        for appointment in self.hit:
            self.fields[f"hit_{appointment.pk}"] = forms.ChoiceField(
                label=f"{appointment.referral.client.short_name}, {short_moment(appointment.starts_at)}",
                choices=capital_choices(choices),
                widget=forms.RadioSelect,
                error_messages={"required": _("Say what happens to this appointment.")},
            )

    def _day(self):
        try:
            return self.fields["from_day"].clean(self.data.get("from_day")) if self.is_bound else None
        except forms.ValidationError:
            return None

    @property
    def choices(self):
        return {appointment.pk: self.cleaned_data[f"hit_{appointment.pk}"] for appointment in self.hit}

    @property
    def hit_fields(self):
        return [self[f"hit_{appointment.pk}"] for appointment in self.hit]


class ChangeForm(HitFields, PlanForm):
    """Another time or place from a day on."""

    field_of = {**PlanForm.field_of, "in_the_past": "from_day", "already_ended": "from_day", "never_then": "from_day"}
    from_day = forms.DateField(label=gettext_lazy("From which day on"), widget=DayInput)
    field_order = ["from_day"]

    def __init__(self, *args, slot, **kwargs):
        super().__init__(*args, worker=slot.worker, **kwargs)
        self.ask_about(slot, may_move=True)

    def clean(self):
        super().clean()
        self.check_far("from_day")


class StopForm(HitFields, DeskForm):
    """No slot from a day on."""

    field_of = {"in_the_past": "from_day", "already_ended": "from_day"}
    from_day = forms.DateField(label=gettext_lazy("From which day on"), widget=DayInput)

    def __init__(self, *args, slot, **kwargs):
        super().__init__(*args, **kwargs)
        self.ask_about(slot, may_move=False)

    def clean(self):
        self.check_day("from_day", earliest=self.today, latest=self.today + FURTHEST)


class SkipForm(DeskForm):
    """One day without the slot."""

    field_of = {"in_the_past": "date", "no_such_place": "date"}
    date = forms.DateField(label=gettext_lazy("Which day"), widget=DayInput)
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=200,
        validators=[ProhibitNullCharactersValidator()],
        help_text=gettext_lazy("Colleagues read this. No names of clients."),
    )
    calls_off = forms.BooleanField(
        label=gettext_lazy("Call off who is booked then; the desk plans them anew"), required=False
    )

    def __init__(self, *args, hit=(), **kwargs):
        super().__init__(*args, **kwargs)
        if not hit:
            del self.fields["calls_off"]

    def clean(self):
        self.check_day("date", earliest=self.today, latest=self.today + FURTHEST)
