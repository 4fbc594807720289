"""Reasons and history as sentences (R19). The data stay codes and arguments; only here do they become words."""

import datetime as dt

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.enums import Weekday
from accounts.periods import short_day, short_moment
from clients.enums import DayPart
from groups.engine import Reason
from neighbourhoods.enums import CatchmentLevel

_PLAIN = {
    "nobody_waits": gettext_lazy("nobody is waiting"),
    "no_minimum": gettext_lazy("no minimum is set, so it never starts by itself"),
    "offer_inactive": gettext_lazy("this offer is not active"),
    "theme_not_in_neighbourhood": gettext_lazy(
        "a theme group does not run in one neighbourhood: eight people in a region are one or two in a neighbourhood. "
        "The region's list is open"
    ),
    "no_leader_here": gettext_lazy("no experienced group worker may lead this group here"),
    "awaiting_judgement": gettext_lazy("not yet judged by a social worker"),
    "on_hold": gettext_lazy("basic needs first"),
    "no_consent": gettext_lazy("no consent recorded"),
    "no_place_now": gettext_lazy("there is no group with a free place now"),
    "talk_first": gettext_lazy("the acquaintance talk has not been held yet"),
    "age_unknown": gettext_lazy("the date of birth is not known"),
    "already_placed": gettext_lazy("already has a place in such a group"),
    "not_here": gettext_lazy("does not want a group in the own neighbourhood"),
    "not_all_together": gettext_lazy("not everybody on this list can be in one group"),
    "not_together": gettext_lazy("cannot be in one group with somebody who has a place"),
    "other_kind": gettext_lazy("comes with another kind of question; people with the same kind are together"),
    "chosen_by_hand": gettext_lazy("the group worker chose otherwise"),
    "for_any_problem": gettext_lazy("open to any question"),
    "near_home": gettext_lazy("close to home"),
    "runs_for_region": gettext_lazy("runs for the whole region"),
    "basics_first": gettext_lazy("urgent basic needs come first: on the list, not counted yet"),
    "talk_before_place": gettext_lazy("first an acquaintance talk with the group worker"),
    "other_problem": gettext_lazy("meant for other questions"),
    "already_waiting": gettext_lazy("this person is on this list already"),
    "not_waiting_any_more": gettext_lazy("this person is not waiting any more; somebody else was just before you"),
    "priority_needs_reason": gettext_lazy("write down why this person goes first"),
    "reason_missing": gettext_lazy("write down why"),
    "nothing_to_start": gettext_lazy("nothing is ready to start here any more"),
    "proposal_changed": gettext_lazy("something has changed meanwhile, so nothing was started"),
    "team_taken": gettext_lazy("a leader or the room was taken this very moment, so nothing was started"),
    "minimum_too_low": gettext_lazy("a minimum is at least 1"),
    "cycle_is_over": gettext_lazy("this cycle is over"),
    "cycle_already_started": gettext_lazy("this cycle has already started"),
    "cycle_cancelled": gettext_lazy("this group does not take place"),
    "nobody_left": gettext_lazy("nobody is left in this cycle"),
    "no_free_week": gettext_lazy("in the weeks after it, leaders and room are not free together"),
    "already_answered": gettext_lazy("this invitation has been answered already"),
    "not_by_link": gettext_lazy("this client is not to be reached by mail any more; enter the answer for them"),
    "too_late": gettext_lazy("the last day to answer has passed"),
    "in_the_past": gettext_lazy("this moment has passed"),
    "past_midnight": gettext_lazy("the session would go on after midnight"),
    "blocked_day": gettext_lazy("this is a public or school holiday"),
    "only_session": gettext_lazy("this is the only session left; cancel the whole cycle instead"),
    "out_of_order": gettext_lazy("sessions must stay in order"),
    "room_closed": gettext_lazy("the venue is closed then"),
    "room_not_in_use": gettext_lazy("this room is not in use"),
    "session_is_over": gettext_lazy("this session is over or was cancelled"),
    "same_person": gettext_lazy("leader and second leader must be two people"),
    "no_sessions": gettext_lazy("there are no sessions left in this period"),
    "falls_away": gettext_lazy("this is the one for whom somebody takes over"),
    "taken_then": gettext_lazy("this person is taken then"),
    "not_that_day": gettext_lazy("this person said not to be there at that time of that day"),
    "calendar_full": gettext_lazy("this person has as many groups or hours as they may have"),
    "team_changed": gettext_lazy("somebody else changed the leaders of this group just now; look again who leads"),
    "sessions_changed": gettext_lazy("the sessions have changed just now; look again at what is to be arranged"),
    "already_away": gettext_lazy("this person is already away in the whole of this period"),
    "before_granted": gettext_lazy("the last day lies before the first"),
    "leads_cycles": gettext_lazy("this person still leads groups; first give those another leader"),
    "not_competent": gettext_lazy("this person may not fill that seat: no valid competence on these dates"),
    "second_seat_missing": gettext_lazy("this group needs a second leader"),
    "nobody_chosen": gettext_lazy("choose at least one participant"),
    "not_placeable": gettext_lazy("somebody you chose cannot be placed now"),
    "other_group_then": gettext_lazy("is in another group at that time"),
    "still_in_cycle": gettext_lazy("somebody you chose is still in the group before; this one would overlap"),
    "too_early": gettext_lazy("the group has not begun yet"),
    "not_in_cycle": gettext_lazy("this person has no place in this group any more"),
    "goes_on_already": gettext_lazy("this person already has a place in the next group; take them out there first"),
    "area_itself": gettext_lazy("an area cannot be joined with itself"),
    "area_not_local": gettext_lazy("only neighbourhoods can be joined"),
    "area_elsewhere": gettext_lazy("these areas lie in two municipalities, and each pays for its own groups"),
    "area_joined_already": gettext_lazy("one of these areas has been joined with another already; split those first"),
    "area_holds_others": gettext_lazy("other areas have been joined into this one; split those first"),
    "area_not_joined": gettext_lazy("this area is not joined with another any more"),
    "list_not_local": gettext_lazy("this is not the list of a neighbourhood"),
    "offer_held_elsewhere": gettext_lazy("this group is not held in this municipality"),
    "nobody_to_move": gettext_lazy("nobody waits on this list any more"),
    "too_soon": gettext_lazy("the first session can be tomorrow at the earliest"),
    "forecast_young_list": gettext_lazy("this list is too young to say how fast people sign up"),
    "forecast_no_signups": gettext_lazy("nobody signed up lately"),
    "forecast_too_long": gettext_lazy("at this rate it takes longer than half a year"),
}


