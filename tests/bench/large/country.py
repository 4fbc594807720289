"""The whole measurement: the country grows in steps to a million entries, and is measured on the way."""

import time

from tests.bench.large import ready as ready_lists
from tests.bench.large import world
from tests.bench.large.joining import check_reads, measure_joining
from tests.bench.large.keep import keep, take_kept
from tests.bench.large.many import measure_many
from tests.bench.large.one import measure_lists
from tests.bench.large.report import durability, say
from tests.bench.large.sweeping import measure_nothing_due

STEPS = (10_000, 100_000)
FULL = 1_000_000  # entries for which all buurten are needed; fewer fill fewer of them as densely
ROUNDS = 15


def measure_country(*, entries, ready, kept, measure_small_towns):
    """All parts; `measure_small_towns` measures inside the country what is measured in the small world.

    Returns the large tables of which one referral read a good part: there should be none.
    """
    say("server", **durability())
    if not (kept and take_kept(entries)):
        _build(entries, ready)
    ready = ready_lists.choose_ready(ready)
    say("country", ready=ready, **world.counts())
    measure_nothing_due(entries)
    measure_joining(entries)
    whole = check_reads(entries)
    measure_small_towns(entries)
    measure_lists("large", world.PEOPLE, ready_lists.some_ready(ROUNDS), place="busy municipality")
    measure_many(entries, ready)
    if kept:
        keep(entries)
    return whole


def _build(entries, ready):
    begun = time.monotonic()
    country = world.Country()
    world.lay_ground(ready=ready)
    for size in [*(step for step in STEPS if step < entries), entries]:
        world.grow(country, entries=size, of=max(entries, FULL))
        if size < entries:
            measure_nothing_due(size)
            measure_joining(size)
    say("built", entries=entries, minutes=round((time.monotonic() - begun) / 60, 1))
