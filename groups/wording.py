"""Reasons and history as sentences (R19). The data stay codes and arguments; only here do they become words."""

import datetime as dt

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.enums import Weekday
from accounts.periods import short_day, short_moment
from groups.engine import Reason
from groups.enums import Outcome
from groups.reason_words import PLAIN
from groups.time_words import month_day, ready_moment, weekday_part
from neighbourhoods.enums import CatchmentLevel


def _going_on(args, why):
    """Some go on from an earlier round, and what the next one waits for (R28)."""
    going = ngettext("%(count)s goes on", "%(count)s go on", args["going_on"]) % {"count": args["going_on"]}
    return f"{going}: {why}"


def _no_leader(args):
    return _with_moment(
        _("no experienced group worker free before %(date)s") % {"date": month_day(args["before"])}, args
    )


_WITH_ARGS = {
    "outside_talk_window": lambda a: (
        _("individual talks are held from %(first)s until the last session on %(last)s")
        % {"first": month_day(a["first"]), "last": month_day(a["last"])}
    ),
    "talk_window_unknown": lambda a: (
        _("individual talks come after session %(after)s and before the last one; there are not that many sessions")
        % {"after": number_text(a["after"])}
    ),
    "next_round_begins": lambda a: _("the next round of this group begins on %(day)s") % {"day": month_day(a["date"])},
    "round_before_goes_on": lambda a: _("the round before goes on until %(day)s") % {"day": month_day(a["date"])},
    "ready_by_click": lambda a: _ready_by_click(a),
    "mode_is_so_already": lambda a: _("it is on manual already") if a["manual"] else _("it is automatic already"),
    "changed_meanwhile": lambda a: _changed_meanwhile(a),
    "outcome_changed": lambda a: _outcome_changed(a),
    "need_more": lambda a: (
        ngettext("%(needed)s more participant needed", "%(needed)s more participants needed", a["needed"]) % a
    ),
    "people_awaiting_judgement": lambda a: (
        ngettext("%(count)s not yet judged", "%(count)s not yet judged", a["count"]) % a
    ),
    "people_on_hold": lambda a: (
        ngettext("%(count)s waits for basic help first", "%(count)s wait for basic help first", a["count"]) % a
    ),
    "people_no_consent": lambda a: (
        ngettext("of %(count)s the consent is missing", "of %(count)s the consent is missing", a["count"]) % a
    ),
    "people_talk_first": lambda a: (
        ngettext(
            "%(count)s still has the acquaintance talk to come",
            "%(count)s still have the acquaintance talk to come",
            a["count"],
        )
        % a
    ),
    "people_other": lambda a: (
        ngettext(
            "%(count)s cannot be placed on this list now", "%(count)s cannot be placed on this list now", a["count"]
        )
        % a
    ),
    "too_slow": lambda a: _too_slow(a),
    "no_leader": lambda a: _no_leader(a),
    "no_co_lead": lambda a: _with_moment(_("no second leader free"), a),
    "no_room": lambda a: _("no room on %(when)s") % {"when": weekday_part(a)},
    "no_team_and_room": lambda a: (
        _("leaders and a room are not free together before %(date)s") % {"date": month_day(a["before"])}
    ),
    "no_common_time": lambda a: _no_common_time(a),
    "offer_incomplete": lambda a: (
        _("not all of the offer is filled in: %(what)s")
        % {"what": ", ".join(str(_FIELDS[name]) for name in a.get("missing", _FIELDS))}
    ),
    "too_young": lambda a: _("from %(age_from)s years") % a,
    "too_old": lambda a: _("up to %(age_to)s years") % a,
    "audience": lambda a: _("for women") if a["audience"] == "women" else _("for men"),
    "age_fits": lambda a: _("the age fits (%(age)s)") % a,
    "sex_fits": lambda a: _("is for women") if a["audience"] == "women" else _("is for men"),
    "not_available_then": lambda a: _("not available on %(when)s") % {"when": weekday_part(a)},
    "held_elsewhere": lambda a: _("only held in %(municipalities)s") % a,
    "problem_fits": lambda a: _("fits the question: %(kinds)s") % {"kinds": ", ".join(a["kinds"])},
    "longest_waiters": lambda a: (
        ngettext(
            "%(people)s person who waited longest, in order",
            "the %(people)s people who waited longest, in order",
            a["people"],
        )
        % a
    ),
    "same_kind": lambda a: _("%(people)s people with the same kind of question, the longest waiting first") % a,
    "psychosocial_together": lambda a: _("%(people)s people with psychosocial questions together") % a,
    "continues": lambda a: (
        ngettext("%(going_on)s goes on in the same rhythm", "%(going_on)s go on in the same rhythm", a["going_on"]) % a
    ),
    "rhythm_blocked": lambda a: _going_on(a, _("no day of the rhythm is free of holidays")),
    "rhythm_no_leader": lambda a: _going_on(
        a, _("no experienced leader free on %(day)s at %(time)s") % {"day": month_day(a["date"]), "time": a["time"]}
    ),
    "rhythm_no_co_lead": lambda a: _going_on(
        a, _("nobody free to co-lead on %(day)s at %(time)s") % {"day": month_day(a["date"]), "time": a["time"]}
    ),
    "rhythm_no_room": lambda a: _going_on(
        a, _("no room free on %(day)s at %(time)s") % {"day": month_day(a["date"]), "time": a["time"]}
    ),
    "rhythm_no_team_or_room": lambda a: _going_on(
        a, _("no team and room free on %(day)s at %(time)s") % {"day": month_day(a["date"]), "time": a["time"]}
    ),
    "rhythm_needs_more": lambda a: _going_on(
        a,
        ngettext(
            "%(needed)s more needed for the group from %(day)s",
            "%(needed)s more needed for the group from %(day)s",
            a["needed"],
        )
        % {"needed": a["needed"], "day": month_day(a["date"])},
    ),
    "mixed_kinds": lambda a: _("%(people)s people with different questions: no one kind filled a group by itself") % a,
    "by_hand": lambda a: _("formed by hand") + (f": {a['why']}" if a.get("why") else ""),
    "sizes_out_of_order": lambda a: _("the minimum cannot be above the maximum of %(maximum)s") % a,
    "maximum_above_hard": lambda a: _("the maximum cannot be above the hard maximum of %(maximum)s") % a,
    "over_hard_maximum": lambda a: _("no more than %(maximum)s participants fit in this group") % a,
    "own_sizes_out_of_order": lambda a: (
        _("the waitlist of %(area)s has sizes of its own that do not go with this; change those first") % a
    ),
    "competence_needed": lambda a: (
        _("first find a substitute for the sessions that still need it: %(days)s")
        % {"days": ", ".join(short_day(dt.date.fromisoformat(day)) for day in a["days"])}
    ),
    "room_too_small": lambda a: _("this room holds %(capacity)s, you need %(people)s places") % a,
}

