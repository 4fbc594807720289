"""After a round: one choice for everybody, and for each person their own; one form, one save (R28)."""

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from groups.enums import Outcome, SessionState
from groups.forms.refusals import DayInput, RefusableForm, text_field
from groups.own_round import is_asked, may_decide, right_of
from groups.services.after_five import Decided, version_of
from groups.services.onward import LEADS_ON, Onward

SWEEPS = (Outcome.FIVE_MORE, Outcome.ENOUGH)
OPEN = "open"


class EverybodyForm(forms.Form):
    """What holds for everybody for whom nothing else is chosen."""

    everybody = forms.ChoiceField(
        label=gettext_lazy("For everybody at once"), required=False, widget=forms.RadioSelect
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        sweeps = [(outcome.value, capfirst(outcome.label)) for outcome in SWEEPS]
        self.fields["everybody"].choices = [*sweeps, ("", _("Decide for each person"))]
        self.fields["everybody"].initial = ""

    @property
    def outcome(self):
        value = self.cleaned_data.get("everybody")
        return Outcome(value) if value else None


class WhereField(forms.ChoiceField):
    """Shown for the one outcome that needs it, so not as optional; whether it was needed, the service says."""

    def validate(self, value):
        if value:
            super().validate(value)


class PersonForm(RefusableForm):
    """One person: the outcome, why, and where to. Lists of places and groups are made once for all persons."""

    use_required_attribute = False
    field_of = {
        "reason_missing": "reason",
        "provision_missing": "provision",
        "provision_not_agreed": "provision",
        "client_not_agreed": "agreed",
        "group_missing": "offer",
    }
    outcome = forms.ChoiceField(label=gettext_lazy("Decided together"), required=False)
    reason = text_field(gettext_lazy("Why?"), required=False, help_text=gettext_lazy("Needed when somebody stops."))
    provision = WhereField(label=gettext_lazy("Which place in the neighbourhood?"))
    agreed = forms.BooleanField(label=gettext_lazy("This person agrees to it"), required=False)
    agreed_on = forms.DateField(label=gettext_lazy("Agreed on"), required=False, widget=DayInput)
    offer = WhereField(
        label=gettext_lazy("Which group?"),
        help_text=gettext_lazy("On its waitlist at once where that can be; else a social worker looks first."),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, *, row, is_asked, may_decide, left, provisions, offers, today):
        step = next(iter(row.onward_steps.all()), None)
        super().__init__(data, today=today, prefix=f"p{row.pk}", initial=_known(row, step, today))
        self.row, self.is_asked, self.may_decide, self.left = row, is_asked, may_decide, left
        self.provisions = {str(place.pk): place for place in provisions}
        self.offers = {str(offer.pk): offer for offer in offers}
        self.fields["outcome"].choices = self._outcomes()
        self.fields["provision"].choices = [("", _("Choose …")), *((k, v.name) for k, v in self.provisions.items())]
        self.fields["offer"].choices = [("", _("Choose …")), *((k, v.name) for k, v in self.offers.items())]

    def _outcomes(self):
        every = [(outcome.value, capfirst(outcome.label)) for outcome in Outcome]
        if not self.may_decide:
            return [("", self.waits_text), (Outcome.STOPPED.value, capfirst(Outcome.STOPPED.label))]
        if self["seen"].value():
            return every
        if not self.is_asked:
            return [("", self.waits_text), *every]
        return [("", _("As for everybody")), (OPEN, _("Still to decide")), *every]

    @property
    def waits_text(self):
        """Why this person is not asked yet (R22)."""
        if not self.left:
            return _("Asked at the last session")
        return ngettext("Goes on for %(count)s session first", "Goes on for %(count)s sessions first", self.left) % {
            "count": self.left
        }

    @property
    def has_more(self):
        """Whether what stands below the choice is used, so that it is shown at once."""
        names = ("reason", "provision", "offer")
        return bool(self.errors) or any(self[name].value() for name in names)

    @property
    def chosen(self):
        """What the choice shows."""
        return str(self["outcome"].value() or "")

    @property
    def all_errors(self):
        """What stands at the choice: what is wrong with it, and what is about this person as a whole."""
        return [*self.non_field_errors(), *self["outcome"].errors]

    def clean(self):
        if self.cleaned_data.get("outcome") in LEADS_ON:
            self.check_day("agreed_on", latest=self.today)

    def look_again(self, reason):
        """A refusal at its field; what was chosen meanwhile counts as seen from now on."""
        self.add_refusal(reason)
        if reason.code == "outcome_changed":
            self.data = self.data.copy()
            self.data[self.add_prefix("seen")] = reason.args["at"].isoformat()

    def decided(self, everybody):
        """The Decided of this person, with what holds for everybody; None while it is still to decide."""
        data = self.cleaned_data
        sweep = everybody if self.is_asked and not data["seen"] else None
        chosen = data["outcome"] or sweep
        if not chosen or chosen == OPEN:
            return None
        agreed = data["agreed_on"] if data["agreed"] else None
        onward = Onward(
            provision=self.provisions.get(data["provision"]),
            offer=self.offers.get(data["offer"]),
            agreed_on=agreed if chosen == Outcome.PROVISION else None,
        )
        return Decided(self.row, Outcome(chosen), data["seen"], reason=data["reason"], onward=onward)


def _known(row, step, today):
    return {
        "outcome": row.outcome,
        "reason": row.outcome_reason,
        "seen": version_of(row),
        "provision": step.provision_id if step else None,
        "offer": step.offer_id if step else None,
        "agreed": step is not None,
        "agreed_on": step.agreed_on if step else today,
    }


class RoundForm:
    """The whole page: everybody, and each person. provisions: {municipality: [Provision]}; offers: other groups."""

    def __init__(self, data=None, *, cycle, sessions, people, provisions, offers, now, today):
        self.is_bound = data is not None
        self.everybody = EverybodyForm(data)
        self.people = [
            PersonForm(
                data,
                row=row,
                is_asked=is_asked(row, sessions, now=now),
                may_decide=may_decide(row, cycle, sessions, now=now),
                left=_left_over(row, sessions),
                provisions=provisions.get(row.client.neighbourhood.municipality_id, ()),
                offers=offers,
                today=today,
            )
            for row in people
        ]
        self.nothing_chosen = False

    def is_valid(self):
        """Everybody's fields, and at least one decision."""
        fine = [form.is_valid() for form in (self.everybody, *self.people)]
        if not self.is_bound or not all(fine):
            return False
        self.nothing_chosen = not self.decisions()
        return not self.nothing_chosen

    def decisions(self):
        found = (form.decided(self.everybody.outcome) for form in self.people)
        return [decided for decided in found if decided is not None]

    def add_refusals(self, reasons):
        """What the service refused, at each person; what they chose stays, on top of what is there now."""
        for form in self.people:
            if form.row.pk in reasons:
                form.look_again(reasons[form.row.pk])

    def errors(self):
        """[(name, address in the page, words)] of all that is not right yet."""
        return [
            (form.row.client.short_name, form["outcome" if name == "__all__" else name].auto_id, word)
            for form in self.people
            for name, words in form.errors.items()
            for word in words
        ]


def _left_over(row, sessions):
    """How many of their own sessions come after this cycle's (R22)."""
    held = [session for session in sessions if session.state != SessionState.CANCELLED]
    return max(0, right_of(row, len(held)) - sum(session.number >= row.enters_at for session in held))
