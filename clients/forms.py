"""What can be changed on a client's file. The rules themselves stand in services and validation."""

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Weekday
from clients.enums import ConsentPurpose, ContactWay, DayPart, SettledHow, Sex
from clients.seen_form import SeenForm
from clients.services import CLIENT_FIELDS, CONTACT_FIELDS
from clients.shown import seen_of
from clients.validation import check_birth_date, clean_phone, clean_postcode
from neighbourhoods.enums import MatchStatus
from neighbourhoods.models import Neighbourhood
from neighbourhoods.postcodes import postcode_message
from neighbourhoods.queries import find_neighbourhoods


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self):
        super().__init__(format="%Y-%m-%d")


class ClientForm(SeenForm):
    """Who the client is, where they live, and how they may be reached."""

    given_name = forms.CharField(label=gettext_lazy("Given name"), max_length=80)
    name_prefix = forms.CharField(
        label=gettext_lazy("Prefix"), max_length=20, required=False, help_text=gettext_lazy("For example: van, de, el")
    )
    family_name = forms.CharField(label=gettext_lazy("Family name"), max_length=80)
    birth_date = forms.DateField(label=gettext_lazy("Date of birth"), required=False, widget=DateInput)
    sex = forms.ChoiceField(label=gettext_lazy("Sex"), choices=Sex)
    postcode = forms.CharField(label=gettext_lazy("Postcode"), max_length=10, required=False)
    street = forms.CharField(
        label=gettext_lazy("Street and house number"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("Only needed to send letters, when mail is not possible."),
    )
    town = forms.CharField(label=gettext_lazy("Town"), max_length=60, required=False)
    neighbourhood = forms.ModelChoiceField(
        label=gettext_lazy("Neighbourhood"), queryset=Neighbourhood.objects.select_related("municipality")
    )
    refuses_own_neighbourhood = forms.BooleanField(
        label=gettext_lazy("Does not want a group in their own neighbourhood"),
        help_text=gettext_lazy("Only who places people in groups sees this."),
        required=False,
    )
    phone = forms.CharField(label=gettext_lazy("Phone"), max_length=30, required=False)
    email = forms.EmailField(label=gettext_lazy("E-mail address"), required=False)
    is_sensitive = forms.BooleanField(
        label=gettext_lazy("Contact can be dangerous for this client"),
        help_text=gettext_lazy("Mail then only says that there is a message, never about what."),
        required=False,
    )
    may_phone = forms.BooleanField(label=gettext_lazy("Calling is safe"), required=False)
    may_mail = forms.BooleanField(label=gettext_lazy("Mail is safe"), required=False)
    may_letter = forms.BooleanField(label=gettext_lazy("A letter is safe"), required=False)
    address_is_secret = forms.BooleanField(
        label=gettext_lazy("The address is secret"),
        help_text=gettext_lazy("No letter is made, and only who places people in groups sees the address."),
        required=False,
    )
    instructions = forms.CharField(
        label=gettext_lazy("How to reach the client safely"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("For example: only in the morning, on the number of her sister."),
    )

    def __init__(self, client, data=None, *, today):
        initial = self._shown(client)
        super().__init__(data, initial=initial | {"seen": seen_of(client, initial)})
        self.today = today
        if client.contact.mail_fails_since:
            self.fields["email"].help_text = _(
                "Mail came back from here, so nothing is mailed there until you change it."
            )

    def clean_birth_date(self):
        check_birth_date(self.cleaned_data["birth_date"], today=self.today)
        return self.cleaned_data["birth_date"]

    def clean_phone(self):
        return clean_phone(self.cleaned_data["phone"])

    def clean_postcode(self):
        return clean_postcode(self.cleaned_data["postcode"])

    def clean(self):
        """A postcode that says which neighbourhood it is decides; one that leaves it open lets the choice stand."""
        cleaned = super().clean()
        if not cleaned.get("postcode") or "postcode" not in self.changed_data:
            return cleaned
        match = find_neighbourhoods(cleaned["postcode"])
        if match.status == MatchStatus.ONE:
            cleaned["neighbourhood"] = match.neighbourhood
        elif match.status in {MatchStatus.UNKNOWN, MatchStatus.PO_BOX}:
            self.add_error("postcode", postcode_message(match))
        elif match.status == MatchStatus.MANY and "neighbourhood" in cleaned:
            self._check_candidate(cleaned["neighbourhood"], [place for place, _share in match.candidates])
        return cleaned

    def _check_candidate(self, chosen, candidates):
        if chosen not in candidates:
            names = ", ".join(str(candidate) for candidate in candidates)
            self.add_error("neighbourhood", _("This postcode lies in: %(names)s. Choose one.") % {"names": names})

    def changes(self):
        """Arguments for update_client."""
        contact = {field: self.cleaned_data[field] for field in CONTACT_FIELDS}
        fields = {field: self.cleaned_data[field] for field in CLIENT_FIELDS}
        return fields | {"contact": contact, "seen": self.cleaned_data["seen"]}

    def show_changed(self, client, changed):
        """`client` as it is now; changed: {field: what holds now} (R40)."""
        self.show_what_holds(client, changed, shown=self._shown(client))

    @staticmethod
    def _shown(client):
        shown = {field: getattr(client, field) for field in CLIENT_FIELDS}
        return shown | {field: getattr(client.contact, field) for field in CONTACT_FIELDS}


class AvailabilityForm(forms.Form):
    """The week by parts of the day; nothing ticked is any time."""

    parts = forms.MultipleChoiceField(
        choices=[(f"{weekday}-{part}", "") for weekday in Weekday.values for part in DayPart.values], required=False
    )

    def chosen(self):
        """{(weekday, part)}"""
        pairs = (value.split("-") for value in self.cleaned_data["parts"])
        return {(int(weekday), part) for weekday, part in pairs}


class ConsentForm(forms.Form):
    purpose = forms.ChoiceField(
        label=gettext_lazy("Agrees to"),
        choices=ConsentPurpose,
        widget=forms.RadioSelect,
        initial=ConsentPurpose.REGISTRATION,
    )
    how = forms.CharField(
        label=gettext_lazy("How did the client say so?"),
        max_length=100,
        help_text=gettext_lazy("For example: by phone, or signed at the desk."),
    )


class SearchForm(forms.Form):
    q = forms.CharField(
        label=gettext_lazy("Family name, without prefix"),
        max_length=80,
        min_length=3,
        help_text=gettext_lazy("At least three letters. Whose name you see is noted in their file."),
    )


class ContactForm(forms.Form):
    """One attempt to speak with a client; which button was pressed says whether they were reached (R7)."""

    way = forms.ChoiceField(
        label=gettext_lazy("How?"), choices=ContactWay, initial=ContactWay.PHONE, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Only what a colleague needs. The client may read it."),
    )
    next_on = forms.DateField(label=gettext_lazy("Next contact on"), required=False, widget=DateInput)
    next_for = forms.CharField(label=gettext_lazy("What for?"), max_length=100, required=False)
    on = forms.DateField(label=gettext_lazy("Day of this contact"), widget=DateInput)

    def __init__(self, data=None, *, today, may_phone=True, proposal=""):
        super().__init__(data, initial={"on": today, "way": ContactWay.PHONE if may_phone else None})
        self.fields["way"].choices = [(value, capfirst(label)) for value, label in ContactWay.choices]
        self.fields["next_on"].help_text = proposal

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("next_for") and not cleaned.get("next_on") and "next_on" not in self.errors:
            self.add_error("next_on", _("Choose the day as well."))
        return cleaned


class SettleForm(forms.Form):
    """How a follow-up came to an end (R10)."""

    how = forms.ChoiceField(label=gettext_lazy("How was it settled?"), widget=forms.RadioSelect)
    way = forms.ChoiceField(
        label=gettext_lazy("Spoken how?"), choices=ContactWay, initial=ContactWay.PHONE, required=False
    )

    def __init__(self, data=None):
        super().__init__(data)
        self.fields["how"].choices = [(value, capfirst(label)) for value, label in SettledHow.to_choose()]


class SnoozeForm(forms.Form):
    """R10: not now, but it comes back."""

    until = forms.DateField(label=gettext_lazy("Ask again on"), widget=DateInput)

    def __init__(self, data=None, *, proposal):
        super().__init__(data, initial={"until": proposal})
