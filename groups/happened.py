"""What happened, as phrases: one history row in words, and who or which rule did it."""

import datetime as dt

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.periods import short_moment
from groups.enums import LeaveReason, OnwardTo, Outcome, Seat
from groups.wording import NUMBERS, number_text, reason_text

_HISTORY = {
    "entry_joined": gettext_lazy("joined the waitlist"),
    "entry_judged": gettext_lazy("judged: fits"),
    "entry_held": gettext_lazy("basic needs first: not counted for now"),
    "entry_released": gettext_lazy("basic needs in order: counts again"),
    "entry_talked": gettext_lazy("acquaintance talk held"),
    "entry_priority": gettext_lazy("got priority, with a reason"),
    "entry_placed": gettext_lazy("placed in the new cycle"),
    "entry_returned": gettext_lazy("back on the waitlist with the original waiting time"),
    "entry_left": gettext_lazy("left the waitlist"),
    "entry_passed": gettext_lazy("passed over"),
    "entry_renewed": gettext_lazy("goes on in a next round and heads the waitlist"),
    "entry_moved": gettext_lazy("moved along to another waitlist with the original waiting time"),
    "files_merged": gettext_lazy("two files of one person became one"),
    "mode_changed": gettext_lazy("manual or automatic"),
    "lists_joined": gettext_lazy("waitlists joined"),
    "sizes_changed": gettext_lazy("minimum or maximum changed"),
    "offer_changed": gettext_lazy("numbers of the offer changed"),
    "offer_texts_changed": gettext_lazy("words of the page changed"),
    "cycle_formed": gettext_lazy("cycle formed"),
    "cycle_joined": gettext_lazy("joined the formed cycle"),
    "cycle_entered": gettext_lazy("entered the running cycle"),
    "cycle_running": gettext_lazy("first session: the cycle runs"),
    "cycle_finished": gettext_lazy("last session held: the cycle is finished"),
    "cycle_cancelled": gettext_lazy("cycle cancelled"),
    "cycle_moved": gettext_lazy("cycle moved to other dates"),
    "cycle_smaller": gettext_lazy("decided to start smaller"),
    "invitation_confirmed": gettext_lazy("said yes"),
    "invitation_declined": gettext_lazy("said no"),
    "participation_returned": gettext_lazy("place given back"),
    "participation_finished": gettext_lazy("took part until the end"),
    "outcome_chosen": gettext_lazy("decided together how to go on"),
    "session_held": gettext_lazy("session held"),
    "session_moved": gettext_lazy("session moved"),
    "session_cancelled": gettext_lazy("session cancelled"),
    "session_added": gettext_lazy("session added"),
    "room_changed": gettext_lazy("other room"),
    "leader_changed": gettext_lazy("other leader"),
    "session_closed": gettext_lazy("session closed: attendance and notes are complete"),
    "session_reopened": gettext_lazy("session opened again"),
    "attendance_corrected": gettext_lazy("attendance corrected"),
    "sessions_missed": gettext_lazy("two sessions missed without word: to follow up"),
    "plan_changed": gettext_lazy("playbook parts picked for a session"),
    "goal_noted": gettext_lazy("goal noted in own words"),
    "scale_noted": gettext_lazy("scale question answered"),
    "mark_noted": gettext_lazy("mark for the group noted"),
    "onward_agreed": gettext_lazy("onward step agreed"),
    "talk_planned": gettext_lazy("individual talk planned"),
    "talk_held": gettext_lazy("individual talk held"),
    "talk_cancelled": gettext_lazy("individual talk cancelled"),
}


def _offer_changes(args):
    pairs = {key: args[key] for key in NUMBERS if key in args}.items()
    return ", ".join(f"{NUMBERS[key]} {number_text(before)} → {number_text(after)}" for key, (before, after) in pairs)


_MODES = {
    ("list", True): gettext_lazy("on manual: a group is prepared and starts with one click"),
    ("list", False): gettext_lazy("automatic again"),
    ("area", True): gettext_lazy("the whole area on manual: a group is prepared and starts with one click"),
    ("area", False): gettext_lazy("the whole area automatic again"),
}


def _mode_change(args):
    text = str(_MODES[args["scope"], args["after"]])
    if args["still_manual"] and not args["after"]:
        own = _("the area stays on manual") if args["scope"] == "list" else _("this list stays on manual")
        text = f"{text} ({own})"
    return f"{text}: {args['why']}"


