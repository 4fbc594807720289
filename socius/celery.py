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
    "read-bounces": _every(60, "notifications.tasks.read_bounces"),
    "pass-on-returned-mail": _every(60, "intake.tasks.pass_on_returned_mail"),
    "settle-cycles": _every(60, "groups.tasks.settle_cycles"),
    "settle-training": _every(3600, "groups.tasks.settle_training"),
    "forget-old-drafts": _every(3600, "intake.tasks.forget_old_drafts"),
    "send-digests": _every(600, "reporting.tasks.send_digests"),
    "tell-referrers": _every(60, "intake.tasks.tell_referrers"),
    "remind-of-intakes": _every(300, "intake.tasks.remind_of_intakes"),
    "delete-left-referral-drafts": _every(3600, "intake.tasks.delete_left_referral_drafts"),
    "heartbeat": _every(5, "socius.tasks.heartbeat"),
}
