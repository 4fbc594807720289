"""For tests with several connections: something done in a thread of its own, and knowing when it waits for a lock."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from django.db import connection

PATIENCE = 20  # seconds; only a test that fails waits so long

_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@contextmanager
def threads(count):
    """run(do) does it in a connection of its own and gives its future; leaving waits for all of them."""

    def closing(do):
        try:
            return do()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        yield lambda do: pool.submit(closing, do)


def wait_until_waiting(count):
    """Return when that many other connections wait for a lock."""
    given_up = time.monotonic() + PATIENCE
    while _waiting() < count:
        assert time.monotonic() < given_up, f"{_waiting()} wait for a lock, not {count}"
        time.sleep(0.01)


def _waiting():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # a transaction would see what it saw before
        cursor.execute(_WAITING)
        return cursor.fetchone()[0]


def outlast_deadlock_detection():
    """PostgreSQL looks once whether somebody who waits is in a deadlock: after this they will wait on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM current_setting('deadlock_timeout')::interval)::float")
        time.sleep(2 * cursor.fetchone()[0])
