"""Whether the whole works: database, broker, clock, and nothing left lying that was due."""

import time
from datetime import datetime

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection

from groups.models import Waitlist

HEARTBEAT = "heartbeat"
# Beat asks for a heartbeat every 5 seconds and for due waitlists every 2; this many seconds later something is wrong.
OLDEST_BEAT = 60
OLDEST_DUE = 300


def record_heartbeat(*, now):
    """Run by a worker when beat asks for it: a recent one proves that both are there."""
    cache.set(HEARTBEAT, now.timestamp(), timeout=None)


def take_health(*, now):
    """Each part with `ok` and the seconds or milliseconds it was judged by; ages are null when there is nothing."""
    return {"database": _database(), "broker": _broker(), "beat": _beat(now), "waitlists": _waitlists(now)}


def is_healthy(health):
    return all(part["ok"] for part in health.values())


def _timed(question, trouble):
    started = time.perf_counter()
    try:
        question()
    except trouble:
        return {"ok": False}
    return {"ok": True, "milliseconds": round((time.perf_counter() - started) * 1000, 1)}


def _database():
    def ask():
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    return _timed(ask, DatabaseError)


def _broker():
    def ask():
        with redis.Redis.from_url(settings.CELERY_BROKER_URL, socket_connect_timeout=2, socket_timeout=2) as client:
            client.ping()

    return _timed(ask, redis.RedisError)


def _beat(now):
    try:
        last = cache.get(HEARTBEAT)
    except redis.RedisError:
        last = None
    age = None if last is None else round(now.timestamp() - last, 1)
    return {"ok": age is not None and age <= OLDEST_BEAT, "age_seconds": age}


def _waitlists(now):
    """How long the first due waitlist has been waiting for the engine to look at it."""
    try:
        since = Waitlist.objects.due(now=now).values_list("due_at", flat=True).first()
    except DatabaseError:
        return {"ok": False}
    age = round((now - since).total_seconds(), 1) if isinstance(since, datetime) else None
    return {"ok": age is None or age <= OLDEST_DUE, "oldest_due_seconds": age}
