"""The coordinator words the page of an offer; each version stays (R37)."""

import pytest
from django.urls import reverse
from django.utils import timezone

from groups.enums import HistoryCode
from groups.exceptions import NotAllowed
from groups.models import OfferText
from groups.services.offers import numbers_of, set_offer_numbers, set_offer_texts, texts_number
from tests.factories.accounts import make_coordinator, make_desk, make_team_member
from tests.factories.groups import NOW, fresh, join_team, make_cycle, make_offer
from tests.groups.pages import browser_of, text_of

pytestmark = pytest.mark.django_db

WORDS = {"what_happens": "We praten.", "for_whom": "", "how_to_motivate": "Vraag wat beter mag."}


@pytest.fixture
def coba():
    return make_coordinator("Coba")


def write(offer, by, seen=0, **changes):
    return set_offer_texts(offer=offer, texts=WORDS | changes, seen=seen, by=by, now=NOW)


def test_each_version_is_kept_with_who_and_when(coba):
    offer = make_offer()
    write(offer, coba)
    write(offer, coba, seen=1, for_whom="Bewoners.")
    kept = OfferText.objects.filter(offer=offer).order_by("number").values_list("number", "for_whom", "changed_by")
    assert list(kept) == [(1, "", coba.pk), (2, "Bewoners.", coba.pk)]
    assert (fresh(offer).what_happens, fresh(offer).for_whom) == ("We praten.", "Bewoners.")
    rows = offer.history.filter(code=HistoryCode.OFFER_TEXTS_CHANGED).order_by("pk")
    assert [row.args for row in rows] == [{"texts": ["what_happens", "how_to_motivate"]}, {"texts": ["for_whom"]}]


def test_the_same_words_are_no_version(coba):
    offer = make_offer()
    for seen in (0, 1):
        write(offer, coba, seen=seen)
    assert texts_number(offer) == 1


def test_the_second_of_two_coordinators_overwrites_nothing(coba):
    offer = make_offer()
    write(offer, coba)
    with pytest.raises(NotAllowed) as refused:
        write(offer, make_coordinator("Cor"), what_happens="Iets anders.")
    assert (refused.value.reason.code, fresh(offer).what_happens) == ("changed_meanwhile", "We praten.")


def test_words_are_no_change_of_the_numbers(coba):
    offer = make_offer()
    seen = numbers_of(offer)
    write(offer, coba)
    set_offer_numbers(offer=offer, numbers=seen | {"minimum": 4}, reason="proef", by=coba, now=NOW, seen=seen)
    assert fresh(offer).minimum == 4


def test_the_page_keeps_what_was_typed_when_a_colleague_was_first(coba):
    offer = make_offer()
    browser = browser_of(coba)
    url = reverse("groups:offer_texts", args=[offer.slug])
    assert browser.post(url, WORDS | {"seen": "0"}).status_code == 302
    answer = browser.post(url, WORDS | {"seen": "0", "for_whom": "Getypt en niet weg."})
    assert answer.status_code == 422
    assert "Getypt en niet weg." in answer.content.decode()
    assert "We praten." in browser.get(url).content.decode()


def test_what_is_not_known_is_said_to_be_not_described(coba):
    offer = make_offer()
    loes, url = make_desk(), reverse("groups:offer", args=[offer.slug])
    page = text_of(browser_of(loes).get(url))
    assert page.count("Not described yet.") == 3
    write(offer, coba)
    page = text_of(browser_of(loes).get(url))
    assert (page.count("Not described yet."), "We praten." in page) == (1, True)


def test_starts_near_the_reader_stand_first():
    cycle = make_cycle(3, now=timezone.now())
    far, near = make_team_member("Ver"), make_team_member("Dichtbij")
    join_team(near, cycle.waitlist.catchment)
    seen = {}
    for user in (far, near):
        page = browser_of(user).get(reverse("groups:offer", args=[cycle.offer.slug]))
        seen[user] = [row.is_near for row, _place, _places in page.context["cycles"]]
    assert seen == {far: [False], near: [True]}
