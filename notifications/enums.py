"""The words that notifications stores."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class NotificationState(TextChoices):
    QUEUED = "queued", _("waiting to be sent")
    SENT = "sent", _("sent")
    FAILED = "failed", _("could not be sent")
    WITHDRAWN = "withdrawn", _("withdrawn before it was sent")
