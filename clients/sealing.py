"""Texts that are sealed in the database and plain in Python: SealedText, on a model that is Sealed.

    class Note(Sealed):
        seal_client = "referral.client"      # the way to who has the key; "" when the row has `key` itself
        text = SealedText(max_length=2000, blank=True)

Each text is encrypted with its client's key and bound to its model, field and row (decision 0008). It is opened when
it is read for the first time, so a list that does not show it never decrypts; a list that does fetches the keys with
`select_related("client__key")`. Empty stays recognisably empty, also to a constraint.
"""

import logging
import uuid
from functools import cached_property

from django.contrib.postgres.functions import RandomUUID
from django.core import checks
from django.core.exceptions import FieldError, ObjectDoesNotExist
from django.core.validators import MaxLengthValidator, ProhibitNullCharactersValidator
from django.db import models
from django.db.models.lookups import Exact
from django.db.models.query_utils import DeferredAttribute

from clients.sealing_box import SealBroken, binding, seal, unseal

__all__ = ["Ciphertext", "SealBroken", "Sealed", "SealedText", "hand_over", "seal_fields", "seal_text", "unseal_text"]
logger = logging.getLogger("socius.sealing")


class Ciphertext:
    """A sealed text as the database has it. Not a text: whoever tries to show it hears so."""

    __slots__ = ("box",)

    def __init__(self, box):
        self.box = bytes(box)

    def __eq__(self, other):
        return isinstance(other, Ciphertext) and self.box == other.box

    def __hash__(self):
        return hash(self.box)

    def __repr__(self):
        return "<sealed>"

    def __str__(self):
        raise TypeError("A sealed text is read through its row, not through values().")


def seal_text(text, *, key, label, field, row):
    """The Ciphertext of this text for one field of one row; `row` is its seal_id, `key` a SealKey."""
    return Ciphertext(seal(text.encode(), key=key.unwrap(), bound_to=_place(label, field, row, key)))


def unseal_text(sealed, *, key, label, field, row):
    """What seal_text was given; SealBroken for any other place or key."""
    return unseal(sealed.box, key=key.unwrap(), bound_to=_place(label, field, row, key)).decode()


def _place(label, field, row, key):
    return binding(label.encode(), field.encode(), row.bytes, key.pk.bytes)


class EmptyOnly(Exact):
    """Nobody can search in what is sealed; whether there is anything stands open."""

    def get_prep_lookup(self):
        if self.rhs != "":
            raise FieldError("A sealed text cannot be searched for; only whether it is empty.")
        return self.rhs


class SealedAttribute(DeferredAttribute):
    """Opens at the first reading, and not before."""

    def __get__(self, instance, cls=None):
        value = super().__get__(instance, cls)
        if isinstance(value, Ciphertext):
            value = instance.__dict__[self.field.attname] = self.field.open(instance, value)
        return value

    def __set__(self, instance, value):
        instance.__dict__[self.field.attname] = value


