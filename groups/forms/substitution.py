"""Who takes over a seat: on one cycle, or for all sessions of somebody who is away (R14)."""

from contextlib import contextmanager

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.enums import BookingKind
from accounts.exceptions import BookingClash
from accounts.models import User
from groups.discretion import shown_name, shown_place
from groups.engine import Reason
from groups.enums import Seat
from groups.forms.own_time import LeaveForm
from groups.forms.refusals import DayInput, RefusableForm
from groups.forms.sessions import ChosenField, PersonChoiceField, people_who
from groups.services.absence import CANCEL, CANCEL_AND_ADD, LEAVE_EMPTY, TAKE_OVER, Choice
from groups.services.substitution import propose_substitutes, staffing
from groups.time_words import moment_text
from groups.wording import reason_text, sentence


def candidate_choices(candidates, names, value="{}"):
    """Ranked candidates as grouped choices: who is free then, and who would come outside their weekly times."""
    lines = [(candidate.asks_first, (value.format(candidate.id), _line(candidate, names))) for candidate in candidates]
    groups = [
        (_("Free then, the most suitable first"), [line for asks_first, line in lines if not asks_first]),
        (_("Outside their usual times: ask first"), [line for asks_first, line in lines if asks_first]),
    ]
    return [(name, choices) for name, choices in groups if choices]


def _line(candidate, names):
    name = names[candidate.id].full_name
    if candidate.moves_up:
        return _("%(name)s · is the second leader now") % {"name": name}
    load = ngettext("%(count)s group now", "%(count)s groups now", candidate.cycles) % {"count": candidate.cycles}
    return f"{name} · {load}"


class SubstituteForm(RefusableForm):
    """Somebody else on a seat, for a while or for good."""

    field_of = {
        **dict.fromkeys(("not_competent", "same_person", "falls_away", "not_that_day", "calendar_full"), "user"),
        "second_seat_missing": "second",
        "clash": "user",
        "no_sessions": "from_date",
    }
    seat = forms.ChoiceField(label=gettext_lazy("Whom does it replace?"), widget=forms.RadioSelect)
    user = PersonChoiceField(label=gettext_lazy("Who takes over?"), queryset=User.objects.none())
    second = PersonChoiceField(
        label=gettext_lazy("Who is second leader then?"),
        queryset=User.objects.none(),
        required=False,
        help_text=gettext_lazy("Only needed when the second leader takes the lead."),
    )
    from_date = forms.DateField(label=gettext_lazy("From"), widget=DayInput)
    until_date = forms.DateField(
        label=gettext_lazy("Up to and including"),
        required=False,
        widget=DayInput,
        help_text=gettext_lazy("Empty is for good: the cycle then has a new leader."),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False, empty_value=None)

    def __init__(self, *args, cycle, today, now, **kwargs):
        super().__init__(*args, today=today, **kwargs)
        self.cycle, self.now = cycle, now
        seats = [(Seat.LEAD, cycle.lead), (Seat.CO_LEAD, cycle.co_lead)]
        self.fields["seat"].choices = [(seat.value, _seat_label(seat, user)) for seat, user in seats]
        self.fields["seat"].initial = Seat.LEAD
        self.fields["from_date"].initial = today
        self.fields["seen"].initial = staffing(cycle)
        everyone = people_who(cycle.waitlist, today, lambda worker: True)
        self.fields["user"].queryset = self.fields["second"].queryset = everyone
        self._offer_only_who_can({user.pk: user for user in everyone})

    def _offer_only_who_can(self, names):
        """Ranked for the seat and the days that were asked for; the service explains why not, whoever is sent."""
        is_known = self.is_bound or "seat" in self.initial
        seats = [seat for seat in Seat if not is_known or self["seat"].value() == seat]
        days = {name: self._day(name) for name in ("from_date", "until_date")}
        groups, behind = [], ()
        for seat in seats:
            candidates, seconds = propose_substitutes(cycle=self.cycle, seat=seat, now=self.now, **days)
            behind = behind or seconds
            choices = candidate_choices(candidates, names)
            groups += choices if is_known else [(f"{seat.label.capitalize()}: {name}", rows) for name, rows in choices]
        self._offer("user", groups)
        self._offer("second", candidate_choices(behind, names))
        if not groups:
            self.fields["user"].help_text = _(
                "Nobody with the competence is free then. Choose other days, or ask the coordinator."
            )
        if not behind:
            self.fields["second"].widget = forms.HiddenInput()

    def _offer(self, name, groups):
        self.fields[name].choices = [("", self.fields[name].empty_label), *groups]

    def _day(self, name):
        try:
            return self.fields[name].to_python(self[name].value())
        except forms.ValidationError:
            return None

    def clean(self):
        self.check_day("from_date", earliest=self.today)
        self.check_day("until_date", earliest=self.cleaned_data.get("from_date") or self.today)

    @contextmanager
    def explaining(self):
        """Who was told that the team changed sees the team as it is now, so their next try is about that."""
        with super().explaining():
            yield
        if self.errors:
            self.data = self.data.copy()
            self.data["seen"] = staffing(self.cycle)


def _seat_label(seat, user):
    who = user.full_name if user else _("nobody yet")
    return f"{seat.label.capitalize()}: {who}"


