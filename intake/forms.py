"""The two forms of intake. Both can be asked half-filled ("preview"): then only what was filled in is checked."""

import uuid

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Weekday
from clients.enums import DayPart, Sex
from clients.validation import check_birth_date, clean_phone, clean_text
from groups.exceptions import NotAllowed
from groups.fit import fit_offers
from groups.models import GroupOffer, ProblemKind
from intake.enums import ClientType, Decision
from intake.services import WantedPlace, check_consent, check_decision, check_wish
from intake.wording import refusal_text
from neighbourhoods.enums import CatchmentLevel, MatchStatus
from neighbourhoods.models import Catchment
from neighbourhoods.postcodes import postcode_message
from neighbourhoods.queries import find_neighbourhoods, normalise_postcode

DATE_FORMATS = ["%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%d %m %Y", "%d%m%Y", "%Y-%m-%d"]
# Group work is for adults; a 17-year-old is accepted after a word about it (domain.md §4).
YOUNGEST, ADULT = 17, 18
# Against these the social worker's word is needed; another subject is theirs to judge without.
AGE_OR_SEX = {"too_young", "too_old", "audience"}
CONTACT = ("is_sensitive", "may_mail", "may_phone", "instructions")
RADIO, CHECKBOXES = forms.RadioSelect, forms.CheckboxSelectMultiple


def _lines(rows):
    return forms.Textarea(attrs={"rows": rows})


class OneLineField(forms.CharField):
    """Text on one line, single spaces, as clients keep it."""

    def to_python(self, value):
        return clean_text(super().to_python(value))


class AvailabilityField(forms.MultipleChoiceField):
    """Parts of the week as "0-morning"; clean data are {(weekday, DayPart)}."""

    def __init__(self, **kwargs):
        choices = [(f"{day.value}-{part.value}", f"{day.label} {part.label}") for day in Weekday for part in DayPart]
        super().__init__(choices=choices, required=False, **kwargs)

    def clean(self, value):
        pairs = (choice.split("-") for choice in super().clean(value))
        return {(int(day), DayPart(part)) for day, part in pairs}


def availability_rows(bound_field):
    """The week as rows for _availability.html: (day, [(id, value, name, whether ticked)])."""
    ticked = set(bound_field.value() or ())
    return [(day.label, [_part_box(bound_field, day, part, ticked) for part in DayPart]) for day in Weekday]


def _part_box(bound_field, day, part, ticked):
    value = f"{day.value}-{part.value}"
    return {"id": f"id_{bound_field.name}_{value}", "value": value, "label": part.label, "ticked": value in ticked}


def availability_values(rows):
    """What the form shows for stored ClientAvailability rows."""
    return [f"{row.weekday}-{row.part}" for row in rows]


def needs_word(fit):
    """Age or sex speaks against this offer, so only the social worker's reason lets somebody in (R10b)."""
    return any(reason.code in AGE_OR_SEX for reason in fit.cons)


def can_join(fit):
    """There is a list for this person, and the group is held where it would draw from."""
    return fit.catchment is not None and all(reason.code != "held_elsewhere" for reason in fit.cons)


