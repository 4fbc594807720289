"""What the client agreed to (R42)."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from clients.enums import AccessAction, ConsentPurpose, InvolvementKind
from clients.models import Client, Consent
from clients.permissions import can_place
from clients.queries import feedback_key
from clients.services.files import open_file, touch
from clients.validation import clean_text
from notifications.services import withdraw_queued

# R41: without it who sent them need not know their file any more.
ENDS_REFERRING = (ConsentPurpose.REGISTRATION, ConsentPurpose.FEEDBACK_TO_REFERRER)


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
    touch(now, client)
    return consent


@transaction.atomic
def withdraw_consent(*, client, purpose, by, now):
    """The consent in force ends today; True if there was one. The row stays, as history (R42)."""
    if not can_place(by):
        raise PermissionDenied
    open_file(client=client, by=by, action=AccessAction.CHANGED, now=now)
    in_force = client.consents.in_force().filter(purpose=purpose)
    if purpose == ConsentPurpose.FEEDBACK_TO_REFERRER:
        withdraw_queued(recipient_key=feedback_key(client))
    if purpose in ENDS_REFERRING:
        sent = client.involvements.open().filter(kind=InvolvementKind.REFERRER, started_at__lte=now)
        sent.order_by().update(ended_at=now)
    touch(now, client)
    return bool(in_force.update(withdrawn_on=timezone.localdate(now)))