_FIELDS = {"sessions": gettext_lazy("number of sessions"), "minutes": gettext_lazy("length of a session")}


def reason_text(reason):
    """A Reason, or a stored {code, args}, as a phrase in the current language, without a full stop."""
    code, args = (reason.code, reason.args) if isinstance(reason, Reason) else (reason["code"], reason["args"])
    if code in _WITH_ARGS:
        return _WITH_ARGS[code](args)
    return str(PLAIN[code])


def reasons_text(reasons):
    """Several reasons as one sentence: '2 more participants needed; 1 not yet judged'."""
    return "; ".join(reason_text(reason) for reason in reasons)


def sentence(text):
    """A phrase as a sentence: a capital and a full stop."""
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _ready_by_click(args):
    return ngettext(
        "ready to start: %(people)s participant, %(when)s; a group worker only has to press start",
        "ready to start: %(people)s participants, %(when)s; a group worker only has to press start",
        args["people"],
    ) % {"people": args["people"], "when": ready_moment(args)}


def _changed_meanwhile(args):
    known = {"who": args["who"], "now": numbers_text(args["in_force"].items())}
    if not args["who"]:
        return _("somebody changed this meanwhile. It is now: %(now)s. Nothing of yours was saved yet") % known
    words = _("%(who)s changed this meanwhile, on %(when)s. It is now: %(now)s. Nothing of yours was saved yet")
    return words % (known | {"when": short_moment(args["at"])})


def _outcome_changed(args):
    now = str(Outcome(args["outcome"]).label) if args["outcome"] else _("still to decide")
    words = _("%(who)s decided meanwhile, on %(when)s: %(now)s. Nothing of yours was saved yet")
    return words % {"who": args["who"], "when": short_moment(args["at"]), "now": now}


def _with_moment(text, args):
    if "weekday" not in args:
        return text
    return _("%(text)s; with one, it could start on %(weekday)s %(date)s at %(time)s") % {
        "text": text,
        "weekday": Weekday(args["weekday"]).label,
        "date": month_day(args["date"]),
        "time": args["time"],
    }


def _no_common_time(args):
    if "weekday" not in args:
        return _("no time suits enough participants")
    return _("no time suits enough participants; %(when)s comes closest") % {"when": weekday_part(args)}


def _too_slow(args):
    wider = (
        _("consider joining areas or the municipality's list")
        if args["level"] == CatchmentLevel.NEIGHBOURHOOD
        else _("consider a lower minimum or a wider area")
    )
    if args["weeks"] is None:
        return _("nobody signed up lately; %(wider)s") % {"wider": wider}
    return ngettext(
        "at this rate it takes about %(weeks)s week; %(wider)s",
        "at this rate it takes about %(weeks)s weeks; %(wider)s",
        args["weeks"],
    ) % {"weeks": args["weeks"], "wider": wider}


NUMBERS = {
    "sessions_count": gettext_lazy("number of sessions"),
    "session_minutes": gettext_lazy("minutes per session"),
    "minimum": gettext_lazy("minimum"),
    "soft_maximum": gettext_lazy("maximum"),
    "hard_maximum": gettext_lazy("hard maximum"),
    "entry_until": gettext_lazy("newcomers until session"),
}


def numbers_text(pairs):
    """minimum 3, maximum –"""
    return ", ".join(f"{NUMBERS[name]} {number_text(value)}" for name, value in pairs)


def number_text(value):
    return "–" if value is None else value
