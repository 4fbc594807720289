"""How not to: one task for each list and nothing that looks again. What the broker forgets is never done.

The yardstick of F3 and F4: `celery -A tests.faults.broker_only worker` with acks_late, and no sweep over the database.
`python -m tests.faults.broker_only NUMBER …` sends the tasks.
"""

import sys

import django
from celery import Celery

django.setup()

from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from groups.services.starting import decide_waitlist  # noqa: E402
from groups.services.waitlists import lock_waitlist  # noqa: E402

app = Celery("broker_only")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.broker_transport_options = {}  # as Celery has it: an unacknowledged task comes back after an hour
QUEUE = "celery"


@app.task(name="start_one")
def start_one(pk):
    with transaction.atomic():
        decide_waitlist(waitlist=lock_waitlist(pk), now=timezone.now())


if __name__ == "__main__":
    for number in sys.argv[1:]:
        start_one.delay(int(number))
