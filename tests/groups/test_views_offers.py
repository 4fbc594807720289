"""What groups there are, for whom, and how far their lists are."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from groups.enums import Guidance, Openness
from neighbourhoods.enums import CatchmentLevel
from tests.factories.accounts import make_coordinator, make_desk, make_referrer, make_team_member
from tests.factories.groups import make_cycle, make_entry, make_offer, make_waitlist, ready_waitlist
from tests.factories.neighbourhoods import make_region
from tests.groups.pages import browser_of, statements, text_of

pytestmark = pytest.mark.django_db


def offer_page(offer, user):
    return browser_of(user).get(reverse("groups:offer", args=[offer.slug]))


@pytest.mark.parametrize("make_user", [make_desk, make_referrer, make_team_member])
def test_everyone_who_is_logged_in_finds_the_groups(make_user):
    offer = make_offer(name="Proefgroep")
    answer = browser_of(make_user()).get(reverse("groups:offers"))
    assert f'href="{reverse("groups:offer", args=[offer.slug])}"' in text_of(answer)


def test_nobody_else_does():
    answer = browser_of().get(reverse("groups:offers"))
    assert (answer.status_code, answer.url) == (302, "/inloggen/?next=/groepen/")


def test_no_groups_says_so():
    assert "There are no groups yet" in text_of(browser_of(make_desk()).get(reverse("groups:offers")))


def test_the_list_costs_the_same_with_one_group_or_three():
    browser = browser_of(make_desk())
    make_offer()
    assert statements(browser, reverse("groups:offers")) == 5
    for _number in range(2):
        ready_waitlist()
    assert statements(browser, reverse("groups:offers")) == 5


def test_what_is_not_known_is_said_to_be_unknown():
    offer = make_offer(minimum=None, soft_maximum=None, hard_maximum=None, sessions_count=None)
    words = text_of(offer_page(offer, make_desk()))
    assert "<dt>Minimum</dt><dd>no minimum set</dd>" in words
    assert "no maximum set" in words
    assert "<dt>Sessions</dt><dd>not filled in</dd>" in words


def test_a_theme_group_says_why_it_is_regional():
    theme = make_offer(level=CatchmentLevel.REGION, openness=Openness.CLOSED, guidance=Guidance.DIRECTED)
    words = text_of(offer_page(theme, make_desk()))
    assert "eight people in a region are one or two in a neighbourhood" in words
    assert "closed, with professional direction" in words
    assert "eight people" not in text_of(offer_page(make_offer(), make_desk("Lena")))


def test_a_cycle_that_starts_soon_shows_its_places_but_never_a_hidden_place():
    cycle = make_cycle(now=timezone.localtime())
    desk = make_desk()
    assert "7 places left" in text_of(offer_page(cycle.offer, desk))
    assert cycle.room.venue.name in text_of(offer_page(cycle.offer, desk))
    cycle.offer.place_is_hidden = True
    cycle.offer.save()
    hidden = text_of(offer_page(cycle.offer, desk))
    assert cycle.room.venue.name not in hidden
    assert "place known to the participants" in hidden


def test_lists_are_counts_and_links_only_for_who_works_with_them():
    waitlist = make_waitlist()
    entry = make_entry(waitlist)
    words = text_of(offer_page(waitlist.offer, make_team_member()))
    assert "1 person waits" in words
    assert reverse("groups:waitlist", args=[waitlist.pk]) not in words
    assert entry.client.family_name not in words


def test_own_moment_of_an_offer_reads_as_one_phrase():
    make_region()
    offer = make_offer(level=CatchmentLevel.REGION, fixed_weekday=1, fixed_day_part="evening")
    assert "<dt>When</dt><dd>Tuesday evening</dd>" in text_of(offer_page(offer, make_desk()))
    offer.fixed_start_time = dt.time(19, 30)
    offer.save()
    answer = browser_of(make_desk("Lena"), language="nl").get(reverse("groups:offer", args=[offer.slug]))
    assert "<dd>dinsdagavond, 19:30</dd>" in text_of(answer)


def test_unknown_offer_is_404():
    assert browser_of(make_desk()).get("/groepen/aanbod/bestaat-niet/").status_code == 404


def test_a_coordinator_is_not_sent_to_a_form_that_refuses():
    offer = make_offer()
    assert "Refer somebody" in text_of(offer_page(offer, make_desk()))
    assert "Refer somebody" not in text_of(offer_page(offer, make_coordinator()))
