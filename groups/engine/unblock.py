"""R19: what would unblock a list: the smallest changes, each of which by itself lets a group start.

Candidates are looked for among the openings, which is cheap; then the change is made to the facts and the engine is
asked what it would do. So whatever is told is true. Of people only the number is told: it is those who wait longest.
"""

from dataclasses import dataclass
from itertools import combinations

from groups.engine.changes import SETTLING, add_newcomers, lower_minimum, settle, settleable, widen_times
from groups.engine.decision import Reason
from groups.engine.facts import Facts
from groups.engine.lacking import THINGS, add_thing
from groups.engine.openings import SECOND, Openings
from groups.engine.placeable import in_order, suits, why_not_placeable

MOST = 4  # more is no help but a list to read
SMALLEST = 2  # one is no group
TRIES = 3  # candidates of one kind that looked well and were not; each costs a look through all openings

# What a group worker can do today comes first, the coordinator's settings last.
CODES = {
    "talk_first": "with_talks",
    "no_consent": "with_consents",
    "on_hold": "with_releases",
    "awaiting_judgement": "with_judgements",
}
_ORDER = (
    *("with_talks", "with_consents", "with_releases", "with_times", "with_judgements"),
    *("with_leader", "with_second", "with_room", "with_newcomers", "with_minimum"),
)


@dataclass(frozen=True)
class Change:
    """One change: how many people or things it takes, and the facts as they would be then."""

    code: str
    size: int
    args: dict
    facts: Facts

    @property
    def effort(self):
        return self.size, _ORDER.index(self.code)


def what_helps(facts, placeable, openings, first_start):
    """Up to MOST changes, the least effort first; two together only where nothing helps by itself.

    `placeable` are those left after joining cycles; first_start(facts) gives the first Start decide() would make, or
    None.
    """
    look = _Look(facts, placeable, openings, first_start)
    found = sorted(look.singles(), key=lambda pair: pair[0].effort)[:MOST]
    if found:
        return as_reasons(found, facts)
    pair = look.cheapest_pair()
    return () if pair is None else (pair,)


def as_reasons(found, facts):
    """(change, start) pairs as they are told, the least effort first."""
    least_first = sorted(found, key=lambda pair: pair[0].effort)
    return tuple(Reason(change.code, change.args | _when(start, facts)) for change, start in least_first)


def first_that_starts(changes, first_start):
    """(change, start) of the first of some changes that really does it, or None."""
    for _, change in zip(range(TRIES), changes, strict=False):
        start = first_start(change.facts)
        if start is not None:
            return change, start
    return None


def _when(start, facts):
    slot = start.slot
    return {
        "weekday": slot.weekday,
        "part": facts.part_of(slot.start),
        "date": slot.dates[0].isoformat(),
        "time": slot.start.strftime("%H:%M"),
    }


