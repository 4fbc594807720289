"""Which offers fit, for and against, and what is near (R3, R15)."""

import datetime as dt

import pytest

from clients.enums import Sex
from groups.enums import TalkMoment
from groups.fit import fit_offers
from groups.models import GroupOffer
from neighbourhoods.enums import CatchmentLevel
from neighbourhoods.models import Room
from tests.factories.groups import TODAY, make_cycle, make_offer
from tests.factories.neighbourhoods import make_region

pytestmark = pytest.mark.django_db


def fit_of(offer, *, age=40, sex=Sex.FEMALE, neighbourhood=None, kinds=()):
    birth_date = TODAY - dt.timedelta(days=age * 366)
    fits = fit_offers(
        birth_date=birth_date, sex=sex, neighbourhood=neighbourhood, problem_kinds=set(kinds), today=TODAY
    )
    return next(fit for fit in fits if fit.offer == offer)


def codes(reasons):
    return {reason.code for reason in reasons}


def test_age_and_sex_speak_against_an_offer_that_asks_for_them():
    offer = make_offer(slug="zin", audience="women", age_from=55)
    assert codes(fit_of(offer, age=40).cons) == {"too_young"}
    assert codes(fit_of(offer, age=70, sex=Sex.MALE).cons) == {"audience"}
    assert fit_of(offer, age=70).fits


def test_what_is_not_known_speaks_neither_way():
    offer = make_offer(slug="zin", audience="women", age_from=55)
    fits = fit_offers(birth_date=None, sex=Sex.UNKNOWN, neighbourhood=None, problem_kinds=set(), today=TODAY)
    assert next(fit for fit in fits if fit.offer == offer).fits


def test_a_theme_group_says_that_it_runs_for_the_region():
    offer = make_offer(slug="rouw", level=CatchmentLevel.REGION, may_run_in_neighbourhood=False)
    assert "runs_for_region" in codes(fit_of(offer).pros)


def test_offers_that_are_not_active_are_not_proposed():
    offer = make_offer(slug="oud", is_active=False)
    fits = fit_offers(birth_date=None, sex="", neighbourhood=None, problem_kinds=set(), today=TODAY)
    assert offer not in [fit.offer for fit in fits]
    assert GroupOffer.objects.filter(pk=offer.pk).exists()


def test_a_formed_cycle_is_named_while_its_room_still_has_a_place():
    cycle = make_cycle()
    make_region()
    neighbourhood = cycle.catchment.neighbourhoods.get()
    fit = fit_of(cycle.offer, neighbourhood=neighbourhood)
    assert fit.next_cycle == cycle
    Room.objects.filter(pk=cycle.room_id).update(capacity=5)  # three participants and two leaders
    assert fit_of(cycle.offer, neighbourhood=neighbourhood).next_cycle is None


def test_age_and_sex_speak_for_an_offer_that_asks_for_them_and_for_no_other():
    asks = make_offer(slug="zin", audience="women", age_from=55)
    assert {"age_fits", "sex_fits"} <= codes(fit_of(asks, age=70).pros)
    assert not {"age_fits", "sex_fits"} & codes(fit_of(asks, age=40).pros)
    assert not {"age_fits", "sex_fits"} & codes(fit_of(make_offer(slug="ieder"), age=70).pros)


def test_a_talk_that_comes_first_is_noted_and_speaks_neither_way():
    first = fit_of(make_offer(slug="eerst", talk_moment=TalkMoment.BEFORE_PLACEMENT))
    later = fit_of(make_offer(slug="later", talk_moment=TalkMoment.BEFORE_FIRST_SESSION))
    assert (codes(first.notes), codes(later.notes)) == ({"talk_before_place"}, set())
    assert first.fits
    assert later.fits
