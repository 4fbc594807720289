"""R11: areas served together and apart again, and a list's people moved to the municipality's list."""

import datetime as dt
from threading import Thread

import pytest
from django.db import connection, transaction
from django.utils import translation

from clients.models import Client
from groups.enums import CycleState, EntryState, HistoryCode, LeaveReason
from groups.exceptions import NotAllowed
from groups.happened import history_text
from groups.models import Cycle, HistoryEntry, Waitlist
from groups.services.areas import join_areas, split_area, widen_list
from groups.services.cycles import cancel_cycle
from groups.services.waitlists import join_waitlist, waitlist_for
from neighbourhoods.enums import CatchmentLevel
from neighbourhoods.models import Catchment
from reporting.queries import overview
from tests.factories.accounts import make_coordinator
from tests.factories.groups import (
    NOW,
    TODAY,
    fresh,
    join_team,
    make_entry,
    make_offer,
    make_team_and_room,
    make_waitlist,
    make_worker,
    staff_member,
    sweep,
)
from tests.factories.neighbourhoods import make_municipality, make_neighbourhood, make_region

pytestmark = pytest.mark.django_db
WHY = "samen genoeg mensen"


@pytest.fixture
def offer():
    return make_offer()


@pytest.fixture
def west():
    return make_neighbourhood("Westerwijk")


@pytest.fixture
def east():
    return make_neighbourhood("Oosterwijk")


@pytest.fixture
def coba():
    return make_coordinator("Coba")


def join(area, host, by, **fields):
    return join_areas(catchment=area.catchment, into=host.catchment, by=by, now=NOW, **({"reason": WHY} | fields))


def list_in(offer, neighbourhood):
    return waitlist_for(offer=offer, catchment=Catchment.objects.get(code=neighbourhood.pk.lower()))


def waiting(waitlist):
    return list(waitlist.entries.waiting().in_order())


def refer(offer, neighbourhood, **fields):
    """As the judgement does: on the list of the catchment that this page knew of."""
    return make_entry(make_waitlist(offer, neighbourhood=neighbourhood), **fields)


def test_two_lists_that_fill_too_slowly_start_together(offer, west, east, coba):
    here, there = make_waitlist(offer, neighbourhood=west), make_waitlist(offer, neighbourhood=east)
    make_team_and_room(there)
    long_ago = make_entry(here, days=40)
    make_entry(here, days=5)
    make_entry(there, days=20)
    assert sweep().started == 0
    join(west, east, coba)
    assert [entry.waiting_since for entry in waiting(there)][0] == TODAY - dt.timedelta(days=40)
    assert fresh(long_ago).waitlist == there
    assert sweep().started == 1
    assert Cycle.objects.get().participations.count() == 3


def test_neighbourhoods_teams_and_later_referrals_go_along(offer, west, east, coba):
    tess = make_worker("Tess", catchment=west.catchment)
    join(west, east, coba)
    assert fresh(west).catchment == east.catchment
    assert Catchment.objects.get(code=west.pk.lower()).joined_into == east.catchment
    assert east.catchment.social_teams.filter(memberships__user=tess).exists()
    entry = refer(offer, fresh(west))
    assert entry.waitlist.catchment == east.catchment


def test_who_still_had_the_old_area_before_them_lands_on_the_joined_list(offer, west, east, coba):
    stale = Catchment.objects.get(pk=west.catchment.pk)
    client = make_entry(make_waitlist(neighbourhood=west)).client
    join(west, east, coba)
    entry = join_waitlist(
        client=client, offer=offer, catchment=stale, waiting_since=TODAY, by=staff_member(), now=NOW, judged=True
    )
    assert entry.waitlist.catchment == east.catchment


def test_history_tells_on_both_lists_and_of_each_person(offer, west, east, coba):
    here, there = make_waitlist(offer, neighbourhood=west), make_waitlist(offer, neighbourhood=east)
    entry = make_entry(here)
    join(west, east, coba)
    rows = {row.waitlist: row for row in HistoryEntry.objects.filter(code="lists_joined", waitlist__isnull=False)}
    assert set(rows) == {here, there}
    assert {row.by for row in rows.values()} == {coba}
    with translation.override("en"):
        assert history_text(rows[here]) == f"everybody went to the list of Oosterwijk (1 person): {WHY}"
        assert history_text(rows[there]) == f"people came from the list of Westerwijk (1 person): {WHY}"
    moved = entry.history.get(code=HistoryCode.ENTRY_MOVED)
    assert (moved.waitlist, moved.args, moved.by) == (there, {"from_list": here.pk}, coba)


