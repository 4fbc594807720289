"""What may be decided: when a list starts, with whom, on which date, and which list goes first.

Every policy keeps the rules: at least the minimum, at most the soft maximum, a lawful team, hall and lead time.
"""

from dataclasses import dataclass, replace

from tests.waiting.model import HORIZON, part_of


@dataclass(frozen=True)
class Policy:
    """The engine's own policy, unless told otherwise.

    minimum: never fewer. patience: a list that has its minimum is held back for so many days from the longest waiter's
    sign-up, unless it has `enough` people. scarce: with fewer than this share of the leaders' cycles free, the list
    needs `scarce_minimum`. look_ahead: days after the first possible date among which the one that suits most people
    is taken. order_by: which list a sweep looks at first. max_off: no first session further off than so many days
    after the lead time. anchor: whether the longest waiter must be among those who start (R13, R17). fixed_dates: in
    the first whole week of a quarter only.
    """

    minimum: int
    patience: int = 0
    enough: int = 99
    scarce: float = 0.0
    scarce_minimum: int = 3
    look_ahead: int = 0
    order_by: str = "list"
    max_off: int = HORIZON
    anchor: bool = True
    fixed_dates: bool = False
    open_entry: bool = False
    label: str = ""

    @property
    def name(self):
        return self.label or f"minimum {self.minimum}"

    def but(self, **changes):
        return replace(self, **changes)

    def order(self, model):
        areas = range(len(model.waiting))
        if self.order_by == "most":
            return sorted(areas, key=lambda a: -len(model.waiting[a]))
        if self.order_by == "longest":
            return sorted(areas, key=lambda a: model.waiting[a][0].day if model.waiting[a] else 0)
        if self.order_by == "days":
            return sorted(areas, key=lambda a: -sum(model.today - p.day for p in model.waiting[a]))
        return areas

    def starts(self, model, area):
        """Each (people, slot) to start now, one after another, so that each sees what the one before took."""
        needed = self._needed(model, area)
        while len(model.waiting[area]) >= needed:
            sizes = _sizes(len(model.waiting[area]), model.world, self.minimum)
            start = self._one(model, area, sizes, needed)
            if start is None:
                return
            yield start

    def _needed(self, model, area):
        waiting = model.waiting[area]
        if len(waiting) < self.minimum:
            return self.minimum
        needed = self.minimum
        if self.scarce and _free_share(model, area) < self.scarce:
            needed = max(needed, self.scarce_minimum)
        if self.patience and model.today - waiting[0].day < self.patience:
            needed = max(needed, self.enough)
        return needed

    def _one(self, model, area, size, needed):
        waiting, today = model.waiting[area], model.today
        first = range(today + model.world.lead_days, today + model.world.lead_days + min(HORIZON, self.max_off))
        state = (needed, waiting[-1].number, model.returned, model.diary.freed[area])
        known, until = model.in_vain.get(area, (None, 0))
        if known == state:
            # Nobody came and nobody was freed since the last look: only days beyond the horizon of then are new.
            first = range(max(first.start, until), first.stop)
        suited = _suited(model, waiting, needed)
        seen, slots = [], model.diary.slots(area, first, self.minimum, suited)
        for anchor in waiting[: max(0, len(waiting) - needed + 1)]:
            best = self._best(model, anchor, waiting, _again(seen, slots), size, needed)
            if best is not None:
                return best
            if not seen:
                break
        model.in_vain[area] = (state, first.stop)
        return None

    def _best(self, model, anchor, waiting, slots, size, needed):
        """The slot of the first possible day (or look_ahead days after it) that suits most people."""
        best, until = None, None
        for slot in slots:
            if until is not None and slot[0][0] > until:
                break
            people = _who(model, anchor if self.anchor else None, waiting, slot, size)
            if len(people) >= needed and (best is None or self._is_better(people, slot, best)):
                best = (people, slot)
            if best is not None and until is None:
                until = slot[0][0] + self.look_ahead
        return best

    def _is_better(self, people, slot, best):
        return len(people) > len(best[0])


def _who(model, anchor, waiting, slot, size):
    """Those who can come then, in order; with too many, the longest waiter's kind first, if that leaves enough."""
    days, start, _lead, _second, hall = slot
    weekday = days[0] % 7
    if anchor is not None and not model.suits(anchor, weekday, start):
        return ()
    able = [person for person in waiting if model.suits(person, weekday, start)]
    seats = min(size, model.world.halls[hall].capacity - 2)
    if len(able) <= seats:
        return able
    first = anchor or able[0]
    same = [person for person in able if person.kind == first.kind]
    minimum = model.policy.minimum
    if len(same) >= minimum:
        others = [person for person in able if person.kind != first.kind]
        able = same if len(others) >= minimum else [*same, *others]
    chosen = [first, *(person for person in able if person is not first)][:seats]
    return [person for person in waiting if person in chosen]


def _suited(model, waiting, needed):
    """Whether enough people can come on a weekday at a start; asked once for each part of the week."""
    known = {}

    def suited(weekday, start):
        key = (weekday, part_of(start))
        if key not in known:
            known[key] = sum(person.parts is None or key in person.parts for person in waiting) >= needed
        return known[key]

    return suited


def _sizes(people, world, minimum):
    """R16: an even share for each of the fewest groups that hold everybody, each of at least the minimum."""
    groups = -(-people // world.soft_maximum)
    while groups > 1 and people // groups < minimum:
        groups -= 1
    if groups == 1:
        return world.soft_maximum if people > world.hard_maximum else max(minimum, people)
    return max(minimum, -(-people // groups))


def _free_share(model, area):
    leads = model.world.areas[area].leads
    total = sum(model.world.staff[w].max_cycles for w in leads)
    return 1 - sum(model.diary.cycles[w] for w in leads) / total


def _again(seen, slots):
    yield from list(seen)
    for slot in slots:
        seen.append(slot)
        yield slot


def variants(minimum):
    """The policies that the search goes through: the engine's own first, then one idea each, then several together."""
    engine = Policy(minimum, label=f"minimum {minimum}, engine")
    ideas = {
        **{f"order by {order}": {"order_by": order} for order in ("most", "longest", "days")},
        **{f"look {days} days ahead": {"look_ahead": days} for days in (3, 7)},
        **{f"hold {k} days unless {n}": {"patience": k, "enough": minimum + n} for k in (7, 14, 21) for n in (1, 2)},
        **{
            f"{minimum + n} when under {share:.0%} free": {"scarce": share, "scarce_minimum": minimum + n}
            for share in (0.1, 0.2, 0.3)
            for n in (1, 2)
        },
        **{f"not {days} days off": {"max_off": days} for days in (7, 14, 28, 42)},
        "anybody first": {"anchor": False},
    }
    yield engine
    for label, changes in ideas.items():
        yield engine.but(**changes, label=f"minimum {minimum}, {label}")
    for order in ("list", "days"):
        for ahead in (0, 3):
            for off in (7, 14, 28):
                for anchor in (True, False):
                    label = f"minimum {minimum}, by {order}, {ahead} ahead, {off} off{'' if anchor else ', anybody'}"
                    yield engine.but(order_by=order, look_ahead=ahead, max_off=off, anchor=anchor, label=label)
