"""Who the client is and how to reach them."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.enums import AccessAction, Sex
from clients.exceptions import ChangedMeanwhile
from clients.letters import letter_refusal, withdraw_letters
from clients.models import Client, ContactPreference
from clients.permissions import can_place
from clients.queries import feedback_key
from clients.services.duplicates import note_likenesses
from clients.services.files import open_file
from clients.shown import changed_since
from clients.validation import check_birth_date, clean_phone, clean_postcode, clean_text, refuse_null_characters
from notifications.services import withdraw_queued

CONTACT_FIELDS = {"is_sensitive", "may_mail", "may_phone", "may_letter", "address_is_secret", "instructions"}
CLIENT_FIELDS = {
    "given_name",
    "name_prefix",
    "family_name",
    "birth_date",
    "sex",
    "postcode",
    "street",
    "town",
    "neighbourhood",
    "email",
    "phone",
    "refuses_own_neighbourhood",
}
KNOWN_BY = ("given_name", "name_prefix", "family_name", "birth_date", "postcode")
REACHED_BY = {"postcode", "street", "town", "email", "phone"}
CLEANERS = {
    "given_name": clean_text,
    "name_prefix": clean_text,
    "family_name": clean_text,
    "street": clean_text,
    "town": clean_text,
    "email": clean_text,
    "phone": clean_phone,
    "postcode": clean_postcode,
}


@transaction.atomic
def register_client(
    *,
    given_name,
    family_name,
    neighbourhood,
    by,
    now,
    name_prefix="",
    birth_date=None,
    sex=Sex.UNKNOWN,
    postcode="",
    street="",
    town="",
    email="",
    phone="",
    refuses_own_neighbourhood=False,
    contact=None,
):
    """A new client with contact preferences ({field of ContactPreference: value}); `by` is None for a resident.

    ValidationError by field. Nobody is looked up: whether somebody is known already is not told (R43).
    """
    values = {
        "given_name": given_name,
        "name_prefix": name_prefix,
        "family_name": family_name,
        "birth_date": birth_date,
        "sex": sex,
        "postcode": postcode,
        "street": street,
        "town": town,
        "neighbourhood": neighbourhood,
        "email": email,
        "phone": phone,
        "refuses_own_neighbourhood": refuses_own_neighbourhood,
    }
    client = Client(created_at=now, created_by=by, changed_at=now)
    _fill(client, values, now)
    client.save()
    _save_contact(client, contact or {})
    return client


@transaction.atomic
def update_client(*, client, by, now, contact=None, seen=None, **changes):
    """Changes fields of a client and, with `contact`, how they may be reached. ValidationError by field.

    seen: what the page showed (clients.shown.seen_of); ChangedMeanwhile when this would take back what it did not.
    Mail that was written before and has not left is withdrawn when it went elsewhere or may say less now (R40); a
    letter that was not printed, when none may go any more. One to another address goes there.
    """
    client = open_file(client=client, by=by, action=AccessAction.CHANGED, now=now)
    if not can_place(by):
        raise PermissionDenied
    client = Client.objects.select_for_update(of=("self",)).get(pk=client.pk)
    if client.merged_into_id is not None:  # at this very moment (R43)
        raise PermissionDenied
    if seen is not None:
        check_as_seen(client=client, seen=seen, wanted={**changes, **(contact or {})})
    before, mailed = [getattr(client, field) for field in sorted(REACHED_BY)], mailed_as(client)
    address, known_by = client.email, [getattr(client, field) for field in KNOWN_BY]
    _fill(client, changes, now)
    if client.email.lower() != address.lower():
        ContactPreference.objects.filter(client=client).update(mail_fails_since=None)
    if contact is not None:
        _save_contact(client, contact)
    if contact is not None or before != [getattr(client, field) for field in sorted(REACHED_BY)]:
        client.contact_changed_by = by
    client.changed_at = now
    client.save()
    if known_by != [getattr(client, field) for field in KNOWN_BY]:
        note_likenesses(client=client, now=now)
    hold_back_mail(client, mailed)
    return client


def hold_back_mail(client, mailed):
    """Mail that would go elsewhere now, or may say less, never leaves, nor a letter that may not (R40).

    mailed: mailed_as() before anything changed.
    """
    if mailed_as(client) != mailed:
        withdraw_queued(recipient_key=client.public_id)
        withdraw_queued(recipient_key=feedback_key(client))
    if letter_refusal(client):
        withdraw_letters(client=client)


def check_as_seen(*, client, seen, wanted):
    """R40: an old page takes nothing back. ChangedMeanwhile; the client is locked until the transaction ends."""
    client = Client.objects.select_for_update(of=("self",)).get(pk=client.pk)
    contact = ContactPreference.objects.filter(client=client).select_related("client__key").first()
    now = {name: getattr(client, name) for name in CLIENT_FIELDS}
    now |= {name: getattr(contact or ContactPreference(), name) for name in CONTACT_FIELDS}
    if "availability" in wanted:
        now["availability"] = set(client.availability.values_list("weekday", "part"))
    changed = changed_since(client, seen, now=now, wanted=wanted)
    if changed:
        raise ChangedMeanwhile(changed)


def mailed_as(client):
    """What decides where mail goes and how much it may say (R40); None while nothing is recorded."""
    recorded = ContactPreference.objects.filter(client=client).select_related("client__key").first()
    return client.email, recorded and (recorded.is_sensitive, recorded.may_mail, recorded.instructions)


def _fill(client, values, now):
    """Sets cleaned values; all errors at once, each at its field."""
    unknown = set(values) - CLIENT_FIELDS
    if unknown:
        raise TypeError(f"a client has no {', '.join(sorted(unknown))}")
    errors = {}
    for field, value in values.items():
        try:
            setattr(client, field, CLEANERS.get(field, lambda given: given)(value))
        except ValidationError as error:
            errors[field] = error.error_list
    try:
        check_birth_date(client.birth_date, today=timezone.localdate(now))
    except ValidationError as error:
        errors["birth_date"] = error.error_list
    if bool(client.street) != bool(client.town):
        message = _("Fill in street and town, or neither.")
        errors.setdefault("town" if client.street else "street", ValidationError(message, code="half").error_list)
    try:
        client.clean_fields(exclude={"sort_key", "public_id", *errors})
    except ValidationError as error:
        errors.update(error.error_dict)
    if errors:
        raise ValidationError(errors)


def _save_contact(client, values):
    unknown = set(values) - CONTACT_FIELDS
    if unknown:
        raise TypeError(f"a contact preference has no {', '.join(sorted(unknown))}")
    contact = ContactPreference.objects.filter(client=client).first() or ContactPreference(client=client)
    for field, value in values.items():
        setattr(contact, field, value)
    refuse_null_characters(contact.instructions)
    contact.clean_fields(exclude={"client"})
    contact.save()
    client.contact = contact