def test_who_waits_on_both_lists_waits_once_with_the_earlier_date(offer, west, east, coba):
    here, there = make_waitlist(offer, neighbourhood=west), make_waitlist(offer, neighbourhood=east)
    first = make_entry(here, days=60, priority_reason="verhuist")
    second = make_entry(there, days=10, client=first.client, placeable=False)
    join(west, east, coba)
    (kept,) = waiting(there)
    assert kept == second
    assert (kept.waiting_since, kept.has_priority) == (TODAY - dt.timedelta(days=60), True)
    assert kept.judged_at is not None
    assert (fresh(first).state, fresh(first).leave_reason) == (EntryState.LEFT, LeaveReason.MERGED)
    assert overview.lost_count(Waitlist.objects.all(), today=TODAY) == 0


def test_a_cycle_of_the_joined_area_stays_and_who_comes_back_from_it_waits_on_the_joined_list(offer, west, east, coba):
    here = make_waitlist(offer, neighbourhood=west)
    make_team_and_room(here)
    entries = [make_entry(here, days=30 + number) for number in range(3)]
    sweep()
    cycle = Cycle.objects.get()
    join(west, east, coba)
    assert fresh(cycle).waitlist == here
    assert fresh(cycle).state == CycleState.FORMED
    cancel_cycle(cycle=fresh(cycle), by=coba, now=NOW, reason="zaal onder water")
    sweep()
    there = list_in(offer, east)
    assert {fresh(entry).waitlist for entry in entries} == {there}
    assert [fresh(entry).waiting_since for entry in entries] == [entry.waiting_since for entry in entries]
    assert entries[0].history.filter(code=HistoryCode.ENTRY_MOVED, rule="R11").exists()


def test_splitting_again_brings_back_who_lives_there_and_nobody_else(offer, west, east, coba):
    here, there = make_waitlist(offer, neighbourhood=west), make_waitlist(offer, neighbourhood=east)
    tess = make_worker("Tess", catchment=west.catchment)
    join_team(tess, west.catchment)
    from_west, from_east = make_entry(here, days=50), make_entry(there, days=60)
    join(west, east, coba)
    later = refer(offer, fresh(west))
    area = Catchment.objects.get(pk=here.catchment_id)
    split_area(catchment=area, reason="weer genoeg mensen", by=coba, now=NOW)
    assert fresh(west).catchment == area
    assert fresh(area).joined_into is None
    assert {entry.pk for entry in waiting(here)} == {from_west.pk, later.pk}
    assert [entry.pk for entry in waiting(there)] == [from_east.pk]
    assert fresh(from_west).waiting_since == TODAY - dt.timedelta(days=50)
    assert not there.catchment.social_teams.filter(memberships__user=tess).exists()
    assert area.social_teams.filter(memberships__user=tess).exists()
    with pytest.raises(NotAllowed, match="area_not_joined"):
        split_area(catchment=area, reason="nog eens", by=coba, now=NOW)


def test_who_does_not_want_the_own_neighbourhood_is_not_brought_back_there(offer, west, east, coba):
    """R18."""
    there = make_waitlist(offer, neighbourhood=east)
    entry = make_entry(there)
    Client.objects.filter(pk=entry.client_id).update(neighbourhood=west, refuses_own_neighbourhood=True)
    join(west, east, coba)
    split_area(catchment=Catchment.objects.get(code=west.pk.lower()), reason=WHY, by=coba, now=NOW)
    assert fresh(entry).waitlist == there


def test_what_cannot_be_joined_is_refused_and_nothing_is_written(west, east, coba):
    north = make_neighbourhood("Noord")
    far = make_neighbourhood("Bakkum", make_municipality("Castricum", "GM0383"))
    join(north, east, coba)
    before = HistoryEntry.objects.count()
    region = make_region()
    for area, host, code, why in [
        (west.catchment, west.catchment, "area_itself", WHY),
        (west.catchment, far.catchment, "area_elsewhere", WHY),
        (west.catchment, region, "area_not_local", WHY),
        (west.catchment, Catchment.objects.get(code=north.pk.lower()), "area_joined_already", WHY),
        (Catchment.objects.get(code=north.pk.lower()), west.catchment, "area_joined_already", WHY),
        (east.catchment, west.catchment, "area_holds_others", WHY),
        (west.catchment, east.catchment, "reason_missing", "  "),
    ]:
        with pytest.raises(NotAllowed) as refused:
            join_areas(catchment=area, into=host, reason=why, by=coba, now=NOW)
        assert refused.value.reason.code == code
    assert HistoryEntry.objects.count() == before
    assert fresh(west).catchment == west.catchment


