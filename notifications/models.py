"""The outbox: a mail is a row, written in the same transaction as what it tells."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from notifications.enums import NotificationState

UNDELIVERED = (NotificationState.FAILED, NotificationState.WITHDRAWN)


class NotificationQuerySet(models.QuerySet):
    def queued(self):
        return self.filter(state=NotificationState.QUEUED)

    def due(self, *, now):
        """What should have left by now, the longest due first."""
        return self.queued().filter(due_at__lte=now).order_by("due_at", "pk")

    def withdrawn(self):
        """What was not sent after all, because writing there was no longer safe (R40)."""
        return self.filter(state=NotificationState.WITHDRAWN).order_by("-created_at", "-pk")

    def undelivered(self):
        """What the recipient did not get and will not get."""
        return self.filter(state__in=UNDELIVERED).order_by("pk")

    def failed(self):
        """What never arrived: a person has to be told another way."""
        return self.filter(state=NotificationState.FAILED).order_by("-created_at", "-pk")


class Notification(models.Model):
    kind = models.CharField(max_length=40)
    to_address = models.EmailField(_("to"))
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    state = models.CharField(max_length=10, choices=NotificationState, default=NotificationState.QUEUED)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=100, blank=True)
    message_id = models.CharField(max_length=200, unique=True)
    dedupe_key = models.CharField(max_length=200, unique=True, null=True, blank=True)
    recipient_key = models.UUIDField(
        null=True, blank=True, help_text="Whom it is about, for who sends it; nothing here knows who that is."
    )
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="notifications"
    )

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=Q(state=NotificationState.QUEUED), name="notification_due"
            ),
            models.Index(
                fields=["recipient_key"], condition=Q(state=NotificationState.QUEUED), name="notification_withdrawable"
            ),
            models.Index(fields=["-created_at"], condition=Q(state__in=UNDELIVERED), name="notification_undelivered"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=NotificationState.SENT, sent_at__isnull=False)
                | (Q(sent_at__isnull=True) & ~Q(state=NotificationState.SENT)),
                name="notification_sent_has_moment",
            ),
            models.CheckConstraint(condition=Q(state__in=NotificationState.values), name="notification_state_known"),
            models.CheckConstraint(
                condition=~Q(subject__regex=r"[\r\n]") & ~Q(to_address__regex=r"[\r\n]"),
                name="notification_headers_on_one_line",
            ),
        ]

    def __str__(self):
        return f"{self.kind} #{self.pk}"
