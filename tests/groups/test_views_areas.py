"""What would unblock a list, and a wider list, as who may act on it sees it (R11, R19)."""

import pytest
from django.urls import reverse
from django.utils import timezone

from clients.models import Exclusion
from groups.enums import TalkMoment
from groups.models import Waitlist
from groups.services.areas import join_areas
from neighbourhoods.models import Catchment, Neighbourhood
from tests.factories.accounts import make_coordinator, make_group_worker, make_social_worker
from tests.factories.groups import fresh, make_entry, make_offer, make_team_and_room, make_waitlist, sweep
from tests.factories.neighbourhoods import make_municipality, make_neighbourhood
from tests.groups.pages import browser_of, statements, text_of

pytestmark = pytest.mark.django_db


def square(west, south=0):
    """A square kilometre or so, as an outline; squares beside each other share a border."""
    ring = [[4.6 + x / 100, 52.4 + y / 100] for x, y in [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]]
    return {"type": "Polygon", "coordinates": [[[x + west / 100, y + south / 100] for x, y in ring]]}


def neighbourhood(name, west, **fields):
    area = make_neighbourhood(name, **fields)
    Neighbourhood.objects.filter(pk=area.pk).update(polygon=square(west))
    return fresh(area)


@pytest.fixture
def offer():
    return make_offer()


@pytest.fixture
def west():
    return neighbourhood("Westerwijk", 0)


@pytest.fixture
def east():
    return neighbourhood("Oosterwijk", 1)


@pytest.fixture
def slow(offer, west):
    waitlist = make_waitlist(offer, neighbourhood=west)
    make_entry(waitlist, now=timezone.localtime(), days=30, given_name="Mina", family_name="Zeester")
    return waitlist


@pytest.fixture
def coba():
    return make_coordinator("Coba")


def main_of(response):
    return text_of(response).partition("<main")[2]


def swept(waitlist):
    sweep(timezone.localtime())
    return fresh(waitlist)


def list_page(user, waitlist):
    return main_of(browser_of(user).get(reverse("groups:waitlist", args=[waitlist.pk])))


# --- what would unblock this


def test_the_coordinator_finds_the_minimum_that_would_do_filled_in(slow, coba):
    make_team_and_room(slow)
    make_entry(slow, now=timezone.localtime())
    swept(slow)
    address = f"{reverse('reporting:minimum', args=[slow.pk])}?minimum=2"
    words = list_page(coba, slow)
    assert "With a minimum of 2, this group starts on" in words
    assert f'href="{address}">Set the minimum to 2</a>' in words
    assert browser_of(coba).get(address).context["form"]["minimum"].value() == 2
    for nonsense in ("²", "x", "", "9" * 40, "-3"):
        form = (
            browser_of(coba).get(reverse("reporting:minimum", args=[slow.pk]), {"minimum": nonsense}).context["form"]
        )
        assert form["minimum"].value() == 3


def test_a_group_worker_finds_the_talk_to_hold_and_no_settings(coba):
    waitlist = make_waitlist(make_offer(talk_moment=TalkMoment.BEFORE_PLACEMENT, minimum=1))
    make_team_and_room(waitlist)
    entry = make_entry(waitlist, now=timezone.localtime())
    swept(waitlist)
    worker = make_group_worker("Wil", municipalities=[make_municipality()])
    words = list_page(worker, waitlist)
    assert "With 1 more acquaintance talk, this group starts on" in words
    assert f'href="{reverse("groups:entry_talk", args=[entry.pk])}">Note a talk</a>' in words
    assert "reporting:minimum" not in words
    told = list_page(coba, waitlist)
    assert "With 1 more acquaintance talk, this group starts on" in told
    assert "Note a talk" not in told, "a coordinator sees counts"


def test_a_social_worker_finds_the_queue(slow):
    make_team_and_room(slow)
    for _number in range(2):
        make_entry(slow, now=timezone.localtime(), placeable=False)
    swept(slow)
    sanne = make_social_worker("Sanne", municipalities=[make_municipality()])
    words = list_page(sanne, slow)
    assert f'href="{reverse("intake:queue")}">To judge</a>' in words


def test_today_shows_the_change_and_its_button(slow, coba):
    make_team_and_room(slow)
    make_entry(slow, now=timezone.localtime())
    swept(slow)
    words = text_of(browser_of(coba).get("/"))
    assert "With a minimum of 2, this group starts on" in words
    assert "Set the minimum to 2" in words


