"""When: each task reads the clock and calls one service."""

from celery import shared_task
from django.utils import timezone

from intake.services import drafts, feedback, referral_drafts, reminding, returned_mail


@shared_task
def remind_of_intakes():
    reminding.remind_of_intakes(now=timezone.now())


@shared_task
def pass_on_returned_mail():
    returned_mail.pass_on_returned_mail(now=timezone.now())


@shared_task
def forget_old_drafts():
    drafts.forget_old_drafts(now=timezone.now())


@shared_task
def tell_referrers():
    feedback.tell_referrers(now=timezone.now())


@shared_task
def delete_left_referral_drafts():
    referral_drafts.delete_left_referral_drafts(now=timezone.now())
