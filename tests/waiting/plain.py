"""A tiny region without a database: three areas, three leaders, two co-leaders, two halls."""

import datetime as dt

from tests.waiting.world import Area, Hall, Staff, World

WEEKDAYS = range(5)
BY_DAY = tuple((day, 18, 34) for day in WEEKDAYS)  # 9:00 to 17:00
EVENINGS = tuple((day, 38, 44) for day in WEEKDAYS)  # 19:00 to 22:00


def make_world(*, rate=0.15, leaders=3, max_cycles=3):
    """rate: sign-ups a day in each area. Good Friday and Easter Monday of the world's first year are blocked."""
    leads = tuple(range(leaders))
    everybody = tuple(range(leaders + 2))
    return World(
        first_day=dt.date(2026, 1, 5),
        staff=tuple(
            Staff(windows=BY_DAY + EVENINGS, may_lead=number in leads, max_cycles=max_cycles, max_minutes_week=480)
            for number in everybody
        ),
        halls=(Hall(12, BY_DAY + EVENINGS), Hall(14, BY_DAY)),
        areas=tuple(
            Area(
                name=name,
                municipality="Proefstad",
                neighbourhoods=1,
                rate=rate,
                leads=leads,
                seconds=tuple((worker, 2 if worker in leads else 0) for worker in everybody),
                halls=((0, 0), (1, 1)),
            )
            for name in ("Noord", "Midden", "Zuid")
        ),
        blocked=frozenset({88, 91}),
    )
