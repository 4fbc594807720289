"""One of many sweeping processes: `python -m tests.faults.sweeper [guard …]`; the guards named are taken away first.

Says "ready", waits for a line, then sweeps until no list is to be looked at before tomorrow.
"""

import datetime as dt
import sys
import time

import django

django.setup()

from django.db import connection  # noqa: E402

from groups.models import Waitlist  # noqa: E402
from groups.services import forming, starting  # noqa: E402
from tests.factories.groups import NOW  # noqa: E402

PEOPLE = 3


def take_away(guard):
    if guard == "lock":
        due = Waitlist.objects.select_related("offer", "catchment")
        replace(starting, "lock_next_due", lambda now: due.due(now=now).first())
    if guard == "caps":
        replace(starting, "_hold_team", lambda *_arguments: None)
    if guard == "count":
        # Says that everybody was still waiting, whether or not they were.
        believed = forming.write_people
        replace(forming, "write_people", lambda **written: max(believed(**written), len(written["participations"])))


def replace(module, name, stand_in):
    """A guard that went by another name would stay, and the test that takes it away would prove nothing."""
    assert hasattr(module, name), f"{module.__name__} has no {name} any more"
    setattr(module, name, stand_in)


def say(what):
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def main(guards):
    for guard in guards:
        take_away(guard)
    connection.ensure_connection()
    say("ready")
    sys.stdin.readline()
    started = 0
    for number in range(100):
        # A list whose team was taken five times in a row comes back after five minutes.
        started += starting.start_due_waitlists(now=NOW + dt.timedelta(minutes=6 * number)).started
        if not Waitlist.objects.filter(due_at__lt=NOW + dt.timedelta(hours=12)).exists():
            break
        time.sleep(0.05)
    say(started)


if __name__ == "__main__":
    main(sys.argv[1:])
