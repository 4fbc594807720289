"""When: each task reads the clock and calls one service."""

from celery import shared_task
from django.utils import timezone

from groups.services import capacity, competences, cycles, starting


@shared_task
def start_due_waitlists():
    starting.start_due_waitlists(now=timezone.now())


@shared_task
def notice_changes():
    capacity.notice_changes(now=timezone.now())


@shared_task
def settle_cycles():
    cycles.settle_cycles(now=timezone.now())


@shared_task
def settle_training():
    competences.settle_training(now=timezone.now())
