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


class ContactWay(TextChoices):
    """How somebody was, or was to be, spoken to (R7)."""

    PHONE = "phone", _("by telephone")
    MAIL = "mail", _("by mail")
    VISIT = "visit", _("visit")
    INTAKE = "intake", _("intake")
    TALK = "talk", _("acquaintance talk")
    LETTER = "letter", _("letter")
    OTHER = "other", pgettext_lazy("way of contact", "another way")


class FollowUpAbout(TextChoices):
    """Why somebody is to be asked after (R10)."""

    CONTACT = "contact", _("the next contact")
    LEFT_LIST = "left_list", _("left the waitlist")
    HOLD = "hold", _("basic needs came first")
    NO_SHOW = "no_show", _("did not come")
    INDIVIDUAL_HELP = "individual_help", _("gets individual help")
    MAIL_RETURNED = "mail_returned", _("a message did not arrive")
    ONWARD = "onward", _("how to go on after a group")
    MISSED_SESSIONS = "missed_sessions", _("missed two sessions without word")
    CHANGED = "changed", _("something changed, says who referred")


class SettledHow(TextChoices):
    """How a follow-up came to an end (R10); RULE: by what happened meanwhile."""

    SPOKEN = "spoken", _("spoken: all is well")
    NEW_HELP = "new_help", _("spoken: help was arranged")
    ELSEWHERE = "elsewhere", _("somebody else keeps in touch")
    UNREACHABLE = "unreachable", _("cannot be reached, everything was tried")
    NOT_NEEDED = "not_needed", _("no longer needed")
    RULE = "rule", _("settled by what happened meanwhile")

    @classmethod
    def to_choose(cls):
        return [choice for choice in cls.choices if choice[0] != cls.RULE]


class LikenessState(TextChoices):
    """What is known of two files that may be about one person."""

    OPEN = "open", _("to settle")
    DIFFERENT = "different", _("two people")
    MERGED = "merged", _("one person, one file")


class AccessAction(TextChoices):
    """What somebody did with a client's file."""

    READ = "read", _("read the file")
    CHANGED = "changed", _("changed the file")
    JUDGED = "judged", _("read the file to judge a referral")
    CALLED = "called", _("looked up how to reach the client")
    REFERRED = "referred", _("read back an own referral")
    CONTACTS = "contacts", _("read the contact log")
    CONTACTED = "contacted", _("noted a contact")
    COMPARED = "compared", _("compared two files")
    MERGED = "merged", _("made one file of two")
    SEARCHED = "searched", _("saw the name in a search")
    LETTER = "letter", _("opened a letter to print it")
    DENIED = "denied", _("asked for the file and was refused")


class LetterState(TextChoices):
    TO_PRINT = "to_print", _("to print")
    PRINTED = "printed", _("printed")
    WITHDRAWN = "withdrawn", _("withdrawn: post is not safe any more")
