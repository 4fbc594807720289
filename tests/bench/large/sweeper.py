"""One of the sweeping processes: `python -m tests.bench.large.sweeper`.

Says "ready", waits for a line, sweeps until no list is due, and prints what it did as JSON.
"""

import datetime as dt
import json
import sys
import time

import django

django.setup()

from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from groups.models import Waitlist  # noqa: E402
from groups.services.starting import start_due_waitlists  # noqa: E402

SOON = dt.timedelta(seconds=30)


def main():
    connection.ensure_connection()
    print("ready", flush=True)
    sys.stdin.readline()
    done = {"begun": time.monotonic(), "started": 0, "looked": 0, "failed": 0}
    # A list whose team went to another is put off for a second: somebody must still be there to start it.
    while Waitlist.objects.filter(due_at__lte=timezone.now() + SOON).exists():
        sweep = start_due_waitlists(now=timezone.now())
        for name in ("started", "looked", "failed"):
            done[name] += getattr(sweep, name)
        if sweep.looked:
            done["ended"] = time.monotonic()
        else:
            time.sleep(0.02)
    done.setdefault("ended", done["begun"])
    print(json.dumps(done), flush=True)


if __name__ == "__main__":
    main()
