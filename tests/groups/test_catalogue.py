"""The catalogue says what the sources say, leaves open what they leave open, and never overrules a coordinator."""

import re

import pytest
from django.core.management import call_command

from groups.catalogue import load_catalogue
from groups.enums import Audience, EntryPolicy, Guidance, Openness, TalkMoment
from groups.models import GroupOffer, ProblemKind
from neighbourhoods.models import Municipality
from tests.factories.neighbourhoods import make_municipality

pytestmark = pytest.mark.django_db

WORDS = ["twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf", "twaalf"]
NUMBERS = {word: number for number, word in enumerate(WORDS, start=2)}

# slug: (level, may run per neighbourhood, sessions, minutes, minimum, soft, hard maximum, two workers)
OFFERS = {
    "uitkomen-met-weekgeld": ("region", True, 3, None, None, None, None, False),
    "beter-leren-omgaan-met-geld": ("municipality", True, 4, None, None, None, None, False),
    "triple-p-tot-12": ("municipality", False, 6, 120, None, None, 12, False),
    "triple-p-vanaf-12": ("municipality", False, 6, 120, None, None, 12, False),
    "assertiviteitstraining": ("region", False, 9, None, None, None, None, True),
    "van-klacht-naar-kracht": ("municipality", False, 10, None, None, None, None, True),
    "veilig-en-krachtig": ("region", False, 7, None, None, None, None, True),
    "krachtcentrale": ("neighbourhood", True, 5, 120, 3, 10, 12, False),
    "zin-in-vriendschap": ("municipality", False, 10, None, None, None, None, True),
    "de-kunst-van-het-ouder-worden": ("municipality", False, 7, None, None, None, None, True),
    "vriendschap-en-ontmoeting": ("neighbourhood", True, 5, 120, None, None, None, False),
    "rouwverwerking": ("region", False, None, None, None, None, None, False),
    "praktische-ondersteuning": ("neighbourhood", True, 5, None, None, None, None, False),
    "vervuilde-huishoudens": ("neighbourhood", True, 5, None, None, None, None, False),
    "stap-vooruit": ("neighbourhood", True, 5, None, 3, 10, 12, False),
}
HELD_IN = {
    "uitkomen-met-weekgeld": {"Heemskerk"},
    "beter-leren-omgaan-met-geld": {"Heemskerk", "Beverwijk"},
    "assertiviteitstraining": {"Beverwijk"},
    "de-kunst-van-het-ouder-worden": {"Heemskerk", "Castricum"},
}
PSYCHOSOCIAL = {"psychosocial", "divorce", "partner_relation", "family_relation", "loneliness"}
OTHER_KINDS = {
    "financial",
    "housing",
    "domestic_violence",
    "grief",
    "assertiveness",
    "parenting",
    "neglected_household",
    "practical_support",
}


@pytest.fixture
def municipalities():
    for number, name in enumerate(["Beverwijk", "Castricum", "Heemskerk", "Uitgeest", "Velsen"]):
        make_municipality(name, f"GM{number:04d}")


@pytest.fixture
def catalogue(municipalities):
    load_catalogue()
    return {offer.slug: offer for offer in GroupOffer.objects.prefetch_related("municipalities", "problem_kinds")}


def test_every_offer_is_there_with_the_settings_that_are_known(catalogue):
    found = {
        slug: (
            offer.level,
            offer.may_run_in_neighbourhood,
            offer.sessions_count,
            offer.session_minutes,
            offer.minimum,
            offer.soft_maximum,
            offer.hard_maximum,
            offer.two_workers_required,
        )
        for slug, offer in catalogue.items()
    }
    assert found == OFFERS


def test_places_are_the_ones_named_and_no_others(catalogue):
    found = {slug: {place.name for place in offer.municipalities.all()} for slug, offer in catalogue.items()}
    assert {slug: places for slug, places in found.items() if places} == HELD_IN


def test_age_and_sex_are_asked_only_where_the_offer_says_so(catalogue):
    ages = {
        slug: (offer.age_from, offer.age_to) for slug, offer in catalogue.items() if offer.age_from or offer.age_to
    }
    assert ages == {
        "assertiviteitstraining": (18, None),
        "zin-in-vriendschap": (55, None),
        "de-kunst-van-het-ouder-worden": (60, None),
        "stap-vooruit": (18, None),
    }
    women = {slug for slug, offer in catalogue.items() if offer.audience == Audience.WOMEN}
    assert women == {"van-klacht-naar-kracht", "veilig-en-krachtig", "zin-in-vriendschap"}
    assert not [offer for offer in catalogue.values() if offer.audience == Audience.MEN]


def test_theme_groups_never_run_in_a_neighbourhood(catalogue):
    """R15."""
    for slug in ("rouwverwerking", "veilig-en-krachtig", "assertiviteitstraining"):
        assert not catalogue[slug].may_run_in_neighbourhood
        assert catalogue[slug].level == "region"


def test_the_assertiveness_training_is_on_tuesday_evening(catalogue):
    fixed = {slug: (o.fixed_weekday, o.fixed_day_part) for slug, o in catalogue.items() if o.fixed_weekday is not None}
    assert fixed == {"assertiviteitstraining": (1, "evening")}


