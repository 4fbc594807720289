"""The page to refer somebody."""

import uuid

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.enums import Sex
from clients.validation import check_birth_date, clean_phone
from groups.exceptions import NotAllowed
from groups.models import GroupOffer, ProblemKind
from intake.forms.parts import CHECKBOXES, CONTACT, RADIO, AvailabilityField, BirthDateField, OneLineField, lines
from intake.services import check_consent, check_wish
from intake.wording import refusal_text
from neighbourhoods.enums import CatchmentLevel, MatchStatus
from neighbourhoods.postcodes import postcode_message
from neighbourhoods.queries import find_neighbourhoods, normalise_postcode

DATE_FORMATS = ["%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%d %m %Y", "%d%m%Y", "%Y-%m-%d"]
# Group work is for adults; a 17-year-old is accepted after a word about it.
YOUNGEST, ADULT = 17, 18
REACHED_BY = ("phone", "email")
TOWN = 60


class ReferForm(forms.Form):
    """One page, under two minutes (screens.md). The wished group is chosen in the list of what fits."""

    submission_key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    draft_version = forms.CharField(widget=forms.HiddenInput, required=False, max_length=9, initial="0")
    given_name = OneLineField(
        label=gettext_lazy("First name"),
        max_length=80,
        error_messages={"required": gettext_lazy("Enter the first name.")},
    )
    name_prefix = OneLineField(label=gettext_lazy("Prefix"), max_length=20, required=False)
    family_name = OneLineField(
        label=gettext_lazy("Family name"),
        max_length=80,
        error_messages={"required": gettext_lazy("Enter the family name.")},
    )
    birth_date = BirthDateField(
        label=gettext_lazy("Date of birth"),
        input_formats=DATE_FORMATS,
        widget=forms.DateInput(format="%d-%m-%Y", attrs={"inputmode": "text"}),
        help_text=gettext_lazy("Day, month, year: 12-3-1980"),
        error_messages={
            "required": gettext_lazy("Enter the date of birth."),
            "invalid": gettext_lazy("Enter a date like 12-3-1980, with the year in four digits."),
        },
    )
    is_seventeen_discussed = forms.BooleanField(
        label=gettext_lazy("I talked about this with the person"), required=False
    )
    sex = forms.ChoiceField(label=gettext_lazy("Sex"), choices=Sex.choices, initial=Sex.UNKNOWN)
    postcode = OneLineField(
        label=gettext_lazy("Postcode"),
        max_length=30,
        widget=forms.TextInput(attrs={"autocapitalize": "characters"}),
        error_messages={"required": gettext_lazy("Enter the postcode.")},
    )
    neighbourhood = forms.CharField(label=gettext_lazy("Neighbourhood"), required=False, max_length=8, widget=RADIO)
    phone = OneLineField(
        label=gettext_lazy("Phone"), max_length=30, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    email = forms.EmailField(label=gettext_lazy("E-mail address"), max_length=254, required=False)
    street = OneLineField(label=gettext_lazy("Street and house number"), max_length=100, required=False)
    town = OneLineField(
        label=gettext_lazy("Town"),
        max_length=TOWN,
        required=False,
        help_text=gettext_lazy("Empty: the town of the postcode."),
    )
    is_sensitive = forms.BooleanField(label=gettext_lazy("Contact must be safe"), required=False)
    may_mail = forms.BooleanField(label=gettext_lazy("Mail is safe"), required=False, initial=True)
    may_phone = forms.BooleanField(label=gettext_lazy("Calling is safe"), required=False, initial=True)
    instructions = forms.CharField(
        label=gettext_lazy("How can we reach this person safely?"), max_length=500, required=False, widget=lines(2)
    )
    question = forms.CharField(
        label=gettext_lazy("What does the person want?"),
        help_text=gettext_lazy("In their own words."),
        max_length=2000,
        widget=lines(3),
        error_messages={"required": gettext_lazy("Say what the person wants.")},
    )
    aim = forms.CharField(
        label=gettext_lazy("What do you hope for?"), max_length=2000, required=False, widget=lines(2)
    )
    problem_kinds = forms.ModelMultipleChoiceField(
        label=gettext_lazy("What is it about?"),
        queryset=ProblemKind.objects.all(),
        widget=CHECKBOXES,
        required=False,
    )
    basics_first = forms.BooleanField(
        label=gettext_lazy("First the basics: urgent money trouble, no home, no food or no safety"),
        help_text=gettext_lazy("Then the group waits until the basics are in order; nobody loses their turn."),
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
        self.lacks_word_about_age = False
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
            self._check_address(cleaned)
            try:
                check_consent(cleaned.get("consent"))
            except ValidationError as error:
                self.add_error(None, error)
        return cleaned

    @property
    def is_complete(self):
        """May be sent. A 17-year-old nobody talked with yet is no mistake, but a question that is still open."""
        return self.is_valid() and not self.is_preview and not self.lacks_word_about_age

    @property
    def needs_word_about_age(self):
        """A 17-year-old: warned about and accepted."""
        return self.age is not None and YOUNGEST <= self.age < ADULT

    @property
    def candidates(self):
        """[(neighbourhood, share in whole percents)] to choose from, when the postcode lies in more than one."""
        if self.match is None or self.match.status != MatchStatus.MANY:
            return []
        return [(neighbourhood, round(share * 100)) for neighbourhood, share in self.match.candidates]

    @property
    def is_place_open(self):
        """The postcode lies in more than one neighbourhood, and none was chosen yet."""
        return bool(self.candidates) and self.chosen is None

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
        fields += ("street", "town")
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
        more = ("basics_first", "feedback_allowed", "submission_key")
        return {name: self.cleaned_data[name] for name in names + more} | {"consented": self.cleaned_data["consent"]}

    def fit_facts(self):
        """What is known by now for fit_offers. Unknown is None or empty, never guessed."""
        known = getattr(self, "cleaned_data", {})
        return {
            "birth_date": known.get("birth_date"),
            "sex": known.get("sex") or Sex.UNKNOWN,
            "neighbourhood": self.chosen,
            "problem_kinds": {kind.pk for kind in known.get("problem_kinds") or ()},
            "basic_needs": bool(known.get("basics_first")),
        }

    def forecast_facts(self):
        """What is known by now for expected_starts."""
        known = getattr(self, "cleaned_data", {})
        return {
            "age": self.age,
            "sex": known.get("sex") or Sex.UNKNOWN,
            "parts": known.get("availability") or None,
            "on_hold": bool(known.get("basics_first")),
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
            self.lacks_word_about_age = True

    def _check_contact(self, cleaned):
        has_another_way = bool((cleaned.get("instructions") or "").strip())
        if cleaned.get("is_sensitive") and not has_another_way:
            self.add_error("instructions", _("Say how we can reach this person safely."))
        if not has_another_way and not any(self.data.get(self.add_prefix(name), "").strip() for name in REACHED_BY):
            message = _("Enter a phone number or an e-mail address, or say below how else we can reach this person.")
            self.add_error("phone", message)

    def _check_address(self, cleaned):
        """R40: only for letters, so never where a letter can harm; the postcode knows the town."""
        if cleaned.get("is_sensitive") and (cleaned.get("street") or cleaned.get("town")):
            self.add_error("street", _("Contact must be safe, so no letter is sent. Leave street and town empty."))
        elif cleaned.get("town") and not cleaned.get("street"):
            self.add_error("street", _("Enter the street and house number too, or leave the town empty."))
        elif cleaned.get("street") and not cleaned.get("town"):
            cleaned["town"] = self.match.place[:TOWN] if self.match else ""
            if not cleaned["town"]:
                self.add_error("town", _("Enter the town."))
