"""The outbox: a mail is a row, written in the same transaction as what it tells."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from notifications.enums import BounceReason, NotificationState

NOT_ARRIVED = (NotificationState.FAILED, NotificationState.BOUNCED)
UNDELIVERED = (*NOT_ARRIVED, NotificationState.WITHDRAWN)
LEFT = (NotificationState.SENT, NotificationState.BOUNCED)


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

    def came_back(self, *, recipient_key, address):
        """Mail to this address that the recipient's server did not take."""
        return self.filter(state=NotificationState.BOUNCED, recipient_key=recipient_key, to_address__iexact=address)

    def to_pass_on(self):
        """What a client never got and nobody was told of yet, the oldest first; mail to colleagues is not among it."""
        rows = self.filter(state__in=NOT_ARRIVED, passed_on_at=None, recipient=None, recipient_key__isnull=False)
        return rows.order_by("pk")

    def failed(self):
        """What never arrived: a person has to be told another way."""
        return self.filter(state__in=NOT_ARRIVED).order_by("-created_at", "-pk")


class Notification(models.Model):
    kind = models.CharField(max_length=40)
    to_address = models.EmailField(_("to"))
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    text_code = models.CharField(
        max_length=40,
        blank=True,
        help_text="The MessageKind whose words it is sent in; empty: as subject and body say.",
    )
    values = models.JSONField(default=dict, blank=True, help_text="What is filled in when it leaves; then emptied.")
    attachment = models.TextField(blank=True, help_text="A calendar file, where that is safe (R40).")
    state = models.CharField(max_length=10, choices=NotificationState, default=NotificationState.QUEUED)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=100, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True)
    bounce_reason = models.CharField(max_length=20, choices=BounceReason, blank=True)
    passed_on_at = models.DateTimeField(
        null=True, blank=True, help_text="When somebody was asked to reach the client another way; empty: not yet."
    )
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
            models.Index(
                fields=["recipient_key"], condition=Q(state=NotificationState.BOUNCED), name="notification_came_back"
            ),
            models.Index(fields=["-created_at"], condition=Q(state__in=UNDELIVERED), name="notification_undelivered"),
            models.Index(
                fields=["id"], condition=Q(state__in=NOT_ARRIVED, passed_on_at=None), name="notification_to_pass_on"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=LEFT, sent_at__isnull=False) | (Q(sent_at__isnull=True) & ~Q(state__in=LEFT)),
                name="notification_sent_has_moment",
            ),
            models.CheckConstraint(condition=Q(state__in=NotificationState.values), name="notification_state_known"),
            models.CheckConstraint(
                condition=Q(
                    state=NotificationState.BOUNCED, bounced_at__isnull=False, bounce_reason__in=BounceReason.values
                )
                | (Q(bounced_at__isnull=True, bounce_reason="") & ~Q(state=NotificationState.BOUNCED)),
                name="notification_bounce_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(subject__regex=r"[\r\n]") & ~Q(to_address__regex=r"[\r\n]"),
                name="notification_headers_on_one_line",
            ),
        ]

    def __str__(self):
        return f"{self.kind} #{self.pk}"


class MessageTextQuerySet(models.QuerySet):
    def newest(self):
        """The words that hold now, one row a kind; none for a kind that stands at its default."""
        latest = self.order_by("kind", "-number").distinct("kind")
        return self.filter(pk__in=latest.values("pk"), is_default=False)

    def history_of(self, kind):
        return self.filter(kind=kind).select_related("changed_by").order_by("-number")


class MessageText(models.Model):
    """The coordinator's own words for a kind of message. Each change is a row; the highest number holds (R40)."""

    kind = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    is_default = models.BooleanField(default=False, help_text="From here on the default in code holds again.")
    subject = models.CharField(_("subject"), max_length=100, blank=True)
    body = models.TextField(_("text"), blank=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    objects = MessageTextQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "number"], name="message_text_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="message_text_number"),
            models.CheckConstraint(
                condition=Q(is_default=True, subject="", body="")
                | (Q(is_default=False) & ~Q(subject="") & ~Q(body="")),
                name="message_text_says_something",
            ),
            models.CheckConstraint(
                condition=~Q(subject__regex=r"[\r\n{}]"), name="message_text_subject_is_one_plain_line"
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.number}"
