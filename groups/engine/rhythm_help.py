"""R19 and R28: what would let those who go on keep their rhythm; the engine tries each change before it is told."""

from groups.engine.changes import SETTLING, add_newcomers, lower_minimum, settle, settleable, widen_times
from groups.engine.lacking import add_thing
from groups.engine.placeable import suits
from groups.engine.rhythm import lacking_on, rhythm_dates, waiting_rhythms, who_can_come
from groups.engine.unblock import CODES, SMALLEST, Change, as_reasons, first_that_starts


def what_helps_rhythms(facts, placeable, first_start):
    """The changes, least effort first, each of which lets a rhythm that now waits go on."""
    found = []
    for rhythm, going in waiting_rhythms(placeable, facts):
        days = rhythm_dates(rhythm, facts)
        if days:
            kinds = _kinds(days[-1], rhythm, going, placeable, facts)
            found += [pair for kind in kinds if (pair := _first(kind, rhythm, first_start)) is not None]
    return as_reasons(found, facts)


def _first(kind, rhythm, first_start):
    """The first change of this kind after which this very rhythm is kept."""

    def keeps_it(facts):
        start = first_start(facts)
        return start if start is not None and start.continues == rhythm.cycle else None

    return first_that_starts(kind, keeps_it)


def _kinds(day, rhythm, going, placeable, facts):
    slot, things = lacking_on(day, rhythm, facts, len(going))
    if slot is None:
        return
    for thing in things:
        yield (
            Change(f"with_{thing}", 1, args, changed)
            for args, changed in add_thing(facts, thing, slot, people=len(going))
        )
    _able, together = who_can_come(slot, rhythm, placeable, facts)
    needed = facts.rules.minimum - len(together)
    if needed > 0 and not things:
        yield from (_settled(code, needed, facts) for code in SETTLING)
        yield _times(needed, slot, placeable, facts)
        yield _newcomers(needed, slot, facts)
        yield _minimums(needed, facts)


def _settled(code, needed, facts):
    people = settleable(facts, (code,))
    for count in range(needed, len(people) + 1):
        yield Change(CODES[code], count, {"count": count}, settle(facts, people[:count], (code,)))


def _times(needed, slot, placeable, facts):
    when = slot.weekday, facts.part_of(slot.start)
    others = [p for p in placeable if not suits(p, facts, slot.weekday, slot.start)]
    for count in range(needed, len(others) + 1):
        yield Change("with_times", count, {"count": count}, widen_times(facts, others[:count], *when))


def _newcomers(needed, slot, facts):
    when = slot.weekday, facts.part_of(slot.start)
    for count in range(needed, facts.rules.minimum + 1):
        yield Change("with_newcomers", count, {"count": count, "then": True}, add_newcomers(facts, count, when))


def _minimums(needed, facts):
    for minimum in range(facts.rules.minimum - needed, SMALLEST - 1, -1):
        yield Change("with_minimum", 1, {"minimum": minimum}, lower_minimum(facts, minimum))
