"""The same person twice: by which rule it is seen, who hears of it, and what was settled is not asked again (R43)."""

import datetime as dt
import re
from types import SimpleNamespace

import pytest
from django.db import connection
from django.http import Http404
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clients.enums import AccessAction, LikenessState
from clients.likeness import alike, near, near_dates
from clients.models import AccessLog, Client, Likeness
from clients.services import open_likeness, settle_as_different, update_client
from intake.models import Referral
from neighbourhoods.models import WorkArea
from tests.factories.accounts import make_desk, make_group_worker, make_social_worker
from tests.factories.groups import NOW, fresh
from tests.factories.intake import make_door, make_referral, make_referrer, refer_data

BORN = dt.date(1980, 3, 12)


def somebody(given="Anna", family="Fantasie", born=BORN, postcode="1941 AB", prefix=""):
    return SimpleNamespace(
        given_name=given, name_prefix=prefix, family_name=family, birth_date=born, postcode=postcode
    )


@pytest.mark.parametrize(
    "other",
    [
        somebody(),
        somebody("Ana"),
        somebody("Anan"),  # two letters swapped
        somebody("A."),
        somebody("Anna Maria"),
        somebody("Ánna"),
        somebody(family="Fantasy"),
        somebody(family="fantazie"),
        somebody(family="de Fantasie"),
        somebody(family="Bakker-Fantasie"),
        somebody(family="Fantasie", postcode="2041 XX"),  # moved
        somebody(family="Bakker"),  # married: the same day and the same door
        somebody(born=dt.date(1980, 12, 3)),  # day and month swapped
        somebody(born=dt.date(1980, 3, 13), postcode="1941 ZZ"),
        somebody(born=dt.date(1990, 3, 12), postcode="1941"),
    ],
)
def test_slips_and_other_ways_to_write_are_the_same_person(other):
    assert alike(somebody(), other)
    assert alike(other, somebody())


@pytest.mark.parametrize(
    "other",
    [
        somebody("Bea"),
        somebody("Bea", family="Bakker"),
        somebody(family="Bakker", postcode="1941 AC"),
        somebody(family="Bakker", postcode="1941"),  # four digits are no door
        somebody(born=dt.date(1981, 4, 12)),  # two slips
        somebody(born=dt.date(1980, 3, 13), postcode="1942 AB"),
        somebody(born=dt.date(1980, 3, 13), family="Bakker"),
        somebody(born=None),
        somebody("Bram"),  # a twin
    ],
)
def test_other_people_are_other_people(other):
    assert not alike(somebody(), other)
    assert not alike(other, somebody())


def test_short_names_are_not_slips_of_each_other():
    assert not near("an", "jo")
    assert not near("li", "bo")
    assert near("jansen", "janssen")
    assert near("dijk", "dyk")


def test_dates_one_slip_away_are_real_dates():
    found = near_dates(dt.date(1980, 2, 28))
    assert dt.date(1980, 2, 29) in found
    assert dt.date(1980, 2, 28) not in found
    assert len(found) < 60


@pytest.fixture
def twice(db):
    """Teun refers Anna; a day later Tess does, with a slip in the name. Sofie judges there, Loes plans there."""
    door = make_door()
    first = make_referral(by=make_referrer("Teun"), neighbourhood=door, person={"family_name": "Fantasie"})
    second = make_referral(by=make_referrer("Tess"), neighbourhood=door, person={"family_name": "Fantazie"})
    areas = [door.municipality]
    loes = make_desk("Loes")
    WorkArea.objects.create(user=loes, municipality=door.municipality)
    return SimpleNamespace(
        door=door, first=first, second=second, sofie=make_social_worker("Sofie", municipalities=areas), loes=loes
    )


def browser_of(user):
    browser = Browser(headers={"accept-language": "en"})
    browser.force_login(user)
    return browser


def test_a_referral_that_matches_is_a_file_of_its_own_and_a_pair_to_settle(twice):
    assert Client.objects.count() == 2
    pair = Likeness.objects.get()
    assert {pair.client_id, pair.other_id} == {twice.first.client_id, twice.second.client_id}
    assert pair.state == LikenessState.OPEN


def test_who_referred_reads_the_very_same_page_whether_the_person_is_known_or_not(twice):
    other = make_referrer("Tom")
    answers = []
    for family in ("Fantasie", "Onbekend"):
        browser = browser_of(other)
        born = "12-3-1980" if family == "Fantasie" else "1-1-1970"
        data = refer_data(family_name=family, birth_date=born, name_prefix="", submission_key=None)
        answer = browser.post("/verwijzen/", data, follow=True)
        pk = Referral.objects.order_by("-pk").first().pk
        page = answer.content.decode()
        main = page[page.index("<main") : page.index("</main>")]
        main = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", main)
        answers.append((answer.status_code, main.replace(f"/{pk}/", "/N/").replace(f"A. {family[0]}.", "X.")))
    assert answers[0] == answers[1]
    assert Likeness.objects.count() == 3  # with both files that were there, and the pair before


