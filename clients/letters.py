"""Writing letters, and who may get one (R40). A letter stands beside the call task, it does not replace it (R21)."""

from clients.enums import LetterState
from clients.models import Client, Letter
from notifications.models import MessageText
from notifications.texts import render


def letter_refusal(client):
    """Why this client gets no letter: a code, or "" when one may go."""
    contact = client.contact
    if contact.is_sensitive:
        return "dangerous"
    if contact.address_is_secret:
        return "secret"
    if not contact.may_letter:
        return "unsafe"
    return "" if client.street and client.town and client.postcode else "no_address"


def write_letters(*, text, recipients, now):
    """One letter for each who may get one, in the caller's transaction; text is a MessageKind, as for prepare().

    recipients: [(client, values, dedupe_key)]; the same key twice is one letter. Nothing for a kind that does not go
    by post. The clients are read afresh, in three statements in all: a start holds only half of each.
    """
    if text.paper is None or not recipients:
        return
    known = Client.objects.select_related("contact", "key").in_bulk(
        [client.pk for client, _values, _key in recipients]
    )
    rows = [(known[client.pk], values, key) for client, values, key in recipients]
    rows = [row for row in rows if not letter_refusal(row[0])]
    stored = MessageText.objects.newest().filter(kind=text.paper.code).first() if rows else None
    letters = [
        Letter(
            client=client, kind=text.paper.code, text=_worded(text.paper, values, stored), made_at=now, dedupe_key=key
        )
        for client, values, key in rows
    ]
    Letter.objects.bulk_create(letters, ignore_conflicts=True)


def _worded(kind, values, stored):
    return render(kind, values, stored)[1]


def withdraw_letters(*, client):
    """What was not printed yet is never printed (R40); returns how many."""
    return Letter.objects.to_print().filter(client=client).order_by().update(state=LetterState.WITHDRAWN)


def withdraw_letters_of(*, keys):
    """The same for letters by their dedupe_key: what they say does not hold any more."""
    return Letter.objects.to_print().filter(dedupe_key__in=keys).order_by().update(state=LetterState.WITHDRAWN)
