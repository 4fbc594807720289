import uuid

import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import clients.sealing


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0009_one_file"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ReferralNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "seal_id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False
                    ),
                ),
                ("text", clients.sealing.SealedText(max_length=1000, verbose_name="what changed")),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["at", "pk"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="referralnews",
            name="news_code_known",
        ),
        migrations.AddField(
            model_name="referral",
            name="hears_talks_after",
            field=models.DateTimeField(
                blank=True,
                help_text="R43: its file was joined with another then; earlier talks were about that.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="told",
            field=clients.sealing.SealedText(
                blank=True,
                help_text="JSON, {name: [given, prefix, family], anew: {field: what differs from the file}}.",
                max_length=4000,
            ),
        ),
        migrations.AlterField(
            model_name="referralnews",
            name="code",
            field=models.CharField(
                choices=[
                    ("received", "received"),
                    ("contacted", "first contact made"),
                    ("waiting", "on a waitlist"),
                    ("placed", "placed in a group"),
                    ("finished", "finished the group"),
                    ("left", "stopped"),
                    ("decided", "gets other help"),
                    ("noted", "no group fits yet; the question is kept"),
                ],
                max_length=20,
                verbose_name="what",
            ),
        ),
        migrations.AddConstraint(
            model_name="referralnews",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "code__in",
                        ["received", "contacted", "waiting", "placed", "finished", "left", "decided", "noted"],
                    )
                ),
                name="news_code_known",
            ),
        ),
        migrations.AddField(
            model_name="referralnote",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="referralnote",
            name="referral",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="notes", to="intake.referral"
            ),
        ),
        migrations.AddConstraint(
            model_name="referralnote",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="referral_note_says_what"
            ),
        ),
    ]
