"""Rows that change file: found by asking every model, so that a later one cannot be forgotten (R43, decision 0008)."""

from django.apps import apps

from clients.models import Client
from clients.sealing import Sealed
from clients.services.merging import STAYS


def links_to_client():
    """{"app.Model.field": field} of everything that says which client it is about."""
    return {
        f"{model._meta.label}.{field.name}": field
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model is Client
    }


def sealed_of_clients():
    """Every model with texts that a client's key seals; those with a key of their own, or a group's, are nobody's."""
    return [model for model in apps.get_models() if issubclass(model, Sealed) and _holder(model) is Client]


def _holder(model):
    """Where the way to the key of this model ends."""
    for step in filter(None, model.seal_client.split(".")):
        model = model._meta.get_field(step).related_model
    return model


def open_texts(client):
    """[(model, pk, {field: text})] of all that this client's key seals, opened. SealBroken if one cannot be."""
    return [
        (model, row.pk, texts)
        for model in sealed_of_clients()
        for row in _rows_of(model).filter(**{model.seal_client.replace(".", "__"): client})
        if any((texts := {name: getattr(row, name) for name in model.sealed_names()}).values())
    ]


def seal_texts(opened):
    """Seals them again, with the key of whose row each is by now."""
    for model, pk, texts in opened:
        row = _rows_of(model).get(pk=pk)
        for name, text in texts.items():
            setattr(row, name, text)
        row.save(update_fields=list(texts))


def _rows_of(model):
    way = model.seal_client.replace(".", "__")
    return model._base_manager.select_related(f"{way}__key").order_by("pk")


def move_rows(names, *, kept, other):
    """Every row of these links goes to the kept file, as it is; constraints are seen to before."""
    for name in names:
        field = links_to_client()[name]
        field.model._base_manager.filter(**{field.name: other}).update(**{field.name: kept})


def check_nothing_left(other):
    """A link that nobody saw to is a mistake of ours: nothing is merged then."""
    for name, field in links_to_client().items():
        if name not in STAYS and field.model._base_manager.filter(**{field.name: other}).exists():
            raise RuntimeError(f"{name} was not handed to the kept file")
