"""Somebody's own calendar as an address. Who knows it reads it: so it is random, kept as a hash, and can be ended."""

import hashlib
import secrets

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q

from accounts.models import CalendarFeed, User

TOKEN_BYTES = 32


@transaction.atomic
def make_feed(*, user, by, now):
    """The token of a new address; what was handed out before stops at once. It is shown once and never kept."""
    if by != user:
        raise PermissionDenied
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    fields = {"token_hash": _hash(token), "created_at": now, "read_on": None}
    CalendarFeed.objects.update_or_create(user=user, defaults=fields)
    return token


def stop_feed(*, user, by):
    """The address shows nothing any more; twice is once."""
    if by != user:
        raise PermissionDenied
    CalendarFeed.objects.filter(user=user).delete()


def find_feed(token):
    """The feed of this token, with its user, who must be active; None for every other token."""
    feeds = CalendarFeed.objects.select_related("user").filter(token_hash=_hash(token), user__is_active=True)
    return feeds.first()


def note_read(feed, *, today):
    """That it was read on this local day; written once a day."""
    unread = Q(read_on__isnull=True) | Q(read_on__lt=today)
    CalendarFeed.objects.filter(unread, pk=feed.pk).update(read_on=today)


def _hash(token):
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
