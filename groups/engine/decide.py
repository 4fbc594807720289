"""decide(facts) → decision: the one place where it is settled whether, when and with whom a group starts."""

from dataclasses import replace

from groups.engine.compose import compose_all, fill_open_cycles
from groups.engine.decision import Decision, Reason
from groups.engine.explain import why_no_start
from groups.engine.openings import Openings
from groups.engine.placeable import in_order, why_not_placeable
from groups.engine.unblock import what_helps

# Under these settings there is no offer to try changes on.
NOBODY_CAN_TRY = {"offer_inactive", "theme_not_in_neighbourhood", "offer_incomplete"}


def decide(facts):
    """Join formed cycles first (R12), then start what is lawful now (R12, R16), else say why nothing starts (R19).

    Pure: the same facts give the same decision.
    """
    person_reasons = {p.id: why_not_placeable(p, facts.rules) for p in facts.people}
    failing = {person: reasons for person, reasons in person_reasons.items() if reasons}
    joins, rest, starts = _place(facts)
    told = Decision(joins=joins, starts=starts, person_reasons=failing, placeable=len(rest))
    if starts:
        return told
    openings = Openings(facts)
    told = replace(told, reasons=_why(facts, rest, failing, openings))
    if not (rest or failing) or {reason.code for reason in told.reasons} & NOBODY_CAN_TRY:
        return told
    return replace(told, unblocks=what_helps(facts, rest, openings, _first_start))


def _place(facts):
    """(joins, the placeable people left, starts): what happens, without a word on why."""
    placeable = in_order(p for p in facts.people if not why_not_placeable(p, facts.rules))
    joins = fill_open_cycles(placeable, facts) if facts.rules.is_active else ()
    joined = {person for join in joins for person in join.people}
    rest = [p for p in placeable if p.id not in joined]
    return joins, rest, () if _why_never(facts.rules) else compose_all(rest, facts)


def _first_start(facts):
    return next(iter(_place(facts)[2]), None)


def _why(facts, rest, failing, openings):
    forbidden = _why_never(facts.rules)
    if forbidden:
        return forbidden
    return why_no_start(rest, failing, facts, openings) if facts.people else (Reason("nobody_waits"),)


def _why_never(rules):
    """Settings under which no cycle can start by itself, whoever waits."""
    if not rules.is_active:
        return (Reason("offer_inactive"),)
    if rules.level == "neighbourhood" and not rules.may_run_in_neighbourhood:
        return (Reason("theme_not_in_neighbourhood"),)
    missing = [name for name in ("sessions", "minutes") if getattr(rules, name) is None]
    if missing:
        return (Reason("offer_incomplete", {"missing": missing}),)
    return (Reason("no_minimum"),) if rules.minimum is None else ()
