"""What happens to a client's data. Whoever reads or changes a file leaves a row in the access log."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.enums import AccessAction, DayPart, Sex
from clients.models import AccessLog, Client, ClientAvailability, Consent, ContactPreference, Exclusion, Involvement
from clients.permissions import can_place
from clients.queries import search_clients
from clients.validation import check_birth_date, clean_phone, clean_postcode, clean_text, refuse_null_characters
from notifications.services import withdraw_queued

CONTACT_FIELDS = {"is_sensitive", "may_mail", "may_phone", "may_letter", "instructions"}
CLIENT_FIELDS = {
    "given_name",
    "name_prefix",
    "family_name",
    "birth_date",
    "sex",
    "postcode",
    "neighbourhood",
    "email",
    "phone",
    "refuses_own_neighbourhood",
}
# How long one row in the access log speaks for a page that stays open and asks again with every tick.
AS_OPENED = timedelta(hours=1)
REACHED_BY = {"postcode", "email", "phone"}
CLEANERS = {
    "given_name": clean_text,
    "name_prefix": clean_text,
    "family_name": clean_text,
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
def update_client(*, client, by, now, contact=None, **changes):
    """Changes fields of a client and, with `contact`, how they may be reached. ValidationError by field.

    Mail that was written before and has not left is withdrawn when it went elsewhere or may say less now (R40).
    """
    client = open_file(client=client, by=by, action=AccessAction.CHANGED, now=now)
    if not can_place(by):
        raise PermissionDenied
    client = Client.objects.select_for_update(of=("self",)).get(pk=client.pk)
    before, mailed = [getattr(client, field) for field in sorted(REACHED_BY)], _mailed_as(client)
    _fill(client, changes, now)
    if contact is not None:
        _save_contact(client, contact)
    if contact is not None or before != [getattr(client, field) for field in sorted(REACHED_BY)]:
        client.contact_changed_by = by
    client.changed_at = now
    client.save()
    if _mailed_as(client) != mailed:
        withdraw_queued(recipient_key=client.public_id)
    return client


def _mailed_as(client):
    """What decides where mail goes and how much it may say (R40); None while nothing is recorded."""
    fields = ("is_sensitive", "may_mail", "instructions")
    recorded = ContactPreference.objects.filter(client=client).values_list(*fields).first()
    return client.email, recorded


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


@transaction.atomic
def open_file(*, client, by, action, now, reason=""):
    """The client, freshly read, and in the same transaction the log row that says so: no log, no data (R41).

    PermissionDenied for whom this client is not visible to.
    """
    found = Client.objects.visible_to(by).filter(pk=client.pk)
    opened = found.select_related("contact", "neighbourhood__municipality").first()
    if opened is None:
        raise PermissionDenied
    AccessLog.objects.create(client=opened, user=by, action=action, reason=clean_text(reason), at=now)
    return opened


@transaction.atomic
def keep_file_open(*, client, by, action, now):
    """As open_file, for what a page asks while it is open: a row that is younger than AS_OPENED says enough."""
    rows = AccessLog.objects.filter(client=client, user=by, action=action, at__gt=now - AS_OPENED)
    is_noted = rows.exists() and Client.objects.visible_to(by).filter(pk=client.pk).exists()
    return client if is_noted else open_file(client=client, by=by, action=action, now=now)


def log_refusal(*, public_id, by, now):
    """Notes that somebody asked for a file that is not theirs to see. Nothing, if there is no such client."""
    for client in Client.objects.filter(public_id=public_id):
        AccessLog.objects.create(client=client, user=by, action=AccessAction.DENIED, at=now)


def find_or_refuse(rows, *, by, now, **key):
    """The one of `rows`, each about a client, with this key; else Http404, noted on the file it is about (R41)."""
    found = rows.filter(**key).first()
    if found is None:
        for public_id in rows.model.objects.filter(**key).values_list("client__public_id", flat=True):
            log_refusal(public_id=public_id, by=by, now=now)
        raise Http404
    return found


@transaction.atomic
def find_clients(*, text, by, now):
    """Those of whom `by` may see the name, each logged as seen in a search."""
    found = list(search_clients(text, by=by))
    AccessLog.objects.bulk_create(
        AccessLog(client=client, user=by, action=AccessAction.SEARCHED, at=now) for client in found
    )
    return found


@transaction.atomic
def record_consent(*, client, purpose, how, by, today):
    """Notes what the client agreed to (R42). Consent that is in force already stays as it was given."""
    Client.objects.select_for_update(of=("self",)).get(pk=client.pk)
    in_force = client.consents.in_force().filter(purpose=purpose).first()
    return in_force or Consent.objects.create(
        client=client, purpose=purpose, given_on=today, how=clean_text(how), recorded_by=by
    )


@transaction.atomic
def add_consent(*, client, purpose, how, by, now):
    """As record_consent, later, on the client's file; logged as a change of it."""
    if not can_place(by):
        raise PermissionDenied
    open_file(client=client, by=by, action=AccessAction.CHANGED, now=now)
    consent = record_consent(client=client, purpose=purpose, how=how, by=by, today=timezone.localdate(now))
    _touch(now, client)
    return consent


