"""Who opens a file leaves a row in the access log: no log, no data (R41)."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404

from clients.enums import AccessAction
from clients.models import AccessLog, Client, Involvement
from clients.queries import search_clients
from clients.validation import clean_text

# How long one row in the access log speaks for a page that stays open and asks again with every tick.
AS_OPENED = timedelta(hours=1)


@transaction.atomic
def open_file(*, client, by, action, now, reason=""):
    """The client, freshly read, and in the same transaction the log row that says so: no log, no data (R41).

    PermissionDenied for whom this client is not visible to.
    """
    found = Client.objects.visible_to(by).filter(pk=client.pk)
    opened = found.select_related("contact", "key", "neighbourhood__municipality").first()
    if opened is None:
        raise PermissionDenied
    AccessLog.objects.create(client=opened, user=by, action=action, reason=clean_text(reason), at=now)
    return opened


@transaction.atomic
def keep_file_open(*, client, by, action, now):
    """As open_file, for what a page asks while it is open: a row that is younger than AS_OPENED says enough."""
    rows = AccessLog.objects.filter(client=client, user=by, action=action, at__gt=now - AS_OPENED)
    is_noted = rows.exists() and Client.objects.visible_to(by).filter(pk=client.pk).exists()
    return client if is_noted else open_file(client=client, by=by, action=action, now=now)


def log_refusal(*, public_id, by, now):
    """Notes that somebody asked for a file that is not theirs to see. Nothing, if there is no such client."""
    for client in Client.objects.filter(public_id=public_id):
        AccessLog.objects.create(client=client, user=by, action=AccessAction.DENIED, at=now)


def find_or_refuse(rows, *, by, now, **key):
    """The one of `rows`, each about a client, with this key; else Http404, noted on the file it is about (R41)."""
    found = rows.filter(**key).first()
    if found is None:
        for public_id in rows.model.objects.filter(**key).values_list("client__public_id", flat=True):
            log_refusal(public_id=public_id, by=by, now=now)
        raise Http404
    return found


@transaction.atomic
def find_clients(*, text, by, now):
    """Those of whom `by` may see the name, each logged as seen in a search."""
    found = list(search_clients(text, by=by))
    AccessLog.objects.bulk_create(
        AccessLog(client=client, user=by, action=AccessAction.SEARCHED, at=now) for client in found
    )
    return found


def touch(now, *clients):
    """Lists that count on these clients can see that something changed."""
    Client.objects.filter(pk__in=[client.pk for client in clients]).update(changed_at=now)


def end_involvement(*, client, user, kind, now):
    """They no longer work together in this way; whether they did."""
    rows = Involvement.objects.open().filter(client=client, user=user, kind=kind, started_at__lte=now)
    return bool(rows.order_by().update(ended_at=now))


def involve(*, client, user, kind, now):
    """From now on this person works with the client and may open the file (R41); twice is once."""
    involvement, _created = Involvement.objects.get_or_create(
        client=client, user=user, kind=kind, ended_at=None, defaults={"started_at": now}
    )
    return involvement
