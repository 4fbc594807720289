"""A cycle formed by hand, its end, and the answers of who was invited."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from groups.enums import LeaveReason
from groups.forms.refusals import ClockInput, DayInput, RefusableForm, capital_choices, text_field
from groups.forms.sessions import PersonChoiceField, RoomChoiceField, people_who, rooms_for
from groups.models import WaitlistEntry
from groups.time_words import moment_text
from neighbourhoods.models import Room

OTHER = "other"
PLANNED_BY_HAND = ("starts_on", "start_time", "room", "lead")


class PeopleField(forms.ModelMultipleChoiceField):
    def __init__(self, *, today=None, **kwargs):
        super().__init__(**kwargs)
        self.today = today

    def label_from_instance(self, entry):
        days = entry.days_waiting(self.today)
        waits = ngettext("%(days)s day", "%(days)s days", days) % {"days": days}
        return f"{entry.client.short_name} · {waits}"


class CycleForm(RefusableForm):
    """People in order, and a proposed moment or one of one's own (R20)."""

    field_of = {
        **dict.fromkeys(("nobody_chosen", "not_placeable", "over_hard_maximum", "not_together"), "entries"),
        **dict.fromkeys(("too_soon", "blocked_day"), "starts_on"),
        **dict.fromkeys(("past_midnight", "room_closed"), "start_time"),
        **dict.fromkeys(("second_seat_missing", "same_person"), "co_lead"),
        **dict.fromkeys(("not_competent", "calendar_full"), "lead"),
        "room_too_small": "room",
        "reason_missing": "reason",
        "clash": "slot",
    }
    entries = PeopleField(
        label=gettext_lazy("In order of waiting"),
        queryset=WaitlistEntry.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": gettext_lazy("Choose at least one participant."),
            "invalid_choice": gettext_lazy("Somebody you chose cannot be placed any more. Choose again."),
        },
    )
    slot = forms.ChoiceField(label=gettext_lazy("Proposals"), widget=forms.RadioSelect)
    starts_on = forms.DateField(label=gettext_lazy("First session on"), required=False, widget=DayInput)
    start_time = forms.TimeField(label=gettext_lazy("Start"), required=False, widget=ClockInput)
    room = RoomChoiceField(label=gettext_lazy("Room"), required=False, queryset=Room.objects.none())
    lead = PersonChoiceField(label=gettext_lazy("Leader"), required=False, queryset=User.objects.none())
    co_lead = PersonChoiceField(label=gettext_lazy("Second leader"), required=False, queryset=User.objects.none())
    reason = text_field(
        gettext_lazy("Why this way?"),
        required=False,
        help_text=gettext_lazy(
            "Needed when you pass somebody over, or start with fewer than the minimum. No names, please."
        ),
    )

    def __init__(self, *args, waitlist, placeable, proposals, today, **kwargs):
        super().__init__(*args, today=today, **kwargs)
        self.proposals = {_key(slot): slot for slot, _people in proposals}
        self.fields["entries"].today = today
        self.fields["entries"].queryset = placeable
        self.fields["entries"].initial = [entry.pk for entry in placeable][: waitlist.soft_maximum]
        self.fields["slot"].choices = [*_labels(proposals), (OTHER, _("Another day, time, room or team"))]
        self.fields["slot"].initial = _most_suitable(proposals)
        self.fields["room"].queryset = rooms_for(waitlist, today)
        self.fields["lead"].queryset = people_who(waitlist, today, lambda worker: worker.lead_until)
        self.fields["co_lead"].queryset = people_who(waitlist, today, lambda worker: True)

    @property
    def is_own_plan(self):
        """Whether the fields below the proposals are used."""
        return self["slot"].value() == OTHER

    def field_for(self, code):
        field = super().field_for(code)
        belongs_to_plan = field in {*PLANNED_BY_HAND, "co_lead"}
        return "slot" if belongs_to_plan and not self.is_own_plan else field

    def clean(self):
        if self.cleaned_data.get("slot") == OTHER:
            for name in PLANNED_BY_HAND:
                if not self.cleaned_data.get(name) and name not in self.errors:
                    self.add_error(name, _("This is needed when you choose another moment."))
        self.check_day("starts_on")

    def chosen_ids(self):
        """The entries as they were sent, whether they can still be chosen or not."""
        sent = self.data.getlist("entries") if self.is_bound else []
        return {int(value) for value in sent if value.isdecimal() and len(value) < 10}  # digits of a database number

    def plan(self):
        """Arguments for form_by_hand."""
        data = self.cleaned_data
        names = (*PLANNED_BY_HAND, "co_lead")
        slot = self.proposals.get(data["slot"])
        moment = {name: data[name] for name in names} if slot is None else _from_slot(slot)
        return {"entries": data["entries"], "reason": data["reason"], **moment}


