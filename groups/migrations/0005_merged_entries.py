from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("groups", "0004_core"),
    ]

    operations = [
        migrations.AlterField(
            model_name="waitlistentry",
            name="leave_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("solved", "the question is solved"),
                    ("other_help", "gets other help"),
                    ("too_long", "waited too long"),
                    ("not_suitable", "a group does not suit"),
                    ("moved", "moved away"),
                    ("no_contact", "cannot be reached"),
                    ("own_choice", "own choice, no reason given"),
                    ("merged", "waits on one list now, after areas were joined"),
                ],
                max_length=20,
            ),
        ),
    ]
