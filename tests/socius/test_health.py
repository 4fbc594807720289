from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from socius.health import HEARTBEAT, is_healthy, record_heartbeat, take_health
from tests.factories.groups import NOW, make_waitlist

pytestmark = pytest.mark.django_db


def test_healthz_is_healthy_after_a_heartbeat(client):
    record_heartbeat(now=timezone.now())
    answer = client.get(reverse("healthz"))
    assert (answer.status_code, answer.json()["healthy"]) == (200, True)
    assert set(answer.json()) == {"healthy", "database", "broker", "beat", "waitlists"}


def test_healthz_without_a_heartbeat_is_not(client):
    answer = client.get(reverse("healthz"))
    assert answer.status_code == 503
    assert answer.json()["beat"] == {"ok": False, "age_seconds": None}


def test_healthz_notices_an_old_heartbeat():
    now = timezone.now()
    record_heartbeat(now=now - timedelta(seconds=61))
    health = take_health(now=now)
    assert health["beat"] == {"ok": False, "age_seconds": 61.0}
    assert not is_healthy(health)


def test_healthz_notices_an_unreachable_broker(settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    record_heartbeat(now=timezone.now())
    health = take_health(now=timezone.now())
    assert health["broker"] == {"ok": False}
    assert not is_healthy(health)


def test_worker_and_beat_keep_the_heartbeat_going(celery_worker_process):
    first = cache.get(HEARTBEAT)
    assert first == pytest.approx(timezone.now().timestamp(), abs=20)
    assert "Traceback" not in celery_worker_process.log


def test_healthz_notices_a_waitlist_that_nobody_looked_at():
    waitlist = make_waitlist()
    waitlist.due_at = NOW - timedelta(seconds=301)
    waitlist.save()
    assert take_health(now=NOW - timedelta(seconds=1))["waitlists"] == {"ok": True, "oldest_due_seconds": 300.0}
    assert take_health(now=NOW)["waitlists"] == {"ok": False, "oldest_due_seconds": 301.0}


def test_healthz_without_a_due_waitlist_has_nothing_to_report():
    assert take_health(now=timezone.now())["waitlists"] == {"ok": True, "oldest_due_seconds": None}
