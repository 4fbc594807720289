"""The words that accounts stores."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class RoleName(TextChoices):
    GROUP_WORKER = "group_worker", _("group worker")
    TEAM_MEMBER = "team_member", _("social-team member")
    SOCIAL_WORKER = "social_worker", _("social worker")
    DESK = "desk", _("desk administration")
    COORDINATOR = "coordinator", _("coordinator")
    ADMINISTRATOR = "administrator", _("administrator")
    REFERRER = "referrer", _("external referrer")


class BookingKind(TextChoices):
    SESSION = "session", _("session")
    TALK = "talk", _("acquaintance talk")
    INTAKE = "intake", _("intake")
    LEAVE = "leave", _("leave")


class Weekday(IntegerChoices):
    """Numbered as Python does."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")
