"""The words that clients stores."""

from datetime import time

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Sex(TextChoices):
    FEMALE = "female", _("woman")
    MALE = "male", _("man")
    OTHER = "other", pgettext_lazy("sex", "other")
    UNKNOWN = "unknown", _("not known")


class DayPart(TextChoices):
    MORNING = "morning", _("morning")
    AFTERNOON = "afternoon", _("afternoon")
    EVENING = "evening", _("evening")

    @property
    def starts_at(self):
        """Local time."""
        return DAY_PART_BOUNDS[self][0]

    @property
    def ends_at(self):
        """Local time."""
        return DAY_PART_BOUNDS[self][1]


DAY_PART_BOUNDS = {
    DayPart.MORNING: (time(8), time(12)),
    DayPart.AFTERNOON: (time(12), time(17)),
    DayPart.EVENING: (time(17), time(22)),
}


class ConsentPurpose(TextChoices):
    REGISTRATION = "registration", _("keeping the data and looking for a group")
    FEEDBACK_TO_REFERRER = "feedback_to_referrer", _("telling the referrer how it goes")


class InvolvementKind(TextChoices):
    REFERRER = "referrer", _("referrer")
    SOCIAL_WORKER = "social_worker", _("social worker")
    LEAD = "lead", _("lead")
    CO_LEAD = "co_lead", _("co-lead")


class AccessAction(TextChoices):
    """What somebody did with a client's file."""

    READ = "read", _("read the file")
    CHANGED = "changed", _("changed the file")
    JUDGED = "judged", _("read the file to judge a referral")
    CALLED = "called", _("looked up how to reach the client")
    REFERRED = "referred", _("read back an own referral")
    SEARCHED = "searched", _("saw the name in a search")
    DENIED = "denied", _("asked for the file and was refused")