def _going_on(args, why):
    """Some go on from an earlier round, and what the next one waits for (R28)."""
    going = ngettext("%(count)s goes on", "%(count)s go on", args["going_on"]) % {"count": args["going_on"]}
    return f"{going}: {why}"


def _no_leader(args):
    return _with_moment(_("no experienced group worker free before %(date)s") % {"date": _day(args["before"])}, args)


_WITH_ARGS = {
    "next_round_begins": lambda a: _("the next round of this group begins on %(day)s") % {"day": _day(a["date"])},
    "round_before_goes_on": lambda a: _("the round before goes on until %(day)s") % {"day": _day(a["date"])},
    "ready_by_click": lambda a: _ready_by_click(a),
    "mode_is_so_already": lambda a: _("it is on manual already") if a["manual"] else _("it is automatic already"),
    "changed_meanwhile": lambda a: _changed_meanwhile(a),
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
        _("leaders and a room are not free together before %(date)s") % {"date": _day(a["before"])}
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
        a, _("no experienced leader free on %(day)s at %(time)s") % {"day": _day(a["date"]), "time": a["time"]}
    ),
    "rhythm_no_co_lead": lambda a: _going_on(
        a, _("nobody free to co-lead on %(day)s at %(time)s") % {"day": _day(a["date"]), "time": a["time"]}
    ),
    "rhythm_no_room": lambda a: _going_on(
        a, _("no room free on %(day)s at %(time)s") % {"day": _day(a["date"]), "time": a["time"]}
    ),
    "rhythm_no_team_or_room": lambda a: _going_on(
        a, _("no team and room free on %(day)s at %(time)s") % {"day": _day(a["date"]), "time": a["time"]}
    ),
    "rhythm_needs_more": lambda a: _going_on(
        a,
        ngettext(
            "%(needed)s more needed for the group from %(day)s",
            "%(needed)s more needed for the group from %(day)s",
            a["needed"],
        )
        % {"needed": a["needed"], "day": _day(a["date"])},
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
    return str(_PLAIN[code])


def reasons_text(reasons):
    """Several reasons as one sentence: '2 more participants needed; 1 not yet judged'."""
    return "; ".join(reason_text(reason) for reason in reasons)


def sentence(text):
    """A phrase as a sentence: a capital and a full stop."""
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def moment_text(day, start, end):
    """A local day with its local times: "Tue 12 Jan, 19:30–21:30"."""
    return f"{short_day(day)}, {start:%H:%M}–{end:%H:%M}"


def fixed_moment_text(offer):
    """The offer's own day, part of the day and time, as far as it has them."""
    words = []
    if offer.fixed_weekday is not None:
        words.append(str(weekday_part({"weekday": offer.fixed_weekday, "part": offer.fixed_day_part})))
    elif offer.fixed_day_part:
        words.append(str(DayPart(offer.fixed_day_part).label))
    if offer.fixed_start_time is not None:
        words.append(f"{offer.fixed_start_time:%H:%M}")
    return ", ".join(words)


def clash_text(clash):
    """What a ScheduleClash found, each with its local period."""
    parts = [
        _("%(what)s is taken on %(when)s")
        % {
            "what": what,
            "when": f"{short_moment(period.lower)}–{_local(period.upper):%H:%M}",
        }
        for what, period in clash.clashes
    ]
    return "; ".join(parts) or _("somebody was just before you; try again")


def _local(moment):
    return timezone.localtime(moment)


def _day(text):
    return date_format(dt.date.fromisoformat(text), "j F")


def _ready_by_click(args):
    return ngettext(
        "ready to start: %(people)s participant, %(when)s; a group worker only has to press start",
        "ready to start: %(people)s participants, %(when)s; a group worker only has to press start",
        args["people"],
    ) % {"people": args["people"], "when": ready_moment(args)}


def ready_moment(args):
    """When a prepared cycle would begin, from the arguments of ready_by_click: "Tue 12 Jan 19:30"."""
    return f"{short_day(dt.date.fromisoformat(args['date']))} {args['time']}"


def _changed_meanwhile(args):
    known = {"who": args["who"], "now": numbers_text(args["in_force"].items())}
    if not args["who"]:
        return _("somebody changed this meanwhile. It is now: %(now)s. Nothing of yours was saved yet") % known
    words = _("%(who)s changed this meanwhile, on %(when)s. It is now: %(now)s. Nothing of yours was saved yet")
    return words % (known | {"when": short_moment(args["at"])})


def weekday_part(args):
    """Like "Tuesday evening"; the day alone where the part does not matter."""
    weekday = Weekday(args["weekday"]).label
    if not args.get("part"):
        return weekday
    return _("%(weekday)s %(part)s") % {"weekday": weekday, "part": DayPart(args["part"]).label}


def _with_moment(text, args):
    if "weekday" not in args:
        return text
    return _("%(text)s; with one, it could start on %(weekday)s %(date)s at %(time)s") % {
        "text": text,
        "weekday": Weekday(args["weekday"]).label,
        "date": _day(args["date"]),
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
