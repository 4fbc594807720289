"""What the tests of what comes after a round share: a cycle some sessions further, and what was decided."""

import datetime as dt

from django.utils import timezone

from groups.enums import Outcome
from groups.models import Cycle
from groups.services.after_five import Decided, decide_after_round, version_of
from groups.services.cycles import settle_cycles
from groups.services.onward import Onward
from neighbourhoods.models import Room
from neighbourhoods.services import add_provision
from tests.factories.groups import fresh, ready_waitlist, sweep


def run_until(cycle, number):
    """Sessions 1 to number are held; the moment after the last of them."""
    settle_cycles(now=cycle.sessions.get(number=1).starts_at)
    now = cycle.sessions.get(number=number).ends_at
    settle_cycles(now=now)
    return now


def held_cycle(n=3, *, capacity=None, **fields):
    """(cycle, moment): all five sessions were held in the last two weeks by the clock, so that pages can be opened."""
    formed = timezone.localtime() - dt.timedelta(days=50)
    waitlist = ready_waitlist(n, now=formed, **fields)
    if capacity is not None:
        Room.objects.update(capacity=capacity)
    sweep(formed)
    cycle = Cycle.objects.get(waitlist=waitlist)
    now = run_until(cycle, 5)
    return fresh(cycle), now


def decide(*chosen, by=None, now, seen=None):
    """Each of `chosen` is (participation, outcome) or (participation, outcome, {"reason": …, "offer": …, …})."""
    decisions = []
    for row, outcome, *more in chosen:
        fields = dict(more[0]) if more else {}
        reason = fields.pop("reason", "")
        version = version_of(row) if seen is None else seen
        decisions.append(Decided(row, Outcome(outcome), version, reason=reason, onward=Onward(**fields)))
    cycle = chosen[0][0].cycle
    return decide_after_round(cycle=cycle, decisions=decisions, by=by or cycle.lead, now=now)


def make_provision(neighbourhood, *, now, agreed=True, name="Buurttuin De Akker"):
    """A garden in this neighbourhood that agreed to receive two people; or did not."""
    fields = {"municipality": neighbourhood.municipality, "neighbourhood": neighbourhood, "kind": "garden"}
    if agreed:
        day = timezone.localdate(now)
        fields |= {"receives": "Twee mensen per week", "agreed_on": day, "agreed_with": "de beheerder"}
    return add_provision(name=name, by=None, now=now, **fields)
