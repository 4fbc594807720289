"""When somebody on a list would begin, were nothing to change but what usually does: more people signing up.

Asked of the same functions that decide: nobody tells a date that the engine would not give. Nothing in a forecast
says who waits; its reason is the list's own (R19).
"""

import datetime as dt
from dataclasses import dataclass, replace
from math import exp

from groups.engine.changes import SETTLING, add_newcomers, settle, settleable
from groups.engine.compose import after
from groups.engine.decide import place, say_why, why_never
from groups.engine.decision import Reason
from groups.engine.openings import Openings
from groups.engine.placeable import in_order, why_not_placeable
from groups.engine.rhythm import is_tied

# Four out of five times the people who are still missing come between these two.
EARLY, LATE = 0.1, 0.9
# Further ahead nobody can know: half a year.
MOST_WEEKS = 26
# Groups of one list that may start before this person is in one.
ROUNDS = 3
# Who waits for one of these may count any day; basic needs (R5) take as long as they take.
SOON = tuple(code for code in SETTLING if code != "on_hold")


@dataclass(frozen=True, slots=True)
class Forecast:
    """When somebody would begin. code: joins (a group that is there already), starts (at once, with these people),
    by_click (so, once a group worker presses start), expected (between `on` and `until`) or unknown, with `why`.
    """

    code: str
    on: dt.date | None = None
    until: dt.date | None = None
    why: Reason | None = None

    @property
    def is_known(self):
        return self.on is not None


def forecast(facts, person_id):
    """What decide() would do for this person of these facts, now and, at the list's own rate, later."""
    me = next(person for person in facts.people if person.id == person_id)
    failing = why_not_placeable(me, facts.rules)
    if failing:
        return Forecast("unknown", why=failing[0])
    for _ in range(ROUNDS):
        joins, rest, starts, waiting_rhythms = place(facts)
        found = _found(person_id, joins, starts, facts)
        if found is not None:
            return found
        facts = _without_placed(facts, joins, starts)
        if not starts:
            break
    return _later(facts, rest, waiting_rhythms)


def _found(person_id, joins, starts, facts):
    first_dates = {cycle.id: cycle.first_date for cycle in facts.open_cycles}
    for join in joins:
        if person_id in join.people:
            return Forecast("joins", on=first_dates[join.cycle])
    for start in starts:
        if person_id in start.people:
            return Forecast("by_click" if facts.rules.is_manual else "starts", on=start.slot.dates[0])
    return None


def _without_placed(facts, joins, starts):
    """The same list once these have their place: their seats, team and room are taken."""
    placed = {person for group in (*joins, *starts) for person in group.people}
    seated = {join.cycle: len(join.people) for join in joins}
    for start in starts:
        facts = after(facts, start)
    return replace(
        facts,
        people=tuple(person for person in facts.people if person.id not in placed),
        open_cycles=tuple(replace(c, seats=max(0, c.seats - seated.get(c.id, 0))) for c in facts.open_cycles),
    )


def _later(facts, rest, waiting_rhythms):
    """The list as it is now starts nothing for this person: too few people, or something else is missing."""
    forbidden = (*why_never(facts.rules), *waiting_rhythms)
    if forbidden:
        return Forecast("unknown", why=forbidden[0])
    rest = [person for person in rest if any(person.id == other.id for other in facts.people)]
    missing = facts.rules.minimum - len(rest)
    if missing <= 0:
        return Forecast("unknown", why=_main_reason(facts))
    late = _weeks(missing, facts.joined_per_week, LATE)
    if late is None or late > MOST_WEEKS:
        return Forecast("unknown", why=_why_not_when(facts.joined_per_week, late))
    return _between(facts, missing, late)


def _why_not_when(rate, late):
    if rate is None:
        return Reason("forecast_young_list")
    return Reason("forecast_too_long" if late is not None else "forecast_no_signups", {"weeks": MOST_WEEKS})


def _between(facts, missing, late):
    """From the day on which the missing people may well be there to the day on which they almost surely are."""
    soon = settleable(facts, SOON)[:missing]
    settled = settle(facts, soon, SOON)
    fewer = missing - len(soon)
    early = _weeks(fewer, facts.joined_per_week, EARLY) if fewer else 0
    first = start_after(settled, fewer, early)
    last = start_after(facts, missing, late)
    if first is None or last is None:
        return Forecast("unknown", why=_main_reason(_later_on(facts, missing, late)))
    return Forecast("expected", on=min(first, last), until=max(first, last))


def start_after(facts, count, weeks):
    """The first day of the group that starts once this many more people are there, in so many weeks; or None."""
    starts = place(_later_on(facts, count, weeks))[2]
    return starts[0].slot.dates[0] if starts else None


def _later_on(facts, count, weeks):
    then = replace(facts, today=facts.today + dt.timedelta(days=round(7 * weeks)))
    return add_newcomers(then, count) if count else then


def _main_reason(facts):
    """What decide() says of this list when nothing starts (R19), without looking for what would help."""
    failing = {p.id: reasons for p in facts.people if (reasons := why_not_placeable(p, facts.rules))}
    free = [p for p in in_order(facts.people) if p.id not in failing and not is_tied(p, facts)]
    return say_why(facts, free, failing, Openings(facts))[0]


def _weeks(count, rate, odds):
    """In how many weeks `count` people signed up with these odds, at `rate` a week; None if never.

    People sign up independently of each other: the sum of `count` exponential waits (Erlang).
    """
    if not rate:
        return None
    low, high = 0.0, 1.0
    while _chance(count, rate * high) < odds:
        high *= 2
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if _chance(count, rate * middle) < odds else (low, middle)
    return high


def _chance(count, expected):
    """That at least `count` came where `expected` usually do (Poisson)."""
    term, fewer = exp(-expected), 0.0
    for number in range(count):
        fewer += term
        term *= expected / (number + 1)
    return 1 - fewer
