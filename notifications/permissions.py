"""Who may change the words of messages."""

from accounts.permissions import is_coordinator


def can_change_messages(user):
    return is_coordinator(user)