class AbsenceForm(LeaveForm):
    """Who is away, and when: days, or hours of a day."""

    field_order = ("who", "first_day", "last_day", "start_time", "end_time", "note")
    who = PersonChoiceField(label=gettext_lazy("Who is away?"), queryset=User.objects.none())

    def __init__(self, *args, by, people, today, **kwargs):
        super().__init__(*args, today=today, **kwargs)
        self.fields["who"].queryset = people
        self.fields["note"].help_text = _("Only the person who is away reads it. Not what is wrong, no names.")
        self.fields["first_day"].initial = self.fields["last_day"].initial = today
        only = list(people[:2])
        if by in only or people.filter(pk=by.pk).exists():
            self.fields["who"].initial = by.pk
        if only == [by]:
            self.fields["who"].widget = forms.HiddenInput()


class TakeOverForm(RefusableForm):
    """What happens to each session: somebody takes over, or it is cancelled. `sessions`: those that were shown."""

    sessions = forms.CharField(widget=forms.HiddenInput, required=False)
    # Whether an intake stood in the way: those are called off on a page of their own.
    has_intakes = False

    def __init__(self, *args, gaps, **kwargs):
        super().__init__(*args, **kwargs)
        self.gaps = gaps
        self.fields["sessions"].initial = " ".join(str(gap.session.pk) for gap in gaps)
        self.people = User.objects.in_bulk({pk for gap in gaps for pk in _ids(gap.filling)})
        for gap in gaps:
            self._add_gap(gap)

    def _add_gap(self, gap):
        filling, name = gap.filling, f"s{gap.session.pk}"
        choices = candidate_choices(filling.candidates, self.people, value="u{}")
        self.fields[name] = forms.ChoiceField(
            label=_("Who takes over?"),
            choices=[("", ChosenField.empty), *choices, (_("Nobody takes over"), _without(gap))],
            initial=f"u{filling.proposed}" if filling.proposed else "",
            error_messages={
                "required": _("Choose who takes over, or what happens to this session."),
                "invalid_choice": _("This is not possible any more; choose again."),
            },
        )
        if filling.seconds:
            self.fields[f"{name}_second"] = forms.ChoiceField(
                label=_("Who is second leader then?"),
                help_text=_("Only needed when the second leader takes the lead."),
                choices=[("", ChosenField.empty), *candidate_choices(filling.seconds, self.people, value="u{}")],
                initial=f"u{filling.second}" if filling.second else "",
                required=False,
            )

    def clean(self):
        """Who confirms what somebody else arranged meanwhile hears it, and looks again."""
        if self.cleaned_data.get("sessions", "") != self.fields["sessions"].initial:
            self.add_refusal(Reason("sessions_changed"))
            self.data = self.data.copy()
            self.data["sessions"] = self.fields["sessions"].initial

    @property
    def rows(self):
        """What the page shows of each session."""
        return [
            {
                "gap": gap,
                "when": moment_text(gap.session.date, gap.session.start_time, gap.session.end_time),
                "name": shown_name(gap.cycle.offer),
                "area": gap.cycle.catchment,
                "place": shown_place(gap.cycle.offer, gap.session.room),
                "seat": gap.seat.label,
                "field": self[f"s{gap.session.pk}"],
                "second": self[f"s{gap.session.pk}_second"] if gap.filling.seconds else None,
                "is_open": gap.filling.proposed is None,
                "asks": bool(gap.filling.candidates),
                "held_back": [self.people[pk].short_name for pk in gap.filling.held_back],
            }
            for gap in self.gaps
        ]

    def choices(self):
        """{session pk: Choice} for report_absence."""
        return {gap.session.pk: self._choice(f"s{gap.session.pk}") for gap in self.gaps}

    def _choice(self, name):
        value, second = self.cleaned_data[name], self.cleaned_data.get(f"{name}_second", "")
        if not value.startswith("u"):
            return Choice(value)
        return Choice(TAKE_OVER, self.people[int(value[1:])], self.people.get(int(second[1:])) if second else None)

    @contextmanager
    def explaining(self):
        """A refusal about one session stands at that session."""
        try:
            with super().explaining():
                yield
        except BookingClash as clash:
            self.has_intakes = any(booking.kind == BookingKind.INTAKE for booking in clash.clashes)
            self.add_error(None, str(clash))

    def add_refusal(self, reason):
        name = f"s{reason.args['session']}" if "session" in reason.args else None
        if reason.code == "second_seat_missing" and f"{name}_second" in self.fields:
            name = f"{name}_second"
        self.add_error(name if name in self.fields else None, sentence(reason_text(reason)))


def _ids(filling):
    return {candidate.id for candidate in (*filling.candidates, *filling.seconds)} | set(filling.held_back)


def _without(gap):
    """What can be done when nobody takes over."""
    may_be_empty = gap.seat == Seat.CO_LEAD and not gap.filling.vacancy.needs_second
    return [
        *([(LEAVE_EMPTY, _("It goes on without a second leader"))] if may_be_empty else []),
        (CANCEL_AND_ADD, _("Cancel it, with a session added at the end")),
        (CANCEL, _("Cancel it, without another in its place")),
    ]
