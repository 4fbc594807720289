"""decide(facts) → decision: the one place where it is settled whether, when and with whom a group starts."""

from dataclasses import replace

from groups.engine.compose import after, compose_all, fill_open_cycles
from groups.engine.decision import Decision, Reason
from groups.engine.explain import why_no_start
from groups.engine.openings import Openings
from groups.engine.placeable import in_order, why_not_placeable
from groups.engine.rhythm import continue_rhythms, is_tied
from groups.engine.rhythm_help import what_helps_rhythms
from groups.engine.unblock import MOST, what_helps

# Under these settings there is no offer to try changes on.
NOBODY_CAN_TRY = {"offer_inactive", "theme_not_in_neighbourhood", "offer_incomplete"}


def decide(facts):
    """Join cycles that take newcomers (R12, R22), then start what is lawful (R12, R16, R28), else say why not (R19).

    Pure: the same facts give the same decision.
    """
    person_reasons = {p.id: why_not_placeable(p, facts.rules) for p in facts.people}
    failing = {person: reasons for person, reasons in person_reasons.items() if reasons}
    joins, rest, starts, waiting_rhythms = place(facts)
    told = Decision(joins=joins, person_reasons=failing, placeable=len(rest))
    if starts and facts.rules.is_manual:
        return replace(told, prepared=starts, reasons=(_ready_by_click(starts, facts),))
    if starts:
        return replace(told, starts=starts)
    free = [p for p in rest if not is_tied(p, facts)]
    keeping_up = what_helps_rhythms(facts, rest, _first_start) if waiting_rhythms else ()
    if waiting_rhythms and not free:
        return replace(told, reasons=waiting_rhythms, unblocks=keeping_up[:MOST])
    openings = Openings(facts)
    told = replace(told, reasons=(*waiting_rhythms, *say_why(facts, free, failing, openings)))
    if not (free or failing) or {reason.code for reason in told.reasons} & NOBODY_CAN_TRY:
        return told
    helps = (*keeping_up, *what_helps(facts, free, openings, _first_start))
    return replace(told, unblocks=helps[:MOST])


def place(facts):
    """(joins, the placeable people left, starts, why rhythms wait): what happens, without a word on the rest."""
    placeable = in_order(p for p in facts.people if not why_not_placeable(p, facts.rules))
    joins = fill_open_cycles(placeable, facts) if facts.rules.is_active else ()
    joined = {person for join in joins for person in join.people}
    rest = [p for p in placeable if p.id not in joined]
    if why_never(facts.rules):
        return joins, rest, (), ()
    return joins, rest, *_starts(rest, facts)


def _starts(rest, facts):
    """First the cycles that keep a rhythm (R28), then new ones; and why a rhythm cannot be kept yet."""
    rhythmic, reasons = continue_rhythms(rest, facts)
    for start in rhythmic:
        facts = after(facts, start)
    taken = {person for start in rhythmic for person in start.people}
    free = [p for p in rest if p.id not in taken and not is_tied(p, facts)]
    return (*rhythmic, *compose_all(free, facts)), reasons


def _first_start(facts):
    return next(iter(place(facts)[2]), None)


def say_why(facts, free, failing, openings):
    forbidden = why_never(facts.rules)
    if forbidden:
        return forbidden
    return why_no_start(free, failing, facts, openings) if facts.people else (Reason("nobody_waits"),)


def _ready_by_click(starts, facts):
    """R23: all is there, and the list is on manual."""
    slot = starts[0].slot
    return Reason(
        "ready_by_click",
        {
            "people": sum(len(start.people) for start in starts),
            "date": slot.dates[0].isoformat(),
            "weekday": slot.weekday,
            "part": facts.part_of(slot.start),
            "time": slot.start.strftime("%H:%M"),
        },
    )


def why_never(rules):
    """Settings under which no cycle can start by itself, whoever waits."""
    if not rules.is_active:
        return (Reason("offer_inactive"),)
    if rules.level == "neighbourhood" and not rules.may_run_in_neighbourhood:
        return (Reason("theme_not_in_neighbourhood"),)
    missing = [name for name in ("sessions", "minutes") if getattr(rules, name) is None]
    if missing:
        return (Reason("offer_incomplete", {"missing": missing}),)
    return (Reason("no_minimum"),) if rules.minimum is None else ()
