"""The intake and its decision."""

from django import forms
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy

from accounts.enums import RoleName
from accounts.models import User
from clients.enums import ConsentPurpose
from clients.queries import has_consent
from clients.seen_form import SeenForm, as_initial
from clients.shown import seen_of
from groups.fit import fit_offers
from groups.forms.refusals import DayInput
from groups.models import ProblemKind
from intake.enums import FOLLOWED_UP, ClientType, Decision, UrgentNeed
from intake.fitting import can_join, expected_starts, fit_lists, needs_word
from intake.forms import judging_checks as checks
from intake.forms.direct import chosen_parts, direct_rows
from intake.forms.parts import (
    CHECKBOXES,
    CONTACT,
    RADIO,
    AvailabilityField,
    OneLineField,
    lines,
)
from intake.forms.referring import ReferForm
from intake.forms.resumed import lay_over, shared_values
from intake.services import WantedPlace
from neighbourhoods.enums import CatchmentLevel
from neighbourhoods.models import Catchment, Provision

CLOSED = gettext_lazy("Something you ticked is not there any more. Look at the list and choose again.")


class JudgeForm(SeenForm):
    """A short intake that ends in a decision (R3–R6, R8b). Offers are ticked in the list of what fits."""

    overtaken = ()

    question = forms.CharField(
        label=gettext_lazy("The question as it was told now"),
        help_text=gettext_lazy("In their own words. Leave it empty if it is as the referrer wrote it."),
        max_length=2000,
        required=False,
        widget=lines(3),
    )
    client_type = forms.ChoiceField(
        label=gettext_lazy("How does this person stand to the problem?"),
        choices=ClientType.choices,
        widget=RADIO,
        required=False,
    )
    problem_kinds = ReferForm.base_fields["problem_kinds"]
    main_problem = forms.ModelChoiceField(
        label=gettext_lazy("What is it about most of all?"),
        queryset=ProblemKind.objects.all(),
        required=False,
        empty_label=gettext_lazy("Choose …"),
    )
    availability = AvailabilityField(
        label=gettext_lazy("When can they come?"), help_text=gettext_lazy("Nothing ticked means: any time.")
    )
    urgent_needs = forms.MultipleChoiceField(
        label=gettext_lazy("What must be in order first?"),
        help_text=gettext_lazy("Tick only what is urgent."),
        choices=UrgentNeed.choices,
        widget=CHECKBOXES,
        required=False,
    )
    hold_reason = OneLineField(
        label=gettext_lazy("More about it"),
        help_text=gettext_lazy("Who places people reads it."),
        max_length=200,
        required=False,
    )
    consent = forms.BooleanField(
        label=gettext_lazy("The person agrees that Socius keeps these data to look for a suitable group"),
        required=False,
    )
    refuses_own_neighbourhood = forms.BooleanField(
        label=gettext_lazy("Does not want to be in a group in their own neighbourhood"), required=False
    )
    other_catchment = forms.ModelChoiceField(
        label=gettext_lazy("In which neighbourhood, then?"),
        queryset=Catchment.objects.none(),
        required=False,
        empty_label=gettext_lazy("Choose …"),
    )
    is_sensitive = ReferForm.base_fields["is_sensitive"]
    may_mail = forms.BooleanField(label=gettext_lazy("Mail is safe"), required=False)
    may_phone = forms.BooleanField(label=gettext_lazy("Calling is safe"), required=False)
    instructions = ReferForm.base_fields["instructions"]
    notes = forms.CharField(label=gettext_lazy("Notes"), max_length=2000, required=False, widget=lines(3))
    decision = forms.ChoiceField(
        label=gettext_lazy("What do you decide?"), choices=Decision.choices, widget=RADIO, initial=Decision.WAITLIST
    )
    offers = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Which group?"), coerce=int, required=False, error_messages={"invalid_choice": CLOSED}
    )
    fit_exception = forms.CharField(
        label=gettext_lazy("Why may this person join all the same?"), max_length=500, required=False, widget=lines(2)
    )
    direct_offer = forms.TypedChoiceField(
        label=gettext_lazy("In which group?"),
        coerce=int,
        empty_value=None,
        required=False,
        error_messages={"invalid_choice": gettext_lazy("There is no place in this group any more. Choose again.")},
    )
    talk_held = forms.BooleanField(
        label=gettext_lazy(
            "The acquaintance talk was held just now: what the group is, privacy and safety, an own goal"
        ),
        required=False,
    )
    provision = forms.ModelChoiceField(
        label=gettext_lazy("Something in the neighbourhood"),
        help_text=gettext_lazy("Only those who agreed to receive people."),
        queryset=Provision.objects.none(),
        required=False,
        empty_label=gettext_lazy("Choose …"),
    )
    destination = OneLineField(label=gettext_lazy("Or another organisation: which?"), max_length=200, required=False)
    reason = forms.CharField(label=gettext_lazy("Why?"), max_length=1000, required=False, widget=lines(2))
    follow_up_on = forms.DateField(label=gettext_lazy("Ask again on"), required=False, widget=DayInput)
    follow_up_by = forms.ModelChoiceField(
        label=gettext_lazy("Who asks?"), queryset=User.objects.none(), required=False, empty_label=None
    )

    def __init__(self, *args, client, by, now, received_on=None, is_preview=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.client, self.by, self.now, self.is_preview = client, by, now, is_preview
        self.today = timezone.localdate(now)
        self.received_on = received_on or self.today
        self._set_choices()
        self.fits = self._fits()
        joinable = [fit for fit in self.fits if can_join(fit)]
        self.fields["offers"].choices = [(fit.offer.pk, fit.offer.name) for fit in joinable]
        self.direct_rows = direct_rows(self, joinable)
        free = [(row.fit.offer.pk, row.fit.offer.name) for row in self.direct_rows if row.first_date]
        self.fields["direct_offer"].choices = [("", ""), *free]
        if is_preview:
            self.fields["decision"].required = False

    @classmethod
    def for_referral(cls, referral, client, data, *, draft=None, **kwargs):
        """Bound to what was sent, or filled with what is known by now, and over it what was typed before.

        draft: a QueryDict of what the form sent when it was kept.
        """
        shared, overtaken = shared_values(client), []
        known = {name: as_initial(value) for name, value in shared.items()} | {
            "problem_kinds": [kind.pk for kind in referral.problem_kinds.all()],
            "seen": seen_of(client, shared),
            "offers": [referral.wished_offer_id] if referral.wished_offer_id else [],
            "follow_up_by": kwargs["by"].pk,
        }
        if draft is not None and data is None:
            typed, overtaken = lay_over(cls.base_fields, client, draft)
            known |= typed
        form = cls(data, client=client, initial=known, received_on=referral.received_on, **kwargs)
        form.overtaken = overtaken
        return form

    def show_changed(self, client, changed):
        """`client` as it is now; changed: {field: what holds now} (R40)."""
        self.client = client
        self.show_what_holds(client, changed, shown=shared_values(client))
        self.fits = self._fits()

    def _set_choices(self):
        own = self.client.neighbourhood
        near = Catchment.objects.filter(
            level=CatchmentLevel.NEIGHBOURHOOD, municipality=own.municipality_id, joined_into=None
        )
        self.fields["other_catchment"].queryset = near.exclude(pk=own.catchment_id).select_related("municipality")
        here = Provision.objects.agreed().visible_to(self.by).filter(municipality=own.municipality_id)
        self.fields["provision"].queryset = here.select_related("municipality").defer("municipality__polygon")
        colleagues = User.objects.with_role(RoleName.SOCIAL_WORKER).filter(
            is_active=True, work_areas__municipality=own.municipality_id
        )
        self.fields["follow_up_by"].queryset = colleagues.distinct().order_by("first_name", "last_name", "pk")
        self.fields["follow_up_by"].label_from_instance = lambda user: user.full_name

    def _fits(self):
        """All offers for this person as the form stands now; R18's other neighbourhood counts as home."""
        return fit_offers(
            birth_date=self.client.birth_date,
            sex=self.client.sex,
            neighbourhood=self._near(),
            problem_kinds={str(code) for code in self["problem_kinds"].value() or ()},
            today=self.today,
            basic_needs=self.is_urgent,
        )

    def _near(self):
        other = str(self["other_catchment"].value() or "")
        if not self["refuses_own_neighbourhood"].value() or not other.isdecimal() or len(other) > 9:
            return self.client.neighbourhood
        catchment = self.fields["other_catchment"].queryset.filter(pk=other).first()
        neighbourhoods = catchment.neighbourhoods.select_related("municipality", "catchment") if catchment else ()
        return next(iter(neighbourhoods), self.client.neighbourhood)

    @property
    def is_urgent(self):
        return bool(self["urgent_needs"].value())

    @property
    def is_direct(self):
        return self["decision"].value() == Decision.DIRECT

    @property
    def has_consent(self):
        """Given before, or just now."""
        return bool(self["consent"].value()) or has_consent(self.client, ConsentPurpose.REGISTRATION)

    @property
    def needs_exception(self):
        """Something chosen fits by age or sex only with the social worker's word."""
        chosen = [self["direct_offer"].value()] if self.is_direct else self["offers"].value() or ()
        ticked = {str(value) for value in chosen}
        return any(needs_word(fit) for fit in self.fits if str(fit.offer.pk) in ticked)

    @cached_property
    def lists(self):
        """The offers as the page shows them, with what is ticked and when this person would begin."""
        parts = chosen_parts(self) or None
        age, sex = self.client.age_on(self.today), self.client.sex
        expected = expected_starts(self.fits, self.by, now=self.now, age=age, sex=sex, parts=parts)
        return fit_lists(self.fits, {str(value) for value in self["offers"].value() or ()}, expected=expected)

    def clean(self):
        cleaned = super().clean()
        if not self.is_preview:
            checks.check_findings(self, cleaned)
            checks.check_what_was_decided(self, cleaned)
            checks.check_places(self, cleaned)
        return cleaned

    def judgement(self):
        """The arguments of judge_referral."""
        cleaned = self.cleaned_data
        names = ("decision", "client_type", "urgent_needs", "destination", "reason", "notes", "question", "provision")
        found = ("problem_kinds", "availability", "refuses_own_neighbourhood", "talk_held")
        contact = {name: cleaned[name] for name in CONTACT}
        known = {name: getattr(self.client.contact, name) for name in CONTACT}
        needs = [UrgentNeed(need).label for need in cleaned["urgent_needs"] if need != UrgentNeed.OTHER]
        asks = bool(cleaned["urgent_needs"]) or cleaned["decision"] in FOLLOWED_UP
        return {
            **{name: cleaned[name] for name in names + found},
            "hold_reason": "; ".join([*map(str, needs), *filter(None, [cleaned["hold_reason"]])]),
            "follow_up_on": cleaned["follow_up_on"] if asks else None,
            "follow_up_by": cleaned["follow_up_by"] if asks else None,
            "consented": cleaned["consent"],
            "contact": contact if contact != known else None,
            "seen": cleaned["seen"],
            "places": [self._place(fit) for fit in self.chosen_fits()],
        }

    def chosen_fits(self):
        cleaned = self.cleaned_data
        is_direct = cleaned.get("decision") == Decision.DIRECT
        ticked = {cleaned.get("direct_offer")} if is_direct else set(cleaned.get("offers") or ())
        return [fit for fit in self.fits if fit.offer.pk in ticked and can_join(fit)]

    def _place(self, fit):
        kinds = list(self.cleaned_data["problem_kinds"])
        return WantedPlace(
            offer=fit.offer,
            catchment=fit.catchment,
            problem_kind=self.cleaned_data["main_problem"] or (kinds[0] if len(kinds) == 1 else None),
            fit_exception=self.cleaned_data["fit_exception"].strip() if needs_word(fit) else "",
        )
