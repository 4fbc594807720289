"""The weekly overview for social teams: when it goes, to whom, and the way to stop it (R37)."""

import logging

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from accounts.periods import short_day
from notifications.models import Notification
from notifications.services import notify_all, prepare
from reporting.digest_message import WEEKLY_DIGEST
from reporting.queries.digest import digest_for, readers

logger = logging.getLogger(__name__)

STOP_SALT = "reporting.digest.stop"
MONDAY, HOUR = 0, 8


def send_digests(*, now):
    """On Mondays from eight o'clock, local time, once a week to each reader; returns how many mails were written.

    Safe twice and twice at once: the key of a mail holds the week. Who has nothing to read gets nothing.
    """
    local = timezone.localtime(now)
    if local.weekday() != MONDAY or local.hour < HOUR:
        return 0
    year, week, _day = local.isocalendar()
    told = set(_keys_of(year, week))
    waiting = [(user, _key(year, week, user)) for user in readers()]
    written = sum(_send_safely(user, key, now) for user, key in waiting if key not in told)
    if written:
        logger.info("digest: %d mails", written)
    return written


def _key(year, week, user):
    return f"digest:{year}-W{week:02d}:{user.pk}"


def _keys_of(year, week):
    rows = Notification.objects.filter(dedupe_key__startswith=f"digest:{year}-W{week:02d}:").order_by()
    return rows.values_list("dedupe_key", flat=True)


def _send_safely(user, key, now):
    """One reader who cannot be mailed never holds up the others."""
    try:
        with transaction.atomic():
            return _send(user, key, now)
    except Exception:
        logger.exception("digest: user %s could not be mailed", user.pk)
        return False


def _send(user, key, now):
    digest = digest_for(user, today=timezone.localdate(now))
    if digest.is_empty:
        return False
    with translation.override("nl"):
        values = {
            "overzicht": overview_text(digest),
            "link": settings.SITE_URL + reverse("reporting:digest"),
            "stop": settings.SITE_URL + reverse("reporting:digest_stop", args=[stop_token(user)]),
        }
        mail = prepare(text=WEEKLY_DIGEST, values=values, to=user.email, now=now, recipient=user, dedupe_key=key)
    notify_all([mail])
    return True


def overview_text(digest):
    """The parts that have anything to tell, in Dutch as all mail."""
    starts = [f"{_named(line)}: start {short_day(line.day)}, {_places(line.number)}" for line in digest.starts]
    nearly = [f"{_named(line)}: nog {line.number} nodig" for line in digest.nearly]
    new = [f"{line.offer} ({line.area})" for line in digest.new]
    parts = [("Groepen met plek:", starts), ("Bijna genoeg mensen:", nearly), ("Nieuw:", new)]
    return "\n\n".join("\n".join([title, *(f"- {line}" for line in lines)]) for title, lines in parts if lines)


def _named(line):
    return f"{line.offer}, {line.area}"


def _places(number):
    return "nog 1 plek" if number == 1 else f"nog {number} plekken"


def stop_token(user):
    """Signed and opaque; it does nothing but switch this one mail off."""
    return signing.dumps(user.pk, salt=STOP_SALT)


def reader_of(token):
    """Whose mail it is; None when the link was altered or the account is gone."""
    try:
        return User.objects.filter(pk=signing.loads(token, salt=STOP_SALT)).first()
    except signing.BadSignature:
        return None
