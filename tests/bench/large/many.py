"""(c) Thousands of ready lists at once: one, two and four processes sweep, beside one set-based SQL statement."""

import json
import subprocess
import sys

from django.conf import settings
from django.db import connection

from groups.models import Waitlist, WaitlistEntry
from socius import embedded
from tests.bench.large import ready as ready_lists
from tests.bench.large import yardstick
from tests.bench.large.report import say
from tests.bench.large.sql import analyze, vacuum, value
from tests.bench.large.sweeping import measure_nothing_due
from tests.bench.large.undo import WRITTEN, Mark, tidy
from tests.processes import child_environment

PROCESSES = (1, 2, 4)
AUTOVACUUM_NAPTIME = 60  # seconds, PostgreSQL's default


def measure_many(entries, ready):
    """The same lists each time: what was written is taken back before the next."""
    mark = Mark.set()
    bare = {name: _bare(everything=everything) for name, everything in (("all rows", True), ("light", False))}
    for name, (seconds, lists) in bare.items():
        say(
            "many",
            by=f"one SQL statement, {name}",
            lists=lists,
            seconds=round(seconds, 2),
            starts_per_s=round(lists / seconds),
        )
    for processes in PROCESSES:
        _due(ready)
        found = sweep_at_once(processes)
        _say_many(processes, found, bare, mark)
        if processes == PROCESSES[0]:
            measure_nothing_due(entries, cycles=found["started"])
        mark.undo()
        tidy()


def _due(ready):
    made = ready_lists.make_due()
    vacuum(Waitlist)
    if made != ready:
        raise RuntimeError(f"{made} lists became due instead of {ready}")


def _bare(*, everything):
    ready_lists.make_due()
    vacuum(Waitlist)
    figures = yardstick.start_all(everything=everything)
    tidy()
    return figures


def _say_many(processes, found, bare, mark):
    rate = found["started"] / found["seconds"]
    ratios = {name: round(lists / seconds / rate, 1) for name, (seconds, lists) in bare.items()}
    written = mark.count()
    say(
        "many",
        by=f"{processes} sweeping",
        lists=found["started"],
        seconds=round(found["seconds"], 2),
        starts_per_s=round(rate, 1),
        ms_each=round(1000 * processes * found["seconds"] / found["started"], 1),
        ratio=ratios["all rows"],
        ratio_light=ratios["light"],
        not_started=value("SELECT count(*) FROM groups_waitlist WHERE own_minimum IS NOT NULL AND generation = 0"),
        failed=found["failed"],
        looked=found["looked"],
        mails=written["notifications_notification"],
        history=written["groups_historyentry"],
    )


def _keep_statistics(children):
    """Measures the growing tables once a minute where the server does not do so itself, as autovacuum does."""
    if value("SHOW autovacuum") == "on":
        connection.close()
        return
    for child in children:
        while True:
            try:
                child.wait(timeout=AUTOVACUUM_NAPTIME)
                break
            except subprocess.TimeoutExpired:
                analyze(*WRITTEN, Waitlist, WaitlistEntry)


def sweep_at_once(processes):
    """Counts of all processes together, and seconds from the first that began to the last that ended."""
    connection.close()
    children = [
        embedded.spawn(
            [sys.executable, "-W", "ignore", "-m", "tests.bench.large.sweeper"],
            cwd=settings.BASE_DIR,
            env=child_environment(DJANGO_SETTINGS_MODULE="socius.settings", LOG_LEVEL="CRITICAL"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(processes)
    ]
    try:
        for child in children:
            child.stdout.readline()
        for child in children:
            child.stdin.write("go\n")
            child.stdin.flush()
        _keep_statistics(children)
        found = [json.loads(child.communicate()[0]) for child in children]
    finally:
        for child in children:
            child.kill()
            child.wait()
    seconds = max(each["ended"] for each in found) - min(each["begun"] for each in found)
    return {"seconds": seconds} | {name: sum(each[name] for each in found) for name in ("started", "looked", "failed")}