class SealedText(models.TextField):
    """A text about a person: `bytea` in the database, str in Python. Its model is Sealed."""

    descriptor_class = SealedAttribute
    default_validators = [ProhibitNullCharactersValidator()]

    def get_internal_type(self):
        return "BinaryField"

    @cached_property
    def validators(self):
        longest = [] if self.max_length is None else [MaxLengthValidator(self.max_length)]
        return [*super().validators, *longest]

    def check(self, **kwargs):
        if issubclass(self.model, Sealed):
            return super().check(**kwargs)
        return [*super().check(**kwargs), checks.Error("A SealedText belongs on a Sealed model.", obj=self)]

    def open(self, instance, sealed):
        """The text of this row; SealBroken, noted by model and row number alone."""
        label = self.model._meta.label
        try:
            key, row = instance.seal_key(), instance.seal_id
            return unseal_text(sealed, key=key, label=label, field=self.name, row=row)
        except (SealBroken, ObjectDoesNotExist):
            logger.error("%s #%s: a sealed text cannot be opened", label, instance.pk)
            raise SealBroken(f"{label} #{instance.pk}") from None

    def pre_save(self, model_instance, add):
        return self.sealed(model_instance, model_instance.__dict__.get(self.attname, ""))

    def sealed(self, instance, value):
        """The value as this row stores it."""
        if not value or isinstance(value, Ciphertext):
            return value
        key, row = instance.seal_key(), instance.seal_id
        return seal_text(value, key=key, label=self.model._meta.label, field=self.name, row=row)

    def from_db_value(self, value, expression, connection):
        if value is None:
            return None
        return Ciphertext(value) if len(value) else ""

    def to_python(self, value):
        return value if isinstance(value, Ciphertext) else super().to_python(value)

    def get_db_prep_save(self, value, connection):
        if value and isinstance(value, str):
            raise FieldError(f"{self}: update() and bulk_update() cannot seal; save each row.")
        return super().get_db_prep_save(value, connection)

    def get_db_prep_value(self, value, connection, prepared=False):
        if value is None:
            return None
        if isinstance(value, Ciphertext):
            return connection.Database.Binary(value.box)
        # Constraints are checked on a row that is not saved yet: all they can see is whether there is a text.
        return connection.Database.Binary(b"?" if value else b"")

    def get_placeholder(self, value, compiler, connection):
        if hasattr(value, "as_sql"):
            raise FieldError(f"{self}: what is sealed for one place is unreadable in another; save each row.")
        return "%s"

    def get_lookup(self, lookup_name):
        if lookup_name == "exact":
            return EmptyOnly
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        raise FieldError(f"{self} is sealed: only whether it is empty can be asked, not {lookup_name}.")

    def get_transform(self, lookup_name):
        raise FieldError(f"{self} is sealed: the database cannot tell its {lookup_name}.")


class Sealed(models.Model):
    """A row with sealed texts; `seal_id` is what binds them to it."""

    seal_client = "client"
    seal_id = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), editable=False)

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        holder = self._held_by()
        if not self._state.adding and getattr(self._state, "sealed_for", holder) != holder:
            raise ValueError(f"{self._meta.label} #{self.pk} changes hands: use hand_over().")
        super().save(*args, **kwargs)
        self._state.sealed_for = self._held_by()

    @classmethod
    def sealed_names(cls):
        return [field.attname for field in cls._meta.concrete_fields if isinstance(field, SealedText)]

    @classmethod
    def from_db(cls, db, field_names, values):
        row = super().from_db(db, field_names, values)
        row._state.sealed_for = row._held_by()
        return row

    def seal_key(self):
        """The SealKey of this row: of its client, or its own."""
        holder = self
        for step in [*filter(None, self.seal_client.split(".")), "key"]:
            holder = getattr(holder, step)
            if holder is None:
                raise SealBroken(f"{self._meta.label} #{self.pk}")
        return holder

    def refresh_from_db(self, using=None, fields=None, from_queryset=None):
        """As any row; texts come back sealed, to be opened when they are read."""
        names = [name for name in self.sealed_names() if fields is None or name in fields]
        rows = self.__class__._base_manager.db_manager(using, hints={"instance": self})
        rows = rows.all() if from_queryset is None else from_queryset
        others = fields if fields is None else set(fields) - set(names)
        if others is None or others:
            super().refresh_from_db(using=using, fields=others, from_queryset=rows.defer(*names))
            if others is None or self._way() in others:
                self._state.sealed_for = self._held_by()
        if names:
            texts = rows.filter(pk=self.pk).values_list(*names).get()
            self.__dict__.update(zip(names, texts, strict=True))

    def _held_by(self):
        """The number of who has the key, or of the next row on the way there; None if it was not loaded."""
        return self.__dict__.get(self._way())

    @classmethod
    def _way(cls):
        return cls._meta.get_field(cls.seal_client.partition(".")[0] or "key").attname


def seal_fields(row, fields):
    """{field: value} for an update() of this one row: its texts sealed, the rest as it is."""
    texts = row.sealed_names() if isinstance(row, Sealed) else ()
    return fields | {name: row._meta.get_field(name).sealed(row, fields[name]) for name in texts if name in fields}


def hand_over(row, **relation):
    """Give a row to another client: its texts are opened with the old key and sealed with the new one."""
    texts = {name: getattr(row, name) for name in row.sealed_names()}
    for name, value in (relation | texts).items():
        setattr(row, name, value)
    row._state.sealed_for = row._held_by()
    row.save(update_fields=[*relation, *texts])
