"""Dates to choose from when a group worker forms a cycle by hand."""

from groups.engine.slots import lawful_slots


def propose(facts, *, limit=6, not_before=None):
    """Up to `limit` lawful slots, the earliest on each day and part of the day, earliest first (R20)."""
    found, seen = [], set()
    for slot in lawful_slots(facts, not_before=not_before):
        key = (slot.dates[0], facts.part_of(slot.start))
        if key not in seen:
            seen.add(key)
            found.append(slot)
            if len(found) == limit:
                break
    return tuple(found)
