"""Putting mail in the outbox, and sending what is due."""

import logging
import uuid
from datetime import timedelta
from email.utils import format_datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.validators import ProhibitNullCharactersValidator, validate_email
from django.db import transaction

from notifications.enums import NotificationState
from notifications.models import Notification

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
# After the first failure a minute, then longer each time: a mail server that is down is given an evening.
RETRY_AFTER = [timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6)]

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


def prepare(*, kind, to, subject, body, now, dedupe_key=None, recipient=None, recipient_key=None, due_at=None):
    """A mail for the outbox, not written yet.

    The subject never holds personal data: the caller sees to that (R40); recipient_key is what withdraw_queued finds
    it by. ValidationError for an impossible address; ValueError for a subject of several lines.
    """
    if "\n" in subject or "\r" in subject:
        raise ValueError("a subject has one line")
    validate_email(to)
    for text in (subject, body):
        refuse_null_characters(text)
    return Notification(
        kind=kind,
        to_address=to,
        subject=subject,
        body=body,
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


def withdraw_queued(*, recipient_key):
    """What has not left yet for this recipient never leaves (R40); returns how many."""
    queued = Notification.objects.queued().filter(recipient_key=recipient_key).order_by()
    return queued.update(state=NotificationState.WITHDRAWN)


def send_notifications(*, now, limit=50):
    """Sends what is due, each row in a transaction of its own; returns how many left.

    Safe twice at once: a row is locked while it is sent. A row that fails is tried again later, after MAX_ATTEMPTS it
    is marked as failed; it never holds up the rest. A mail server that does not answer costs no attempt: mail waits.
    """
    connection, sent, seen = get_connection(), 0, set()
    try:
        while len(seen) < limit and (notification := _send_next(connection, now, seen)):
            seen.add(notification.pk)
            sent += notification.state == NotificationState.SENT
    except MailServerDown as error:
        logger.warning("notifications: no connection to the mail server (%s)", type(error.__cause__).__name__)
    finally:
        connection.close()
    if seen:
        logger.info("notifications: %d tried, %d sent", len(seen), sent)
    return sent


class MailServerDown(Exception):
    """No mail can leave now; nothing is wrong with the mail."""


@transaction.atomic
def _send_next(connection, now, seen):
    due = Notification.objects.due(now=now).exclude(pk__in=seen)
    notification = due.select_for_update(skip_locked=True, of=("self",)).first()
    if notification is None:
        return None
    _open(connection)
    try:
        _as_mail(notification, connection).send()
    except Exception as error:  # whatever is wrong with one mail: the others still go
        _mark_failed_attempt(notification, error, now)
        connection.close()
    else:
        notification.state, notification.sent_at, notification.last_error = NotificationState.SENT, now, ""
        notification.attempts += 1
    notification.save()
    return notification


def _open(connection):
    """Nothing if it is open already."""
    try:
        connection.open()
    except Exception as error:
        raise MailServerDown from error


def _mark_failed_attempt(notification, error, now):
    """Keeps the kind of error only: what a mail server answers often repeats the address."""
    notification.attempts += 1
    notification.last_error = type(error).__name__[:100]
    if notification.attempts >= MAX_ATTEMPTS:
        notification.state = NotificationState.FAILED
    else:
        notification.due_at = now + RETRY_AFTER[notification.attempts - 1]
    logger.warning(
        "notification %s: attempt %d failed with %s", notification.pk, notification.attempts, notification.last_error
    )


def _as_mail(notification, connection):
    return EmailMessage(
        subject=notification.subject,
        body=notification.body,
        to=[notification.to_address],
        connection=connection,
        headers={
            "Message-ID": notification.message_id,
            "Date": format_datetime(notification.created_at),
            "Auto-Submitted": "auto-generated",
        },
    )
