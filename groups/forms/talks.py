"""When and with whom an individual talk is: one of the moments that are free, or one's own (R29)."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from groups.forms.refusals import ClockInput, DayInput, RefusableForm
from groups.forms.sessions import PersonChoiceField
from groups.time_words import moment_text

OWN = "own"


class TalkForm(RefusableForm):
    """moment is a proposal, or `own`: then the three fields below it count."""

    field_of = dict.fromkeys(
        ("in_the_past", "blocked_day", "outside_talk_window", "outside_hours", "talk_then_already", "clash"), "moment"
    ) | {"not_leading": "with_user"}

    moment = forms.ChoiceField(label=gettext_lazy("Moment"), widget=forms.Select)
    with_user = PersonChoiceField(label=gettext_lazy("With"), queryset=User.objects.none(), required=False)
    date = forms.DateField(label=gettext_lazy("Day"), widget=DayInput, required=False)
    start_time = forms.TimeField(label=gettext_lazy("Start"), widget=ClockInput, required=False)

    def __init__(self, *args, leaders, proposals, **kwargs):
        super().__init__(*args, **kwargs)
        self.proposals = {moment.key: moment for moment in proposals}
        self.fields["with_user"].queryset = leaders
        choices = [(key, _line(moment)) for key, moment in self.proposals.items()]
        self.fields["moment"].choices = [*choices, (OWN, _("another moment, below"))]

    def clean(self):
        self.check_day("date", earliest=self.today)
        if self.cleaned_data.get("moment") == OWN:
            for name in ("with_user", "date", "start_time"):
                if not self.cleaned_data.get(name) and name not in self.errors:
                    self.add_error(name, _("Fill this in for a moment of your own."))

    def plan(self):
        """What the service asks for; only of a form that is right."""
        chosen = self.proposals.get(self.cleaned_data["moment"])
        if chosen is not None:
            return {"with_user": chosen.user, "date": chosen.date, "start_time": chosen.start}
        return {name: self.cleaned_data[name] for name in ("with_user", "date", "start_time")}

    def field_for(self, code):
        """A refusal of one's own moment stands at its day."""
        name = super().field_for(code)
        is_own = self.cleaned_data.get("moment") == OWN
        return "date" if is_own and name == "moment" else name


class CancelTalkForm(RefusableForm):
    """Nothing to fill in: only what happens is to be read."""


def own_moment(talk):
    """What the form begins with for a talk that is to move."""
    values = {"with_user": talk.with_user_id, "date": talk.date, "start_time": talk.start_time}
    return {"moment": OWN, **values}


def _line(moment):
    when = moment_text(moment.date, moment.start, moment.end)
    return f"{when} · {moment.user.short_name}"
