from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0011_missed_sessions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="followup",
            name="follow_up_about_known",
        ),
        migrations.AlterField(
            model_name="followup",
            name="about",
            field=models.CharField(
                choices=[
                    ("contact", "the next contact"),
                    ("left_list", "left the waitlist"),
                    ("hold", "basic needs came first"),
                    ("no_show", "did not come"),
                    ("individual_help", "gets individual help"),
                    ("mail_returned", "a message did not arrive"),
                    ("onward", "how to go on after a group"),
                    ("missed_sessions", "missed two sessions without word"),
                    ("changed", "something changed, says who referred"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "about__in",
                        [
                            "contact",
                            "left_list",
                            "hold",
                            "no_show",
                            "individual_help",
                            "mail_returned",
                            "onward",
                            "missed_sessions",
                            "changed",
                        ],
                    )
                ),
                name="follow_up_about_known",
            ),
        ),
    ]
