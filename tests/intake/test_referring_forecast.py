"""What a referrer reads of the expected start: beside what fits, on the referral, on the offer's page."""

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from groups.enums import CycleState
from intake.models import Referral
from tests.factories.accounts import make_referrer as make_outside_referrer
from tests.factories.groups import make_entry, make_offer, make_team_and_room, make_waitlist, sweep
from tests.factories.intake import (
    make_door,
    make_judge,
    make_judgement,
    make_referral,
    make_referrer,
    make_seat,
    refer_data,
)

pytestmark = pytest.mark.django_db
FIT = "/verwijzen/passend/"


@pytest.fixture
def world():
    """One offer with a list on which two wait, and all that a start needs; and Teun, who refers."""
    neighbourhood = make_door()
    waitlist = make_waitlist(make_offer(name="De Krachtcentrale"), catchment=neighbourhood.catchment)
    make_team_and_room(waitlist)
    for _number in range(2):
        make_entry(waitlist, now=timezone.now())
    return waitlist


def page_of(user, path, data=None):
    browser = Browser(headers={"accept-language": "en"})
    browser.force_login(user)
    answer = browser.get(path) if data is None else browser.post(path, data)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_the_fit_tells_when_this_person_would_begin(world):
    page = page_of(make_referrer(), FIT, refer_data())
    assert "With this person the group can start on" in page


def test_a_referrer_from_outside_reads_the_date_and_no_numbers(world):
    sweep(timezone.now())
    rein = make_outside_referrer()
    page = page_of(rein, FIT, refer_data())
    assert "With this person the group can start on" in page
    for words in ("2 wait", "more needed", "enough to start", "dots"):
        assert words not in page
    assert "2 wait" in page_of(make_referrer(), FIT, refer_data())


def test_the_referral_says_when_it_is_expected_to_start(world):
    teun = make_referrer()
    referral = make_referral(by=teun, now=timezone.now())
    make_judgement(referral, offer=world.offer, now=timezone.now())
    page = page_of(teun, reverse("intake:referral", args=[referral.pk]))
    assert "De Krachtcentrale: with this person the group can start on" in page


def test_without_the_clients_consent_nothing_of_it_is_told(world):
    teun = make_referrer()
    referral = make_referral(by=teun, now=timezone.now(), feedback_allowed=False)
    make_judgement(referral, offer=world.offer, now=timezone.now())
    assert "can start on" not in page_of(teun, reverse("intake:referral", args=[referral.pk]))


def test_who_has_a_place_has_a_date_and_no_forecast(world):
    teun = make_referrer()
    referral = make_referral(by=teun, now=timezone.now())
    judgement = make_judgement(referral, offer=world.offer, now=timezone.now())
    make_seat(judgement.referral.placements.get().entry, state=CycleState.FORMED)
    page = page_of(teun, reverse("intake:referral", args=[referral.pk]))
    assert "placed: starts" in page
    assert "can start on" not in page


def test_the_offers_page_tells_it_for_each_list(world):
    page = page_of(make_referrer(), reverse("groups:offer", args=[world.offer.slug]))
    assert "Who joins now: with this person the group can start on" in page
    assert "2 people wait" in page
    outside = page_of(make_outside_referrer(), reverse("groups:offer", args=[world.offer.slug]))
    assert "Who joins now" in outside
    assert "2 people wait" not in outside


def test_from_outside_a_waiting_status_has_no_number(world):
    rein = make_outside_referrer()
    far = make_offer(name="Zin", minimum=9)
    referral = make_referral(by=rein, now=timezone.now())
    make_judgement(referral, offer=far, now=timezone.now())
    for path in (reverse("intake:referrals"), reverse("intake:referral", args=[referral.pk]), "/"):
        page = page_of(rein, path)
        assert "waitlist, more people needed" in page
        assert "9 more" not in page


def test_with_the_basics_first_nothing_is_promised_and_the_group_says_it_waits(world):
    page = page_of(make_referrer(), FIT, refer_data(basics_first="on"))
    assert "urgent basic needs come first" in page
    assert "When it starts cannot be said yet: basic needs first" in page
    assert "can start on" not in page


def test_the_social_worker_reads_that_the_referrer_sees_urgent_needs(world):
    teun = make_referrer()
    browser = Browser()
    browser.force_login(teun)
    browser.post("/verwijzen/", refer_data(basics_first="on"))
    referral = Referral.objects.get()
    assert referral.basics_first
    assert "the referrer sees urgent needs" in page_of(make_judge(), reverse("intake:judge", args=[referral.pk]))
    assert "until the basics are in order" in page_of(teun, reverse("intake:referral", args=[referral.pk]))
