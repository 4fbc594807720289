import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import clients.sealing


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0005_contacts"),
        ("groups", "0003_sealed_texts"),
        ("intake", "0004_sealed_texts"),
        ("neighbourhoods", "0003_cbs_import_and_provisions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="IntakeDraft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "seal_id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False
                    ),
                ),
                ("version", models.PositiveIntegerField(default=0)),
                ("values", clients.sealing.SealedText(blank=True, help_text="JSON, {field: [what was sent]}.")),
                ("started_at", models.DateTimeField()),
                ("saved_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "ordering": ["started_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="OpenQuestion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "seal_id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "open"),
                            ("answered", "answered: on a waitlist"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                (
                    "received_on",
                    models.DateField(help_text="The day of the referral, from which waiting counts (R17)."),
                ),
                ("opened_on", models.DateField()),
                ("reason", clients.sealing.SealedText(max_length=1000, verbose_name="why no group fits")),
                ("review_on", models.DateField(verbose_name="look again on")),
                (
                    "seen_offers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        blank=True,
                        default=list,
                        help_text="Fitted, and were found not to suit.",
                        size=None,
                    ),
                ),
                (
                    "seen_lists",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        blank=True,
                        default=list,
                        help_text="Their waitlists at that moment.",
                        size=None,
                    ),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "closed_reason",
                    clients.sealing.SealedText(blank=True, max_length=500, verbose_name="why it is withdrawn"),
                ),
            ],
            options={
                "ordering": ["received_on", "pk"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="judgement",
            name="judgement_decision_known",
        ),
        migrations.AddField(
            model_name="judgement",
            name="follow_up_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="judgement",
            name="follow_up_on",
            field=models.DateField(blank=True, null=True, verbose_name="ask again on"),
        ),
        migrations.AddField(
            model_name="judgement",
            name="provision",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="neighbourhoods.provision",
            ),
        ),
        migrations.AddField(
            model_name="judgement",
            name="question",
            field=clients.sealing.SealedText(
                blank=True,
                help_text="In the client's own words; what came with the referral stays there (R1).",
                max_length=2000,
                verbose_name="the question as told at the intake",
            ),
        ),
        migrations.AddField(
            model_name="judgement",
            name="urgent_needs",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("no_income", "no income"),
                        ("eviction", "debts, with a threat of eviction"),
                        ("no_home", "no home"),
                        ("no_food", "no food"),
                        ("no_insurance", "no health insurance"),
                        ("other", "something else"),
                    ],
                    max_length=20,
                ),
                blank=True,
                default=list,
                size=None,
            ),
        ),
        migrations.AlterField(
            model_name="judgement",
            name="decision",
            field=models.CharField(
                choices=[
                    ("waitlist", "onto one or more waitlists"),
                    ("direct", "straight into a group that has a free place"),
                    ("individual_help", "individual help"),
                    ("refer_out", "refer to another organisation"),
                    ("no_offer", "no group fits now: keep it as an open question"),
                ],
                max_length=20,
                verbose_name="decision",
            ),
        ),
        migrations.AddConstraint(
            model_name="judgement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "urgent_needs__contained_by",
                        ["no_income", "eviction", "no_home", "no_food", "no_insurance", "other"],
                    )
                ),
                name="judgement_urgent_needs_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="judgement",
            constraint=models.CheckConstraint(
                condition=models.Q(("urgent_needs", []), ("basic_needs_urgent", True), _connector="OR"),
                name="judgement_urgent_needs_come_first",
            ),
        ),
        migrations.AddConstraint(
            model_name="judgement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("follow_up_by", None), ("follow_up_on", None)),
                    models.Q(("follow_up_by__isnull", False), ("follow_up_on__isnull", False)),
                    _connector="OR",
                ),
                name="judgement_follow_up_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="judgement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decision__in", ["waitlist", "direct", "individual_help", "refer_out", "no_offer"])
                ),
                name="judgement_decision_known",
            ),
        ),
        migrations.AddField(
            model_name="intakedraft",
            name="referral",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="drafts", to="intake.referral"
            ),
        ),
        migrations.AddField(
            model_name="intakedraft",
            name="worker",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="openquestion",
            name="client",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="open_questions", to="clients.client"
            ),
        ),
        migrations.AddField(
            model_name="openquestion",
            name="closed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="openquestion",
            name="entry",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="groups.waitlistentry",
            ),
        ),
        migrations.AddField(
            model_name="openquestion",
            name="neighbourhood",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="open_questions",
                to="neighbourhoods.neighbourhood",
            ),
        ),
        migrations.AddField(
            model_name="openquestion",
            name="opened_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="openquestion",
            name="problem_kinds",
            field=models.ManyToManyField(blank=True, related_name="open_questions", to="groups.problemkind"),
        ),
        migrations.AddField(
            model_name="openquestion",
            name="referral",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="open_question", to="intake.referral"
            ),
        ),
        migrations.AddField(
            model_name="openquestion",
            name="review_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="intakedraft",
            constraint=models.UniqueConstraint(fields=("referral", "worker"), name="draft_once"),
        ),
        migrations.AddIndex(
            model_name="openquestion",
            index=models.Index(
                condition=models.Q(("state", "open")),
                fields=["neighbourhood", "received_on"],
                name="open_question_by_area",
            ),
        ),
        migrations.AddIndex(
            model_name="openquestion",
            index=models.Index(
                condition=models.Q(("state", "open")), fields=["review_by", "review_on"], name="open_question_review"
            ),
        ),
        migrations.AddConstraint(
            model_name="openquestion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at", None), ("entry", None), ("state", "open")),
                    models.Q(("closed_at__isnull", False), ("entry__isnull", False), ("state", "answered")),
                    models.Q(
                        ("closed_at__isnull", False),
                        ("entry", None),
                        ("state", "withdrawn"),
                        models.Q(("closed_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="open_question_state_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="openquestion",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="open_question_says_why"
            ),
        ),
    ]
