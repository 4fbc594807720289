"""A full postcode says exactly which neighbourhood it is, once full postcodes are loaded; without, nothing changes."""

import pytest
from django.urls import reverse
from django.utils.translation import override

from clients.models import Client
from neighbourhoods.enums import MatchStatus
from neighbourhoods.models import Postcode6, SubNeighbourhood
from neighbourhoods.postcodes import postcode_message
from neighbourhoods.queries import find_neighbourhoods
from tests.factories.accounts import make_team_member
from tests.factories.intake import make_door, make_postcode
from tests.factories.neighbourhoods import make_municipality, make_neighbourhood

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english(client):
    client.cookies["django_language"] = "en"
    with override("en"):
        yield


def _load(*postcodes, neighbourhood, number=0):
    code = f"BU{neighbourhood.pk[2:]}{number:02d}"
    buurt = SubNeighbourhood.objects.create(code=code, neighbourhood=neighbourhood)
    for pc6 in postcodes:
        Postcode6.objects.create(pc6=pc6, sub_neighbourhood=buurt)


@pytest.fixture
def two():
    """One four-digit postcode that lies in two neighbourhoods."""
    areas = make_neighbourhood("Vondelkwartier"), make_neighbourhood("Warande")
    make_postcode("1943", *areas)
    return areas


def test_without_full_postcodes_the_four_digits_decide(two):
    match = find_neighbourhoods("1943 AB")
    assert (match.status, match.is_exact, match.is_unlisted) == (MatchStatus.MANY, False, False)


@pytest.mark.parametrize("typed", ["1943 AB", "1943ab", " 1943-AB "])
def test_a_full_postcode_is_exact_however_it_is_typed(two, typed):
    _load("1943AB", "1943AC", neighbourhood=two[1])
    match = find_neighbourhoods(typed)
    assert (match.status, match.neighbourhood, match.is_exact) == (MatchStatus.ONE, two[1], True)
    assert (match.place, postcode_message(match)) == ("Beverwijk", "Neighbourhood: Warande (Beverwijk).")


def test_four_digits_alone_still_ask(two):
    _load("1943AB", neighbourhood=two[1])
    match = find_neighbourhoods("1943")
    assert (match.status, match.is_unlisted) == (MatchStatus.MANY, False)


def test_letters_that_are_not_in_the_list_are_told_kindly_and_the_digits_decide(two):
    _load("1943AB", neighbourhood=two[1])
    match = find_neighbourhoods("1943 ZZ")
    assert (match.status, match.is_exact, match.is_unlisted) == (MatchStatus.MANY, False, True)
    assert postcode_message(match) == (
        "We do not know the letters of 1943 ZZ yet. Check them; a new street may not be in our list. "
        "Postcode 1943 ZZ lies in 2 neighbourhoods. Choose the one where the person lives."
    )


def test_digits_that_nobody_estimated_follow_from_their_full_postcodes(two):
    elsewhere = make_neighbourhood("Dorp", make_municipality("Heemskerk", "GM0396"))
    other = make_neighbourhood("Duin", elsewhere.municipality)
    _load("1961AA", "1961AB", "1961AC", neighbourhood=elsewhere)
    _load("1961AD", neighbourhood=other)
    _load("1962AA", neighbourhood=elsewhere, number=1)
    match = find_neighbourhoods("1961")
    assert (match.status, match.candidates) == (MatchStatus.MANY, [(elsewhere, 0.75), (other, 0.25)])
    assert find_neighbourhoods("1962").neighbourhood == elsewhere
    assert find_neighbourhoods("1961 AB").place == "Heemskerk"


@pytest.mark.parametrize("typed", ["1943 AB", "1943 ZZ", "1943"])
def test_a_look_up_costs_two_queries_names_included(two, django_assert_num_queries, typed):
    _load("1943AB", neighbourhood=two[1])
    with django_assert_num_queries(2):
        match = find_neighbourhoods(typed)
        assert all(str(area) and str(area.catchment) for area, _share in match.candidates)


# --- the referral form ---------------------------------------------------------------------------------------------


def _refer(client, **fields):
    values = {
        "given_name": "Nienke",
        "family_name": "Nergens",
        "birth_date": "1980-03-12",
        "sex": "female",
        "email": "nienke@voorbeeld.example",
        "question": "Ik wil mensen leren kennen.",
        "consent": "on",
    }
    return client.post(reverse("intake:refer"), values | fields)


def test_the_referral_form_takes_the_neighbourhood_of_a_full_postcode_without_asking(client):
    first = make_door("1943")
    other = make_neighbourhood("Warande", first.municipality)
    make_postcode("1944", first, other)
    _load("1944AB", neighbourhood=other)
    client.force_login(make_team_member())
    asked = _refer(client, postcode="1944 ZZ")
    assert asked.status_code == 200
    assert "We do not know the letters of 1944 ZZ yet." in asked.content.decode()
    assert Client.objects.count() == 0
    answer = _refer(client, postcode="1944 ab")
    assert answer.status_code == 302
    assert (Client.objects.get().neighbourhood, Client.objects.get().postcode) == (other, "1944 AB")


def test_unknown_letters_do_not_block_the_referral(client):
    first = make_door("1943")
    other = make_neighbourhood("Warande", first.municipality)
    make_postcode("1944", first, other)
    _load("1944AB", neighbourhood=other)
    client.force_login(make_team_member())
    assert _refer(client, postcode="1944 ZZ", neighbourhood=first.pk).status_code == 302
    assert Client.objects.get().neighbourhood == first
