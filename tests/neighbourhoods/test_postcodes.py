"""A postcode as people type it: one answer, a question, or a clear word why not."""

from decimal import Decimal

import pytest
from django.utils.translation import override

from neighbourhoods.enums import MatchStatus
from neighbourhoods.models import Municipality
from neighbourhoods.postcodes import exists_in_netherlands, normalise_postcode, postcode_message
from neighbourhoods.queries import find_neighbourhoods
from tests.factories.neighbourhoods import load_region


@pytest.fixture(autouse=True)
def _english():
    with override("en"):
        yield


NAMES = "Beverwijk, Castricum, Heemskerk, Uitgeest, Velsen"
OUTSIDE = "Postcode {} lies outside the municipalities where Socius works: " + NAMES + "."


@pytest.fixture
def region(db):
    load_region()


@pytest.mark.parametrize(
    "typed",
    [
        "1943 AB",
        "1943ab",
        " 1943  ab ",
        "1943-AB",
        "1943\u00a0AB",
        "１９４３ＡＢ",
        "1 9 4 3 a b",
        "1943\tAB",
        "1943.ab",
    ],
)
def test_normalise_reads_every_usual_way(typed):
    assert normalise_postcode(typed) == "1943 AB"


@pytest.mark.parametrize(
    "typed",
    ["", "1943", "0943 AB", "19433 AB", "1943 ABC", "1943 A1", "AB 1943", "1943 SS", "1943 SA", "1943 sd", "x" * 9_999,
     "1943 ÄB", "1943 ß", "١٩٤٣ AB", "1943 AB\x00", "¹943 AB\u200b!", None, 1943],
)  # fmt: skip
def test_normalise_refuses_what_is_no_postcode(typed):
    with pytest.raises(ValueError, match="postcode"):
        normalise_postcode(typed)


def test_find_one(region):
    match = find_neighbourhoods("2071 kc")
    assert (match.status, match.postcode, match.place) == (MatchStatus.ONE, "2071 KC", "Santpoort-Noord")
    # Santpoort looks like Haarlem by its number, but lies in Velsen.
    assert str(match.neighbourhood) == "Santpoort-Noord (Velsen)"
    assert postcode_message(match) == "Neighbourhood: Santpoort-Noord (Velsen)."


def test_find_one_when_only_crumbs_lie_elsewhere(region):
    match = find_neighbourhoods("1991 AA")
    assert match.status == MatchStatus.ONE
    assert [(str(area), share) for area, share in match.candidates] == [
        ("Velserbroek (Velsen)", Decimal("0.996")),
        ("Spaarndammerpolder (Velsen)", Decimal("0.003")),
    ]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("1951 AA", "Velsen-Noord (Velsen)"),
        ("1906 AA", "Limmen (Castricum)"),
        ("1921 AA", "Akersloot (Castricum)"),
        ("1489 AA", "De Woude (Castricum)"),
        ("2082 AA", "Santpoort-Zuid (Velsen)"),
    ],
)
def test_find_one_where_the_number_misleads(region, typed, expected):
    assert str(find_neighbourhoods(typed).neighbourhood) == expected


def test_find_many_asks_with_the_likeliest_first(region):
    match = find_neighbourhoods("1943 AB")
    assert match.status == MatchStatus.MANY
    assert match.neighbourhood is None
    assert [(str(area), share) for area, share in match.candidates] == [
        ("Vondelkwartier (Beverwijk)", Decimal("0.303")),
        ("Kuenenkwartier (Beverwijk)", Decimal("0.266")),
        ("Warande (Beverwijk)", Decimal("0.233")),
        ("Centrum (Beverwijk)", Decimal("0.116")),
        ("Noordwestelijk tuinbouwgebied (Beverwijk)", Decimal("0.083")),
    ]
    assert postcode_message(match) == (
        "Postcode 1943 AB lies in 5 neighbourhoods. Choose the one where the person lives."
    )


def test_find_many_may_cross_a_municipality_and_keeps_the_unlikely(region):
    names = [str(area) for area, _share in find_neighbourhoods("1902 AA").candidates]
    assert names[0] == "Castricum-Oost (Castricum)"
    assert names[-1] == "Noordbroek en De Trompet (Heemskerk)"


def test_outside_says_how_many_municipalities_are_loaded_when_they_are_many(region):
    made = [Municipality(code=f"GM90{number:02d}", name=f"Plaats {number}") for number in range(10)]
    Municipality.objects.bulk_create(made)
    words = postcode_message(find_neighbourhoods("3511 AB"))
    assert words == "Postcode 3511 AB lies outside the 15 municipalities where Socius works."


def test_find_counts_as_the_sources_say(region):
    statuses = [find_neighbourhoods(str(pc4)).status for pc4 in range(1000, 10_000) if 1480 < pc4 < 2090]
    assert statuses.count(MatchStatus.PO_BOX) == 11
    # 18 of 37 lie in more than one neighbourhood, one of them only by crumbs.
    assert statuses.count(MatchStatus.MANY) == 17
    assert statuses.count(MatchStatus.ONE) == 20


@pytest.mark.parametrize(
    ("typed", "status", "message"),
    [
        ("1940 AA", MatchStatus.PO_BOX, "Postcode 1940 AA (Beverwijk) has PO boxes only. "
                                        "Enter the postcode of the home address."),
        ("3511 AB", MatchStatus.OUTSIDE, OUTSIDE.format("3511 AB")),
        ("1000 AA", MatchStatus.UNKNOWN, "Nobody lives at postcode 1000 AA: it is not in use. Check the digits."),
        ("hallo", MatchStatus.INVALID, "Enter a postcode like 1943 AB: four digits and two letters."),
        ("", MatchStatus.INVALID, "Enter a postcode like 1943 AB: four digits and two letters."),
        ("1943 SS", MatchStatus.INVALID, "Enter a postcode like 1943 AB: four digits and two letters."),
    ],
)  # fmt: skip
def test_find_says_why_not(region, typed, status, message):
    match = find_neighbourhoods(typed)
    assert (match.status, match.candidates, postcode_message(match)) == (status, [], message)


def test_find_reads_four_digits_while_somebody_types(region):
    assert find_neighbourhoods("2071").neighbourhood.name == "Santpoort-Noord"
    assert find_neighbourhoods("1943").postcode == "1943"


@pytest.mark.parametrize("typed", ["1943 AB", "2071 KC"])
def test_find_costs_two_queries_names_included(region, django_assert_num_queries, typed):
    with django_assert_num_queries(2):
        match = find_neighbourhoods(typed)
        assert all(str(area) and str(area.catchment) for area, _share in match.candidates)


def test_netherlands_knows_what_is_in_use():
    assert [exists_in_netherlands(pc4) for pc4 in ("1011", "1943", "9999", "1000", "9990")] == [
        True,
        True,
        True,
        False,
        False,
    ]