@transaction.atomic
def withdraw_consent(*, client, purpose, by, now):
    """The consent in force ends today; True if there was one. The row stays, as history (R42)."""
    if not can_place(by):
        raise PermissionDenied
    open_file(client=client, by=by, action=AccessAction.CHANGED, now=now)
    in_force = client.consents.in_force().filter(purpose=purpose)
    _touch(now, client)
    return bool(in_force.update(withdrawn_on=timezone.localdate(now)))


def _touch(now, *clients):
    """Lists that count on these clients can see that something changed."""
    Client.objects.filter(pk__in=[client.pk for client in clients]).update(changed_at=now)


@transaction.atomic
def set_client_availability(*, client, parts):
    """Replaces when the client can come: {(weekday 0-6, DayPart)}; none is any time."""
    parts = {(weekday, DayPart(part)) for weekday, part in parts}
    if any(weekday not in range(7) for weekday, _part in parts):
        raise ValidationError(_("A week has no such day."))
    Client.objects.select_for_update(of=("self",)).get(pk=client.pk)
    client.availability.all().delete()
    ClientAvailability.objects.bulk_create(
        ClientAvailability(client=client, weekday=weekday, part=part) for weekday, part in sorted(parts)
    )


@transaction.atomic
def change_availability(*, client, parts, by, now):
    """As set_client_availability, by a person who may edit; logged as a change of the file."""
    if not can_place(by):
        raise PermissionDenied
    open_file(client=client, by=by, action=AccessAction.CHANGED, now=now)
    set_client_availability(client=client, parts=parts)
    _touch(now, client)


@transaction.atomic
def record_exclusion(*, client, other, by, now):
    """These two are never placed together (R18). Only by who places; both files must be open to them."""
    if not can_place(by):
        raise PermissionDenied
    if client.pk == other.pk:
        raise ValidationError(_("Choose somebody else: this is the same person."))
    first, second = _change_both(client, other, by, now)
    exclusion, _created = Exclusion.objects.get_or_create(
        client=first, other=second, defaults={"recorded_by": by, "recorded_at": now}
    )
    _touch(now, first, second)
    return exclusion


@transaction.atomic
def remove_exclusion(*, client, other, by, now):
    """They may meet again. Only by who places; both files must be open to them."""
    if not can_place(by):
        raise PermissionDenied
    first, second = _change_both(client, other, by, now)
    Exclusion.objects.filter(client=first, other=second).delete()
    _touch(now, first, second)


def _change_both(client, other, by, now):
    """Both, the lower number first, each noted as changed. PermissionDenied if one is not theirs to see."""
    return [
        open_file(client=person, by=by, action=AccessAction.CHANGED, now=now)
        for person in sorted([client, other], key=lambda person: person.pk)
    ]


def involve(*, client, user, kind, now):
    """From now on this person works with the client and may open the file (R41); twice is once."""
    involvement, _created = Involvement.objects.get_or_create(
        client=client, user=user, kind=kind, ended_at=None, defaults={"started_at": now}
    )
    return involvement
