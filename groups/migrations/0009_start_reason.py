import uuid

import django.contrib.postgres.functions
import django.db.models.deletion
from django.db import migrations, models

import clients.sealing
from clients.models import SealKey


def seal_reasons(apps, schema_editor):
    """What stood plain in Cycle.reason goes to a sealed row, and is taken out there."""
    cycles, notes_rows = apps.get_model("groups", "Cycle").objects, apps.get_model("groups", "CycleNotes").objects
    reasons = apps.get_model("groups", "StartReason").objects
    for cycle in cycles.filter(reason__code="by_hand", reason__args__has_key="why").order_by("pk"):
        why = cycle.reason["args"].pop("why").strip()[:1000]
        cycles.filter(pk=cycle.pk).update(reason=cycle.reason)
        if not why:
            continue
        notes = notes_rows.filter(cycle_id=cycle.pk).first()
        key = SealKey.objects.make() if notes is None else SealKey.objects.get(pk=notes.key_id)
        notes = notes or notes_rows.create(cycle_id=cycle.pk, key_id=key.pk)
        row = uuid.uuid4()
        sealed = clients.sealing.seal_text(why, key=key, label="groups.StartReason", field="why", row=row)
        reasons.create(notes_id=notes.pk, seal_id=row, why=sealed)


class Migration(migrations.Migration):
    dependencies = [("groups", "0008_half_marks")]

    operations = [
        migrations.CreateModel(
            name="StartReason",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "seal_id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False
                    ),
                ),
                ("why", clients.sealing.SealedText(max_length=1000, verbose_name="why")),
                (
                    "notes",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="start_reason",
                        to="groups.cyclenotes",
                    ),
                ),
            ],
            options={"ordering": ["pk"]},
        ),
        migrations.RunPython(seal_reasons, migrations.RunPython.noop),
    ]