def _sizes_change(args):
    return _("minimum from %(before)s to %(after)s: %(why)s") % {
        "before": number_text(args["before"]),
        "after": number_text(args["after"]),
        "why": args["why"],
    }


# Codes whose arguments make the sentence, or come after it.
_JOINED = {
    "into": gettext_lazy("everybody went to the list of %(area)s"),
    "from": gettext_lazy("people came from the list of %(area)s"),
    "apart": gettext_lazy("who lives in %(area)s went back there"),
    "back": gettext_lazy("people came back from %(area)s"),
}
_AREAS = {
    "into": gettext_lazy("now served together with %(area)s"),
    "apart": gettext_lazy("no longer served together with %(area)s"),
}


def _lists_joined(args):
    if "people" not in args:
        return f"{str(_AREAS[args['what']]) % args}: {args['why']}"
    people = ngettext("%(people)s person", "%(people)s people", args["people"]) % args
    return f"{str(_JOINED[args['what']]) % args} ({people}): {args['why']}"


_TOLD_BY_ARGS = {"lists_joined": _lists_joined, "sizes_changed": _sizes_change, "mode_changed": _mode_change}
_ADDED = {
    "offer_changed": lambda args: f" ({_offer_changes(args)}): {args['why']}",
    "cycle_entered": lambda args: _entered(args.get("number")),
    "leader_changed": lambda args: _stand_in(args),
    "entry_left": lambda args: _after(LeaveReason, args.get("reason")),
    "outcome_chosen": lambda args: _after(Outcome, args.get("outcome")),
    "onward_agreed": lambda args: _after(OnwardTo, args.get("to")),
}


def _stand_in(args):
    """Which seat, for how many sessions and from when; who, the cycle's page tells."""
    if not {"seat", "from", "sessions"} <= args.keys():
        return ""
    sessions = ngettext("%(count)s session", "%(count)s sessions", args["sessions"]) % {"count": args["sessions"]}
    return f": {Seat(args['seat']).label}, {sessions}, {_day(args['from'])}"


def _entered(number):
    return "" if number is None else " " + _("from session %(number)s on") % {"number": number}


def _after(choices, value):
    return f": {choices(value).label}" if value in choices.values else ""


def history_text(row):
    """A history row as a phrase; what it carries as arguments is added where it tells something."""
    args = row.args
    if row.code in _TOLD_BY_ARGS:
        return _TOLD_BY_ARGS[row.code](args)
    text = str(_HISTORY[row.code])
    if row.code in _ADDED:
        return text + _ADDED[row.code](args)
    if isinstance(args.get("reason"), dict):
        return f"{text}: {reason_text(args['reason'])}"
    return f"{text} ({_day(args['date'])})" if args.get("date") else text


def _day(text):
    return date_format(dt.date.fromisoformat(text), "j F")


_CODES = {
    "mark_noted": gettext_lazy("by the link in a mail"),
    "cycle_running": gettext_lazy("by itself: the first day has come"),
    "cycle_joined": gettext_lazy("by itself: there was a place"),
    "cycle_entered": gettext_lazy("by itself: there was a place"),
}
_RULES = {
    "R11": gettext_lazy("by the joining of areas"),
    "R12": gettext_lazy("by itself: enough people, team, room and time"),
    "R17": gettext_lazy("by the order of the list"),
    "R21": gettext_lazy("by the rule on answers"),
    "R22": gettext_lazy("by the own number of sessions"),
    "R23": gettext_lazy("by itself, after the click"),
    "R24": gettext_lazy("by the calendar"),
    "R26": gettext_lazy("by itself: missed twice without word"),
    "R28": gettext_lazy("by the rule on going on"),
    "R29": gettext_lazy("by itself: the place was given up"),
}


def started_text(cycle):
    """For who presses start after somebody else did, or twice. Reads `formed_by`."""
    known = {"when": short_moment(cycle.formed_at)}
    if cycle.formed_by is None:
        return _("This group has started already, by itself, on %(when)s.") % known
    return _("This group has been started already, by %(who)s on %(when)s.") % (
        known | {"who": cycle.formed_by.short_name}
    )


def author_text(row):
    """Who or which rule made this history row."""
    if row.by is not None:
        return row.by.short_name
    if row.code.startswith("invitation_"):
        return str(_("by the link in the invitation"))
    return str(_CODES.get(row.code) or _RULES.get(row.rule, row.rule))
