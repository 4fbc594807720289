"""The pages of neighbourhoods and venues: who sees what, at what cost, and forms that lose nothing."""

from datetime import time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from neighbourhoods.cbs import ATTRIBUTION
from neighbourhoods.forms import read_windows
from neighbourhoods.models import Neighbourhood, RoomBooking, Venue
from neighbourhoods.postcodes import POSTCODE_ATTRIBUTION
from neighbourhoods.services import book_room, close_room, load_demo_venues
from tests.factories.accounts import make_coordinator, make_group_worker, make_referrer, make_team_member
from tests.factories.neighbourhoods import load_region, make_municipality, make_neighbourhood, make_room, make_venue

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english(client):
    """Texts are tested at their source."""
    client.cookies["django_language"] = "en"
    with override("en"):
        yield


@pytest.fixture
def worker(client):
    user = make_group_worker(municipalities=[make_municipality()])
    client.force_login(user)
    return user


def _url(name, *args):
    return reverse(f"neighbourhoods:{name}", args=args)


def _now():
    return timezone.now()


def _days(**delta):
    return (timezone.localdate() + timedelta(**delta)).isoformat()


# --- neighbourhoods ------------------------------------------------------------------------------------------------


def test_neighbourhoods_show_all_with_map_team_and_source(client):
    load_region()
    client.force_login(make_referrer())
    page = client.get(_url("neighbourhoods")).content.decode()
    for area in Neighbourhood.objects.order_by("pk"):
        assert f'href="{_url("neighbourhood", area.pk)}"' in page
    assert page.count('class="map-area"') == 41
    assert page.count('class="map-outline"') == 5
    assert "Sociaal team Beverwijk-Oost" in page
    assert "Broekpolder, De Pijp en Wijkerbroek" in page
    assert ATTRIBUTION.replace("'", "&#x27;") in page
    assert "style=" not in page


def test_neighbourhoods_cost_the_same_for_few_and_many(client, worker, django_assert_num_queries):
    make_neighbourhood("Een")
    with django_assert_num_queries(6):
        client.get(_url("neighbourhoods"))
    load_region()
    with django_assert_num_queries(6):
        client.get(_url("neighbourhoods"))


def test_neighbourhoods_before_loading_say_what_to_do(client):
    client.force_login(make_referrer())
    assert "manage.py load_cbs" in client.get(_url("neighbourhoods")).content.decode()


def test_neighbourhood_shows_figures_company_postcodes_and_the_gaps(client, worker):
    load_region()
    page = client.get(_url("neighbourhood", "WK039611")).content.decode()
    assert "Broekpolder en Oostelijk Heemskerk" in page
    assert "<dt>65 years and over</dt><dd>–</dd>" in page
    assert "1967 Heemskerk" in page
    assert POSTCODE_ATTRIBUTION in page
    assert page.count("map-here") == 1


def test_neighbourhood_costs_the_same_for_one_and_three_venues(client, worker, django_assert_num_queries):
    area = make_neighbourhood()
    make_venue("Een", area)
    with django_assert_num_queries(9):
        client.get(_url("neighbourhood", area.pk))
    make_venue("Twee", area)
    make_venue("Drie", area)
    with django_assert_num_queries(9):
        client.get(_url("neighbourhood", area.pk))


def test_neighbourhood_hides_hidden_venues(client):
    area = make_neighbourhood()
    make_venue("Stilplek", area, is_hidden=True)
    client.force_login(make_team_member())
    assert "Stilplek" not in client.get(_url("neighbourhood", area.pk)).content.decode()
    client.force_login(make_coordinator())
    assert "Stilplek" in client.get(_url("neighbourhood", area.pk)).content.decode()


def test_neighbourhood_unknown_is_404(client, worker):
    assert client.get(_url("neighbourhood", "WK999999")).status_code == 404


# --- venues --------------------------------------------------------------------------------------------------------


def test_venues_cost_the_same_for_one_and_many(client, worker, django_assert_num_queries):
    load_region()
    make_venue()
    with django_assert_num_queries(7):
        client.get(_url("venues"))
    load_demo_venues(now=timezone.now())
    with django_assert_num_queries(7):
        client.get(_url("venues"))


