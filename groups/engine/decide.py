"""decide(facts) → decision: the one place where it is settled whether, when and with whom a group starts."""

from groups.engine.compose import compose_all, fill_open_cycles
from groups.engine.decision import Decision, Reason
from groups.engine.explain import why_no_start
from groups.engine.placeable import in_order, why_not_placeable


def decide(facts):
    """Join formed cycles first (R12), then start what is lawful now (R12, R16), else say why nothing starts (R19).

    Pure: the same facts give the same decision.
    """
    forbidden = _why_never(facts.rules)
    person_reasons = {p.id: why_not_placeable(p, facts.rules) for p in facts.people}
    placeable = in_order(p for p in facts.people if not person_reasons[p.id])
    failing = {person: reasons for person, reasons in person_reasons.items() if reasons}
    joins = fill_open_cycles(placeable, facts) if facts.rules.is_active else ()
    joined = {person for join in joins for person in join.people}
    rest = [p for p in placeable if p.id not in joined]
    if forbidden:
        return Decision(joins=joins, reasons=forbidden, person_reasons=failing, placeable=len(rest))
    starts = compose_all(rest, facts)
    if starts:
        return Decision(joins=joins, starts=starts, person_reasons=failing, placeable=len(rest))
    reasons = why_no_start(rest, failing, facts) if facts.people else (Reason("nobody_waits"),)
    return Decision(joins=joins, reasons=reasons, person_reasons=failing, placeable=len(rest))


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
