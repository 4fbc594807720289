"""Venues, rooms and opening hours: what changes is noticed, what cannot be is refused."""

from datetime import time, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from neighbourhoods.models import Catchment, Municipality, OpeningHours, Room, Venue
from neighbourhoods.queries import catchment_of, neighbourhoods_served_by, rooms_for
from neighbourhoods.services import (
    add_room,
    add_venue,
    load_demo_venues,
    set_opening_hours,
    update_room,
    update_venue,
)
from tests.factories.accounts import make_coordinator, make_group_worker, make_team_member
from tests.factories.neighbourhoods import (
    load_region,
    local,
    make_municipality,
    make_neighbourhood,
    make_region,
    make_room,
    make_venue,
)

pytestmark = pytest.mark.django_db

NOW = local(2027, 1, 4, 9)
LATER = NOW + timedelta(hours=1)


def _hours(venue):
    return list(venue.opening_hours.order_by("weekday", "opens_at").values_list("weekday", "opens_at", "closes_at"))


def test_set_opening_hours_replaces_sorts_and_joins():
    venue = make_venue()
    worker = make_group_worker(municipalities=[venue.municipality])
    windows = [(2, time(19), time(22)), (0, time(12), time(17)), (0, time(9), time(12)), (2, time(9), time(12))]
    set_opening_hours(venue=venue, windows=windows, by=worker, now=LATER)
    assert _hours(venue) == [
        (0, time(9), time(17)),
        (2, time(9), time(12)),
        (2, time(19), time(22)),
    ]


@pytest.mark.parametrize("window", [(7, time(9), time(17)), (0, time(17), time(9)), (0, time(9), time(9))])
def test_set_opening_hours_refuses_the_impossible_and_keeps_the_old(window):
    venue = make_venue()
    before = _hours(venue)
    with pytest.raises(ValueError, match="window"):
        set_opening_hours(venue=venue, windows=[(1, time(9), time(10)), window], by=None, now=LATER)
    assert _hours(venue) == before


def test_the_database_keeps_windows_apart():
    venue = make_venue(hours=[(0, time(9), time(12))])
    with pytest.raises(IntegrityError, match="opening_windows_apart"), transaction.atomic():
        OpeningHours.objects.create(venue=venue, weekday=0, opens_at=time(11, 59), closes_at=time(13))
    with pytest.raises(IntegrityError, match="opening_ends_after_start"), transaction.atomic():
        OpeningHours.objects.create(venue=venue, weekday=1, opens_at=time(12), closes_at=time(11))
    OpeningHours.objects.create(venue=venue, weekday=0, opens_at=time(12), closes_at=time(13))


def test_every_change_moves_changed_at_and_says_who():
    neighbourhood = make_neighbourhood()
    municipality = neighbourhood.municipality
    worker = make_group_worker(municipalities=[municipality])
    venue = add_venue(name="Huis", municipality=municipality, neighbourhood=neighbourhood, by=None, now=NOW)
    room = add_room(venue=venue, name="Zaal", capacity=10, by=None, now=NOW)
    changes = [
        lambda now: update_venue(venue=venue, name="Thuis", municipality=municipality, by=worker, now=now),
        lambda now: add_room(venue=venue, name="Zaal 2", capacity=10, by=worker, now=now),
        lambda now: update_room(room=room, name="Zaal", capacity=11, is_active=True, by=worker, now=now),
        lambda now: set_opening_hours(venue=venue, windows=[], by=worker, now=now),
    ]
    for hours, change in enumerate(changes, start=1):
        change(NOW + timedelta(hours=hours))
        stored = Venue.objects.get()
        assert (stored.changed_at, stored.changed_by) == (NOW + timedelta(hours=hours), worker)


def test_a_venue_lies_in_the_municipality_of_its_neighbourhood():
    heemskerk = make_municipality("Heemskerk", "GM0396")
    with pytest.raises(ValueError, match="another municipality"):
        add_venue(name="Huis", municipality=heemskerk, neighbourhood=make_neighbourhood(), by=None, now=NOW)


def test_only_the_coordinator_and_group_workers_of_the_place_manage_venues():
    venue, elsewhere = make_venue(), make_municipality("Heemskerk", "GM0396")
    strangers = [make_team_member(), make_group_worker("Elders", municipalities=[elsewhere])]
    place = {"municipality": venue.municipality, "name": "Huis", "now": NOW}
    for change in (
        lambda by: add_venue(by=by, **place),
        lambda by: update_venue(venue=venue, by=by, **place),
        lambda by: add_room(venue=venue, name="Extra", capacity=5, by=by, now=NOW),
        lambda by: update_room(
            room=venue.rooms.get(name="Zaal"), name="Zaal", capacity=5, is_active=True, by=by, now=NOW
        ),
        lambda by: set_opening_hours(venue=venue, windows=[], by=by, now=NOW),
    ):
        for stranger in strangers:
            with pytest.raises(PermissionDenied):
                change(stranger)
    assert (Venue.objects.get().name, Room.objects.get().capacity) == ("Buurthuis Proef", 12)
    assert len(_hours(venue)) == 5


def test_no_venue_is_moved_to_where_one_does_not_work_nor_hidden_by_a_group_worker():
    venue, elsewhere = make_venue(), make_municipality("Heemskerk", "GM0396")
    worker = make_group_worker(municipalities=[venue.municipality])
    for change in ({"municipality": elsewhere}, {"municipality": venue.municipality, "is_hidden": True}):
        with pytest.raises(PermissionDenied):
            update_venue(venue=venue, name="Huis", by=worker, now=NOW, **change)
    stored = Venue.objects.get()
    assert (stored.name, stored.municipality, stored.is_hidden) == ("Buurthuis Proef", venue.municipality, False)