def test_neighbourhood_groups_have_two_seats_and_direct_placement_where_the_sources_say(catalogue):
    """R14, R8."""
    assert all(offer.second_seat_required for offer in catalogue.values() if offer.level == "neighbourhood")
    direct = {slug for slug, o in catalogue.items() if o.talk_moment == TalkMoment.BEFORE_FIRST_SESSION}
    assert direct == {"krachtcentrale", "vriendschap-en-ontmoeting"}
    rolling = {slug for slug, offer in catalogue.items() if offer.is_rolling}
    assert rolling == {"krachtcentrale", "vriendschap-en-ontmoeting", "stap-vooruit"}
    assert {offer.lead_time_days for offer in catalogue.values()} == {7}


def test_the_hidden_place_is_hidden(catalogue):
    """R40."""
    hidden = {slug for slug, offer in catalogue.items() if offer.place_is_hidden or offer.is_sensitive}
    assert hidden == {"veilig-en-krachtig"}
    assert catalogue["veilig-en-krachtig"].place_is_hidden
    assert catalogue["veilig-en-krachtig"].is_sensitive


def test_the_example_from_nijmegen_is_a_template_only(catalogue):
    assert {slug for slug, offer in catalogue.items() if not offer.is_active} == {"stap-vooruit"}
    assert catalogue["stap-vooruit"].entry_policy == EntryPolicy.EVERY_SESSION


def test_only_offers_that_the_article_places_stand_in_its_matrix(catalogue):
    placed = {slug: (o.openness, o.guidance) for slug, o in catalogue.items() if o.openness or o.guidance}
    assert placed == dict.fromkeys(
        ["beter-leren-omgaan-met-geld", "triple-p-tot-12", "triple-p-vanaf-12"], (Openness.CLOSED, Guidance.DIRECTED)
    )


def test_problem_kinds_and_their_flag(catalogue):
    """R13 reads the flag."""
    kinds = {kind.code: kind for kind in ProblemKind.objects.all()}
    assert set(kinds) == PSYCHOSOCIAL | OTHER_KINDS
    assert {code for code, kind in kinds.items() if kind.is_psychosocial} == PSYCHOSOCIAL
    assert all(kind.name_nl and kind.name_en for kind in kinds.values())


def test_every_offer_is_explained_and_says_where_its_settings_come_from(catalogue):
    for offer in catalogue.values():
        texts = [offer.summary, offer.how_to_motivate, offer.source_note]
        assert all(len(text) > 20 for text in texts), offer.slug
    assert "onze instelling" in catalogue["krachtcentrale"].source_note


def test_what_no_description_says_stays_empty(catalogue):
    described = {slug for slug, offer in catalogue.items() if offer.what_happens}
    assert described == {
        *("beter-leren-omgaan-met-geld", "triple-p-tot-12", "triple-p-vanaf-12", "krachtcentrale"),
        *("de-kunst-van-het-ouder-worden", "vriendschap-en-ontmoeting", "stap-vooruit"),
    }
    nameless = {slug for slug, offer in catalogue.items() if not offer.for_whom}
    assert nameless == {"praktische-ondersteuning", "vervuilde-huishoudens"}


def test_a_text_names_no_number_that_the_offer_does_not_have(catalogue):
    """Numbers in words or digits: sizes, durations, times."""
    for offer in catalogue.values():
        known = {offer.sessions_count, offer.minimum, offer.soft_maximum, offer.hard_maximum, offer.age_from}
        known |= {12, 5, 2} if offer.slug.startswith("triple") else {2} if offer.second_seat_required else set()
        for text in (offer.summary, offer.what_happens, offer.for_whom, offer.how_to_motivate):
            words = re.findall(r"[a-z0-9]+", text.lower())
            found = {NUMBERS.get(word, int(word) if word.isdigit() else None) for word in words} - {None}
            assert found <= known, (offer.slug, text)


def test_loading_again_changes_nothing_that_a_coordinator_changed(catalogue):
    offer = catalogue["krachtcentrale"]
    offer.minimum, offer.name = 5, "De Krachtcentrale van Velsen"
    offer.save()
    offer.municipalities.set([Municipality.objects.get(name="Velsen")])
    offer.problem_kinds.clear()
    ProblemKind.objects.filter(code="grief").update(is_psychosocial=True)
    ProblemKind.objects.create(code="work", name_nl="Werk", name_en="Work")
    assert load_catalogue() == {"problem kinds": (0, 13), "group offers": (0, 15)}
    offer = GroupOffer.objects.get(slug="krachtcentrale")
    assert (offer.minimum, offer.name) == (5, "De Krachtcentrale van Velsen")
    assert [place.name for place in offer.municipalities.all()] == ["Velsen"]
    assert not offer.problem_kinds.exists()
    assert ProblemKind.objects.get(code="grief").is_psychosocial
    assert ProblemKind.objects.count() == 14


def test_the_command_loads_it_too(municipalities, capsys):
    call_command("load_catalogue")
    assert "group offers: 15 created, 0 unchanged" in capsys.readouterr().out


def test_without_municipalities_nothing_is_loaded():
    with pytest.raises(Municipality.DoesNotExist):
        load_catalogue()
    assert not GroupOffer.objects.exists()