@pytest.mark.parametrize("path", ["list", "pair"])
def test_only_who_may_know_both_sees_the_pair(twice, path):
    pair = Likeness.objects.get()
    url = reverse("clients:likenesses") if path == "list" else reverse("clients:likeness", args=[pair.pk])
    for user in (twice.sofie, twice.loes):
        assert "A. " in browser_of(user).get(url).content.decode() or path == "pair"
    elsewhere = make_social_worker("Sjaak", municipalities=[])
    worker = make_group_worker("Wil", municipalities=[twice.door.municipality])
    for user in (twice.first.referred_by, twice.second.referred_by, worker):
        assert browser_of(user).get(url).status_code == 403
    stranger = browser_of(elsewhere).get(url)
    assert stranger.status_code == (200 if path == "list" else 404)
    assert "A. " not in stranger.content.decode()


def test_a_pair_across_a_border_is_nobodys_who_works_on_one_side(twice):
    far = make_door("1961", "Heemskerk-Dorp")
    Client.objects.filter(pk=twice.second.client_id).update(neighbourhood=far)
    assert far.municipality == twice.door.municipality or not Likeness.objects.visible_to(twice.sofie).exists()


def test_looking_is_noted_in_both_files(twice):
    open_likeness(pk=Likeness.objects.get().pk, by=twice.loes, now=NOW)
    noted = AccessLog.objects.filter(user=twice.loes, action=AccessAction.COMPARED)
    assert set(noted.values_list("client", flat=True)) == {twice.first.client_id, twice.second.client_id}


def test_the_desk_compares_without_an_address(twice):
    url = reverse("clients:likeness", args=[Likeness.objects.get().pk])
    assert "1941 AB" not in browser_of(twice.loes).get(url).content.decode()
    assert "1941 AB" in browser_of(twice.sofie).get(url).content.decode()


def test_two_people_is_remembered_and_never_asked_again(twice):
    pair = Likeness.objects.get()
    browser = browser_of(twice.sofie)
    browser.post(reverse("clients:likeness", args=[pair.pk]))
    assert (fresh(pair).state, fresh(pair).settled_by) == (LikenessState.DIFFERENT, twice.sofie)
    assert "A. F. · A. F." not in browser.get(reverse("clients:likenesses")).content.decode()
    settle_as_different(pk=pair.pk, by=twice.loes, now=NOW)
    assert fresh(pair).settled_by == twice.sofie


def test_a_stranger_settles_nothing(twice):
    pair = Likeness.objects.get()
    with pytest.raises(Http404):
        settle_as_different(pk=pair.pk, by=make_social_worker("Sjaak"), now=NOW)
    assert fresh(pair).state == LikenessState.OPEN


def test_today_asks_the_social_worker_and_the_desk(twice):
    for user in (twice.sofie, twice.loes):
        assert reverse("clients:likenesses") in browser_of(user).get("/").content.decode()
    assert "misschien-dezelfde" not in browser_of(twice.second.referred_by).get("/").content.decode()


@pytest.mark.parametrize("people", [1, 3])
def test_the_list_costs_the_same_however_many(twice, people):
    for number in range(people - 1):
        make_referral(by=make_referrer(f"Tijl{number}"), neighbourhood=twice.door, person={"family_name": "Fantasie"})
    browser = browser_of(twice.sofie)
    browser.get(reverse("clients:likenesses"))
    with CaptureQueriesContext(connection) as counted:
        browser.get(reverse("clients:likenesses"))
    assert len(counted) == QUERIES_OF_THE_LIST


# Session, user, roles, pairs.
QUERIES_OF_THE_LIST = 4


@pytest.mark.django_db
def test_a_correction_that_makes_two_files_alike_is_noticed():
    door = make_door()
    make_referral(by=make_referrer("Teun"), neighbourhood=door, person={"family_name": "Fantasie"})
    person = {"family_name": "Heelanders", "postcode": "1941 AC"}
    other = make_referral(by=make_referrer("Tess"), neighbourhood=door, person=person).client
    sofie = make_social_worker("Sofie", municipalities=[door.municipality])
    update_client(client=other, by=sofie, now=NOW, phone="0251111222")
    assert not Likeness.objects.exists()
    update_client(client=other, by=sofie, now=NOW, family_name="Fantasie")
    assert Likeness.objects.count() == 1
