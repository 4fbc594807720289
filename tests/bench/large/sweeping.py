"""(b) What a sweep costs when nothing is due, however many wait."""

import re

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from groups.services.capacity import notice_changes
from groups.services.starting import start_due_waitlists
from tests.bench.large.report import Clock, count_statements, median_ms, say
from tests.bench.large.sql import rows, run, value

ROUNDS = 200
# The yardsticks: the same questions, each in one bare statement.
BARE = {
    "sweep": "SELECT id FROM groups_waitlist WHERE due_at <= now() ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED",
    "notice_changes": "SELECT id FROM clients_client WHERE changed_at > now() - interval '1 hour'",
}


def measure_nothing_due(entries, *, cycles=0):
    """The sweep, and noticing what changed below groups, with nothing to do."""
    _let_an_hour_pass()
    while start_due_waitlists(now=timezone.now()).looked:
        pass
    for name, service, rounds in (("sweep", start_due_waitlists, ROUNDS), ("notice_changes", notice_changes, 20)):
        clock, bare = Clock(), Clock()
        with CaptureQueriesContext(connection) as queries:
            service(now=timezone.now())
        for _ in range(rounds):
            with bare():
                rows(BARE[name])
            with clock():
                service(now=timezone.now())
        statements, control = count_statements(queries.captured_queries)
        say(
            "nothing due",
            entries=entries,
            cycles=cycles,
            task=name,
            statements=statements,
            and_for_the_transaction=control,
            ms=median_ms(clock.wall),
            longest_ms=round(max(clock.wall) * 1000, 2),
            bare_ms=median_ms(bare.wall),
            ratio=round(median_ms(clock.wall, 4) / median_ms(bare.wall, 4), 1),
            **_plans(queries.captured_queries),
        )


def _let_an_hour_pass():
    """What the bench itself changed is not news any more."""
    for table in ("clients_client", "neighbourhoods_venue"):
        run(
            f"UPDATE {table} SET changed_at = now() - interval '2 hours' WHERE changed_at > now() - interval '2 hours'"
        )
        run(f"ANALYZE {table}")


def _plans(captured):
    """By which indexes the statements read, and which large tables they read whole."""
    indexes, whole = set(), set()
    for query in captured:
        if query["sql"].startswith("SELECT"):
            plan = explain(query["sql"])
            indexes.update(re.findall(r"Index(?: Only)? Scan(?: Backward)? using (\w+)", plan))
            indexes.update(re.findall(r"Bitmap Index Scan on (\w+)", plan))
            whole.update(table for table in re.findall(r"Seq Scan on (\w+)", plan) if is_large(table))
    return {"indexes": sorted(indexes), "whole": sorted(whole)}


def explain(sql):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + sql)
        return "\n".join(line for (line,) in cursor.fetchall())


def is_large(table, rows=1000):
    return value(f"SELECT reltuples FROM pg_class WHERE oid = '{table}'::regclass") > rows