def _most_suitable(proposals):
    """The proposal that suits most people, the earliest of equals."""
    best = max(proposals, key=lambda pair: pair[1], default=None)
    return OTHER if best is None else _key(best[0])


def _key(slot):
    return f"{slot.dates[0]:%Y%m%d}-{slot.start:%H%M}-{slot.lead}-{slot.co_lead or 0}-{slot.place}"


def _from_slot(slot):
    users = User.objects.in_bulk([pk for pk in (slot.lead, slot.co_lead) if pk])
    return {
        "starts_on": slot.dates[0],
        "start_time": slot.start,
        "room": Room.objects.select_related("venue").get(pk=slot.place),
        "lead": users[slot.lead],
        "co_lead": users.get(slot.co_lead),
    }


def _labels(proposals):
    """Each proposal as one line to choose; two statements however many there are."""
    users = User.objects.in_bulk({pk for slot, _people in proposals for pk in (slot.lead, slot.co_lead) if pk})
    rooms = Room.objects.select_related("venue").in_bulk({slot.place for slot, _people in proposals})
    for slot, people in proposals:
        team = _(" and ").join(users[pk].short_name for pk in (slot.lead, slot.co_lead) if pk)
        suits = _suits_text(people)
        moment = moment_text(slot.dates[0], slot.start, slot.end)
        yield _key(slot), f"{moment} · {rooms[slot.place].public_name} · {team} · {suits}"


def _suits_text(people):
    if not people:
        return _("suits nobody")
    return ngettext("suits %(people)s person", "suits %(people)s people", people) % {"people": people}


class CancelCycleForm(RefusableForm):
    reason = text_field(gettext_lazy("Why?"), help_text=gettext_lazy("Only colleagues read it."))


class DecideForm(RefusableForm):
    """R21: in one press."""

    SMALLER, MOVE = "smaller", "move"
    decision = forms.ChoiceField(
        choices=[(SMALLER, gettext_lazy("start smaller")), (MOVE, gettext_lazy("move a week"))],
        error_messages={"required": gettext_lazy("Choose what to do.")},
    )


class WorkerAnswerForm(RefusableForm):
    """R21: what somebody told the worker."""

    YES, STAYS, LEAVES = "yes", "stays", "leaves"
    answer = forms.ChoiceField(
        label=gettext_lazy("What is the answer?"),
        widget=forms.RadioSelect,
        choices=[
            (YES, gettext_lazy("Yes, comes")),
            (STAYS, gettext_lazy("No, but stays on the waitlist and keeps the waiting time")),
            (LEAVES, gettext_lazy("No, and leaves the waitlist")),
        ],
    )
    leave_reason = forms.ChoiceField(
        label=gettext_lazy("Why does this person leave the waitlist?"),
        required=False,
        choices=[("", gettext_lazy("Only when leaving")), *capital_choices(LeaveReason.to_choose())],
    )

    def clean(self):
        leaves = self.cleaned_data.get("answer") == self.LEAVES
        if leaves and not self.cleaned_data.get("leave_reason"):
            self.add_error("leave_reason", _("Choose why: who leaves never drops out of sight."))

    def answer_given(self):
        """Arguments for answer_invitation."""
        data = self.cleaned_data
        given = {"coming": data["answer"] == self.YES, "stays": data["answer"] != self.LEAVES}
        return given | ({"leave_reason": data["leave_reason"]} if data["answer"] == self.LEAVES else {})
