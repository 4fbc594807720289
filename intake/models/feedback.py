"""What the referrer was told, and how far the job that tells it has read (R9)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from intake.enums import NewsCode
from intake.models.referral import Referral


class FeedbackCursor(models.Model):
    """How far the job has read in what happens: one row, whose lock keeps it from running twice at once."""

    history = models.BigIntegerField(default=0)
    contacts = models.BigIntegerField(default=0)
    judgements = models.BigIntegerField(default=0)
    referrals = models.BigIntegerField(default=0)
    read_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="feedback_cursor_is_one")]

    def __str__(self):
        return f"read until {self.read_at:%Y-%m-%d %H:%M}"


class ReferralNews(models.Model):
    """One thing the referrer heard of their referral, as a code; `key` is the event, and an event is told once."""

    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="news")
    code = models.CharField(_("what"), max_length=20, choices=NewsCode)
    key = models.CharField(max_length=60)
    at = models.DateTimeField()
    is_mailed = models.BooleanField(default=False)

    class Meta:
        ordering = ["referral_id", "at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["referral", "key"], name="news_told_once"),
            models.CheckConstraint(condition=Q(code__in=NewsCode.values), name="news_code_known"),
        ]

    def __str__(self):
        return f"{self.referral_id}: {self.code}"
