"""When: each task reads the clock and calls one service."""

from celery import shared_task
from django.utils import timezone

from reporting import digest


@shared_task
def send_digests():
    digest.send_digests(now=timezone.now())
