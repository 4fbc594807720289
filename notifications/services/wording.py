"""The coordinator's own words for a kind of message; each change is kept with who and when."""

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Max

from notifications.models import MessageText
from notifications.permissions import can_change_messages
from notifications.validation import check_message


class TextChanged(Exception):
    """Somebody else changed the same text since this person looked at it."""


def set_text(*, kind, subject, body, seen, by, now, telling=()):
    """From now on messages of this kind say this, also those that wait in the outbox.

    seen: the number of the row that `by` looked at, 0 for none. ValidationError by field, TextChanged,
    PermissionDenied.
    """
    _check_allowed(kind, by)
    subject, body = check_message(kind, subject=subject, body=body, telling=telling)
    if (subject, body) == (kind.subject, kind.body):
        return reset_text(kind=kind, seen=seen, by=by, now=now)
    return _add(kind, seen, by, now, subject=subject, body=body)


def reset_text(*, kind, seen, by, now):
    """Back to the default in code; what was there before stays in the history. TextChanged, PermissionDenied."""
    _check_allowed(kind, by)
    return _add(kind, seen, by, now, is_default=True)


def _check_allowed(kind, by):
    if kind.is_fixed or not can_change_messages(by):
        raise PermissionDenied


def _add(kind, seen, by, now, **values):
    newest = MessageText.objects.filter(kind=kind.code).aggregate(number=Max("number"))["number"] or 0
    if newest != seen:
        raise TextChanged
    try:
        with transaction.atomic():
            return MessageText.objects.create(kind=kind.code, number=seen + 1, changed_by=by, changed_at=now, **values)
    except IntegrityError as error:
        raise TextChanged from error