class _Look:
    def __init__(self, facts, placeable, openings, first_start):
        self.facts, self.placeable, self.openings, self.first_start = facts, placeable, openings, first_start
        counting = [p for p in facts.people if not why_not_placeable(p, facts.rules)]
        self.joined = {person.id for person in counting} - {person.id for person in placeable}
        self.needed = max(1, (facts.rules.minimum or 0) - len(placeable))

    # --- by itself

    def singles(self):
        """(change, start) for each kind that helps by itself: its smallest change that really does."""
        kinds = [self._settled(code) for code in SETTLING] if self.facts.rules.minimum else []
        if self.facts.rules.minimum and len(self.placeable) >= self.facts.rules.minimum:
            kinds += [self._with_thing(thing) for thing in self._things()] + [self._times()]
        if self.facts.rules.minimum:
            kinds.append(self._newcomers())
        kinds.append(self._minimums())
        return [found for kind in kinds if (found := first_that_starts(kind, self.first_start)) is not None]

    def _settled(self, code, *lacking):
        people = settleable(self.facts, (code,))
        for count in range(self.needed, len(people) + 1):
            changed = settle(self.facts, people[:count], (code,))
            if self._opening(changed, *lacking) is not None:
                yield Change(CODES[code], count, {"count": count}, changed)

    def _newcomers(self, *lacking):
        """So many more people; at the time at which those who wait can come, where they named times."""
        for count in range(self.needed, self.facts.rules.minimum + 1):
            opening = self._opening(add_newcomers(self.facts, count), *lacking)
            if opening is not None:
                choosy = any(person.parts is not None for person in self.placeable)
                when = (opening.weekday, self.facts.part_of(opening.start)) if choosy else None
                args = {"count": count, "then": choosy}
                yield Change("with_newcomers", count, args, add_newcomers(self.facts, count, when))

    def _minimums(self, *lacking):
        """The largest minimum that would do, at most one below the present one."""
        rules = self.facts.rules
        most = min(len(self.placeable), (rules.minimum or rules.soft_maximum or len(self.placeable) + 1) - 1)
        openings = self._openings_of_small_rooms()
        for minimum in range(most, SMALLEST - 1, -1):
            changed = lower_minimum(self.facts, minimum)
            if self._opening(changed, *lacking, openings=openings) is not None:
                yield Change("with_minimum", 1, {"minimum": minimum}, changed)

    def _openings_of_small_rooms(self):
        """A lower minimum fits into smaller rooms: only where there are any, all openings are looked for again."""
        rules = self.facts.rules
        staff = 1 + (rules.second_seat or rules.two_workers)
        least = SMALLEST + staff
        if any(least <= place.capacity < (rules.minimum or SMALLEST) + staff for place in self.facts.places):
            return Openings(lower_minimum(self.facts, SMALLEST))
        return self.openings

    def _times(self):
        """People who wait could come at a time at which leaders and a room are free: the fewest of them."""
        times = {}
        for slot in self.openings.lacking():
            when = slot.weekday, self.facts.part_of(slot.start)
            if when not in times:
                others = [p for p in self.placeable if not suits(p, self.facts, slot.weekday, slot.start)]
                times[when] = others[: self.facts.rules.minimum - len(self.placeable) + len(others)]
        for when, people in sorted(times.items(), key=lambda item: len(item[1])):  # else as they come
            if people:
                changed = widen_times(self.facts, people, *when)
                yield Change("with_times", len(people), {"count": len(people)}, changed)

    def _things(self):
        has_second = self.facts.rules.second_seat or self.facts.rules.two_workers
        return [thing for thing in THINGS if thing != SECOND or has_second]

    def _with_thing(self, thing):
        opening = self._opening(self.facts, thing)
        if opening is not None:
            for args, changed in add_thing(self.facts, thing, opening):
                yield Change(f"with_{thing}", 1, args, changed)

    # --- two together

    def cheapest_pair(self):
        """Two changes that help together though neither does alone; or None."""
        candidates = sorted(self._pairs(), key=lambda pair: sum(change.size for change in pair))
        for first, second in candidates[: 2 * TRIES]:
            start = self.first_start(second.facts)
            if start is not None:
                steps = [Reason(change.code, change.args).as_data() for change in (first, second)]
                return Reason("with_both", {"steps": steps, **_when(start, self.facts)})
        return None

    def _pairs(self):
        """(first, second): the second's facts hold both changes. People and a thing, or two things."""
        minimum = self.facts.rules.minimum
        for thing in self._things():
            kinds = [self._settled(code, thing) for code in SETTLING] + [self._newcomers(thing)] if minimum else []
            for changes in (*kinds, self._minimums(thing)):
                change = next(changes, None)
                if change is not None:
                    yield from self._then(change, thing, self._opening(change.facts, thing))
        for one, other in combinations(self._things(), 2):
            opening = self._opening(self.facts, one, other)
            if opening is not None:
                args, changed = list(add_thing(self.facts, one, opening))[-1]
                yield from self._then(Change(f"with_{one}", 1, args, changed), other, opening)

    def _then(self, change, thing, opening):
        if opening is not None:
            for args, changed in add_thing(change.facts, thing, opening):
                yield change, Change(f"with_{thing}", 1, args, changed)

    # --- where it could be

    def _opening(self, facts, *lacking, openings=None):
        """The first slot, lacking at most these things, at which enough of those who count then could meet."""
        if facts.rules.minimum is None:
            return None
        people = [
            p for p in in_order(facts.people) if p.id not in self.joined and not why_not_placeable(p, facts.rules)
        ]
        meets = {}
        if len(people) < facts.rules.minimum:
            return None
        for slot in (openings or self.openings).lacking(*lacking):
            when = slot.weekday, facts.part_of(slot.start)
            if when not in meets:
                meets[when] = _enough_meet(people, facts, slot)
            if meets[when]:
                return slot
        return None


def _enough_meet(people, facts, slot):
    """Whether the minimum of them, the longest waiting first, can come then and may sit together (R18)."""
    together = []
    for person in people:
        if suits(person, facts, slot.weekday, slot.start) and not any(
            person.client in other.excluded or other.client in person.excluded for other in together
        ):
            together.append(person)
    return len(together) >= facts.rules.minimum
