"""Changing what is planned: a session's moment, its room, its leaders."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from groups.enums import Seat
from groups.forms.refusals import ClockInput, DayInput, RefusableForm, text_field
from groups.services.facts import load_places, load_workers
from neighbourhoods.models import Room


class MoveSessionForm(RefusableForm):
    """Another day or time, same room and leaders."""

    field_of = {
        "in_the_past": "date",
        "blocked_day": "date",
        "out_of_order": "date",
        "past_midnight": "start_time",
        "room_closed": "start_time",
    }
    date = forms.DateField(label=gettext_lazy("Day"), widget=DayInput)
    start_time = forms.TimeField(label=gettext_lazy("Start"), widget=ClockInput)

    def clean(self):
        self.check_day("date", earliest=self.today)


class CancelSessionForm(RefusableForm):
    field_of = {"reason_missing": "reason", "no_free_week": "append"}
    reason = text_field(gettext_lazy("Why?"), help_text=gettext_lazy("Only colleagues read it."))
    append = forms.BooleanField(
        label=gettext_lazy("Add a session at the end"),
        required=False,
        initial=True,
        help_text=gettext_lazy("So that nobody loses one."),
    )


class ChosenField(forms.ModelChoiceField):
    """Says in words that nothing is chosen yet."""

    def __init__(self, queryset, **options):
        super().__init__(queryset, empty_label=gettext_lazy("Choose …"), **options)


class RoomChoiceField(ChosenField):
    def label_from_instance(self, room):
        return _("%(room)s (%(capacity)s places)") % {"room": room.public_name, "capacity": room.capacity}


def rooms_for(waitlist, today):
    """Rooms that a group of this list may meet in."""
    places = [place.id for place in load_places(waitlist, today)]
    return Room.objects.filter(pk__in=places).select_related("venue").order_by("venue__name", "name", "pk")


class ChangeRoomForm(RefusableForm):
    field_of = {"room_not_in_use": "room", "room_too_small": "room", "room_closed": "room", "clash": "room"}
    room = RoomChoiceField(label=gettext_lazy("Room"), queryset=Room.objects.none())
    following = forms.BooleanField(label=gettext_lazy("For all sessions after this one too"), required=False)

    def __init__(self, *args, session, today, **kwargs):
        super().__init__(*args, today=today, **kwargs)
        rooms = rooms_for(session.cycle.waitlist, today)
        self.fields["room"].queryset = rooms.exclude(pk=session.room_id)


class PersonChoiceField(ChosenField):
    def label_from_instance(self, user):
        return user.full_name


def people_who(waitlist, today, may):
    """Users who may sit on a seat of this list's groups; `may` asks it of the engine's Worker (R14)."""
    ids = [worker.id for worker in load_workers(waitlist, today) if may(worker)]
    return User.objects.filter(pk__in=ids).order_by("first_name", "last_name", "pk")


class SubstituteForm(RefusableForm):
    """R14: somebody else on a seat, for a while or for good."""

    field_of = {"not_competent": "user", "same_person": "user", "clash": "user", "no_sessions": "from_date"}
    seat = forms.ChoiceField(label=gettext_lazy("Whom does it replace?"), widget=forms.RadioSelect)
    user = PersonChoiceField(label=gettext_lazy("Who takes over?"), queryset=User.objects.none())
    from_date = forms.DateField(label=gettext_lazy("From"), widget=DayInput)
    until_date = forms.DateField(
        label=gettext_lazy("Up to and including"),
        required=False,
        widget=DayInput,
        help_text=gettext_lazy("Empty is for good: the cycle then has a new leader."),
    )

    def __init__(self, *args, cycle, today, **kwargs):
        super().__init__(*args, today=today, **kwargs)
        seats = [(Seat.LEAD, cycle.lead), (Seat.CO_LEAD, cycle.co_lead)]
        self.fields["seat"].choices = [(seat.value, _seat_label(seat, user)) for seat, user in seats]
        self.fields["seat"].initial = Seat.LEAD
        self.fields["user"].queryset = people_who(cycle.waitlist, today, lambda worker: True)
        self.fields["from_date"].initial = today

    def clean(self):
        self.check_day("from_date", earliest=self.today)
        self.check_day("until_date", earliest=self.cleaned_data.get("from_date") or self.today)


def _seat_label(seat, user):
    who = user.full_name if user else _("nobody yet")
    return f"{seat.label.capitalize()}: {who}"
