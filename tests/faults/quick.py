"""The same clock, faster: `celery -A tests.faults.quick beat` ticks often enough for a test; workers are as ever."""

from socius.celery import app

EVERY = {"start-due-waitlists": 0.5, "send-notifications": 0.5, "settle-cycles": 1.0}

for name, entry in app.conf.beat_schedule.items():
    entry["schedule"] = EVERY.get(name, entry["schedule"])
