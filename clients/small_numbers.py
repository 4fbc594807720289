"""Counts of people for who need not know whom they are about: small ones are not told (R34)."""

from django.utils.translation import gettext as _

# With fewer than this, somebody who knows the neighbourhood knows who it is.
SMALLEST_SHOWN = 5


def is_too_small(count):
    """Whether this many can be told apart; nobody at all can be told."""
    return 0 < count < SMALLEST_SHOWN


def fewer_than_shown():
    return _("fewer than %(count)s") % {"count": SMALLEST_SHOWN}