def test_what_would_help_where_people_must_not_meet_is_for_who_places(slow, coba):
    """R18: two more for a list that has enough already would tell that some of them are kept apart."""
    make_team_and_room(slow)
    others = [make_entry(slow, now=timezone.localtime()) for _number in range(2)]
    one, other = sorted([slow.entries.in_order()[0].client_id, others[0].client_id])
    Exclusion.objects.create(client_id=one, other_id=other, recorded_at=timezone.now())
    assert [reason["code"] for reason in swept(slow).reasons] == ["not_all_together"]
    wil = make_group_worker("Wil", municipalities=[make_municipality()])
    told = "With 1 more participant, this group starts on"
    for page in (lambda user: list_page(user, slow), lambda user: text_of(browser_of(user).get("/"))):
        assert told in page(wil)
        for silence in ("this group starts on", "What would unblock this", "Set the minimum"):
            assert silence not in page(coba)


# --- a wider list


def wider(waitlist):
    return reverse("groups:wider", args=[waitlist.pk])


def test_the_numbers_of_each_proposal_are_told(slow, offer, east, coba):
    other = make_waitlist(offer, neighbourhood=east)
    for _number in range(2):
        make_entry(other, now=timezone.localtime())
    make_entry(other, now=timezone.localtime(), client=slow.entries.get().client)
    far = neighbourhood("Verweg", 5)
    swept(slow)
    words = main_of(browser_of(coba).get(wider(slow)))
    assert "Together with Oosterwijk" in words
    assert "3 wait, 3 can be placed, minimum 3" in words, "who waits on both is counted once"
    assert "enough people together" in words
    assert far.name not in words, "it does not border on this one"
    assert "Together with Gemeente Beverwijk" in words
    assert "1 waits, 1 can be placed, minimum 3" in words


def test_another_municipality_is_never_proposed(slow, coba):
    neighbourhood("Heemskerk-West", 1, municipality=make_municipality("Heemskerk", "GM0396"))
    assert "Heemskerk" not in main_of(browser_of(coba).get(wider(slow)))


def test_joining_asks_once_says_what_follows_and_does_it(slow, offer, east, coba):
    address = reverse("groups:area_join", args=[slow.pk, east.catchment_id])
    words = main_of(browser_of(coba).get(address))
    assert "Westerwijk together with Oosterwijk?" in words
    assert "1 person who waits goes to the list of Oosterwijk" in words
    assert "Zeester" not in words
    assert "M. Z." not in words
    assert browser_of(coba).post(address, {"reason": ""}).status_code == 422
    answer = browser_of(coba).post(address, {"reason": "samen genoeg"})
    assert (answer.status_code, answer.url) == (302, reverse("groups:waitlist", args=[slow.pk]))
    there = Waitlist.objects.get(offer=offer, catchment=east.catchment_id)
    assert there.entries.waiting().count() == 1
    again = browser_of(coba).post(address, {"reason": "nog eens"})
    assert "One of these areas has been joined with another already" in text_of(again)
    assert "This area is served together with Oosterwijk." in main_of(browser_of(coba).get(wider(slow)))
    assert "everybody went to the list of Oosterwijk (1 person): samen genoeg" in list_page(coba, slow)


def test_splitting_is_found_where_the_areas_are_together(slow, offer, east, coba):
    join_areas(catchment=slow.catchment, into=east.catchment, reason="samen", by=coba, now=timezone.localtime())
    there = Waitlist.objects.get(offer=offer, catchment=east.catchment_id)
    address = reverse("groups:area_split", args=[there.pk, slow.catchment_id])
    assert f'href="{address}">Split off Westerwijk</a>' in main_of(browser_of(coba).get(wider(there)))
    browser_of(coba).post(address, {"reason": "genoeg mensen"})
    assert slow.entries.waiting().count() == 1
    assert Catchment.objects.get(pk=slow.catchment_id).joined_into is None


def test_everybody_to_the_municipalitys_list(slow, offer, coba):
    answer = browser_of(coba).post(reverse("groups:list_widen", args=[slow.pk]), {"reason": "te weinig"})
    assert answer.status_code == 302
    assert Waitlist.objects.get(offer=offer, catchment__level="municipality").entries.waiting().count() == 1


def test_a_slow_list_leads_the_coordinator_there(slow, coba):
    Waitlist.objects.filter(pk=slow.pk).update(
        reasons=[{"code": "too_slow", "args": {"weeks": 20, "level": "neighbourhood"}}], due_at=None
    )
    assert f'href="{wider(slow)}">A wider list' in list_page(coba, slow)
    worker = make_group_worker("Wil", municipalities=[make_municipality()])
    assert wider(slow) not in list_page(worker, slow)


def test_proposals_cost_the_same_with_one_area_or_three(slow, offer, east, coba):
    browser = browser_of(coba)
    make_entry(make_waitlist(offer, neighbourhood=east), now=timezone.localtime())
    first = statements(browser, wider(slow))
    for number in (1, 2):
        area = make_neighbourhood(f"Zuid {number}")
        Neighbourhood.objects.filter(pk=area.pk).update(polygon=square(number - 1, south=-1))
        make_entry(make_waitlist(offer, neighbourhood=area), now=timezone.localtime())
    assert statements(browser, wider(slow)) == first
