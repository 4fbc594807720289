"""bin/bench faults [F1 … F9] [--small]: all nine unless some are named.

Prints a JSON line for each, then a table, and fails when one is not as required. --small is the size of the tests.
F4 and F5, and whatever else shoots at something, run on servers of their own, never on those of DATABASE_URL.

F1  many processes sweep many ready lists at once: each starts exactly once
F2  the same without any guard must go wrong, or F1 proves nothing
F3  workers are killed during many starts: the end is that of a serial run; without the sweep it must not be
F4  the broker is emptied during load: nothing is lost; without the sweep it must be
F5  PostgreSQL restarts at once during load: nothing is lost; seconds until work goes on
F6  two beats: no effect comes twice
F7  workers are killed while an outbox empties: all mail leaves; a second copy has the same Message-ID
F8  a state machine plays with the real services: the invariants hold after every step
F9  five weekly sessions from every date of eleven years keep their local time; in UTC they must not
"""

import json
import sys
import time
import traceback
from contextlib import ExitStack

from django.db import connection

from tests.faults import beats, flushes, kills, mails, play, restarts, seasons
from tests.faults.outcome import Outcome, nothing
from tests.faults.own import OwnServers
from tests.faults.storm import GUARDS, Scratch, examine, make_ready_lists, sweep_at_once

# What each test is called with: (full size, small size).
SIZES = {
    "F1": ({"processes": 32, "lists": 100}, {"processes": 4, "lists": 16}),
    "F2": ({"processes": 32, "lists": 100}, {"processes": 4, "lists": 16}),
    "F3": ({"starts": 300, "kills": 20}, {"starts": 30, "kills": 5}),
    "F3 without the sweep": ({"starts": 300, "kills": 20}, {"starts": 12, "kills": 1}),
    "F4": ({"lists": 300, "flushes": 4}, {"lists": 16, "flushes": 4}),
    "F4 without the sweep": ({"lists": 300}, {"lists": 12}),
    "F5": ({"lists": 150, "restarts": 3}, {"lists": 10, "restarts": 3}),
    "F6": ({"starts": 100, "moves": 20}, {"starts": 9, "moves": 3}),
    "F7": ({"mails": 600, "kills": 10}, {"mails": 60, "kills": 3}),
    "F8": ({"steps": 10_000}, {"steps": 300}),
    "F9": ({}, {}),
}
ON_OWN_SERVERS = {
    "F3": kills.run,
    "F3 without the sweep": kills.run_broker_only,
    "F4": flushes.run,
    "F4 without the sweep": flushes.run_broker_only,
    "F5": restarts.run,
    "F6": beats.run,
    "F7": mails.run,
}


def main(arguments):
    small = "--small" in arguments
    wanted = [argument for argument in arguments if not argument.startswith("--")]
    unknown = [name for name in wanted if name not in SIZES]
    if unknown:
        sys.exit(f"No such fault test: {', '.join(unknown)}. There are {', '.join(n for n in SIZES if ' ' not in n)}.")
    chosen = [name for name in SIZES if not wanted or name.partition(" ")[0] in wanted]
    outcomes = []
    with ExitStack() as stack:
        own = None
        for name in chosen:
            if name in ON_OWN_SERVERS and own is None:
                own = stack.enter_context(OwnServers())
            outcomes.append(run_one(name, SIZES[name][small], own, shrink="--shrink" in arguments))
    print_table(outcomes)
    if not all(outcome.good for outcome in outcomes):
        sys.exit(1)


def run_one(name, size, own, *, shrink):
    """Its Outcome; one that fails in any other way is told with its trace, and the next still runs."""
    begun = time.monotonic()
    try:
        if name in ON_OWN_SERVERS:
            outcome = ON_OWN_SERVERS[name](own, **size)
        elif name == "F8":
            outcome = play.run(**size, shrink=shrink)
        else:
            outcome = seasons.run() if name == "F9" else run_storm(name, **size)
    except Exception as error:
        traceback.print_exc()
        outcome = Outcome(name, size, {type(error).__name__: str(error)[:300]}, good=False)
    say(outcome, time.monotonic() - begun)
    return outcome


def run_storm(name, *, processes, lists):
    """F1 guarded, F2 without any guard; each on a copy, so that one does not see the other's cycles."""
    off = GUARDS if name == "F2" else ()
    make_ready_lists_once(lists)
    with Scratch() as scratch:
        scratch.drop_constraints(off)
        sweep_at_once(processes=processes, off=off, database_url=scratch.url)
        found = scratch.run(examine)
    good = found["double starts"] > 0 if off else nothing(found)
    return Outcome(name, {"processes": processes, "lists": lists}, found, good)


def make_ready_lists_once(count):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM groups_waitlist")
        if cursor.fetchone()[0] == 0:
            make_ready_lists(count)


def say(outcome, seconds):
    line = {"bench": "faults", "test": outcome.name, "size": outcome.size, "as_required": outcome.good}
    print(json.dumps({**line, "result": outcome.found, "seconds": round(seconds, 1)}), flush=True)


def print_table(outcomes):
    """For people: only what was not nought."""
    print(f"\n{'test':22}{'as required':13}{'size':42}result")
    for outcome in outcomes:
        size = ", ".join(f"{value} {what}" for what, value in outcome.size.items())
        found = {what: value for what, value in outcome.found.items() if value}
        result = ", ".join(f"{what}: {value}" for what, value in found.items()) or "nothing wrong"
        if outcome.name == "F8" and outcome.good:
            result = f"nothing wrong in {outcome.size['steps']} steps"
        print(f"{outcome.name:22}{'yes' if outcome.good else 'NO':13}{size:42}{result}")
