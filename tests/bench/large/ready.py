"""Which lists of the country are ready to start, and when they are due."""

from tests.bench.large.sql import rows, run, value
from tests.bench.large.world import PEOPLE, TOMORROW


def choose_ready(ready):
    """Give so many lists of seven a minimum of seven, spread evenly over the municipalities; not due yet.

    Returns how many there are now. They are told apart by having a minimum of their own.
    """
    run("UPDATE groups_waitlist SET own_minimum = NULL WHERE own_minimum IS NOT NULL")
    run(
        f"UPDATE groups_waitlist SET own_minimum = {PEOPLE} WHERE id IN (SELECT id FROM ("
        "SELECT w.id, row_number() OVER (PARTITION BY k.municipality_id ORDER BY hashint8(w.id)) AS turn "
        "FROM groups_waitlist w JOIN neighbourhoods_catchment k ON k.id = w.catchment_id "
        f"WHERE w.placeable_count = {PEOPLE} AND k.municipality_id LIKE 'GM%') AS t ORDER BY turn, id LIMIT {ready})"
    )
    run("VACUUM ANALYZE groups_waitlist")
    return value("SELECT count(*) FROM groups_waitlist WHERE own_minimum IS NOT NULL")


def make_due(*, only=None):
    """The ready lists become due at different moments of the last ten minutes; or only this one."""
    run(f"UPDATE groups_waitlist SET due_at = {TOMORROW} WHERE due_at <= now()")
    chosen = "own_minimum IS NOT NULL" if only is None else f"id = {only}"
    return run(
        "UPDATE groups_waitlist SET due_at = now() - (1 + abs(hashint8(id)) % 600) * interval '1 second' "
        f"WHERE {chosen}"
    )


def some_ready(count):
    """Ready lists in as many municipalities."""
    found = rows(
        "SELECT DISTINCT ON (k.municipality_id) w.id FROM groups_waitlist w "
        "JOIN neighbourhoods_catchment k ON k.id = w.catchment_id WHERE w.own_minimum IS NOT NULL "
        f"ORDER BY k.municipality_id, w.id LIMIT {count}"
    )
    return [pk for (pk,) in found]
