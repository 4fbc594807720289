"""Putting mail in the outbox, in the transaction of what it tells."""

import uuid
from urllib.parse import urlsplit

from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator, validate_email

from notifications.enums import NotificationState
from notifications.models import UNDELIVERED, Notification
from notifications.texts import render

refuse_null_characters = ProhibitNullCharactersValidator()


def notify(**mail):
    """Writes a mail into the outbox, in the caller's transaction; it leaves at due_at (at once, unless told).

    Takes what prepare() takes. The same dedupe_key twice gives the first row back.
    """
    fresh = prepare(**mail)
    if fresh.dedupe_key is None:
        fresh.save()
        return fresh
    notify_all([fresh])
    return Notification.objects.get(dedupe_key=fresh.dedupe_key)


def notify_all(prepared):
    """Writes many prepared mails in one statement; one whose dedupe_key is there already is left out."""
    Notification.objects.bulk_create(prepared, ignore_conflicts=True)


def prepare(
    *,
    to,
    now,
    kind="",
    text=None,
    values=None,
    subject="",
    body="",
    attachment="",
    dedupe_key=None,
    recipient=None,
    recipient_key=None,
    due_at=None,
):
    """A mail for the outbox, not written yet: subject and body, or `text`, a MessageKind, with its `values`.

    What the coordinator says instead for that kind is put in when it leaves, so that it holds for waiting mail too;
    until then the default words stand here. `kind` is the text's code unless told otherwise.
    The subject never holds personal data: the caller sees to that (R40); recipient_key is what withdraw_queued finds
    it by. ValidationError for an impossible address; ValueError for a subject of several lines.
    """
    if text is not None:
        kind, (subject, body) = kind or text.code, render(text, values or {})
    if "\n" in subject or "\r" in subject:
        raise ValueError("a subject has one line")
    validate_email(to)
    for said in (subject, body):
        refuse_null_characters(said)
    return Notification(
        kind=kind,
        to_address=to,
        subject=subject,
        body=body,
        text_code="" if text is None or text.is_fixed else text.code,
        values={} if text is None or text.is_fixed else values or {},
        attachment=attachment,
        created_at=now,
        due_at=due_at or now,
        message_id=_make_message_id(),
        dedupe_key=dedupe_key,
        recipient=recipient,
        recipient_key=recipient_key,
    )


def _make_message_id():
    """Fixed when the row is made: whoever gets a mail twice after a crash can tell that it is one mail."""
    return f"<{uuid.uuid4().hex}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}>"


def hand_on(*, recipient_key, to):
    """Mail to this recipient that waits or did not arrive is that one's from now on: the two were one person."""
    rows = Notification.objects.filter(recipient_key=recipient_key).order_by()
    rows.filter(state=NotificationState.QUEUED).update(recipient_key=to)
    rows.filter(state__in=UNDELIVERED).update(recipient_key=to)


def withdraw_queued(*, recipient_key):
    """What has not left yet for this recipient never leaves (R40); returns how many."""
    queued = Notification.objects.queued().filter(recipient_key=recipient_key).order_by()
    return queued.update(state=NotificationState.WITHDRAWN)
