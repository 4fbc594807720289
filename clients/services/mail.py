"""Mail to a client that did not arrive (R40)."""

from django.db import transaction

from clients.models import ContactPreference
from clients.services.files import touch
from notifications.services import withdraw_queued


@transaction.atomic
def note_mail_returned(*, client, address, returned_at, now):
    """Mail came back from `address`. While that is this client's, none goes there: letters and calls take its place.

    What waits to leave is withdrawn. Another address ends it, in update_client(). Whether it was still theirs.
    """
    if client.email.lower() != address.lower():
        return False
    ContactPreference.objects.filter(client=client).update(mail_fails_since=returned_at)
    withdraw_queued(recipient_key=client.public_id)
    touch(now, client)
    return True
