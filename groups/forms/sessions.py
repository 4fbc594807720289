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
        self._offer_only_who_can(cycle, today)

    def _offer_only_who_can(self, cycle, today):
        """Name who is competent and free at the first session; the service explains why not, whoever is sent."""
        field, session = self.fields["user"], self._first_session(cycle, today)
        able = _able_workers(cycle, session, today) if session else []
        leads = {worker.id for worker in able if worker.may_lead(session.date)}
        names = [(user.pk, user.full_name) for user in field.queryset if user.pk in {worker.id for worker in able}]
        groups = [
            (_("May lead"), [choice for choice in names if choice[0] in leads]),
            (_("Only as second leader"), [choice for choice in names if choice[0] not in leads]),
        ]
        if (self.is_bound or "seat" in self.initial) and self["seat"].value() == Seat.LEAD:
            groups = groups[:1]
        groups = [(name, choices) for name, choices in groups if choices]
        field.choices = [("", field.empty_label), *groups]
        if not groups:
            field.help_text = _("Nobody with the competence is free then. Choose other days, or ask the coordinator.")

    def _first_session(self, cycle, today):
        try:
            day = self.fields["from_date"].to_python(self["from_date"].value()) or today
        except forms.ValidationError:
            day = today
        return cycle.sessions.planned().filter(date__gte=max(day, today)).order_by("date", "start_time", "pk").first()

    def clean(self):
        self.check_day("from_date", earliest=self.today)
        self.check_day("until_date", earliest=self.cleaned_data.get("from_date") or self.today)


def _able_workers(cycle, session, today):
    """Who may sit on a seat of this cycle and is free at this session; not who leads it already."""
    leaders = {cycle.lead_id, cycle.co_lead_id, *session.staff.order_by("pk").values_list("user", flat=True)}
    moment = ((session.date,), session.start_time, session.end_time)
    return [
        worker
        for worker in load_workers(cycle.waitlist, today)
        if worker.id not in leaders
        and (worker.may_lead(session.date) or worker.may_co_lead(session.date))
        and worker.is_free(*moment)
    ]


def _seat_label(seat, user):
    who = user.full_name if user else _("nobody yet")
    return f"{seat.label.capitalize()}: {who}"
