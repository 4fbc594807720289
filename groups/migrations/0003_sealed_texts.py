import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import migrations, models

from clients.sealing_rows import seal_existing

SEAL_ID = models.UUIDField(db_default=RandomUUID(), default=uuid.uuid4, editable=False)
PRIORITY = models.CheckConstraint(
    condition=models.Q(("has_priority", False), ~models.Q(priority_reason=""), _connector="OR"),
    name="entry_priority_has_reason",
)
EXCEPTION = "Why this person may join against the offer's age or sex."


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0003_seal_keys"),
        ("groups", "0002_start_engine"),
    ]

    operations = [
        migrations.AddField(model_name="waitlistentry", name="seal_id", field=SEAL_ID),
        migrations.AddField(model_name="participation", name="seal_id", field=SEAL_ID.clone()),
        migrations.RemoveConstraint(model_name="waitlistentry", name=PRIORITY.name),
        *seal_existing("groups.WaitlistEntry", "fit_exception", way="client", blank=True, help_text=EXCEPTION),
        *seal_existing("groups.WaitlistEntry", "hold_reason", way="client", blank=True),
        *seal_existing("groups.WaitlistEntry", "priority_reason", way="client", blank=True),
        *seal_existing("groups.WaitlistEntry", "leave_note", way="client", blank=True),
        *seal_existing("groups.Participation", "outcome_reason", way="client", blank=True),
        migrations.AddConstraint(model_name="waitlistentry", constraint=PRIORITY),
    ]
