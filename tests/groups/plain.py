"""Plain facts for the engine: a Monday, three people, a lead, a second and a room, all free from 9 to 22."""

import datetime as dt

from groups.engine import Facts, Person, Place, Rules, Window, Worker

MONDAY = dt.date(2026, 9, 7)
WEEK = tuple(Window(day, dt.time(9), dt.time(22)) for day in range(5))
FOREVER = dt.date.max
DAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4}


def person(number=1, *, days=10, parts=None, **fields):
    """Client number 100 + number; parts like "tue evening" say when they can."""
    if parts is not None:
        parts = frozenset((DAYS[day], part) for day, part in (text.split() for text in parts))
    values = {"id": number, "client": 100 + number, "waiting_since": MONDAY - dt.timedelta(days=days), "age": 40}
    return Person(**(values | {"parts": parts} | fields))


def people(count, **fields):
    """Number 1 has waited longest."""
    return tuple(person(number, days=50 - number, **fields) for number in range(1, count + 1))


def lead(number=1, **fields):
    return Worker(**({"id": number, "windows": WEEK, "lead_until": FOREVER, "is_social_worker": True} | fields))


def second(number=2, **fields):
    return Worker(**({"id": number, "windows": WEEK, "co_lead_until": FOREVER, "co_lead_rank": 0} | fields))


def room(number=1, **fields):
    return Place(**({"id": number, "capacity": 14, "windows": WEEK} | fields))


def rules(**fields):
    return Rules(**({"minimum": 3, "soft_maximum": 10, "hard_maximum": 12, "sessions": 5, "minutes": 120} | fields))


def facts(**fields):
    values = {
        "today": MONDAY,
        "rules": rules(),
        "people": people(3),
        "workers": (lead(), second()),
        "places": (room(),),
    }
    return Facts(**(values | fields))


def codes(decision):
    return [reason.code for reason in decision.reasons]