def test_venues_offer_buttons_only_to_who_may_manage(client):
    venue = make_venue()
    client.force_login(make_team_member())
    page = client.get(_url("venues")).content.decode() + client.get(_url("venue", venue.pk)).content.decode()
    assert "Buurthuis Proef" in page
    assert _url("venue_add") not in page
    assert _url("venue_hours", venue.pk) not in page
    client.force_login(make_coordinator())
    assert _url("venue_add") in client.get(_url("venues")).content.decode()
    assert _url("venue_hours", venue.pk) in client.get(_url("venue", venue.pk)).content.decode()


def test_venue_costs_the_same_for_one_and_three_rooms(client, worker, django_assert_num_queries):
    one, three = make_venue("Een", rooms=("A",)), make_venue("Drie", rooms=("A", "B", "C"))
    now = timezone.now()
    for venue in (one, three):
        for room in venue.rooms.order_by("pk"):
            close_room(room=room, starts_at=now, ends_at=now + timedelta(days=1), by=None, now=now)
    for venue in (one, three):
        with django_assert_num_queries(8):
            client.get(_url("venue", venue.pk))


MANAGED = ["venue_edit", "venue_hours", "venue_close", "room_add"]


@pytest.mark.parametrize("name", MANAGED)
def test_venue_forms_open_for_managers_only_and_hidden_ones_do_not_exist_for_strangers(client, name):
    venue = make_venue()
    hidden = make_venue("Stilplek", is_hidden=True)
    client.force_login(make_team_member())
    assert client.get(_url(name, venue.pk)).status_code == 403
    client.force_login(make_group_worker(municipalities=[venue.municipality]))
    assert [client.get(_url(name, place.pk)).status_code for place in (venue, hidden)] == [200, 200]
    client.force_login(make_group_worker("Bo", municipalities=[make_municipality("Castricum", "GM0383")]))
    assert [client.get(_url(name, place.pk)).status_code for place in (venue, hidden)] == [404, 404]
    client.force_login(make_coordinator())
    assert client.get(_url(name, hidden.pk)).status_code == 200


def test_venue_hidden_is_404_for_a_stranger_with_its_rooms_and_closures(client):
    room = make_room("Kamer", name_of_venue="Stilplek", is_hidden=True)
    now = timezone.now()
    closure = close_room(room=room, starts_at=now, ends_at=now + timedelta(days=1), by=None, now=now)
    client.force_login(make_group_worker())
    assert client.get(_url("venue", room.venue_id)).status_code == 404
    assert client.get(_url("room", room.pk)).status_code == 404
    assert client.post(_url("closure_remove", closure.pk)).status_code == 404
    assert RoomBooking.objects.count() == 1


def test_venues_elsewhere_are_read_and_not_changed(client, worker):
    """R41: Wietske works in Beverwijk, the house stands in Castricum."""
    castricum = make_municipality("Castricum", "GM0383")
    room = make_room(neighbourhood=make_neighbourhood("Bakkum", castricum))
    closure = close_room(room=room, starts_at=_now(), ends_at=_now() + timedelta(days=1), by=None, now=_now())
    page = client.get(_url("venue", room.venue_id)).content.decode()
    assert room.venue.name in page
    assert [name for name in MANAGED if _url(name, room.venue_id) in page] == []
    changed = {"name": "Mijn huis", "neighbourhood": room.venue.neighbourhood_id, "capacity": 1, "day_0": "9-10"}
    pages = [_url(name, room.venue_id) for name in MANAGED] + [
        _url("room", room.pk),
        _url("closure_remove", closure.pk),
    ]
    assert {client.post(url, changed).status_code for url in pages} == {404}
    assert list(client.post(_url("venue_add"), changed).context["form"].errors) == ["neighbourhood"]
    assert (Venue.objects.get().name, RoomBooking.objects.count()) == ("Buurthuis Proef", 1)


def test_a_venue_is_added_and_kept_where_one_works(client, worker):
    own = make_neighbourhood()
    make_neighbourhood("Bakkum", make_municipality("Castricum", "GM0383"))
    form = client.get(_url("venue_add")).context["form"]
    assert form.fields["neighbourhood"].choices == [("", ""), ("Beverwijk", [(own.pk, own.name)])]


