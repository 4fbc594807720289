"""Who goes into which group: joining formed cycles (R12) and composing a new one around the longest waiter (R17)."""

from groups.engine.decision import Join, Passed, Reason, Start
from groups.engine.placeable import suits
from groups.engine.slots import seats_in


def fill_open_cycles(placeable, facts):
    """Newcomers in order into formed cycles up to the soft maximum, before anyone waits for a next one (R12)."""
    joins, taken = [], set()
    for cycle in sorted(facts.open_cycles, key=lambda c: (c.first_date, c.id)):
        chosen, passed = _pick(
            [p for p in placeable if p.id not in taken and cycle.id not in p.declined_cycles],
            seats=cycle.seats,
            facts=facts,
            weekday=cycle.weekday,
            start=cycle.start,
            sitting=cycle.people,
        )
        if chosen:
            taken.update(person.id for person in chosen)
            joins.append(Join(cycle.id, tuple(p.id for p in chosen), passed))
    return tuple(joins)


def compose(placeable, slots, facts):
    """The earliest day that suits the longest waiter and fills the group; only if none exists is the next one tried.

    So nobody waits for a second start because somebody else's hours were easier (R13, R17). Among the times of that
    day the one that suits most people is taken, then the earliest. slots is walked once.
    """
    seen = []
    for index in range(len(placeable) - facts.rules.minimum + 1):
        start = _best_of_first_day(index, placeable, _again(seen, slots), facts)
        if start is not None:
            return start
        if not seen:
            return None
    return None


def _best_of_first_day(anchor_index, placeable, slots, facts):
    best = None
    for slot in slots:
        if best is not None and slot.dates[0] != best.slot.dates[0]:
            break
        start = _start_in(slot, anchor_index, placeable, facts)
        if start is not None and (best is None or len(start.people) > len(best.people)):
            best = start
    return best


def _again(seen, slots):
    """Walk what was already generated, then go on generating: slots are costly, so each is made once."""
    yield from list(seen)
    for slot in slots:
        seen.append(slot)
        yield slot


def _start_in(slot, anchor_index, placeable, facts):
    anchor = placeable[anchor_index]
    if not suits(anchor, facts, slot.weekday, slot.start):
        return None
    seats = seats_in(slot, facts.rules)
    # Those before the anchor had no lawful slot of their own; they come along if this one happens to suit them.
    chosen, passed = _pick(placeable, seats, facts, slot.weekday, slot.start, first=anchor)
    if len(chosen) < facts.rules.minimum:
        return None
    reason = Reason("longest_waiters", {"people": len(chosen), "minimum": facts.rules.minimum})
    return Start(tuple(p.id for p in chosen), slot, reason, passed)


def _pick(people, seats, facts, weekday, start, sitting=frozenset(), first=None):
    """Up to `seats` people in order who suit the time and may sit together, and why each passed one was passed."""
    chosen, skipped = ([first] if first else []), []
    anchor = last = people.index(first) if first else -1
    for index, person in enumerate(people):
        if person is first:
            continue
        # All seats may be taken before the anchor's turn; who waited longer still hears why they were passed.
        if len(chosen) >= seats and index > anchor:
            break
        reason = _why_not_with(person, chosen, sitting, facts, weekday, start)
        if reason is None and len(chosen) < seats:
            chosen.append(person)
            last = max(last, index)
        elif reason is not None:
            skipped.append((index, person, reason))
    chosen = [p for p in people if p in chosen][:seats] if seats > 0 else []
    passed = tuple(Passed(person.id, reason) for index, person, reason in skipped if index < last)
    return chosen, passed


def _why_not_with(person, chosen, sitting, facts, weekday, start):
    if not suits(person, facts, weekday, start):
        return Reason("not_available_then", {"weekday": weekday, "part": facts.part_of(start)})
    together = sitting | {other.client for other in chosen}
    if person.excluded & together or any(person.client in other.excluded for other in chosen):
        return Reason("not_together")
    return None
