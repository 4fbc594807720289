"""Who may see the figures of all lists, and change a minimum (R11)."""

from accounts.permissions import is_coordinator


def can_see_overview(user):
    return is_coordinator(user)


def can_change_minimum(user):
    return is_coordinator(user)
