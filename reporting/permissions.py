"""Who may see the figures of all lists, change a minimum, and settle what an offer is (R11)."""

from accounts.permissions import is_coordinator


def can_see_overview(user):
    return is_coordinator(user)


def can_set_offer(user):
    return is_coordinator(user)


def can_change_minimum(user):
    return is_coordinator(user)
