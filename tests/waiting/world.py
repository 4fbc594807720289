"""The region as the simulations see it, and who signs up: plain values, the same for every policy.

Times of the day are half hours from midnight; days are counted from the world's first day, a Monday.
"""

import datetime as dt
import json
import math
import random
from dataclasses import asdict, dataclass, replace

DAYS_BETWEEN_SIGN_UPS = 14  # on average, per neighbourhood
LEAVE_PER_WEEK = 0.05  # of those who have not been to a first session
KINDS = ("psychosocial", "divorce", "partner_relation", "family_relation", "loneliness")
PARTS = ("morning", "afternoon", "evening")
RENEW_SHARE = 0.30  # of those who finish
# Who can come when: share of people, and for each part of the day the chance that a weekday suits.
RHYTHMS = (
    (0.30, (1.0, 1.0, 1.0)),  # said nothing, so any time is assumed to suit
    (0.40, (0.8, 0.8, 0.1)),  # at home by day
    (0.30, (0.1, 0.2, 0.8)),  # works by day
)


@dataclass(frozen=True)
class Staff:
    """A worker. windows: (weekday, from, until) in half hours."""

    windows: tuple
    may_lead: bool
    max_cycles: int
    max_minutes_week: int


@dataclass(frozen=True)
class Hall:
    capacity: int
    windows: tuple


@dataclass(frozen=True)
class Area:
    """A neighbourhood's waitlist. rate: sign-ups a day; seconds and halls: (index, rank)."""

    name: str
    municipality: str
    neighbourhoods: int
    rate: float
    leads: tuple
    seconds: tuple
    halls: tuple


@dataclass(frozen=True)
class World:
    first_day: dt.date
    staff: tuple[Staff, ...]
    halls: tuple[Hall, ...]
    areas: tuple[Area, ...]
    blocked: frozenset  # days on which nothing is planned
    sessions: int = 5
    half_hours: int = 4
    soft_maximum: int = 10
    hard_maximum: int = 12
    lead_days: int = 7

    def to_json(self):
        return json.dumps(asdict(self) | {"first_day": self.first_day.isoformat(), "blocked": sorted(self.blocked)})

    @classmethod
    def from_json(cls, text):
        values = json.loads(text)
        deep = {name: tuple(kind(**_tuples(row)) for row in values[name]) for name, kind in _PARTS_OF_WORLD.items()}
        first = dt.date.fromisoformat(values["first_day"])
        return cls(**(values | deep | {"first_day": first, "blocked": frozenset(values["blocked"])}))


_PARTS_OF_WORLD = {"staff": Staff, "halls": Hall, "areas": Area}


def _tuples(row):
    return {name: _tuple(value) for name, value in row.items()}


def _tuple(value):
    return tuple(_tuple(item) for item in value) if isinstance(value, list) else value


@dataclass(frozen=True)
class SignUp:
    """Somebody asks for a group.

    parts: None suits any time; leaves: the day on which patience ends; rounds: how often "five more" is chosen.
    """

    number: int
    area: int
    day: int
    minute: int
    kind: str
    parts: frozenset | None
    leaves: int
    rounds: int


def make_sign_ups(world, *, seed, weeks):
    """Everybody who signs up in so many weeks: one Poisson stream per area, on working days between 9 and 17.

    All chances of a person are drawn here, so that every policy meets the same people (common random numbers).
    """
    people = []
    for index, area in enumerate(world.areas):
        luck = random.Random(f"{seed}/{index}")
        moment = luck.expovariate(1.0) if area.rate else math.inf
        while (days := moment / (area.rate * 7 / 5) if area.rate else math.inf) < weeks * 5:
            people.append(_person(luck, index, days))
            moment += luck.expovariate(1.0)
    people.sort(key=lambda row: (row["day"], row["minute"], row["area"]))
    return tuple(SignUp(number=number, **row) for number, row in enumerate(people))


def only_in(people, areas):
    """Who signs up in these areas (by number; None: in all), numbered anew."""
    kept = [person for person in people if areas is None or person.area in areas]
    return tuple(replace(person, number=number) for number, person in enumerate(kept))


def _person(luck, area, working_days):
    week, rest = divmod(working_days, 5)
    day = int(week) * 7 + int(rest)
    patience = luck.expovariate(-math.log(1 - LEAVE_PER_WEEK) / 7)
    return {
        "area": area,
        "day": day,
        "minute": 9 * 60 + int((rest % 1) * 8 * 60),
        "kind": luck.choice(KINDS),
        "parts": _parts(luck),
        "leaves": day + 1 + int(patience),
        "rounds": int(math.log(1 - luck.random()) / math.log(RENEW_SHARE)),
    }


def _parts(luck):
    """The (weekday, part of the day) that suit; None when nothing was said."""
    chances = luck.choices([row[1] for row in RHYTHMS], [row[0] for row in RHYTHMS])[0]
    found = frozenset(
        (weekday, part)
        for weekday in range(5)
        for part, chance in zip(PARTS, chances, strict=True)
        if luck.random() < chance
    )
    return found if found and min(chances) < 1 else None
