"""The clock: which task runs when. What a task does stands in its app's services."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "socius.settings")

app = Celery("socius")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "start-due-waitlists": {"task": "groups.tasks.start_due_waitlists", "schedule": 2.0},
    "send-notifications": {"task": "notifications.tasks.send_notifications", "schedule": 3.0},
    "settle-cycles": {"task": "groups.tasks.settle_cycles", "schedule": 60.0},
    "heartbeat": {"task": "socius.tasks.heartbeat", "schedule": 5.0},
}
