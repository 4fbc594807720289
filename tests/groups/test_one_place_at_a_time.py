"""R20, R28: no person sits in two groups at one hour, whatever lists they are on."""

import datetime as dt

import pytest

from groups.enums import CycleState, Outcome, ParticipationState
from groups.exceptions import NotAllowed
from groups.models import Cycle, Session
from groups.services.areas import widen_list
from groups.services.cycles import cancel_cycle, settle_cycles
from groups.services.renewals import choose_outcome
from groups.services.scheduling import move_session
from neighbourhoods.enums import CatchmentLevel
from neighbourhoods.models import Catchment
from tests.factories.accounts import make_coordinator
from tests.factories.groups import fresh, make_cycle, make_entry, ready_waitlist, sweep

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def moments_of(client):
    sessions = Session.objects.planned().filter(cycle__participations__client=client)
    return sorted((session.date, session.start_time) for session in sessions)


def after_session(cycle, number):
    settle_cycles(now=cycle.sessions.get(number=1).starts_at)
    now = cycle.sessions.get(number=number).ends_at + dt.timedelta(hours=1)
    settle_cycles(now=now)
    return now


def test_somebody_on_the_lists_of_two_offers_gets_two_different_hours():
    first, second = ready_waitlist(2), ready_waitlist(2)
    client = make_entry(first).client
    make_entry(second, client=client)
    sweep()
    moments = moments_of(client)
    assert (len(moments), len(set(moments))) == (10, 10)


def test_who_goes_on_keeps_the_own_rhythm_when_the_list_becomes_a_wider_one():
    """R11, R28: nobody gets a second group while the first still meets."""
    cycle = make_cycle()
    Catchment.objects.get_or_create(
        level=CatchmentLevel.MUNICIPALITY,
        municipality=cycle.catchment.municipality,
        defaults={"name": "Heel de gemeente", "code": "proef-geheel"},
    )
    now = after_session(cycle, 3)
    for participation in cycle.participations.order_by("pk"):
        choose_outcome(participation=participation, outcome=Outcome.FIVE_MORE, by=cycle.lead, now=now)
    widen_list(waitlist=cycle.waitlist, reason="proef", by=make_coordinator(), now=now)
    sweep(now)
    last = cycle.sessions.get(number=5).date
    for found in Cycle.objects.exclude(pk=cycle.pk):
        assert found.starts_on > last


def test_a_round_does_not_run_into_the_next_one():
    cycle = make_cycle()
    now = after_session(cycle, 4)
    for participation in cycle.participations.order_by("pk"):
        choose_outcome(participation=participation, outcome=Outcome.FIVE_MORE, by=cycle.lead, now=now)
    sweep(now)
    following = Cycle.objects.get(continues=cycle)
    last = cycle.sessions.get(number=5)
    with pytest.raises(NotAllowed, match="next_round_begins"):
        move_session(session=last, date=following.starts_on + DAY, start_time=last.start_time, by=cycle.lead, now=now)


def test_who_decided_to_end_does_not_wait_again_when_the_rest_is_cancelled():
    cycle = make_cycle()
    now = after_session(cycle, 3)
    done, *others = cycle.participations.order_by("pk")
    choose_outcome(participation=done, outcome=Outcome.ENOUGH, by=cycle.lead, now=now)
    cancel_cycle(cycle=cycle, reason="proef", by=cycle.lead, now=now)
    assert fresh(cycle).state == CycleState.CANCELLED
    assert fresh(done).state == ParticipationState.FINISHED
    waiting = cycle.waitlist.entries.waiting()
    assert sorted(waiting.values_list("client", flat=True)) == sorted(other.client_id for other in others)
