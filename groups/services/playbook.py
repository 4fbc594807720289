"""The parts of an offer's playbook: the coordinator adds, changes, orders and retires them (R31)."""

from django.core.exceptions import PermissionDenied
from django.core.validators import ProhibitNullCharactersValidator
from django.db import IntegrityError, transaction
from django.db.models import Max

from groups.exceptions import NotAllowed
from groups.models import GroupOffer, PlaybookPart
from groups.permissions import can_write_playbooks

FIELDS = ("title", "method", "minutes", "material", "description")
_TEXTS = ("title", "material", "description")
_refuse_null = ProhibitNullCharactersValidator()


@transaction.atomic
def add_part(*, offer, values, by):
    """A new part, at the end; values: {name of FIELDS: value}. NotAllowed: title_taken."""
    _lock(offer, by)
    last = offer.playbook.aggregate(last=Max("position"))["last"]
    part = PlaybookPart(offer=offer, position=0 if last is None else last + 1)
    return _save(part, values)


@transaction.atomic
def change_part(*, part, values, seen, by):
    """Another text, method or length; `seen` is the version that was looked at. NotAllowed: part_changed, title_taken.

    The same once more is no change.
    """
    _lock(part.offer, by)
    part = PlaybookPart.objects.get(pk=part.pk)
    if part.version != seen:
        raise NotAllowed("part_changed")
    if all(getattr(part, name) == _tidy(values[name]) for name in FIELDS):
        return part
    part.version += 1
    return _save(part, values)


@transaction.atomic
def shift_part(*, part, step, by):
    """One place up (step -1) or down (1) among the parts in use; at the edge it stays where it is."""
    _lock(part.offer, by)
    parts = list(PlaybookPart.objects.filter(offer=part.offer_id).in_use())
    if not shifted(parts, part.pk, step):
        return
    for position, row in enumerate(parts):
        row.position = position
    PlaybookPart.objects.bulk_update(parts, ["position"])


@transaction.atomic
def retire_part(*, part, by):
    """Nobody picks it any more; where it was picked it stays to be read. Twice is once."""
    _lock(part.offer, by)
    PlaybookPart.objects.filter(pk=part.pk).update(is_active=False)


@transaction.atomic
def restore_part(*, part, by):
    """It can be picked again, at the end. NotAllowed: title_taken by a part that came after it."""
    _lock(part.offer, by)
    part = PlaybookPart.objects.get(pk=part.pk)
    if not part.is_active:
        part.is_active = True
        part.position = part.offer.playbook.aggregate(last=Max("position"))["last"] + 1
        _write(part)


def shifted(rows, pk, step):
    """Swap the row with this key with its neighbour, in place; False when there is none."""
    here = next((place for place, row in enumerate(rows) if row.pk == pk), None)
    if here is None or not 0 <= here + step < len(rows):
        return False
    rows[here], rows[here + step] = rows[here + step], rows[here]
    return True


def _lock(offer, by):
    """One change of a playbook at a time."""
    if not can_write_playbooks(by):
        raise PermissionDenied
    GroupOffer.objects.select_for_update(no_key=True).only("pk").get(pk=offer.pk)


def _tidy(value):
    return value.strip() if isinstance(value, str) else value


def _save(part, values):
    for name in FIELDS:
        setattr(part, name, _tidy(values[name]))
    for name in _TEXTS:
        _refuse_null(getattr(part, name))
    return _write(part)


def _write(part):
    try:
        with transaction.atomic():
            part.save()
    except IntegrityError as error:
        if error.__cause__.diag.constraint_name != "playbook_title_once":
            raise
        raise NotAllowed("title_taken") from error
    return part
