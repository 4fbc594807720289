from celery import shared_task
from django.utils import timezone

from socius import health


@shared_task
def heartbeat():
    health.record_heartbeat(now=timezone.now())
