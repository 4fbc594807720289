"""When mail leaves."""

from celery import shared_task
from django.utils import timezone

from notifications import services


@shared_task
def send_notifications():
    services.send_notifications(now=timezone.now())
