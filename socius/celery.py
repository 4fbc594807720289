"""The clock: which task runs when. What a task does stands in its app's services."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "socius.settings")

app = Celery("socius")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def _every(seconds, task):
    """A tick nobody took in time is dropped: the database still knows what is due, and the next tick finds it."""
    return {"task": task, "schedule": float(seconds), "options": {"expires": max(10, seconds)}}


app.conf.beat_schedule = {
    "start-due-waitlists": _every(2, "groups.tasks.start_due_waitlists"),
    "notice-changes": _every(2, "groups.tasks.notice_changes"),
    "send-notifications": _every(3, "notifications.tasks.send_notifications"),
    "settle-cycles": _every(60, "groups.tasks.settle_cycles"),
    "heartbeat": _every(5, "socius.tasks.heartbeat"),
}
