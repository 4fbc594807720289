"""bin/bench faults [processes [lists]]: F1 and F2 at full size (32 × 100 unless told otherwise).

F1: many processes sweep many ready waitlists at the same moment; each list starts exactly once, nothing is lost.
F2, the yardstick: the same in a copy of the database without any guard; it must go wrong, or F1 proves nothing.
"""

import json
import sys

from django.db import connection

from tests.faults.storm import GUARDS, Scratch, examine, make_ready_lists, sweep_at_once

PROCESSES, LISTS = 32, 100


def main(arguments):
    processes, lists = [int(argument) for argument in arguments] or (PROCESSES, LISTS)
    make_ready_lists(lists)
    size = {"processes": processes, "lists": lists}
    with Scratch() as scratch:
        scratch.drop_constraints(GUARDS)
        sweep_at_once(processes=processes, off=GUARDS, database_url=scratch.url)
        unguarded = scratch.run(examine)
    sweep_at_once(processes=processes)
    with connection.cursor() as cursor:
        guarded = examine(cursor)
    say("F1", size, guarded, good=not any(guarded.values()))
    say("F2", size, unguarded, good=unguarded["double starts"] > 0)
    if any(guarded.values()) or not unguarded["double starts"]:
        sys.exit(1)


def say(name, size, found, *, good):
    print(json.dumps({"bench": "faults", "test": name, **size, "as_required": good, "found": found}), flush=True)
