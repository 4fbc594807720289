"""For migrations: a column of plain text becomes a sealed one, and back while the keys are there."""

from django.db import migrations, models

from clients.models.keys import SealKey
from clients.sealing import Ciphertext, SealedText, seal_text, unseal_text

BATCH = 500


def seal_existing(model, field, *, way, **options):
    """The operations for a column that has plain text; `options` are those of the SealedText.

    Constraints that name the column are taken off before and put back after; the model has its `seal_id`.
    """
    name, plain = model.partition(".")[2].lower(), f"{field}_plain"
    return [
        migrations.RenameField(model_name=name, old_name=field, new_name=plain),
        migrations.AlterField(model_name=name, name=plain, field=models.TextField(blank=True, default="")),
        migrations.AddField(
            model_name=name, name=field, field=SealedText(default="", **options), preserve_default=False
        ),
        seal_column(model, field, way=way),
        migrations.RemoveField(model_name=name, name=plain),
    ]


def seal_column(model, field, *, way):
    """The operation for one column; `way` leads to who has the key, as `seal_client` does, with __ for dots."""

    def forwards(apps, schema_editor):
        for rows, pk, place, plain in _rows(apps, schema_editor, model, field, f"{field}_plain", way):
            rows.filter(pk=pk).update(**{field: seal_text(plain, **place)})
        _settle(schema_editor)

    def backwards(apps, schema_editor):
        for rows, pk, place, sealed in _rows(apps, schema_editor, model, field, field, way):
            rows.filter(pk=pk).update(**{f"{field}_plain": unseal_text(sealed, **place)})
        _settle(schema_editor)

    return migrations.RunPython(forwards, backwards)


def give_keys(apps, schema_editor):
    """A key for each client that has none yet."""
    clients = apps.get_model("clients", "Client").objects.using(schema_editor.connection.alias)
    keys = apps.get_model("clients", "SealKey").objects.using(schema_editor.connection.alias)
    for pk in clients.filter(key=None).order_by("pk").values_list("pk", flat=True).iterator(BATCH):
        key = SealKey.new()
        keys.create(pk=key.pk, master=key.master, wrapped=key.wrapped)
        clients.filter(pk=pk).update(key=key.pk)
    _settle(schema_editor)


def _rows(apps, schema_editor, model, field, column, way):
    """(rows, pk, where it is sealed, what the column says) of each row that says something."""
    historical = apps.get_model(model)
    rows = historical.objects.using(schema_editor.connection.alias)
    key = f"{way}__key" if way else "key"
    columns = ("pk", "seal_id", key, f"{key}__master", f"{key}__wrapped", column)
    for pk, row, *of_key, text in rows.order_by("pk").values_list(*columns).iterator(BATCH):
        if isinstance(text, Ciphertext) or text:
            owner = SealKey(**dict(zip(("pk", "master", "wrapped"), of_key, strict=True)))
            yield rows, pk, {"key": owner, "label": historical._meta.label, "field": field, "row": row}, text


def _settle(schema_editor):
    """PostgreSQL alters no table while checks of its rows are put off to the end of the transaction."""
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
