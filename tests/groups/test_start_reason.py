"""Why a group was formed by hand is sealed, also what stood plain before (R17, R41)."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from groups.models import Cycle, CycleNotes, StartReason
from tests.factories.groups import make_cycle

pytestmark = pytest.mark.django_db
WHY = "Wil niet naast Bea de Zeester zitten"


def plain_in(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT t::text FROM {table} t")
        return "Zeester" in str(cursor.fetchall())


def test_what_stood_plain_is_moved_and_sealed_once():
    cycle, other = make_cycle(), make_cycle()
    Cycle.objects.filter(pk=cycle.pk).update(reason={"code": "by_hand", "args": {"people": 3, "why": WHY}})
    Cycle.objects.filter(pk=other.pk).update(reason={"code": "by_hand", "args": {"people": 3, "why": ""}})
    assert plain_in("groups_cycle")
    for _number in range(2):
        import_module("groups.migrations.0009_start_reason").seal_reasons(apps, None)
    assert not plain_in("groups_cycle")
    assert not plain_in("groups_startreason")
    cycle.refresh_from_db()
    assert cycle.reason == {"code": "by_hand", "args": {"people": 3}}
    [kept] = StartReason.objects.select_related("notes__key")
    assert (kept.why, kept.notes.cycle_id) == (WHY, cycle.pk)
    assert CycleNotes.objects.count() == 1
