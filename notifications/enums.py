"""The words that notifications stores."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class NotificationState(TextChoices):
    QUEUED = "queued", _("waiting to be sent")
    SENT = "sent", _("sent")
    FAILED = "failed", _("could not be sent")
    WITHDRAWN = "withdrawn", _("withdrawn before it was sent")
    BOUNCED = "bounced", _("came back")


class BounceReason(TextChoices):
    """Why a mail came back, coarsely: what a mail server writes often repeats the address."""

    UNKNOWN_ADDRESS = "unknown_address", _("the address does not exist")
    MAILBOX_FULL = "mailbox_full", _("the mailbox is full or closed")
    REFUSED = "refused", _("the mail was refused")
    OTHER = "other", _("not known why")
