"""What the engine answers."""

import datetime as dt
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason as data: a code and its arguments, worded elsewhere in each language (R19). Never a name in it."""

    code: str
    args: dict = field(default_factory=dict)

    def as_data(self):
        return {"code": self.code, "args": self.args}


@dataclass(frozen=True, slots=True)
class Slot:
    """A lawful team, place and series of dates, whoever the participants are."""

    dates: tuple[dt.date, ...]
    start: dt.time
    end: dt.time
    lead: int
    co_lead: int | None
    place: int
    capacity: int
    area: str | None = None

    @property
    def weekday(self):
        return self.dates[0].weekday()


@dataclass(frozen=True, slots=True)
class Passed:
    """Somebody placeable who waited longer than one who was placed, and why (R17)."""

    person: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Start:
    people: tuple[int, ...]
    slot: Slot
    reason: Reason
    passed: tuple[Passed, ...] = ()
    continues: int | None = None  # the cycle whose rhythm it keeps (R28)


@dataclass(frozen=True, slots=True)
class Join:
    cycle: int
    people: tuple[int, ...]
    passed: tuple[Passed, ...] = ()
    enters_at: int = 1  # the number of their first session (R22)


@dataclass(frozen=True, slots=True)
class Decision:
    """Joins first, then the starts in order; reasons when nothing starts, for the list and for each person.

    unblocks: changes each of which by itself would let a group start, the least effort first (R19).
    """

    joins: tuple[Join, ...] = ()
    starts: tuple[Start, ...] = ()
    reasons: tuple[Reason, ...] = ()
    person_reasons: dict[int, tuple[Reason, ...]] = field(default_factory=dict)
    placeable: int = 0
    unblocks: tuple[Reason, ...] = ()
    prepared: tuple[Start, ...] = ()  # R23: what would start, were the list not on manual

    @property
    def start(self):
        """The first start, or None."""
        return self.starts[0] if self.starts else None