class ReferForm(forms.Form):
    """One page, under two minutes (screens.md). The wished group is chosen in the list of what fits."""

    submission_key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    given_name = OneLineField(label=gettext_lazy("First name"), max_length=80)
    name_prefix = OneLineField(label=gettext_lazy("Prefix"), max_length=20, required=False)
    family_name = OneLineField(label=gettext_lazy("Family name"), max_length=80)
    birth_date = forms.DateField(
        label=gettext_lazy("Date of birth"),
        input_formats=DATE_FORMATS,
        widget=forms.DateInput(format="%d-%m-%Y", attrs={"inputmode": "text"}),
        help_text=gettext_lazy("Day, month, year: 12-3-1980"),
        error_messages={"invalid": gettext_lazy("Enter a date like 12-3-1980, with the year in four digits.")},
    )
    is_seventeen_discussed = forms.BooleanField(
        label=gettext_lazy("I talked about this with the person"), required=False
    )
    sex = forms.ChoiceField(label=gettext_lazy("Sex"), choices=Sex.choices, initial=Sex.UNKNOWN)
    postcode = OneLineField(
        label=gettext_lazy("Postcode"), max_length=30, widget=forms.TextInput(attrs={"autocapitalize": "characters"})
    )
    neighbourhood = forms.CharField(label=gettext_lazy("Neighbourhood"), required=False, max_length=8, widget=RADIO)
    phone = OneLineField(
        label=gettext_lazy("Phone"), max_length=30, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    email = forms.EmailField(label=gettext_lazy("E-mail address"), max_length=254, required=False)
    is_sensitive = forms.BooleanField(label=gettext_lazy("Contact must be safe"), required=False)
    may_mail = forms.BooleanField(label=gettext_lazy("Mail is safe"), required=False, initial=True)
    may_phone = forms.BooleanField(label=gettext_lazy("Calling is safe"), required=False, initial=True)
    instructions = forms.CharField(
        label=gettext_lazy("How can we reach this person safely?"), max_length=500, required=False, widget=_lines(2)
    )
    question = forms.CharField(
        label=gettext_lazy("What does the person want?"),
        help_text=gettext_lazy("In their own words."),
        max_length=2000,
        widget=_lines(3),
    )
    aim = forms.CharField(
        label=gettext_lazy("What do you hope for?"), max_length=2000, required=False, widget=_lines(2)
    )
    problem_kinds = forms.ModelMultipleChoiceField(
        label=gettext_lazy("What is it about?"),
        queryset=ProblemKind.objects.all(),
        widget=CHECKBOXES,
        required=False,
    )
    availability = AvailabilityField(
        label=gettext_lazy("When can they come?"), help_text=gettext_lazy("Nothing ticked means: any time.")
    )
    wished_offer = forms.ModelChoiceField(
        label=gettext_lazy("Which group do you have in mind?"), queryset=GroupOffer.objects.active(), required=False
    )
    wished_level = forms.ChoiceField(
        label=gettext_lazy("Where?"),
        choices=[
            ("", gettext_lazy("No preference")),
            (CatchmentLevel.NEIGHBOURHOOD, gettext_lazy("In their own neighbourhood")),
            (CatchmentLevel.MUNICIPALITY, gettext_lazy("In their municipality")),
            (CatchmentLevel.REGION, gettext_lazy("Anywhere in the region")),
        ],
        required=False,
    )
    consent = forms.BooleanField(
        label=gettext_lazy("The person agrees that Socius keeps these data to look for a suitable group"),
        required=False,
    )
    feedback_allowed = forms.BooleanField(
        label=gettext_lazy("The person agrees that I hear how it goes"), required=False
    )

    def __init__(self, *args, today, is_preview=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.today, self.is_preview = today, is_preview
        self.match, self.chosen, self.age = None, None, None
        self.initial.setdefault("submission_key", uuid.uuid4())
        if is_preview:
            for field in self.fields.values():
                field.required = False

    def clean_birth_date(self):
        born = self.cleaned_data["birth_date"]
        if born is None:
            return None
        check_birth_date(born, today=self.today)
        self.age = self.today.year - born.year - ((self.today.month, self.today.day) < (born.month, born.day))
        if self.age < YOUNGEST:
            raise ValidationError(
                _(
                    "This person is %(age)d. Group work of Socius is for people from 17 years. "
                    "For younger people: call the youth team of the municipality."
                )
                % {"age": self.age},
                code="too_young",
            )
        return born

    def clean_phone(self):
        return clean_phone(self.cleaned_data["phone"])

    def clean(self):
        cleaned = super().clean()
        self._find_neighbourhood(cleaned)
        self._check_wish(cleaned)
        if not self.is_preview:
            self._check_seventeen(cleaned)
            self._check_contact(cleaned)
            try:
                check_consent(cleaned.get("consent"))
            except ValidationError as error:
                self.add_error(None, error)
        return cleaned

    @property
    def needs_word_about_age(self):
        """A 17-year-old: warned about and accepted."""
        return self.age is not None and self.age < ADULT

    @property
    def candidates(self):
        """[(neighbourhood, share in whole percents)] to choose from, when the postcode lies in more than one."""
        if self.match is None or self.match.status != MatchStatus.MANY:
            return []
        return [(neighbourhood, round(share * 100)) for neighbourhood, share in self.match.candidates]

    @property
    def place_message(self):
        """What the postcode says: the neighbourhood, that there is a choice, or why it cannot be."""
        return postcode_message(self.match) if self.match else ""

    @property
    def is_place_wrong(self):
        return self.match is not None and self.match.status not in (MatchStatus.ONE, MatchStatus.MANY)

    def person(self):
        """The arguments of register_client."""
        fields = ("given_name", "name_prefix", "family_name", "birth_date", "sex", "postcode", "email", "phone")
        contact = {name: self.cleaned_data[name] for name in CONTACT}
        contact["may_letter"] = not contact["is_sensitive"]
        return {
            **{name: self.cleaned_data[name] for name in fields},
            "neighbourhood": self.chosen,
            "contact": contact,
        }

    def wishes(self):
        """The other arguments of refer_client."""
        names = ("question", "aim", "problem_kinds", "availability", "wished_offer", "wished_level")
        more = ("feedback_allowed", "submission_key")
        return {name: self.cleaned_data[name] for name in names + more} | {"consented": self.cleaned_data["consent"]}

    def fit_facts(self):
        """What is known by now for fit_offers. Unknown is None or empty, never guessed."""
        known = getattr(self, "cleaned_data", {})
        return {
            "birth_date": known.get("birth_date"),
            "sex": known.get("sex") or Sex.UNKNOWN,
            "neighbourhood": self.chosen,
            "problem_kinds": {kind.pk for kind in known.get("problem_kinds") or ()},
        }

    def _find_neighbourhood(self, cleaned):
        postcode = cleaned.get("postcode")
        if not postcode:
            return
        self.match = find_neighbourhoods(postcode)
        if self.is_place_wrong:
            self.add_error("postcode", self.place_message)
            return
        by_code = {neighbourhood.pk: neighbourhood for neighbourhood, _share in self.match.candidates}
        self.chosen = self.match.neighbourhood or by_code.get(cleaned.get("neighbourhood"))
        if self.is_preview:
            return
        try:
            cleaned["postcode"] = normalise_postcode(postcode)
        except ValueError:
            self.add_error("postcode", _("Enter a postcode like 1943 AB: four digits and two letters."))
        if self.chosen is None:
            self.add_error("neighbourhood", self.place_message)

    def _check_wish(self, cleaned):
        offer = cleaned.get("wished_offer")
        try:
            check_wish(offer=offer, level=cleaned.get("wished_level") or "")
        except NotAllowed as refused:
            self.add_error("wished_level", refusal_text(offer, refused.reason))

    def _check_seventeen(self, cleaned):
        if self.needs_word_about_age and not cleaned.get("is_seventeen_discussed"):
            self.add_error(
                "is_seventeen_discussed",
                _("This person is 17. That is possible: tick that you talked about it, and send again."),
            )

    def _check_contact(self, cleaned):
        if cleaned.get("is_sensitive") and not (cleaned.get("instructions") or "").strip():
            self.add_error("instructions", _("Say how we can reach this person safely."))


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
        label=gettext_lazy("What is it about most of all?"), queryset=ProblemKind.objects.all(), required=False
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
        label=gettext_lazy("In which neighbourhood, then?"), queryset=Catchment.objects.none(), required=False
    )
    is_sensitive = ReferForm.base_fields["is_sensitive"]
    may_mail = forms.BooleanField(label=gettext_lazy("Mail is safe"), required=False)
    may_phone = forms.BooleanField(label=gettext_lazy("Calling is safe"), required=False)
    instructions = ReferForm.base_fields["instructions"]
    notes = forms.CharField(label=gettext_lazy("Notes"), max_length=2000, required=False, widget=_lines(3))
    decision = forms.ChoiceField(
        label=gettext_lazy("What do you decide?"), choices=Decision.choices, widget=RADIO, initial=Decision.WAITLIST
    )
    offers = forms.TypedMultipleChoiceField(label=gettext_lazy("Which group?"), coerce=int, required=False)
    fit_exception = forms.CharField(
        label=gettext_lazy("Why may this person join all the same?"), max_length=500, required=False, widget=_lines(2)
    )
    destination = OneLineField(label=gettext_lazy("Where does this person go?"), max_length=200, required=False)
    reason = forms.CharField(label=gettext_lazy("Why?"), max_length=1000, required=False, widget=_lines(2))

    def __init__(self, *args, client, today, is_preview=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.client, self.today, self.is_preview = client, today, is_preview
        own = client.neighbourhood
        self.fields["other_catchment"].queryset = (
            Catchment.objects.filter(level=CatchmentLevel.NEIGHBOURHOOD, municipality=own.municipality_id)
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
    def rows(self):
        """(fit, ticked, whether it can be joined, whether it needs the social worker's word)."""
        ticked = {str(value) for value in self["offers"].value() or ()}
        return [(fit, str(fit.offer.pk) in ticked, can_join(fit), needs_word(fit)) for fit in self.fits]

    @property
    def fitting_rows(self):
        return [row for row in self.rows if row[0].fits or row[1]]

    @property
    def other_rows(self):
        return [row for row in self.rows if not (row[0].fits or row[1])]

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
            self.add_error("other_catchment", _("Choose another neighbourhood, or a group for the whole municipality."))
