"""What would unblock a list, in words, each with the one button that does it where this reader may (R19)."""

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.periods import short_day
from accounts.permissions import is_coordinator, is_social_worker
from groups.permissions import can_bring_people, can_handle_entries, can_keep_time, can_see_passed_over
from groups.time_words import weekday_part
from neighbourhoods.permissions import can_manage_venues


@dataclass(frozen=True)
class Unblocking:
    """A change that would let a group start; without a url somebody else makes it."""

    text: str
    url: str = ""
    action: str = ""


def unblocking(waitlist, user, entries=()):
    """One Unblocking for each stored change, in the engine's order (R19).

    `entries` are those waiting, in order, whom this reader may see by name: a step about one person opens on the
    longest waiting of them. Without them it opens on the list.
    """
    if not can_see_passed_over(user) and any(reason["code"] == "not_all_together" for reason in waitlist.reasons):
        return []  # R18: what would help tells what stands in the way
    return [_unblocking(change, waitlist, user, entries) for change in waitlist.unblocks]


def first_of_mine(waitlist, user):
    """The least change that this reader can make; else the least of all; None when nothing is known to help."""
    found = unblocking(waitlist, user)
    return next((change for change in found if change.url), next(iter(found), None))


def _unblocking(change, waitlist, user, entries):
    args = change["args"]
    steps = args["steps"] if change["code"] == "with_both" else [change]
    when = {"weekday": args["weekday"], "part": args["part"]}
    buttons = (_button(step["code"], step["args"], waitlist, user, entries) for step in steps)
    url, action = next((button for button in buttons if button), ("", ""))
    return Unblocking(change_text([step | {"args": when | step["args"]} for step in steps], args), url, str(action))


def change_text(steps, args):
    """Like "With a leader on Tuesday evening, this group starts on Tue 12 Jan at 19:30."; steps are {code, args}."""
    change = _(" and ").join(str(_WORDS[step["code"]](step["args"])) for step in steps)
    return _("%(change)s, this group starts on %(day)s at %(time)s.") % {
        "change": capfirst(change),
        "day": short_day(dt.date.fromisoformat(args["date"])),
        "time": args["time"],
    }


def _newcomers(args):
    if not args["then"]:
        return ngettext("with %(count)s more participant", "with %(count)s more participants", args["count"]) % args
    return ngettext(
        "with %(count)s more participant who can come on %(when)s",
        "with %(count)s more participants who can come on %(when)s",
        args["count"],
    ) % {"count": args["count"], "when": weekday_part(args)}


def _times(args):
    return ngettext(
        "with %(count)s of those waiting who can come on %(when)s after all",
        "with %(count)s of those waiting who can come on %(when)s after all",
        args["count"],
    ) % {"count": args["count"], "when": weekday_part(args)}


def _room(args):
    if args["hours"]:
        return _("with a room that is open on %(when)s too") % {"when": weekday_part(args)}
    return _("with a room for %(people)s or more on %(when)s") % {"people": args["people"], "when": weekday_part(args)}


def _either(longer_hours, one_more):
    """Words for a worker who would only have to work at that time too, or for one more."""
    return lambda args: str(longer_hours if args["hours"] else one_more) % {"when": weekday_part(args)}


_WORDS = {
    "with_talks": lambda a: (
        ngettext("with %(count)s more acquaintance talk", "with %(count)s more acquaintance talks", a["count"]) % a
    ),
    "with_consents": lambda a: (
        ngettext("with the consent of %(count)s person", "with the consent of %(count)s people", a["count"]) % a
    ),
    "with_releases": lambda a: (
        ngettext(
            "with the basics in order for %(count)s person",
            "with the basics in order for %(count)s people",
            a["count"],
        )
        % a
    ),
    "with_judgements": lambda a: (
        ngettext("with %(count)s more judgement", "with %(count)s more judgements", a["count"]) % a
    ),
    "with_times": _times,
    "with_leader": _either(
        gettext_lazy("with a leader who works on %(when)s too"), gettext_lazy("with one more leader on %(when)s")
    ),
    "with_second": _either(
        gettext_lazy("with a second leader who works on %(when)s too"),
        gettext_lazy("with a second leader on %(when)s"),
    ),
    "with_room": _room,
    "with_newcomers": _newcomers,
    "with_minimum": lambda a: _("with a minimum of %(minimum)s") % a,
}


# --- the one button


def _button(code, args, waitlist, user, entries):
    """(url, action) where this user makes the change, or None."""
    return _BUTTONS[code](args, waitlist, user, entries)


def _about_people(reason, page, action):
    """A step about the longest waiting whom only this holds back, or their list; for who handles people by name."""

    def button(_args, waitlist, user, entries):
        if not can_handle_entries(user):
            return None
        for entry in entries:
            if [found["code"] for found in entry.reasons] == [reason]:
                return page(entry), action
        return _people(waitlist), action

    return button


def _people(waitlist):
    return reverse("groups:waitlist", args=[waitlist.pk]) + "#people"


def _where(allowed, url_name, action):
    return lambda _args, _waitlist, user, _entries: (reverse(url_name), action) if allowed(user) else None


def _times_button(_args, waitlist, user, _entries):
    return (_people(waitlist), gettext_lazy("Who waits")) if can_handle_entries(user) else None


def _hours_button(args, _waitlist, user, _entries):
    """Only longer hours are one's own to give; one more colleague is not."""
    if args["hours"] and can_keep_time(user):
        return reverse("groups:availability"), gettext_lazy("My times")
    return None


def _room_button(args, _waitlist, user, _entries):
    if not can_manage_venues(user):
        return None
    if args["hours"]:
        return reverse("neighbourhoods:venues"), gettext_lazy("Opening hours")
    return reverse("neighbourhoods:venues"), gettext_lazy("Add a room")


def _minimum_button(args, waitlist, user, _entries):
    if not is_coordinator(user):
        return None
    url = reverse("reporting:minimum", args=[waitlist.pk]) + "?" + urlencode({"minimum": args["minimum"]})
    return url, _("Set the minimum to %(minimum)s") % args


_BUTTONS = {
    "with_talks": _about_people(
        "talk_first", lambda entry: reverse("groups:entry_talk", args=[entry.pk]), gettext_lazy("Note a talk")
    ),
    "with_consents": _about_people(
        "no_consent",
        lambda entry: reverse("clients:consent", args=[entry.client.public_id]),
        gettext_lazy("Note consent"),
    ),
    "with_releases": _about_people(
        "on_hold", lambda entry: reverse("groups:entry_release", args=[entry.pk]), gettext_lazy("Let them count again")
    ),
    "with_judgements": _where(is_social_worker, "intake:queue", gettext_lazy("To judge")),
    "with_times": _times_button,
    "with_leader": _hours_button,
    "with_second": _hours_button,
    "with_room": _room_button,
    "with_newcomers": _where(can_bring_people, "intake:refer", gettext_lazy("Refer somebody")),
    "with_minimum": _minimum_button,
}