def test_only_the_coordinator_hides_a_venue_or_shows_it(client, worker):
    """R40."""
    hidden, area = make_venue("Stilplek", is_hidden=True), Neighbourhood.objects.get().pk
    assert client.post(_url("venue_edit", hidden.pk), {"name": "Rustplek", "neighbourhood": area}).status_code == 302
    client.post(_url("venue_add"), {"name": "Huis", "neighbourhood": area, "is_hidden": "on"})
    assert dict(Venue.objects.values_list("name", "is_hidden")) == {"Rustplek": True, "Huis": False}
    client.force_login(make_coordinator())
    client.post(_url("venue_edit", hidden.pk), {"name": "Rustplek", "neighbourhood": area})
    assert not Venue.objects.get(name="Rustplek").is_hidden


def test_venue_add_takes_the_municipality_from_the_neighbourhood(client, worker):
    area = make_neighbourhood("Dorp", make_municipality("Heemskerk", "GM0396"))
    worker.work_areas.create(municipality=area.municipality)
    response = client.post(
        _url("venue_add"), {"name": "Nieuw huis", "neighbourhood": area.pk, "address": "Proefweg 1"}
    )
    venue = Venue.objects.get()
    assert response.headers["Location"] == _url("venue", venue.pk)
    assert (venue.name, venue.municipality, venue.neighbourhood) == ("Nieuw huis", area.municipality, area)
    assert (venue.is_hidden, venue.changed_by) == (False, worker)


def test_venue_of_the_same_name_is_refused_at_the_field_and_nothing_typed_is_lost(client, worker):
    venue = make_venue()
    typed = {"name": "buurthuis proef", "neighbourhood": venue.neighbourhood_id, "address": "Proefweg 1"}
    page = client.post(_url("venue_add"), typed)
    assert page.context["form"].errors == {"name": ["There is a venue of this name in this municipality already."]}
    assert "Proefweg 1" in page.content.decode()
    assert Venue.objects.count() == 1


def test_venue_edit_keeps_its_own_name(client, worker):
    venue = make_venue()
    typed = {"name": venue.name, "neighbourhood": venue.neighbourhood_id, "address": "Proefweg 2", "note": "Bel aan"}
    assert client.post(_url("venue_edit", venue.pk), typed).status_code == 302
    venue.refresh_from_db()
    assert (venue.address, venue.note) == ("Proefweg 2", "Bel aan")


def test_room_add_change_and_same_name(client, worker):
    venue = make_venue(rooms=("Zaal",))
    client.post(_url("room_add", venue.pk), {"name": "Atelier", "capacity": 8, "is_active": "on"})
    room = venue.rooms.get(name="Atelier")
    client.post(_url("room", room.pk), {"name": "Atelier", "capacity": 9})
    room.refresh_from_db()
    assert (room.capacity, room.is_active) == (9, False)
    page = client.post(_url("room", room.pk), {"name": "ZAAL", "capacity": 0})
    assert set(page.context["form"].errors) == {"name", "capacity"}


def test_hours_are_typed_as_people_write_them(client, worker):
    venue = make_venue()
    typed = {"day_0": "9-17, 19.30–22", "day_1": "", "day_2": "10:00 tot 12:30"}
    assert client.post(_url("venue_hours", venue.pk), typed).status_code == 302
    stored = venue.opening_hours.order_by("weekday", "opens_at").values_list("weekday", "opens_at", "closes_at")
    assert list(stored) == [
        (0, time(9), time(17)),
        (0, time(19, 30), time(22)),
        (2, time(10), time(12, 30)),
    ]
    page = client.get(_url("venue_hours", venue.pk))
    assert page.context["form"]["day_0"].value() == "09:00–17:00, 19:30–22:00"


@pytest.mark.parametrize("typed", ["overdag", "17-9", "25-26", "9-", "9:60-10", "9-9", "9–17 19–22", "-" * 99])
def test_hours_that_cannot_be_are_refused_at_their_day(client, worker, typed):
    venue = make_venue()
    page = client.post(_url("venue_hours", venue.pk), {"day_0": "9-17", "day_3": typed})
    assert page.context["form"].errors == {"day_3": ["Write times like 09:00–17:00, 19:00–22:00."]}
    assert page.context["form"]["day_3"].value() == typed
    assert venue.opening_hours.count() == 5


def test_read_windows_of_nothing_is_closed():
    assert read_windows(" , ; ") == []


