"""Changing what is planned: a session's moment, its room, its leaders."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
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


class MoveRestForm(MoveSessionForm):
    """From which day on, and at what time; the others follow a week apart each."""

    date = forms.DateField(
        label=gettext_lazy("Day of this session"),
        widget=DayInput,
        help_text=gettext_lazy("The sessions after it follow week by week, on the same day of the week."),
    )


class AddSessionForm(MoveSessionForm):
    """One session more; proposed is a week after the last."""


class CancelSessionForm(RefusableForm):
    field_of = {"reason_missing": "reason", "no_free_week": "append", "only_session": "append"}
    reason = text_field(gettext_lazy("Why?"), help_text=gettext_lazy("Only colleagues read it."))
    append = forms.BooleanField(
        label=gettext_lazy("Add a session at the end"),
        required=False,
        initial=True,
        help_text=gettext_lazy("So that nobody loses one."),
    )


class ChosenField(forms.ModelChoiceField):
    """Says in words that nothing is chosen yet."""

    empty = gettext_lazy("Choose …")

    def __init__(self, queryset, **options):
        super().__init__(queryset, empty_label=self.empty, **options)


class RoomChoiceField(ChosenField):
    def label_from_instance(self, room):
        return _("%(room)s (%(capacity)s places)") % {"room": room.public_name, "capacity": room.capacity}


def rooms_for(waitlist, today):
    """Rooms that a group of this list may meet in."""
    return _rooms(load_places(waitlist, today))


def _rooms(places):
    rooms = Room.objects.filter(pk__in=[place.id for place in places])
    return rooms.select_related("venue").order_by("venue__name", "name", "pk")


class ChangeRoomForm(RefusableForm):
    field_of = {"room_not_in_use": "room", "room_too_small": "room", "room_closed": "room", "clash": "room"}
    room = RoomChoiceField(label=gettext_lazy("Room"), queryset=Room.objects.none())
    following = forms.BooleanField(label=gettext_lazy("For all sessions after this one too"), required=False)

    def __init__(self, *args, session, today, **kwargs):
        super().__init__(*args, today=today, **kwargs)
        places = {place.id: place for place in load_places(session.cycle.waitlist, today)}
        field = self.fields["room"]
        field.queryset = _rooms(places.values()).exclude(pk=session.room_id)
        lines = [_room_line(field, room, places[room.pk], session) for room in field.queryset]
        field.choices = [("", field.empty_label), *(choice for _order, choice in sorted(lines, key=lambda x: x[0]))]


def _room_line(field, room, place, session):
    """((taken, how far off), (value, label)): rooms that are free at the session first, then the nearest."""
    moment = (session.start_time, session.end_time)
    is_free, is_open = place.is_free((session.date,), *moment), place.is_open(session.date.weekday(), *moment)
    word = _("free") if is_free and is_open else _("closed then") if is_free else _("taken")
    return (not (is_free and is_open), place.rank), (room.pk, f"{field.label_from_instance(room)} · {word}")


class PersonChoiceField(ChosenField):
    def label_from_instance(self, user):
        return user.full_name


def people_who(waitlist, today, may):
    """Users who may sit on a seat of this list's groups; `may` asks it of the engine's Worker (R14)."""
    ids = [worker.id for worker in load_workers(waitlist, today) if may(worker)]
    return User.objects.filter(pk__in=ids).order_by("first_name", "last_name", "pk")
