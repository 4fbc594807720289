"""Changes one could make to the facts of a list, as the engine tries them out (R19): what if …?"""

import datetime as dt
from dataclasses import replace

from groups.engine.facts import Person, Place, Window, Worker
from groups.engine.placeable import in_order, why_not_placeable

# What somebody can settle of a person who waits: reason for not counting → the field that says it is settled.
SETTLING = {
    "talk_first": {"talk_held": True},
    "no_consent": {"has_consent": True},
    "on_hold": {"is_on_hold": False},
    "awaiting_judgement": {"is_judged": True},
}


def settleable(facts, codes):
    """Who does not count for no other reason than these codes, in the order of the list (R17)."""
    return [
        person
        for person in in_order(facts.people)
        if (failing := {reason.code for reason in why_not_placeable(person, facts.rules)}) and failing <= set(codes)
    ]


def settle(facts, people, codes):
    """As if these were judged, talked with, released …"""
    fields = {name: value for code in codes for name, value in SETTLING[code].items()}
    return _with_people(facts, {person.id: replace(person, **fields) for person in people})


def widen_times(facts, people, weekday, part):
    """As if these could come then too."""
    return _with_people(facts, {p.id: replace(p, parts=(p.parts or frozenset()) | {(weekday, part)}) for p in people})


def _with_people(facts, changed):
    return replace(facts, people=tuple(changed.get(person.id, person) for person in facts.people))


def add_newcomers(facts, count, when=None):
    """As if this many more fitting people came onto the list today, who can come at any time or only `when`."""
    rules = facts.rules
    ages = [age for age in (rules.age_from, rules.age_to) if age is not None]
    last = max((person.id for person in facts.people), default=0)
    newcomers = tuple(
        Person(
            id=last + number,
            client=-number,
            waiting_since=facts.today,
            age=ages[0] if ages else None,
            sex={"women": "female", "men": "male"}.get(rules.audience, "unknown"),
            parts=None if when is None else frozenset({when}),
        )
        for number in range(1, count + 1)
    )
    return replace(facts, people=(*facts.people, *newcomers))


def lower_minimum(facts, minimum):
    return replace(facts, rules=replace(facts.rules, minimum=minimum))


def window_of(slot):
    return Window(slot.weekday, slot.start, slot.end)


def add_leader(facts, slot, *, worker=None):
    """As if somebody could lead at that time: this worker with longer hours, or one more."""
    if worker is not None:
        return _with_workers(facts, worker, slot)
    return _more_workers(facts, slot, lead_until=dt.date.max, is_social_worker=True)


def add_second(facts, slot, *, worker=None):
    """As if somebody could sit beside the leader at that time."""
    if worker is not None:
        return _with_workers(facts, worker, slot)
    return _more_workers(facts, slot, co_lead_until=dt.date.max, is_social_worker=True)


def _with_workers(facts, worker, slot):
    wider = replace(worker, windows=(*worker.windows, window_of(slot)))
    return replace(facts, workers=tuple(wider if other.id == worker.id else other for other in facts.workers))


def _more_workers(facts, slot, **fields):
    number = _imagined(facts.workers)
    return replace(facts, workers=(*facts.workers, Worker(id=number, windows=(window_of(slot),), **fields)))


def add_room(facts, slot, capacity, *, place=None):
    """As if a room were open at that time: this one with longer hours, or one more."""
    if place is not None:
        wider = replace(place, windows=(*place.windows, window_of(slot)))
        return replace(facts, places=tuple(wider if other.id == place.id else other for other in facts.places))
    number = _imagined(facts.places)
    return replace(facts, places=(*facts.places, Place(id=number, capacity=capacity, windows=(window_of(slot),))))


def _imagined(things):
    """A number that nobody and nothing real has: below nought."""
    return min((0, *(thing.id for thing in things))) - 1
