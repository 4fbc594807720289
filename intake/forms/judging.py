"""The intake and its decision."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groups.fit import fit_offers
from groups.models import ProblemKind
from intake.enums import ClientType, Decision
from intake.fitting import can_join, fit_lists, needs_word
from intake.forms.parts import CONTACT, RADIO, AvailabilityField, OneLineField, availability_values, lines
from intake.forms.referring import ReferForm
from intake.services import WantedPlace, check_decision
from neighbourhoods.enums import CatchmentLevel
from neighbourhoods.models import Catchment


class JudgeForm(forms.Form):
    """A short intake that ends in a decision (R3–R6). Offers are ticked in the list of what fits."""

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
    basic_needs_urgent = forms.BooleanField(
        label=gettext_lazy("Something urgent comes first: income, housing, health or safety"), required=False
    )
    hold_reason = OneLineField(label=gettext_lazy("What comes first?"), max_length=200, required=False)
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
    offers = forms.TypedMultipleChoiceField(label=gettext_lazy("Which group?"), coerce=int, required=False)
    fit_exception = forms.CharField(
        label=gettext_lazy("Why may this person join all the same?"), max_length=500, required=False, widget=lines(2)
    )
    destination = OneLineField(label=gettext_lazy("Where does this person go?"), max_length=200, required=False)
    reason = forms.CharField(label=gettext_lazy("Why?"), max_length=1000, required=False, widget=lines(2))

    def __init__(self, *args, client, today, is_preview=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.client, self.today, self.is_preview = client, today, is_preview
        own = client.neighbourhood
        self.fields["other_catchment"].queryset = (
            Catchment.objects.filter(
                level=CatchmentLevel.NEIGHBOURHOOD, municipality=own.municipality_id, joined_into=None
            )
            .exclude(pk=own.catchment_id)
            .select_related("municipality")
        )
        self.fits = self._fits()
        joinable = [fit for fit in self.fits if can_join(fit)]
        self.fields["offers"].choices = [(fit.offer.pk, fit.offer.name) for fit in joinable]
        if is_preview:
            self.fields["decision"].required = False

    @classmethod
    def for_referral(cls, referral, client, data, **kwargs):
        """Bound to what was sent, or filled with what is known by now."""
        contact = client.contact
        known = {name: getattr(contact, name) for name in CONTACT} | {
            "problem_kinds": [kind.pk for kind in referral.problem_kinds.all()],
            "availability": availability_values(client.availability.all()),
            "refuses_own_neighbourhood": client.refuses_own_neighbourhood,
            "offers": [referral.wished_offer_id] if referral.wished_offer_id else [],
        }
        return cls(data or None, client=client, initial=known, **kwargs)

    def _fits(self):
        """All offers for this person as the form stands now; R18's other neighbourhood counts as home."""
        return fit_offers(
            birth_date=self.client.birth_date,
            sex=self.client.sex,
            neighbourhood=self._near(),
            problem_kinds={str(code) for code in self["problem_kinds"].value() or ()},
            today=self.today,
            basic_needs=bool(self["basic_needs_urgent"].value()),
        )

    def _near(self):
        other = str(self["other_catchment"].value() or "")
        if not self["refuses_own_neighbourhood"].value() or not other.isdecimal() or len(other) > 9:
            return self.client.neighbourhood
        catchment = self.fields["other_catchment"].queryset.filter(pk=other).first()
        neighbourhoods = catchment.neighbourhoods.select_related("municipality", "catchment") if catchment else ()
        return next(iter(neighbourhoods), self.client.neighbourhood)

    @property
    def needs_exception(self):
        """Something ticked fits by age or sex only with the social worker's word."""
        ticked = {str(value) for value in self["offers"].value() or ()}
        return any(needs_word(fit) for fit in self.fits if str(fit.offer.pk) in ticked)

    @property
    def lists(self):
        """The offers as the page shows them, with what is ticked."""
        return fit_lists(self.fits, {str(value) for value in self["offers"].value() or ()})

    def clean(self):
        cleaned = super().clean()
        if self.is_preview:
            return cleaned
        if cleaned.get("basic_needs_urgent") and not cleaned.get("hold_reason"):
            self.add_error("hold_reason", _("Say in a few words what comes first."))
        if cleaned.get("is_sensitive") and not (cleaned.get("instructions") or "").strip():
            self.add_error("instructions", _("Say how we can reach this person safely."))
        self._check_decision(cleaned)
        if cleaned.get("decision") == Decision.WAITLIST:
            self._check_places(cleaned)
        return cleaned

    def judgement(self):
        """The arguments of judge_referral."""
        cleaned = self.cleaned_data
        names = ("decision", "client_type", "basic_needs_urgent", "hold_reason", "destination", "reason", "notes")
        found = ("problem_kinds", "availability", "refuses_own_neighbourhood")
        contact = {name: cleaned[name] for name in CONTACT}
        known = {name: getattr(self.client.contact, name) for name in CONTACT}
        return {
            **{name: cleaned[name] for name in names + found},
            "consented": cleaned["consent"],
            "contact": contact if contact != known else None,
            "places": [self._place(fit) for fit in self.chosen_fits()],
        }

    def chosen_fits(self):
        ticked = set(self.cleaned_data.get("offers") or ())
        return [fit for fit in self.fits if fit.offer.pk in ticked and can_join(fit)]

    def _place(self, fit):
        kinds = list(self.cleaned_data["problem_kinds"])
        return WantedPlace(
            offer=fit.offer,
            catchment=fit.catchment,
            problem_kind=self.cleaned_data["main_problem"] or (kinds[0] if len(kinds) == 1 else None),
            fit_exception=self.cleaned_data["fit_exception"].strip() if needs_word(fit) else "",
        )

    def _check_decision(self, cleaned):
        try:
            check_decision(
                decision=cleaned.get("decision"),
                places=cleaned.get("offers"),
                destination=cleaned.get("destination") or "",
                reason=cleaned.get("reason") or "",
            )
        except ValidationError as error:
            self.add_error(None, error)

    def _check_places(self, cleaned):
        chosen = self.chosen_fits()
        unfit = [fit.offer.name for fit in chosen if needs_word(fit)]
        if unfit and not (cleaned.get("fit_exception") or "").strip():
            message = _("%(offers)s does not fit by the rules of the offer. Say why it is right for this person.")
            self.add_error("fit_exception", message % {"offers": ", ".join(unfit)})
        near = any(fit.catchment.level == CatchmentLevel.NEIGHBOURHOOD for fit in chosen)
        if near and cleaned.get("refuses_own_neighbourhood") and not cleaned.get("other_catchment"):
            message = _("Choose another neighbourhood, or a group for the whole municipality.")
            self.add_error("other_catchment", message)
