"""What placing somebody depends on: when they can come, whom they must not meet (R18)."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from clients.enums import AccessAction, DayPart
from clients.models import Client, ClientAvailability, Exclusion
from clients.permissions import can_place
from clients.services.files import open_file, touch


@transaction.atomic
def set_client_availability(*, client, parts):
    """Replaces when the client can come: {(weekday 0-6, DayPart)}; none is any time."""
    parts = {(weekday, DayPart(part)) for weekday, part in parts}
    if any(weekday not in range(7) for weekday, _part in parts):
        raise ValidationError(_("A week has no such day."))
    Client.objects.select_for_update(of=("self",)).get(pk=client.pk)
    client.availability.all().delete()
    ClientAvailability.objects.bulk_create(
        ClientAvailability(client=client, weekday=weekday, part=part) for weekday, part in sorted(parts)
    )


@transaction.atomic
def change_availability(*, client, parts, by, now):
    """As set_client_availability, by a person who may edit; logged as a change of the file."""
    if not can_place(by):
        raise PermissionDenied
    open_file(client=client, by=by, action=AccessAction.CHANGED, now=now)
    set_client_availability(client=client, parts=parts)
    touch(now, client)


@transaction.atomic
def record_exclusion(*, client, other, by, now):
    """These two are never placed together (R18). Only by who places; both files must be open to them."""
    if not can_place(by):
        raise PermissionDenied
    if client.pk == other.pk:
        raise ValidationError(_("Choose somebody else: this is the same person."))
    first, second = _change_both(client, other, by, now)
    exclusion, _created = Exclusion.objects.get_or_create(
        client=first, other=second, defaults={"recorded_by": by, "recorded_at": now}
    )
    touch(now, first, second)
    return exclusion


@transaction.atomic
def remove_exclusion(*, client, other, by, now):
    """They may meet again. Only by who places; both files must be open to them."""
    if not can_place(by):
        raise PermissionDenied
    first, second = _change_both(client, other, by, now)
    Exclusion.objects.filter(client=first, other=second).delete()
    touch(now, first, second)


def _change_both(client, other, by, now):
    """Both, the lower number first, each noted as changed. PermissionDenied if one is not theirs to see."""
    return [
        open_file(client=person, by=by, action=AccessAction.CHANGED, now=now)
        for person in sorted([client, other], key=lambda person: person.pk)
    ]