# --- the municipality's list


def test_people_go_to_the_list_of_the_municipality(offer, west, coba):
    here = make_waitlist(offer, neighbourhood=west)
    entry = make_entry(here, days=33)
    wide = widen_list(waitlist=here, reason=WHY, by=coba, now=NOW)
    assert wide.catchment.level == CatchmentLevel.MUNICIPALITY
    assert [found.pk for found in waiting(wide)] == [entry.pk]
    assert fresh(entry).waiting_since == TODAY - dt.timedelta(days=33)
    assert {row.waitlist for row in HistoryEntry.objects.filter(code="lists_joined")} == {here, wide}
    with pytest.raises(NotAllowed, match="nobody_to_move"):
        widen_list(waitlist=here, reason=WHY, by=coba, now=NOW)


def test_where_there_is_no_wider_list_that_is_said(offer, west, coba):
    here = make_waitlist(offer, neighbourhood=west)
    make_entry(here)
    offer.municipalities.add(make_municipality("Heemskerk", "GM0396"))
    for waitlist, code, why in [
        (here, "offer_held_elsewhere", WHY),
        (here, "reason_missing", ""),
        (make_waitlist(catchment=make_region()), "list_not_local", WHY),
    ]:
        with pytest.raises(NotAllowed, match=code):
            widen_list(waitlist=waitlist, reason=why, by=coba, now=NOW)


# --- at the same time


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("list_is_there", [True, False])
def test_a_referral_while_areas_are_being_joined_is_not_lost(list_is_there):
    """Somebody joins the list while the coordinator's transaction is open: they end on the joined list too."""
    offer, coba = make_offer(), make_coordinator("Coba")
    west, east = make_neighbourhood("Westerwijk"), make_neighbourhood("Oosterwijk")
    old = make_entry(make_waitlist(neighbourhood=west))
    if list_is_there:
        make_entry(make_waitlist(offer, neighbourhood=west))
    judge, stale = staff_member(), Catchment.objects.get(pk=west.catchment.pk)

    def refer_now():
        join_waitlist(
            client=old.client, offer=offer, catchment=stale, waiting_since=TODAY, by=judge, now=NOW, judged=True
        )
        connection.close()

    referring = Thread(target=refer_now)
    with transaction.atomic():
        join(west, east, coba)
        referring.start()
        referring.join(timeout=1)
        assert referring.is_alive() is list_is_there
    referring.join(timeout=20)
    sweep()
    there = list_in(offer, east)
    assert old.client_id in {entry.client_id for entry in waiting(there)}
    assert len(waiting(there)) == 1 + list_is_there


@pytest.mark.django_db(transaction=True)
def test_while_the_joined_list_is_held_the_other_is_looked_at_once_and_again_a_little_later():
    """Waiting could be waiting for each other; and asking without end would keep the sweep from all other lists."""
    coba, west, east = make_coordinator("Coba"), make_neighbourhood("Westerwijk"), make_neighbourhood("Oosterwijk")
    entry = make_entry(make_waitlist(neighbourhood=west))
    old, now = entry.waitlist, NOW + dt.timedelta(minutes=1)
    join(west, east, coba)
    joined = list_in(old.offer, east)
    type(entry).objects.filter(pk=entry.pk).update(waitlist=old)  # as who comes back from a cycle of the old list
    Waitlist.objects.filter(pk=old.pk).update(due_at=NOW)
    swept = []
    sweeping = Thread(target=lambda: (swept.append(sweep(now)), connection.close()))
    with transaction.atomic():
        Waitlist.objects.select_for_update().get(pk=joined.pk)
        sweeping.start()
        sweeping.join(timeout=20)
    assert [found.looked for found in swept] == [1]
    assert Waitlist.objects.get(pk=old.pk).due_at > now
    sweep(now + dt.timedelta(minutes=1))
    assert [found.pk for found in waiting(joined)] == [entry.pk]
