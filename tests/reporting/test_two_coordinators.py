"""Two coordinators who change one minimum, or one offer: nobody overwrites what a colleague did without knowing it."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from groups.exceptions import NotAllowed
from groups.services.offers import numbers_of, set_offer_numbers
from groups.services.waitlists import set_sizes, sizes_seen
from tests.factories.accounts import make_coordinator
from tests.factories.groups import NOW, fresh, make_offer, make_waitlist
from tests.groups.pages import browser_of, text_of
from tests.reporting.test_views import form_errors, minimum_url

pytestmark = pytest.mark.django_db
SEEN = re.compile(r'name="seen" value="([^"]*)"')


@pytest.fixture
def coba():
    return make_coordinator("Coba", last_name="Kok")


@pytest.fixture
def cor():
    return make_coordinator("Cor", last_name="Bakker")


@pytest.fixture
def waitlist():
    return make_waitlist()


def shown(browser, url):
    """What the hidden field of the page carries."""
    return SEEN.search(text_of(browser.get(url))).group(1)


def typed(seen, **changes):
    return {"minimum": "2", "maximum": "", "reason": "Kleine wijk", "seen": seen} | changes


def save(browser, waitlist, seen, **changes):
    return browser.post(minimum_url(waitlist), typed(seen, **changes))


def test_the_second_of_two_coordinators_hears_what_the_first_changed_and_nothing_is_lost(waitlist, coba, cor):
    browser = browser_of(cor)
    seen = shown(browser, minimum_url(waitlist))
    set_sizes(waitlist=waitlist, minimum=4, reason="Vol genoeg", by=coba, now=timezone.localtime())
    response = save(browser, waitlist, seen)
    [error] = form_errors(response)["minimum"]
    assert error.startswith("Coba K. changed this meanwhile, on ")
    assert "It is now: minimum 4, maximum 10, hard maximum 12." in error
    assert fresh(waitlist).own_minimum == 4
    assert [row.by for row in waitlist.history.all()] == [coba]
    words = text_of(response)
    assert "Kleine wijk" in words
    assert 'value="2"' in words
    again = save(browser, waitlist, SEEN.search(words).group(1))
    assert (again.status_code, fresh(waitlist).own_minimum) == (302, 2)
    assert [(row.by, row.args["before"]) for row in waitlist.history.order_by("pk")] == [(coba, 3), (cor, 4)]


def test_a_form_posted_twice_is_once(waitlist, cor):
    browser = browser_of(cor)
    seen = shown(browser, minimum_url(waitlist))
    assert save(browser, waitlist, seen).status_code == 302
    assert form_errors(save(browser, waitlist, seen)) == {"minimum": ["This is how it is already."]}
    assert waitlist.history.count() == 1


def test_back_to_the_offer_is_checked_too(waitlist, coba, cor):
    browser = browser_of(cor)
    set_sizes(waitlist=waitlist, minimum=4, reason="Proef", by=coba, now=NOW)
    seen = shown(browser, minimum_url(waitlist))
    set_sizes(waitlist=waitlist, minimum=5, reason="Proef", by=coba, now=NOW)
    assert "Coba K. changed this" in form_errors(save(browser, waitlist, seen, reset="1"))["minimum"][0]
    assert fresh(waitlist).own_minimum == 5


def test_a_list_that_follows_the_offer_hears_of_a_change_there(waitlist, coba, cor):
    browser = browser_of(cor)
    seen = shown(browser, minimum_url(waitlist))
    numbers = numbers_of(waitlist.offer) | {"minimum": 5}
    set_offer_numbers(offer=waitlist.offer, numbers=numbers, reason="Overal", by=coba, now=NOW)
    assert "Coba K. changed this" in form_errors(save(browser, waitlist, seen))["minimum"][0]


@pytest.mark.parametrize("seen", ["x", "3-4", "9" * 59, "-----", "99999-1-1-1-1-1"])
def test_a_made_up_state_is_taken_as_changed_and_nothing_is_written(waitlist, cor, seen):
    assert list(form_errors(save(browser_of(cor), waitlist, seen))) == ["minimum"]
    assert fresh(waitlist).own_minimum is None


def test_the_service_itself_refuses_what_was_changed_meanwhile(waitlist, coba):
    seen = sizes_seen(waitlist)
    set_sizes(waitlist=waitlist, minimum=4, reason="Eerst", by=coba, now=NOW, seen=seen)
    with pytest.raises(NotAllowed, match="changed_meanwhile") as refusal:
        set_sizes(waitlist=waitlist, minimum=2, reason="Daarna", by=coba, now=NOW, seen=seen)
    assert refusal.value.reason.args["who"] == "Coba K."


# --- one offer


def test_two_coordinators_on_one_offer_and_the_second_save_goes_through(coba, cor):
    offer, browser = make_offer(), browser_of(cor)
    url = reverse("reporting:offer", args=[offer.slug])
    seen = shown(browser, url)
    numbers = numbers_of(offer) | {"sessions_count": 6}
    set_offer_numbers(offer=offer, numbers=numbers, reason="Langer", by=coba, now=NOW, seen=numbers_of(offer))
    data = {name: str(value) for name, value in numbers_of(offer).items()}
    data |= {"minimum": "2", "reason": "Kleiner", "seen": seen}
    response = browser.post(url, data)
    [error] = form_errors(response)["__all__"]
    assert error.startswith("Coba K. changed this meanwhile, on ")
    assert "number of sessions 6" in error
    assert numbers_of(fresh(offer)) == numbers
    words = text_of(response)
    assert "Kleiner" in words
    assert "Coba K.: numbers of the offer changed (number of sessions 5 → 6): Langer" in words
    assert browser.post(url, data | {"seen": SEEN.search(words).group(1)}).status_code == 302
    assert fresh(offer).minimum == 2
    assert [row.by for row in offer.history.order_by("pk")] == [coba, cor]


def test_an_offer_that_has_no_list_yet_keeps_who_changed_it(coba):
    offer = make_offer()
    numbers = numbers_of(offer) | {"minimum": 2}
    set_offer_numbers(offer=offer, numbers=numbers, reason="Kleine wijken", by=coba, now=NOW)
    words = text_of(browser_of(coba).get(reverse("reporting:offer", args=[offer.slug])))
    assert "Coba K.: numbers of the offer changed (minimum 3 → 2): Kleine wijken" in words
