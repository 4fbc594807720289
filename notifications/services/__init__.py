"""Mail: putting it in the outbox, sending it, and the words that it is sent in."""

from notifications.services.bounces import read_maildir, take_bounce
from notifications.services.outbox import hand_on, notify, notify_all, prepare, withdraw_queued
from notifications.services.sending import MAX_ATTEMPTS, send_notifications
from notifications.services.wording import TextChanged, reset_text, set_text

__all__ = [
    "MAX_ATTEMPTS",
    "TextChanged",
    "hand_on",
    "notify",
    "notify_all",
    "prepare",
    "read_maildir",
    "reset_text",
    "send_notifications",
    "set_text",
    "take_bounce",
    "withdraw_queued",
]