def test_hours_read_as_lines_joining_following_days(client, worker):
    hours = [(day, time(9), time(17)) for day in (0, 1, 2, 4)] + [(4, time(19), time(22))]
    make_venue(hours=hours)
    venue = Venue.objects.prefetch_related("opening_hours").get()
    lines = [(str(line["days"]), len(line["windows"])) for line in venue.hours_by_day]
    assert lines == [("Monday to Wednesday", 1), ("Friday", 2)]


def test_close_all_rooms_for_whole_days_and_open_again(client, worker):
    venue = make_venue(rooms=("A", "B"))
    typed = {"starts_on": _days(days=10), "ends_on": _days(days=12), "note": "Verbouwing"}
    assert client.post(_url("venue_close", venue.pk), typed).status_code == 302
    closures = list(RoomBooking.objects.closures().order_by("pk"))
    assert len(closures) == 2
    period = closures[0].period
    assert timezone.localtime(period.lower).strftime("%Y-%m-%d %H:%M") == f"{_days(days=10)} 00:00"
    assert timezone.localtime(period.upper).strftime("%Y-%m-%d %H:%M") == f"{_days(days=13)} 00:00"
    assert "Verbouwing" in client.get(_url("venue", venue.pk)).content.decode()
    client.post(_url("closure_remove", closures[0].pk))
    assert list(RoomBooking.objects.order_by("pk")) == closures[1:]


def test_close_one_room_for_hours(client, worker):
    venue = make_venue(rooms=("A", "B"))
    room, day = venue.rooms.get(name="B"), _days(days=10)
    typed = {"room": room.pk, "starts_on": day, "ends_on": day, "starts_time": "13:00", "ends_time": "15:30"}
    assert client.post(_url("venue_close", venue.pk), typed).status_code == 302
    booking = RoomBooking.objects.get()
    assert booking.room == room
    assert timezone.localtime(booking.period.lower).strftime("%H:%M") == "13:00"
    assert timezone.localtime(booking.period.upper).strftime("%H:%M") == "15:30"


def test_close_over_a_session_explains_and_closes_nothing(client, worker):
    room = make_room()
    start = timezone.now() + timedelta(days=11)
    session = book_room(room=room, starts_at=start, ends_at=start + timedelta(hours=2), kind="session")
    page = client.post(_url("venue_close", room.venue_id), {"starts_on": _days(days=10), "ends_on": _days(days=14)})
    [error] = page.context["form"].non_field_errors()
    assert error.startswith("Zaal, Buurthuis Proef is taken: group session, ")
    assert list(RoomBooking.objects.order_by("pk")) == [session]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"starts_on": "2020-01-01", "ends_on": "2020-01-02"}, "starts_on"),
        ({"starts_on": _days(days=3), "ends_on": _days(days=2)}, "ends_on"),
        ({"starts_on": _days(days=3), "ends_on": "9999-12-31"}, "ends_on"),
        ({"starts_on": "9999-12-31", "ends_on": "9999-12-31"}, "ends_on"),
        (
            {"starts_on": _days(days=3), "ends_on": _days(days=3), "starts_time": "15:00", "ends_time": "14:00"},
            "ends_time",
        ),
        ({"starts_on": _days(days=3), "ends_on": _days(days=3), "starts_time": "25:00"}, "starts_time"),
        ({"starts_on": _days(days=3), "ends_on": _days(days=3), "room": "99999999999999999999"}, "room"),
        ({"starts_on": "morgen", "ends_on": _days(days=3)}, "starts_on"),
    ],
)
def test_close_at_impossible_times_is_refused_at_the_field(client, worker, typed, field):
    venue = make_venue()
    page = client.post(_url("venue_close", venue.pk), typed)
    assert list(page.context["form"].errors) == [field]
    assert RoomBooking.objects.count() == 0


def test_closure_remove_frees_no_session(client, worker):
    room = make_room()
    start = timezone.now() + timedelta(days=11)
    session = book_room(room=room, starts_at=start, ends_at=start + timedelta(hours=2), kind="session")
    assert client.post(_url("closure_remove", session.pk)).status_code == 404
    assert client.get(_url("closure_remove", session.pk)).status_code == 405
    assert RoomBooking.objects.count() == 1


@pytest.mark.parametrize("name", ["neighbourhoods", "venues", "venue_add"])
def test_pages_ask_to_log_in(client, name):
    response = client.get(_url(name))
    assert response.status_code == 302
    assert f"next={_url(name)}" in response.headers["Location"]
