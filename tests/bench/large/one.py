"""(a) One due waitlist decided and its cycle started, durably committed, beside the bare start of the same list."""

import sys

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from groups.models import Waitlist
from groups.services.starting import start_due_waitlists
from tests.bench.large import ready as ready_lists
from tests.bench.large import yardstick
from tests.bench.large.report import Clock, commit_ms, count_statements, median_ms, say
from tests.bench.large.undo import Mark

COUNTED = 2  # rounds in which statements are counted; Django's counting costs time, so they are not timed


def measure_lists(database, group, lists, *, place):
    """Each list is started by bare SQL, taken back, and started by Socius; the first rounds only warm up and count."""
    statements, ours, bare = [], Clock(), []
    yardstick.prepare_one()
    for number, pk in enumerate(lists):
        mark = Mark.set()
        ready_lists.make_due(only=pk)
        seconds = yardstick.start_one(pk)
        mark.undo()
        ready_lists.make_due(only=pk)
        if number < COUNTED:
            with CaptureQueriesContext(connection) as queries:
                _start()
            statements.append(count_statements(queries.captured_queries))
        else:
            bare.append(seconds)
            with ours():
                _start()
        mark.undo()
    wall, yard = median_ms(ours.wall), median_ms(bare)
    counted, control = statements[-1]
    say(
        "one start",
        database=database,
        place=place,
        group=group,
        statements=counted,
        and_for_the_transaction=control,
        ms=wall,
        python_ms=median_ms(ours.python),
        ms_per_person=round(wall / group, 2),
        bare_ms=yard,
        ratio=round(wall / yard, 1),
        commit_ms=commit_ms(),
    )


def _start():
    sweep = start_due_waitlists(now=timezone.now(), limit=1)
    if sweep.started != 1:
        sys.exit(f"the list was not started: {sweep}")


def list_of(offer):
    return Waitlist.objects.get(offer=offer).pk
