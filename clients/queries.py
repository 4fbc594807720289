"""Questions about clients that several parts ask."""

from django.core.exceptions import ValidationError
from django.db.models import Q

from clients.enums import InvolvementKind
from clients.models import AccessLog, Client, Exclusion
from clients.names import plain_name
from clients.validation import clean_postcode

# Fewer letters would list half a municipality.
LEAST_LETTERS = 3


def has_consent(client, purpose):
    return client.consents.in_force().filter(purpose=purpose).exists()


def excluded_pairs(client_ids):
    """{frozenset({a, b})}: which of these clients must never be in one group (R18)."""
    ids = list(client_ids)
    rows = Exclusion.objects.filter(client__in=ids, other__in=ids).values_list("client_id", "other_id")
    return {frozenset(pair) for pair in rows}


def excluded_with(client):
    """The clients who must never be in a group with this one, by name."""
    mine = Q(exclusions_as_first__other=client) | Q(exclusions_as_second__client=client)
    return Client.objects.filter(mine).distinct().order_by("sort_key", "pk")


def find_same_person(*, given_name, family_name, birth_date, postcode, by, name_prefix=""):
    """The client whom `by` referred before under this name, birth date and postcode; else None.

    Only among their own: a match with anybody else's client is never told (R43). Nor is one whose contact data
    somebody else changed since: the answer would tell which postcode is the right one (R40).
    """
    try:
        postcode = clean_postcode(postcode)
    except ValidationError:
        return None
    wanted = plain_name(given_name), plain_name(f"{name_prefix} {family_name}")
    own = Client.objects.filter(
        involvements__user=by,
        involvements__kind=InvolvementKind.REFERRER,
        birth_date=birth_date or None,
        postcode=postcode,
    )
    for client in own.order_by("pk"):
        names = plain_name(client.given_name), plain_name(f"{client.name_prefix} {client.family_name}")
        if names == wanted and client.is_reached_as_told_by(by):
            return client
    return None


def search_clients(text, *, by, limit=10):
    """Clients visible to `by` whose family name begins like this; nobody for fewer than LEAST_LETTERS letters."""
    begin = plain_name(text)
    if len(begin) < LEAST_LETTERS:
        return Client.objects.none()
    return Client.objects.visible_to(by).filter(sort_key__startswith=begin).order_by("sort_key", "pk")[:limit]


def readers_of(client, *, limit=50):
    """The last readings and changes of this file, the newest first."""
    return AccessLog.objects.filter(client=client).select_related("user")[:limit]


def safe_address(client):
    """The address that mail may go to; None if there is none or mail is not safe (R40)."""
    contact = getattr(client, "contact", None)
    return client.email if client.email and contact is not None and contact.may_mail else None
