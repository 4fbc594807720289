"""When mail leaves."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from notifications import services


@shared_task
def send_notifications():
    services.send_notifications(now=timezone.now())


@shared_task
def read_bounces():
    if settings.BOUNCES_MAILDIR:
        services.read_maildir(path=settings.BOUNCES_MAILDIR, now=timezone.now())
