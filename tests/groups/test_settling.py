"""R21, R24: what time does to cycles is looked for only where something can be over."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from groups.enums import CycleState, SessionState
from groups.models import Session
from groups.services.cycles import settle_cycles
from tests.factories.groups import fresh, make_cycle
from tests.factories.neighbourhoods import local

pytestmark = pytest.mark.django_db
FIRST = local(2026, 9, 14, 9)  # of the cycle that make_cycle() forms
NEXT_DAY = FIRST + dt.timedelta(days=1)


def statements(now):
    with CaptureQueriesContext(connection) as context:
        settle_cycles(now=now)
    return len(context)


def test_running_cycles_between_two_sessions_cost_nothing():
    counts = []
    for _ in range(3):
        make_cycle()
        settle_cycles(now=FIRST)
        settle_cycles(now=NEXT_DAY)
        counts.append(statements(NEXT_DAY))
    assert len(set(counts)) == 1


def test_a_running_cycle_whose_sessions_are_all_gone_is_finished():
    cycle = make_cycle()
    settle_cycles(now=FIRST)
    Session.objects.filter(cycle=cycle).update(state=SessionState.CANCELLED, room_booking=None)
    settle_cycles(now=NEXT_DAY)
    assert fresh(cycle).state == CycleState.FINISHED
