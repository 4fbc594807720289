"""A leader, a second leader or a room that an opening lacks, added to the facts (R14, R19, R20)."""

from groups.engine.changes import add_leader, add_room, add_second
from groups.engine.openings import LEADER, ROOM, SECOND

THINGS = (LEADER, SECOND, ROOM)


def add_thing(facts, thing, slot, people=0):
    """({args}, facts with it) at this slot: first by longer hours of what there is, then with one more of them.

    A room holds at least these people, and the minimum.
    """
    if thing == ROOM:
        yield from _rooms(facts, slot, people)
    else:
        yield from _workers(facts, thing, slot)


def _workers(facts, thing, slot):
    add, may = {LEADER: (add_leader, _may_lead), SECOND: (add_second, _may_sit_second)}[thing]
    found = (w for w in sorted(facts.workers, key=lambda w: (w.cycles, w.id)) if may(w, slot, facts.rules))
    worker = next(
        (w for w in found if _is_outside_hours(w, slot) and w.has_room_for(slot.dates, facts.rules.minutes)), None
    )
    if worker is not None:
        yield {"hours": True}, add(facts, slot, worker=worker)
    yield {"hours": False}, add(facts, slot)


def _rooms(facts, slot, people):
    rules = facts.rules
    capacity = max(rules.minimum, people) + 1 + (rules.second_seat or rules.two_workers)
    big_enough = (p for p in sorted(facts.places, key=lambda p: (p.rank, p.id)) if p.capacity >= capacity)
    place = next((p for p in big_enough if _is_outside_hours(p, slot)), None)
    if place is not None:
        yield {"people": capacity, "hours": True}, add_room(facts, slot, capacity, place=place)
    yield {"people": capacity, "hours": False}, add_room(facts, slot, capacity)


def _is_outside_hours(thing, slot):
    """Free then, only not at work or not open."""
    return not thing.is_open(slot.weekday, slot.start, slot.end) and thing.is_free(slot.dates, slot.start, slot.end)


def _may_lead(worker, slot, _rules):
    return worker.id != slot.co_lead and worker.may_lead(slot.dates[-1])


def _may_sit_second(worker, slot, rules):
    last = slot.dates[-1]
    return worker.id != slot.lead and (
        (worker.may_co_lead(last) or worker.may_lead(last)) and (worker.is_social_worker or not rules.two_workers)
    )
