"""Mail in the outbox."""

from django.utils import timezone

from notifications.services import notify


def make_notification(**fields):
    values = {
        "kind": "test",
        "to": "iemand@voorbeeld.example",
        "subject": "Een bericht van Socius",
        "body": "Dag,\n\nEr is een bericht voor u.\n",
        "now": timezone.now(),
    }
    return notify(**(values | fields))
