"""The keys that seal texts about people (docs/decisions/0008-sealed-text.md)."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from clients.sealing_box import SealBroken, binding, make_key, seal, unseal


class SealKeyQuerySet(models.QuerySet):
    def make(self):
        """A new key, wrapped by the first master key."""
        key = SealKey.new()
        key.save(force_insert=True)
        return key

    def kept(self):
        return self.filter(wrapped__isnull=False)

    def to_rewrap(self):
        """Those that another master key than the first still wraps."""
        return self.kept().exclude(master=first_master())


class SealKey(models.Model):
    """One person's key (or one draft's), wrapped by a master key that is not in the database.

    Destroyed, `wrapped` is gone and all that it sealed is unreadable for good; the row stays, so that nobody makes
    another in its place.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    master = models.CharField(max_length=40, help_text="Which master key wraps it.")
    wrapped = models.BinaryField(null=True)
    destroyed_at = models.DateTimeField(null=True, blank=True)
    destroyed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = SealKeyQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["master", "id"], name="seal_key_by_master")]
        constraints = [
            models.CheckConstraint(
                condition=Q(wrapped__isnull=False, destroyed_at__isnull=True)
                | Q(wrapped__isnull=True, destroyed_at__isnull=False),
                name="seal_key_wrapped_until_destroyed",
            )
        ]

    def __str__(self):
        return f"seal key {self.pk}"

    @classmethod
    def new(cls):
        """A key that is not saved yet."""
        key = cls()
        key.wrap(make_key())
        return key

    def wrap(self, data_key):
        """Put the data key under the first master key; the caller saves."""
        self.master = first_master()
        self.wrapped = seal(data_key, key=settings.MASTER_KEYS[self.master], bound_to=self._bound_to())

    def unwrap(self):
        """The data key; SealBroken when it was destroyed or changed, or its master key is not among ours."""
        master = settings.MASTER_KEYS.get(self.master)
        if self.wrapped is None or master is None:
            raise SealBroken(f"{self._meta.label} {self.pk}")
        try:
            return unseal(bytes(self.wrapped), key=master, bound_to=self._bound_to())
        except SealBroken:
            raise SealBroken(f"{self._meta.label} {self.pk}") from None

    def _bound_to(self):
        return binding(b"master", self.master.encode(), self.pk.bytes)


def first_master():
    """The id of the master key that wraps."""
    return next(iter(settings.MASTER_KEYS))
