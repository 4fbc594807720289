"""Who goes into which group: into formed cycles (R12), around the longest waiter (R13, R17), split in two (R16)."""

import datetime as dt
from collections import Counter
from dataclasses import replace

from groups.engine.decision import Join, Passed, Reason, Start
from groups.engine.facts import Busy
from groups.engine.placeable import suits
from groups.engine.slots import elsewhere, lawful_slots, seats_in


def fill_open_cycles(placeable, facts):
    """Newcomers in order into cycles that take them, before anyone waits for a next one (R12, R22).

    A cycle that keeps the rhythm of another takes those who go on from there first, and keeps a seat for each who has
    not decided yet (R28); who goes on from a cycle that still lives waits for the one that follows it.
    """
    joins, taken = [], set()
    for cycle in sorted(facts.open_cycles, key=lambda c: (c.first_date, c.id)):
        people = [p for p in placeable if p.id not in taken and _may_join(p, cycle, facts)]
        why_not = {p.id: why_not_then(p, facts, cycle) for p in people}
        chosen = _seat_in(cycle, [p for p in people if why_not[p.id] is None])
        if chosen:
            taken.update(person.id for person in chosen)
            passed = passed_over(people, chosen, why_not, Reason("not_together"))
            joins.append(Join(cycle.id, _ids(chosen), passed, cycle.enters_at))
    return tuple(joins)


def _may_join(person, cycle, facts):
    if cycle.id in person.declined_cycles:
        return False
    return person.continues not in facts.live_cycles or person.continues == cycle.continues


def _seat_in(cycle, able):
    going = [p for p in able if cycle.continues is not None and p.continues == cycle.continues]
    first = sit_together(going, cycle.seats, cycle.people)
    left = max(0, cycle.seats - len(first) - cycle.reserved)
    ids = {person.id for person in going}
    return [*first, *sit_together([p for p in able if p.id not in ids], left, cycle.people, first)]


def compose_all(placeable, facts):
    """As many groups at once as the people need and team and room allow (R12, R16); none, one or more Starts.

    Thirteen people at a maximum of ten are seven and six, not twelve and one. If the second group cannot start, the
    first takes as many as it holds.
    """
    for groups in range(_groups_needed(len(placeable), facts.rules), 0, -1):
        starts = _compose_groups(placeable, facts, groups)
        if len(starts) == groups:
            return tuple(starts)
    return ()