def test_hidden_venues_show_to_coordinators_and_group_workers_of_the_place():
    venue = make_venue(is_hidden=True)
    make_municipality("Heemskerk", "GM0396")
    people = {
        "coordinator": make_coordinator(),
        "here": make_group_worker("Hier", municipalities=Municipality.objects.order_by("pk")),
        "elsewhere": make_group_worker("Elders", municipalities=[Municipality.objects.get(name="Heemskerk")]),
        "team": make_team_member(),
    }
    seen = {name: list(Venue.objects.visible_to(user).order_by("pk")) for name, user in people.items()}
    assert seen == {"coordinator": [venue], "here": [venue], "elsewhere": [], "team": []}


def test_public_venues_show_once_however_many_work_there():
    venue = make_venue()
    workers = [make_group_worker(name, municipalities=[venue.municipality]) for name in ("Een", "Twee", "Drie")]
    assert list(Venue.objects.visible_to(workers[0]).order_by("pk")) == [venue]


def test_public_name_never_tells_a_hidden_place():
    hidden = make_room(name="Geheim", is_hidden=True)
    assert "Geheim" not in hidden.public_name
    assert "Proef" not in hidden.public_name
    assert make_room(name="Zaal", name_of_venue="Open huis").public_name == "Zaal, Open huis"


def test_demo_venues_load_once_and_serve_every_municipality():
    load_region()
    assert load_demo_venues(now=NOW) == 25
    assert load_demo_venues(now=LATER) == 0
    for municipality in Municipality.objects.order_by("pk"):
        catchment = Catchment.objects.get(level="municipality", municipality=municipality)
        assert rooms_for(catchment).count() >= 2
    assert Venue.objects.filter(is_hidden=True).count() == 1
    assert Venue.objects.filter(opening_hours=None).count() == 0
    # Invented, and recognisably so.
    for word in Venue.objects.values_list("address", flat=True):
        assert word.startswith(("Voorbeeld", "Proef", "Model", "Fictief"))


def test_demo_venues_leave_a_changed_one_alone():
    load_region()
    load_demo_venues(now=NOW)
    venue = Venue.objects.get(name="Buurthuis Oosterwijk")
    set_opening_hours(venue=venue, windows=[], by=None, now=LATER)
    load_demo_venues(now=LATER)
    assert _hours(venue) == []


def test_rooms_for_a_neighbourhood_come_nearest_first():
    oosterwijk, broekpolder = make_neighbourhood("Oosterwijk"), make_neighbourhood("Broekpolder")
    heemskerk = make_neighbourhood("Dorp", make_municipality("Heemskerk", "GM0396"))
    far, near, _outside, _hidden = (
        make_room("A", name_of_venue="Aan de overkant", neighbourhood=broekpolder),
        make_room("B", name_of_venue="Bij ons", neighbourhood=oosterwijk),
        make_room("C", name_of_venue="Ver weg", neighbourhood=heemskerk),
        make_room("D", name_of_venue="Stil", neighbourhood=oosterwijk, is_hidden=True),
    )
    rooms = rooms_for(oosterwijk.catchment)
    assert [(room.pk, room.nearness) for room in rooms] == [(near.pk, 0), (far.pk, 1)]


def test_rooms_for_wider_catchments_and_hidden_ones_on_request(django_assert_num_queries):
    neighbourhood, region = make_neighbourhood(), make_region()
    heemskerk = make_neighbourhood("Dorp", make_municipality("Heemskerk", "GM0396"))
    here = make_room("A", name_of_venue="Hier", neighbourhood=neighbourhood)
    there = make_room("B", name_of_venue="Daar", neighbourhood=heemskerk)
    hidden = make_room("C", name_of_venue="Stil", neighbourhood=neighbourhood, is_hidden=True)
    Room.objects.create(venue=here.venue, name="Uit gebruik", capacity=5, is_active=False)
    municipality = catchment_of(neighbourhood, "municipality")
    assert [room.pk for room in rooms_for(municipality)] == [here.pk]
    assert [room.pk for room in rooms_for(municipality, include_hidden=True)] == [here.pk, hidden.pk]
    assert [room.pk for room in rooms_for(region)] == [there.pk, here.pk]
    with django_assert_num_queries(2):
        assert [room.venue.is_open(NOW, LATER) for room in rooms_for(region)] == [True, True]


def test_catchment_of_each_level():
    neighbourhood, region = make_neighbourhood(), make_region()
    assert catchment_of(neighbourhood, "neighbourhood") == neighbourhood.catchment
    assert str(catchment_of(neighbourhood, "municipality")) == "Gemeente Beverwijk"
    assert catchment_of(neighbourhood, "region") == region
    neighbourhood.catchment = None
    with pytest.raises(Catchment.DoesNotExist):
        catchment_of(neighbourhood, "neighbourhood")


def test_catchments_keep_to_one_region_and_one_per_municipality():
    municipality = make_municipality()
    make_region()
    for level, place, constraint in [
        ("region", None, "catchment_one_region"),
        ("municipality", municipality, "catchment_one_per_municipality"),
        ("neighbourhood", None, "catchment_municipality_unless_region"),
        ("region", municipality, "catchment_municipality_unless_region"),
        ("street", municipality, "catchment_level_known"),
    ]:
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Catchment.objects.create(level=level, municipality=place, name="X", code="x")


def test_neighbourhoods_served_by_a_team_member():
    load_region()
    member = make_team_member()
    assert neighbourhoods_served_by(member).count() == 0
    member.team_memberships.create(team=Catchment.objects.get(code="wk045000").social_teams.get())
    assert [str(area) for area in neighbourhoods_served_by(member)] == ["Uitgeest (Uitgeest)"]
