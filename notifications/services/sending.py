"""Sending what is due."""

import logging
from datetime import timedelta
from email.utils import format_datetime
from functools import cached_property

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction

from notifications.enums import NotificationState
from notifications.models import MessageText, Notification
from notifications.texts import fill

logger = logging.getLogger(__name__)

CALENDAR_NAME = "afspraak.ics"
MAX_ATTEMPTS = 5
# After the first failure a minute, then longer each time: a mail server that is down is given an evening.
RETRY_AFTER = [timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6)]


def send_notifications(*, now, limit=50):
    """Sends what is due, each row in a transaction of its own; returns how many left.

    Safe twice at once: a row is locked while it is sent. A row that fails is tried again later, after MAX_ATTEMPTS it
    is marked as failed; it never holds up the rest. A mail server that does not answer costs no attempt: mail waits.
    """
    connection, words, sent, seen = get_connection(), OwnWords(), 0, set()
    try:
        while len(seen) < limit and (notification := _send_next(connection, words, now, seen)):
            seen.add(notification.pk)
            sent += notification.state == NotificationState.SENT
    except MailServerDown as error:
        logger.warning("notifications: no connection to the mail server (%s)", type(error.__cause__).__name__)
    finally:
        connection.close()
    if seen:
        logger.info("notifications: %d tried, %d sent", len(seen), sent)
    return sent


class OwnWords:
    """The words of the coordinator that hold while this batch leaves; read once, and only when a mail asks."""

    @cached_property
    def by_kind(self):
        return {text.kind: text for text in MessageText.objects.newest()}

    def of(self, notification):
        """(subject, body): what was written, unless the kind has own words."""
        written = notification.subject, notification.body
        if not notification.text_code or (text := self.by_kind.get(notification.text_code)) is None:
            return written
        try:
            return text.subject, fill(text.body, notification.values)
        except KeyError as error:  # words from before a placeholder went away: the default, already written, is right
            logger.warning("notification %s: its text asks for %s, so the default leaves", notification.pk, error)
            return written


class MailServerDown(Exception):
    """No mail can leave now; nothing is wrong with the mail."""


@transaction.atomic
def _send_next(connection, words, now, seen):
    due = Notification.objects.due(now=now).exclude(pk__in=seen)
    notification = due.select_for_update(skip_locked=True, of=("self",)).first()
    if notification is None:
        return None
    _open(connection)
    said = words.of(notification)
    try:
        _as_mail(notification, said, connection).send()
    except Exception as error:  # whatever is wrong with one mail: the others still go
        _mark_failed_attempt(notification, error, now)
        connection.close()
    else:
        notification.state, notification.sent_at, notification.last_error = NotificationState.SENT, now, ""
        notification.attempts += 1
        (notification.subject, notification.body), notification.values = said, {}
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


def _as_mail(notification, said, connection):
    subject, body = said
    mail = EmailMessage(
        subject=subject,
        body=body,
        to=[notification.to_address],
        connection=connection,
        from_email=settings.BOUNCES_ADDRESS or None,
        headers={
            "From": settings.DEFAULT_FROM_EMAIL,
            "Message-ID": notification.message_id,
            "Date": format_datetime(notification.created_at),
            "Auto-Submitted": "auto-generated",
        },
    )
    if notification.attachment:
        mail.attach(CALENDAR_NAME, notification.attachment, "text/calendar; method=PUBLISH; charset=utf-8")
    return mail