def _groups_needed(people, rules):
    """The fewest groups that hold everybody, each of at least the minimum (R16)."""
    groups = -(-people // (rules.soft_maximum or people or 1))
    while groups > 1 and people // groups < rules.minimum:
        groups -= 1
    return groups if people >= rules.minimum else 0


def _compose_groups(placeable, facts, groups):
    starts, rest = [], placeable
    for left in range(groups, 0, -1):
        size = _size(len(rest), left, facts.rules)
        slots = lawful_slots(facts, parts=parts_that_fill(rest, facts))
        start = compose(rest, slots, facts, size=size)
        if start is None:
            break
        starts.append(start)
        facts = after(facts, start)
        rest = [person for person in rest if person.id not in start.people]
    return starts


def parts_that_fill(people, facts):
    """The (weekday, part of the day) at which the minimum can come; None when that is any time (R10b, R20)."""
    anytime = sum(person.parts is None for person in people)
    if anytime >= facts.rules.minimum:
        return None
    counts = Counter(part for person in people for part in person.parts or ())
    return {part for part, count in counts.items() if count + anytime >= facts.rules.minimum}


def _size(people, groups, rules):
    """An even share. One group alone takes up to the hard maximum, rather than leave too few behind (R16)."""
    share = max(rules.minimum, -(-people // groups))
    if not rules.hard_maximum or share <= rules.hard_maximum:
        return share
    leaves_a_group = groups == 1 and people - rules.soft_maximum >= rules.minimum
    return rules.soft_maximum if leaves_a_group else rules.hard_maximum


def after(facts, start):
    """The same facts with this start's team and room taken."""
    slot = start.slot
    taken = tuple(Busy(dt.datetime.combine(day, slot.start), dt.datetime.combine(day, slot.end)) for day in slot.dates)
    workers = tuple(
        _busier(worker, slot, taken, facts.rules.minutes) if worker.id in (slot.lead, slot.co_lead) else worker
        for worker in facts.workers
    )
    places = tuple(replace(p, busy=p.busy + taken) if p.id == slot.place else p for p in facts.places)
    return replace(facts, workers=workers, places=places)


def _busier(worker, slot, taken, minutes):
    by_week = dict(worker.minutes_by_week)
    for day in slot.dates:
        week = day.isocalendar()[:2]
        by_week[week] = by_week.get(week, 0) + minutes
    return replace(worker, busy=worker.busy + taken, cycles=worker.cycles + 1, minutes_by_week=by_week)


def compose(placeable, slots, facts, *, size=None):
    """The earliest day that suits the longest waiter and fills the group; only if none exists is the next one tried.

    So nobody waits for a second start because somebody else's hours or question were easier (R13, R17). Among the
    times of that day the one that suits most people is taken, then the least loaded leader's, then the earliest.
    slots is walked once; size caps the group below what the slot holds (R16).
    """
    seen = []
    for anchor in placeable[: max(0, len(placeable) - facts.rules.minimum + 1)]:
        start = _best_of_first_day(anchor, placeable, _again(seen, slots), facts, size)
        if start is not None:
            return start
        if not seen:
            return None
    return None


def _best_of_first_day(anchor, placeable, slots, facts, size):
    """The time that suits most; then the leader with the fewest cycles (R14); then the earliest."""
    loads = {worker.id: worker.cycles for worker in facts.workers}
    best, rank = None, ()
    for slot in slots:
        if best is not None and slot.dates[0] != best.slot.dates[0]:
            break
        start = _start_in(slot, anchor, placeable, facts, size)
        if start is not None and (best is None or _rank(start, loads) > rank):
            best, rank = start, _rank(start, loads)
    return best


def _rank(start, loads):
    return len(start.people), -loads.get(start.slot.lead, 0)


def _again(seen, slots):
    """Walk what was already generated, then go on generating: slots are costly, so each is made once."""
    yield from list(seen)
    for slot in slots:
        seen.append(slot)
        yield slot


def _start_in(slot, anchor, placeable, facts, size):
    if not suits(anchor, facts, slot.weekday, slot.start):
        return None
    if anchor.avoids is not None and anchor.avoids == slot.area:
        slot = elsewhere(slot, facts) or slot
    seats = seats_in(slot, facts.rules if size is None else replace(facts.rules, soft_maximum=size))
    why_not = {p.id: why_not_then(p, facts, slot) for p in placeable}
    if why_not[anchor.id] is not None:
        return None
    able = [p for p in placeable if why_not[p.id] is None]
    for pool, left_out in _pools(anchor, able, seats, facts.rules.minimum):
        chosen = sit_together([anchor, *(p for p in pool if p is not anchor)], seats)
        if len(chosen) >= facts.rules.minimum:
            ids = {person.id for person in chosen}
            chosen = [p for p in placeable if p.id in ids]
            return Start(_ids(chosen), slot, _why_these(chosen), passed_over(placeable, chosen, why_not, left_out))
    return None


def _pools(anchor, able, seats, minimum):
    """R13: whom to take first, the narrowest group first; with each what is said to those left out by it.

    Whoever all fit in are all taken. Else people with the longest waiter's kind of question together, if what remains
    is viable too; else that kind first; else the psychosocial ones with the longest waiter; else in order.
    """
    if len(able) > seats:
        same = [p for p in able if p.kind is not None and p.kind == anchor.kind]
        others = [p for p in able if p not in same]
        if len(same) >= minimum:
            if len(others) >= minimum:
                yield same, Reason("other_kind")
            yield [*same, *others], Reason("other_kind")
        mixed = [p for p in able if p.is_psychosocial or p is anchor]
        if len(mixed) >= minimum:
            yield [*mixed, *(p for p in able if p not in mixed)], Reason("other_kind")
    yield able, Reason("not_together")


def sit_together(pool, seats, sitting=frozenset(), beside=()):
    """The first `seats` of the pool of whom no two exclude each other, nor anybody there already (R18).

    sitting are clients, beside are people.
    """
    chosen, together = [], {*sitting, *(person.client for person in beside)}
    for person in pool:
        if len(chosen) >= seats:
            break
        if not (person.excluded & together or any(person.client in other.excluded for other in (*beside, *chosen))):
            chosen.append(person)
            together.add(person.client)
    return chosen


def passed_over(people, chosen, why_not, left_out):
    """Who waited longer than the last one taken and was not, with the reason that holds (R17)."""
    if not chosen:
        return ()
    last, ids = max(person.order for person in chosen), {person.id for person in chosen}
    return tuple(
        Passed(p.id, why_not[p.id] or _why_left_out(p, chosen, left_out))
        for p in people
        if p.id not in ids and p.order < last
    )


def _why_left_out(person, chosen, left_out):
    excluded = any(person.client in other.excluded or other.client in person.excluded for other in chosen)
    return Reason("not_together") if excluded else left_out


def _why_these(chosen):
    """R13's reason, stored and shown: what these people have in common."""
    kinds = {person.kind for person in chosen}
    args = {"people": len(chosen)}
    if None in kinds:
        return Reason("longest_waiters", args)
    if len(kinds) == 1:
        return Reason("same_kind", args)
    if all(person.is_psychosocial for person in chosen):
        return Reason("psychosocial_together", args)
    return Reason("mixed_kinds", args)


def why_not_then(person, facts, meeting):
    """None, or why these sessions are not for this person (R10b, R18, R20). meeting: a Slot or an OpenCycle."""
    if not suits(person, facts, meeting.weekday, meeting.start):
        return Reason("not_available_then", {"weekday": meeting.weekday, "part": facts.part_of(meeting.start)})
    if person.avoids is not None and person.avoids == meeting.area:
        return Reason("not_here")
    if person.busy and not _is_free(person, meeting):
        return Reason("other_group_then")
    return None


def _is_free(person, meeting):
    return all(
        busy.end <= dt.datetime.combine(day, meeting.start) or busy.start >= dt.datetime.combine(day, meeting.end)
        for busy in person.busy
        for day in meeting.dates
    )


def _ids(people):
    return tuple(person.id for person in people)
