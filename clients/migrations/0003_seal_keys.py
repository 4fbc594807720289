import uuid

import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import clients.sealing
from clients.sealing_rows import give_keys, seal_column


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SealKey",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("master", models.CharField(help_text="Which master key wraps it.", max_length=40)),
                ("wrapped", models.BinaryField(null=True)),
                ("destroyed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "destroyed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"ordering": ["pk"]},
        ),
        migrations.AddIndex(
            model_name="sealkey", index=models.Index(fields=["master", "id"], name="seal_key_by_master")
        ),
        migrations.AddConstraint(
            model_name="sealkey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("destroyed_at__isnull", True), ("wrapped__isnull", False)),
                    models.Q(("destroyed_at__isnull", False), ("wrapped__isnull", True)),
                    _connector="OR",
                ),
                name="seal_key_wrapped_until_destroyed",
            ),
        ),
        migrations.AddField(
            model_name="client",
            name="key",
            field=models.OneToOneField(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="client",
                to="clients.sealkey",
            ),
        ),
        migrations.RunPython(give_keys, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="client",
            name="key",
            field=models.OneToOneField(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="client",
                to="clients.sealkey",
            ),
        ),
        migrations.AddField(
            model_name="contactpreference",
            name="seal_id",
            field=models.UUIDField(
                db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False
            ),
        ),
        migrations.RenameField(model_name="contactpreference", old_name="instructions", new_name="instructions_plain"),
        migrations.AddField(
            model_name="contactpreference",
            name="instructions",
            field=clients.sealing.SealedText(blank=True, max_length=500, verbose_name="how to reach them safely"),
        ),
        seal_column("clients.ContactPreference", "instructions", way="client"),
        migrations.RemoveField(model_name="contactpreference", name="instructions_plain"),
    ]
