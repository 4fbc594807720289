import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import migrations, models

from clients.sealing_rows import seal_existing

SEAL_ID = models.UUIDField(db_default=RandomUUID(), default=uuid.uuid4, editable=False)
CLOSED = models.CheckConstraint(
    condition=models.Q(models.Q(("state", "closed"), _negated=True), ~models.Q(closed_reason=""), _connector="OR"),
    name="referral_closed_has_reason",
)
REFERRED_OUT = models.CheckConstraint(
    condition=models.Q(
        models.Q(("decision", "refer_out"), _negated=True),
        models.Q(~models.Q(destination=""), ~models.Q(reason="")),
        _connector="OR",
    ),
    name="judgement_refer_out_says_where_and_why",
)


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0003_seal_keys"),
        ("intake", "0003_desk"),
    ]

    operations = [
        migrations.AddField(model_name="referral", name="seal_id", field=SEAL_ID),
        migrations.AddField(model_name="judgement", name="seal_id", field=SEAL_ID.clone()),
        migrations.RemoveConstraint(model_name="referral", name=CLOSED.name),
        migrations.RemoveConstraint(model_name="judgement", name=REFERRED_OUT.name),
        *seal_existing(
            "intake.Referral", "question", way="client", max_length=2000, verbose_name="the client's own question"
        ),
        *seal_existing(
            "intake.Referral", "aim", way="client", max_length=2000, blank=True, verbose_name="the referrer's aim"
        ),
        *seal_existing("intake.Referral", "closed_reason", way="client", max_length=500, blank=True),
        *seal_existing(
            "intake.Judgement",
            "reason",
            way="referral__client",
            max_length=1000,
            blank=True,
            verbose_name="reason",
        ),
        *seal_existing(
            "intake.Judgement", "notes", way="referral__client", max_length=2000, blank=True, verbose_name="notes"
        ),
        migrations.AddConstraint(model_name="referral", constraint=CLOSED),
        migrations.AddConstraint(model_name="judgement", constraint=REFERRED_OUT),
    ]
