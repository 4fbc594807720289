"""Figures as JSON lines on standard output while they come, and as tables on standard error at the end."""

import json
import statistics
import sys
import time
from collections import defaultdict
from contextlib import contextmanager

from django.db import connection

from tests.bench.large.sql import value

CONTROL = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
_tables = defaultdict(list)


def say(part, **figures):
    _tables[part].append(figures)
    print(json.dumps({"bench": "start", "part": part, **figures}), flush=True)


def print_tables():
    for part, lines in _tables.items():
        names = list(dict.fromkeys(name for line in lines for name in line))
        cells = [names, *([_cell(line.get(name, "")) for name in names] for line in lines)]
        widths = [max(len(row[column]) for row in cells) for column in range(len(names))]
        print(f"\n{part}", file=sys.stderr)
        for row in cells:
            print("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)), file=sys.stderr)


def _cell(thing):
    return ", ".join(map(str, thing)) if isinstance(thing, list) else str(thing)


def median_ms(seconds, digits=2):
    return round(statistics.median(seconds) * 1000, digits)


def count_statements(captured):
    """(statements, of which the transaction's own: BEGIN, COMMIT, savepoints)."""
    control = sum(query["sql"].lstrip().upper().startswith(CONTROL) for query in captured)
    return len(captured) - control, control


class Clock:
    """Wall time, and the processor time of this Python alone."""

    def __init__(self):
        self.wall, self.python = [], []

    @contextmanager
    def __call__(self):
        begun, busy = time.perf_counter(), time.process_time()
        yield
        self.wall.append(time.perf_counter() - begun)
        self.python.append(time.process_time() - busy)


def durability():
    """What a commit waits for on this server; said with the figures."""
    return {
        name: value(f"SHOW {name}")
        for name in ("server_version", "fsync", "synchronous_commit", "full_page_writes", "autovacuum")
    }


def commit_ms(rounds=30):
    """A commit of one small row: what durability alone costs on this disk."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_commit (n int)")
        seconds = []
        for number in range(rounds):
            begun = time.perf_counter()
            cursor.execute(f"INSERT INTO bench_commit VALUES ({number})")
            seconds.append(time.perf_counter() - begun)
        cursor.execute("DROP TABLE bench_commit")
    return median_ms(seconds)
