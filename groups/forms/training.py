"""Courses, course days, places in them, and competences. Field names are the services' names (R14, R38)."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import RoleName
from accounts.models import User
from groups.enums import CompetenceKind, CourseResult
from groups.forms.refusals import ClockInput, DayInput, RefusableForm, capital_choices, text_field
from groups.models import GroupOffer
from groups.services.courses import COURSE_FIELDS, DAY_FIELDS
from groups.training import SITTERS, to_enrol

_ROLES = [choice for choice in RoleName.choices if choice[0] in SITTERS]


def _offer_field(**options):
    return forms.ModelChoiceField(
        GroupOffer.objects.order_by("name"), required=False, empty_label=gettext_lazy("All groups"), **options
    )


class CourseForm(RefusableForm):
    """What is taught, to whom, and what it gives."""

    field_of = {"course_name_taken": "name", "role_cannot_lead": "for_role", "role_cannot_sit": "for_role"}
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    about = forms.CharField(
        label=gettext_lazy("What is taught"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    grants = forms.ChoiceField(
        label=gettext_lazy("Gives the right to"), choices=capital_choices(CompetenceKind.choices)
    )
    offer = _offer_field(label=gettext_lazy("For which groups"))
    for_role = forms.ChoiceField(label=gettext_lazy("For"), choices=capital_choices(_ROLES))
    valid_months = forms.IntegerField(
        label=gettext_lazy("Valid for how many months"),
        min_value=1,
        max_value=120,
        required=False,
        help_text=gettext_lazy("Leave empty for as long as somebody works here."),
    )
    cycles_beside = forms.IntegerField(
        label=gettext_lazy("Cycles beside an experienced leader"),
        min_value=0,
        max_value=20,
        initial=0,
        help_text=gettext_lazy(
            "So many cycles must somebody have finished as second leader, before or after the course."
        ),
    )
    is_active = forms.BooleanField(label=gettext_lazy("This course is given"), required=False, initial=True)

    def __init__(self, data=None, *, course=None, today):
        initial = {} if course is None else {name: getattr(course, name) for name in COURSE_FIELDS}
        super().__init__(data, initial=initial, today=today)

    def values(self):
        return {name: self.cleaned_data[name] for name in COURSE_FIELDS}


class CourseDayForm(RefusableForm):
    """One time that a course is given."""

    field_of = {"day_not_ahead": "date", "fewer_than_enrolled": "places"}
    date = forms.DateField(label=gettext_lazy("Day"), widget=DayInput)
    start_time = forms.TimeField(label=gettext_lazy("From"), widget=ClockInput)
    end_time = forms.TimeField(label=gettext_lazy("Until"), widget=ClockInput)
    place = forms.CharField(label=gettext_lazy("Place"), max_length=120, required=False)
    places = forms.IntegerField(label=gettext_lazy("How many people can come"), min_value=1, max_value=500, initial=12)

    def __init__(self, data=None, *, day=None, today):
        initial = {} if day is None else {name: getattr(day, name) for name in DAY_FIELDS}
        super().__init__(data, initial=initial, today=today)

    def clean(self):
        self.check_day("date", earliest=self.today)
        start, end = self.cleaned_data.get("start_time"), self.cleaned_data.get("end_time")
        if start and end and end <= start:
            self.add_error("end_time", _("The end must be later than the start."))

    def values(self):
        return {name: self.cleaned_data[name] for name in DAY_FIELDS}


class EnrolForm(RefusableForm):
    """The coordinator gives somebody with the right role a place."""

    user = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("Colleague"))

    def __init__(self, data=None, *, day, today):
        super().__init__(data, today=today)
        self.fields["user"].queryset = to_enrol(day)

    def field_for(self, code):
        return "user"


class ResultsForm(RefusableForm):
    """Who was there: one choice a person; what is not known yet stays open."""

    def __init__(self, data=None, *, people, today):
        super().__init__(data, today=today)
        self.people = people
        for person in people:
            field = forms.ChoiceField(
                label=person.user.full_name,
                choices=[("", _("Not known yet")), *capital_choices(CourseResult.choices)],
                required=False,
                initial=person.result,
                disabled=hasattr(person, "gave"),
            )
            self.fields[f"p{person.pk}"] = field

    def results(self):
        return {person.pk: self.cleaned_data[f"p{person.pk}"] for person in self.people}


class GrantForm(RefusableForm):
    """A competence by hand, with why."""

    field_of = {
        "role_cannot_lead": "kind",
        "role_cannot_sit": "user",
        "not_here_any_more": "user",
        "day_not_ahead": "expires_on",
        "has_it_already": "expires_on",
        "reason_missing": "reason",
    }
    user = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("Colleague"))
    kind = forms.ChoiceField(label=gettext_lazy("May"), choices=capital_choices(CompetenceKind.choices))
    offer = _offer_field(label=gettext_lazy("For which groups"))
    expires_on = forms.DateField(
        label=gettext_lazy("Valid until"),
        widget=DayInput,
        required=False,
        help_text=gettext_lazy(
            "On that day it does not hold any more. Leave empty for as long as somebody works here."
        ),
    )
    reason = text_field(gettext_lazy("Why"), help_text=gettext_lazy("The colleague can read this."))

    def __init__(self, data=None, *, today, initial=None):
        super().__init__(data, today=today, initial=initial)
        self.fields["user"].queryset = User.objects.with_role(*SITTERS).order_by("first_name", "last_name", "pk")

    def clean(self):
        _check_end(self)


class EndForm(RefusableForm):
    """A competence ends, now or on a day, with why."""

    field_of = {"day_not_ahead": "expires_on", "before_granted": "expires_on", "ends_earlier": "expires_on"}
    expires_on = forms.DateField(
        label=gettext_lazy("From which day on not any more"),
        widget=DayInput,
        required=False,
        help_text=gettext_lazy("Leave empty for at once."),
    )
    reason = text_field(gettext_lazy("Why"), help_text=gettext_lazy("The colleague can read this."))

    def clean(self):
        _check_end(self)


def _check_end(form):
    form.check_day("expires_on", earliest=form.today, latest=form.today.replace(year=form.today.year + 10, day=1))
