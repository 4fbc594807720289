"""R18: who wants no group in the own neighbourhood gets none there, also on lists that are wider than that."""

import datetime as dt

import pytest

from groups.enums import EntryPolicy, EntryState, HistoryCode
from groups.models import Cycle, HistoryEntry
from groups.services.areas import join_areas
from groups.services.cycles import settle_cycles
from neighbourhoods.enums import CatchmentLevel
from neighbourhoods.models import Catchment
from tests.factories.accounts import make_coordinator
from tests.factories.clients import make_client
from tests.factories.groups import (
    NOW,
    fresh,
    make_entry,
    make_offer,
    make_team_and_room,
    make_waitlist,
    make_worker,
    sweep,
)
from tests.factories.neighbourhoods import make_municipality, make_neighbourhood, make_region, make_room

pytestmark = pytest.mark.django_db


@pytest.fixture
def west():
    return make_neighbourhood("Westerwijk")


@pytest.fixture
def east():
    return make_neighbourhood("Oosterwijk")


def waits(waitlist, neighbourhood, *, days=10, shy=False, now=NOW):
    client = make_client(now=now, neighbourhood=neighbourhood, refuses_own_neighbourhood=shy)
    return make_entry(waitlist, client=client, days=days, now=now)


def list_of(level, **fields):
    municipality = make_municipality()
    area = (
        make_region()
        if level == CatchmentLevel.REGION
        else Catchment.objects.get(level=level, municipality=municipality)
    )
    return make_waitlist(make_offer(level=level, **fields), catchment=area)


def team_and_rooms(*neighbourhoods):
    """A team, and one room in each of these neighbourhoods, which are preferred in this order."""
    municipality = neighbourhoods[0].municipality
    make_worker(lead=True, municipality=municipality)
    make_worker(municipality=municipality)
    return [make_room(name_of_venue=f"Huis {place.name}", neighbourhood=place, now=NOW) for place in neighbourhoods]


@pytest.mark.parametrize("level", [CatchmentLevel.MUNICIPALITY, CatchmentLevel.REGION])
class TestWiderList:
    def test_a_room_in_the_own_neighbourhood_is_no_place_for_them(self, level, west, east):
        waitlist = list_of(level)
        team_and_rooms(west)
        shy = waits(waitlist, west, days=30, shy=True)
        others = [waits(waitlist, place, shy=place == east) for place in (west, east, east)]
        sweep()
        assert {p.entry_id for p in Cycle.objects.get().participations.all()} == {entry.pk for entry in others}
        row = HistoryEntry.objects.get(code=HistoryCode.ENTRY_PASSED)
        assert (row.entry_id, row.args["reason"]) == (shy.pk, {"code": "not_here", "args": {}})
        assert fresh(shy).state == EntryState.WAITING

    def test_a_room_elsewhere_is(self, level, west, east):
        waitlist = list_of(level)
        team_and_rooms(east)
        entries = [waits(waitlist, west, shy=True) for _ in range(3)]
        sweep()
        assert Cycle.objects.get().participations.count() == len(entries)

    def test_who_waits_longest_gets_the_room_elsewhere_though_another_would_come_first(self, level, west, east):
        """R17: nobody is passed for ever because rooms are taken in one order."""
        waitlist = list_of(level)
        _near, elsewhere = team_and_rooms(west, east)
        waits(waitlist, west, days=30, shy=True)
        for _ in range(2):
            waits(waitlist, west)
        sweep()
        cycle = Cycle.objects.get()
        assert (cycle.room, cycle.participations.count()) == (elsewhere, 3)


class TestJoinedAreas:
    def test_the_area_that_serves_both_is_the_own_neighbourhood(self, west, east):
        waitlist = make_waitlist(neighbourhood=east)
        make_team_and_room(waitlist)
        shy = waits(waitlist, west, shy=True)
        for _ in range(3):
            waits(waitlist, east)
        join_areas(catchment=west.catchment, into=east.catchment, reason="proef", by=make_coordinator(), now=NOW)
        sweep()
        assert [reason["code"] for reason in fresh(shy).reasons] == ["not_here"]
        assert Cycle.objects.get().participations.count() == 3

    def test_on_the_list_of_another_area_the_room_decides(self, west, east):
        """They chose the other list; its group may meet in a room elsewhere in the municipality."""
        waitlist = make_waitlist(neighbourhood=east)
        [near] = team_and_rooms(west)
        entries = [waits(waitlist, west, shy=True, days=30), *(waits(waitlist, east) for _ in range(2))]
        sweep()
        assert not Cycle.objects.exists()
        make_room(name_of_venue="Huis Oost", neighbourhood=east, now=NOW)
        sweep(NOW + dt.timedelta(days=1))
        cycle = Cycle.objects.get()
        assert cycle.room != near
        assert {p.entry_id for p in cycle.participations.all()} == {entry.pk for entry in entries}


@pytest.mark.parametrize("runs", [False, True])
@pytest.mark.parametrize(("in_own", "joins"), [(True, 0), (False, 1)])
def test_joining_a_group_that_is_there_takes_its_room_into_account(west, east, runs, in_own, joins):
    """R12 and R22 as R18: formed and not begun, or running and open."""
    waitlist = list_of(CatchmentLevel.MUNICIPALITY, entry_policy=EntryPolicy.EVERY_SESSION)
    team_and_rooms(west if in_own else east)
    for _ in range(3):
        waits(waitlist, east if in_own else west)
    sweep()
    cycle, now = Cycle.objects.get(), NOW + dt.timedelta(days=1)
    if runs:
        now = cycle.sessions.get(number=1).ends_at
        settle_cycles(now=now)
    shy = waits(waitlist, west, shy=True, now=now)
    assert sweep(now).joined == joins
    assert fresh(shy).state == (EntryState.PLACED if joins else EntryState.WAITING)
    waits(waitlist, west, now=now)
    assert sweep(now).joined == 1, "the others come in"
