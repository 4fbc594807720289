"""Intake's codes in words, in the reader's language."""

from django.utils.dates import MONTHS_3
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from accounts.enums import Weekday
from clients.enums import DayPart
from groups.wording import reason_text
from intake.enums import ClientType, NewsCode, StatusCode
from neighbourhoods.enums import CatchmentLevel

# R6: how somebody stands to their own problem, and what that asks of the worker.
CLIENT_TYPE = {
    ClientType.VISITOR: gettext_lazy("sees no problem; somebody else sent them"),
    ClientType.COMPLAINANT: gettext_lazy("suffers from it, and expects the change from others"),
    ClientType.CUSTOMER: gettext_lazy("sees their own part in it, and wants to do something"),
}
APPROACH = {
    ClientType.VISITOR: gettext_lazy(
        "Show that you are glad they came, ask what they want to keep as it is, and give compliments. No tasks yet."
    ),
    ClientType.COMPLAINANT: gettext_lazy(
        "Listen, ask when it was a little better, and ask them to notice what goes well."
    ),
    ClientType.CUSTOMER: gettext_lazy("Ask for a small, concrete goal and agree on a first step."),
}

TONES = {
    StatusCode.RECEIVED: "info",
    StatusCode.CONTACTED: "info",
    StatusCode.IN_PROGRESS: "info",
    StatusCode.WAITING: "wait",
    StatusCode.WAITING_ENOUGH: "wait",
    StatusCode.WAITING_NO_MINIMUM: "wait",
    StatusCode.ON_HOLD: "wait",
    StatusCode.PLACED: "ok",
    StatusCode.RUNNING: "ok",
    StatusCode.FINISHED: "ok",
    StatusCode.NOTED: "wait",
    StatusCode.OTHER_HELP: "neutral",
    StatusCode.REFERRED_OUT: "neutral",
    StatusCode.WITHDREW: "neutral",
    StatusCode.STOPPED: "neutral",
}


def status_tone(status):
    """The tone of the status badge."""
    return TONES[status.code]


def status_text(status, *, shows_counts=True):
    """One line for the referrer (R9); one from outside hears that people are missing, not how many."""
    args = status.args
    if status.code == StatusCode.WAITING and not shows_counts:
        return _with_offer(_("waitlist, more people needed"), args)
    if status.code == StatusCode.WAITING:
        return _with_offer(
            ngettext("waitlist, %(count)d more needed", "waitlist, %(count)d more needed", args["missing"])
            % {"count": args["missing"]},
            args,
        )
    text = TEXTS[status.code]()
    if "on" in args:
        text %= {"day": _day(args["on"])}
    if "destination" in args:
        text %= {"destination": args["destination"]}
    return _with_offer(text, args)


def step_text(step):
    """One step of the story of a referral, without its day."""
    return _with_offer(str(NewsCode(step.code).label), {"offer": step.offer})


TEXTS = {
    StatusCode.RECEIVED: lambda: _("received %(day)s"),
    StatusCode.CONTACTED: lambda: _("first contact made on %(day)s"),
    StatusCode.IN_PROGRESS: lambda: _("being dealt with"),
    StatusCode.WAITING_ENOUGH: lambda: _("waitlist, enough people: a date is being found"),
    StatusCode.WAITING_NO_MINIMUM: lambda: _("waitlist, no minimum set"),
    StatusCode.ON_HOLD: lambda: _("waitlist, something else comes first"),
    StatusCode.PLACED: lambda: _("placed: starts %(day)s"),
    StatusCode.RUNNING: lambda: _("busy in the group since %(day)s"),
    StatusCode.FINISHED: lambda: _("group finished, began %(day)s"),
    StatusCode.NOTED: lambda: _("noted: no group fits yet"),
    StatusCode.OTHER_HELP: lambda: _("gets individual help"),
    StatusCode.REFERRED_OUT: lambda: _("referred to %(destination)s"),
    StatusCode.WITHDREW: lambda: _("does not want the group after all"),
    StatusCode.STOPPED: lambda: _("stopped"),
}


def _day(date):
    """di 12 jan; in English with a capital."""
    month = str(MONTHS_3[date.month])
    return f"{date_format(date, 'D')} {date.day} {month if get_language() == 'nl' else month.title()}"


def _with_offer(text, args):
    """The group first; one that is not to be named is left out (R40)."""
    return f"{args['offer']}: {text}" if args.get("offer") else text


def refusal_text(offer, reason):
    """Why this offer cannot be had there, and which list is the right one (R15). Whole sentences."""
    if reason.code == "only_in_region":
        return _("%(offer)s runs for the whole region only. Choose “Anywhere in the region”.") % {"offer": offer.name}
    why = reason_text(reason)
    why = f"{why[:1].upper()}{why[1:]}."
    if reason.code != "theme_not_in_neighbourhood":
        return why
    if reason.args.get("level") == CatchmentLevel.MUNICIPALITY:
        return f"{why} " + _("Choose “In their municipality”.")
    return f"{why} " + _("Choose “Anywhere in the region”.")


TOLD = {
    "phone": gettext_lazy("Phone"),
    "email": gettext_lazy("E-mail address"),
    "street": gettext_lazy("Street and house number"),
    "town": gettext_lazy("Town"),
    "instructions": gettext_lazy("How to reach the client safely"),
    "availability": gettext_lazy("When can they come?"),
}


def told_lines(referral):
    """[(label, text)] of what the referrer says otherwise of somebody who was known."""
    anew = referral.told_anew
    return [(label, _told_text(name, anew[name])) for name, label in TOLD.items() if name in anew]


def _told_text(name, value):
    if name != "availability":
        return value
    pairs = (part.split("-") for part in value)
    return ", ".join(f"{Weekday(int(day)).label} {DayPart(part).label}" for day, part in pairs)
