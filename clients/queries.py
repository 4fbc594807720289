"""Questions about clients that several parts ask."""

import uuid

from django.core.exceptions import ValidationError
from django.db.models import Count, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from clients.enums import InvolvementKind, LetterState
from clients.models import AccessLog, Client, ContactMoment, Exclusion, FollowUp, Letter
from clients.names import plain_name
from clients.validation import clean_postcode
from notifications.models import Notification

# Fewer letters would list half a municipality.
LEAST_LETTERS = 3


def feedback_key(client):
    """By what mail to a referrer about this client is found, when it must not leave any more (R40, R42)."""
    return uuid.uuid5(client.public_id, "feedback")


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


def excluded_as_seen(client, user):
    """(whom this client must not meet and whose name the user may know, how many others there are) (R18, R41)."""
    others = excluded_with(client)
    seen = list(others.visible_to(user))
    return seen, others.count() - len(seen)


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


def kept_file_of(*, public_id, by):
    """The file into which this one was merged, for who may see that one; else None (R43)."""
    return Client.objects.visible_to(by).filter(merged_files__public_id=public_id).first()


def search_clients(text, *, by, limit=10):
    """Clients visible to `by` whose family name begins like this; nobody for fewer than LEAST_LETTERS letters."""
    begin = plain_name(text)
    if len(begin) < LEAST_LETTERS:
        return Client.objects.none()
    return Client.objects.visible_to(by).filter(sort_key__startswith=begin).order_by("sort_key", "pk")[:limit]


def readers_of(client, *, limit=50):
    """The last readings and changes of this file, and of those that were merged into it, the newest first."""
    files = Client.objects.filter(Q(pk=client.pk) | Q(merged_into=client.pk)).order_by()
    return AccessLog.objects.filter(client__in=files.values("pk")).select_related("user")[:limit]


def is_mail_safe(client):
    """Whether there is an address, and mail to it is safe (R40)."""
    contact = getattr(client, "contact", None)
    return bool(client.email) and contact is not None and contact.may_mail


def safe_address(client):
    """The address that mail may go to; None if there is none, mail is not safe (R40), or it came back from there."""
    return client.email if is_mail_safe(client) and client.contact.mail_fails_since is None else None


def contact_log_of(client):
    """Attempts to speak with this client, the newest first (R7)."""
    return ContactMoment.objects.filter(client=client).select_related("by", "client__key").order_by("-at", "-pk")


def misses_of(client="client"):
    """How often in a row the client of a row was not reached, as an annotation; `client` is the way to them."""
    missed = ContactMoment.objects.since_reached().filter(client=OuterRef(client)).order_by().values("client")
    return Coalesce(Subquery(missed.annotate(count=Count("pk")).values("count")), 0)


def misses_in_a_row(client):
    """How often this client was not reached since the last talk."""
    return ContactMoment.objects.since_reached().filter(client=client).count()


def follow_ups_of(client, user):
    """What is still to be followed up of this client, for who may place people; else nothing (R10)."""
    return (
        FollowUp.objects.open()
        .visible_to(user)
        .filter(client=client)
        .select_related("for_user")
        .order_by("due_on", "pk")
    )


def letters_of(user):
    """What this person can print, the oldest first."""
    return (
        Letter.objects.visible_to(user)
        .to_print()
        .select_related("client__neighbourhood__municipality")
        .defer("client__neighbourhood__municipality__polygon")
    )


def printed_letters(user, *, limit=50):
    """The last ones that were printed, to print again."""
    rows = Letter.objects.visible_to(user).filter(state=LetterState.PRINTED).select_related("client", "printed_by")
    return rows.order_by("-printed_at", "-pk")[:limit]


def mail_came_back_at(client):
    """When mail to the present address last came back; None if it never did."""
    returned = Notification.objects.came_back(recipient_key=client.public_id, address=client.email)
    return returned.aggregate(last=Max("bounced_at"))["last"]
