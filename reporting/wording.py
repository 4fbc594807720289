"""Words that more than one page of reporting uses: names that are safe to show, and what helps a list on."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.formats import time_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.periods import short_day
from accounts.permissions import is_coordinator, is_group_worker
from groups.discretion import known_reasons, shown_name
from groups.helping import first_of_mine
from groups.wording import reason_text, sentence
from neighbourhoods.enums import CatchmentLevel


def area_name(catchment):
    if catchment.level == CatchmentLevel.REGION:
        return _("the whole region")
    return str(catchment)


def list_name(waitlist):
    return f"{capfirst(shown_name(waitlist.offer))}, {area_name(waitlist.catchment)}"


def day_text(day):
    """di 12 jan"""
    return short_day(day)


def clock_text(time):
    return time_format(time, "H:i")


def waits_text(waitlist, today):
    """2 wait, the longest for 33 days"""
    count, days = waitlist.waiting_count, (today - waitlist.waiting_since).days
    waits = ngettext("%(count)s waits", "%(count)s wait", count) % {"count": count}
    return waits + ", " + ngettext("longest %(days)s day", "longest %(days)s days", days) % {"days": days}


def reason_sentences(reasons, user=None):
    """Stored reasons as this reader may know them; without a user, for a page of counts (R18)."""
    return [sentence(reason_text(reason)) for reason in known_reasons(reasons, user)]


def names(clients):
    """A. de V., B. J. and C. K."""
    *first, last = [client.short_name for client in clients]
    return _("%(first)s and %(last)s") % {"first": ", ".join(first), "last": last} if first else last


@dataclass(frozen=True)
class Help:
    """What helps a list on: words, and the page where it is done. rank: 0 is what a person can settle at once."""

    rank: int
    text: str
    url: str
    action: str


WAITLIST, PLAN, ROOMS, TIMES, MINIMUM, OFFER = "waitlist", "plan", "rooms", "times", "minimum", "offer"
NOWHERE = ""  # somebody else does it
_ACTIONS = {
    WAITLIST: gettext_lazy("Open the waitlist"),
    PLAN: gettext_lazy("Plan it yourself"),
    ROOMS: gettext_lazy("Look at the venues"),
    TIMES: gettext_lazy("Change my times"),
    MINIMUM: gettext_lazy("Change the minimum"),
    OFFER: gettext_lazy("Fill in"),
    NOWHERE: "",
}
# What stands there for who cannot change a minimum: (words, page).
_NOT_COORDINATOR = {
    "offer_incomplete": (gettext_lazy("The coordinator fills in the offer."), NOWHERE),
    "no_minimum": (gettext_lazy("Plan a group by hand, or ask the coordinator for a minimum."), PLAN),
    "too_slow": (gettext_lazy("Ask the coordinator whether the minimum may be lower."), WAITLIST),
}
_NOT_GROUP_WORKER = {
    "no_leader": (gettext_lazy("Ask a group worker to make time for it."), WAITLIST),
    "no_minimum": (gettext_lazy("Ask the coordinator for a minimum."), WAITLIST),
    "no_team_and_room": (gettext_lazy("Look for a moment at which leaders and a room can be free."), WAITLIST),
}
# In the order in which a list is helped: (reason code, rank, words for who can do it, page).
_HELP = [
    ("no_room", 0, gettext_lazy("Find another room, or longer opening hours."), ROOMS),
    ("no_leader", 0, gettext_lazy("Make time for it, or ask a colleague to lead."), TIMES),
    ("no_leader_here", 0, gettext_lazy("Ask which group worker can lead this group here."), WAITLIST),
    ("no_co_lead", 0, gettext_lazy("Ask a social-team member or a colleague to lead with you."), WAITLIST),
    ("no_team_and_room", 0, gettext_lazy("Look for a moment at which leaders and a room can be free."), PLAN),
    ("no_common_time", 0, gettext_lazy("Ask the participants whether another part of the day suits them."), WAITLIST),
    ("offer_incomplete", 1, gettext_lazy("Fill in the number and length of the sessions."), OFFER),
    ("no_minimum", 1, gettext_lazy("Set a minimum, or plan a group by hand."), MINIMUM),
    ("people_talk_first", 1, gettext_lazy("Hold the acquaintance talks; then they count."), WAITLIST),
    ("people_no_consent", 1, gettext_lazy("Ask for consent; then they count."), WAITLIST),
    ("people_awaiting_judgement", 1, gettext_lazy("A social worker judges whether the group fits."), WAITLIST),
    ("too_slow", 1, gettext_lazy("Lower the minimum, or join areas."), MINIMUM),
    ("people_on_hold", 2, gettext_lazy("Ask how the basic help is going."), WAITLIST),
    ("need_more", 3, gettext_lazy("Tell colleagues and social teams that there is a place."), WAITLIST),
]
_OTHERWISE = ("", 4, gettext_lazy("Look at who waits, and plan what is possible."), WAITLIST)


def help_for(waitlist, user):
    """The first thing that helps this list on, and where this person does it: what would start it, if known."""
    codes = {reason["code"] for reason in known_reasons(waitlist.reasons, user)}
    code, rank, text, page = next((row for row in _HELP if row[0] in codes), _OTHERWISE)
    if page in (MINIMUM, OFFER) and not is_coordinator(user):
        text, page = _NOT_COORDINATOR[code]
    if page in (TIMES, PLAN) and not is_group_worker(user):
        text, page = _NOT_GROUP_WORKER[code]
    change = first_of_mine(waitlist, user)
    if change is not None and change.url:
        return Help(rank, change.text, change.url, change.action)
    return Help(rank, change.text if change else str(text), _url(page, waitlist), str(_ACTIONS[page]))


def _url(page, waitlist):
    if page == NOWHERE:
        return ""
    if page == OFFER:
        return reverse("reporting:offer", args=[waitlist.offer.slug])
    if page == ROOMS:
        return reverse("neighbourhoods:venues")
    if page == TIMES:
        return reverse("groups:availability")
    pages = {WAITLIST: "groups:waitlist", PLAN: "groups:cycle_form", MINIMUM: "reporting:minimum"}
    return reverse(pages[page], args=[waitlist.pk])


def is_for_coordinator(waitlist):
    """Whether what helps is the coordinator's to do: a minimum, or an offer to fill in."""
    codes = {reason["code"] for reason in waitlist.reasons}
    return next((row[3] for row in _HELP if row[0] in codes), WAITLIST) in (MINIMUM, OFFER)


def is_incomplete(waitlist):
    """Whether nothing can be planned, by itself or by hand, before the coordinator fills in the offer."""
    return any(reason["code"] == "offer_incomplete" for reason in waitlist.reasons)
