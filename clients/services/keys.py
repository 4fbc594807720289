"""What happens to the keys that seal texts about people."""

from dataclasses import dataclass

from django.db import transaction

from clients.models import SealKey
from clients.sealing import SealBroken


@dataclass
class Rotation:
    """How many keys were put under the first master key, and the numbers of those that could not be opened."""

    rewrapped: int = 0
    broken: tuple = ()


@transaction.atomic
def destroy_key(*, client, by, now):
    """What was sealed for this client is unreadable from now on, for good; who erases asks whether they may (R42)."""
    key = SealKey.objects.select_for_update(of=("self",)).get(client=client)
    if key.wrapped is not None:
        key.wrapped, key.destroyed_at, key.destroyed_by = None, now, by
        key.save(update_fields=["wrapped", "destroyed_at", "destroyed_by"])
    client.key = key
    return key


def rotate_master_key(*, batch=500, after_batch=None):
    """Puts every key under the first master key, `batch` at a time; returns a Rotation.

    Each batch is a transaction of its own: cut short anywhere, what is done is done and the next run does the rest.
    `after_batch` is told how many there were. A key that cannot be opened stays as it is.
    """
    rotation, last = Rotation(), None
    while found := _rewrap_batch(last, batch):
        last, done, broken = found
        rotation.rewrapped += done
        rotation.broken += broken
        if after_batch:
            after_batch(done)
    return rotation


@transaction.atomic
def _rewrap_batch(last, size):
    """(the last key looked at, how many were rewrapped, those that could not be); None when there are no more."""
    keys = SealKey.objects.to_rewrap().order_by("pk").select_for_update(of=("self",))
    keys = list(keys.filter(pk__gt=last)[:size] if last else keys[:size])
    done, broken = [], []
    for key in keys:
        try:
            key.wrap(key.unwrap())
            done.append(key)
        except SealBroken:
            broken.append(key.pk)
    SealKey.objects.bulk_update(done, ["master", "wrapped"])
    return (keys[-1].pk, len(done), tuple(broken)) if keys else None
