"""R29: the pages of individual talks: planning on a free moment, another moment, held, cancelled."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from groups.enums import TalkState
from groups.models import IndividualTalk
from groups.services.free_moments import free_moments
from groups.services.scheduling import move_session
from groups.services.talks import plan_talk
from tests.factories.accounts import make_coordinator, make_group_worker
from tests.factories.groups import fresh, make_cycle, make_offer
from tests.factories.neighbourhoods import make_municipality
from tests.groups.pages import browser_of, statements, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle():
    offer = make_offer(sessions_count=6, talks_count=2, talk_minutes=30, talks_after_session=5)
    return make_cycle(offer=offer, now=timezone.localtime())


@pytest.fixture
def place(cycle):
    return cycle.participations.order_by("pk").first()


@pytest.fixture
def browser(cycle):
    return browser_of(cycle.lead)


def url(name, thing):
    return reverse(f"groups:{name}", args=[thing.pk])


def planned(place, number=0):
    moment = free_moments(participation=place, now=timezone.now())[number]
    at = {"with_user": moment.user, "date": moment.date, "start_time": moment.start}
    return plan_talk(participation=place, by=place.cycle.lead, now=timezone.now(), **at)


def test_who_takes_part_and_what_is_still_to_plan(cycle, place, browser):
    planned(place)
    words = text_of(browser.get(url("talks", cycle)))
    assert place.client.short_name in words
    assert "1 talk still to plan" in words
    assert words.count("2 talks still to plan") == 2
    assert url("talk_plan", place) in words


def test_the_page_costs_the_same_with_one_talk_or_three(cycle, place, browser):
    planned(place)
    assert statements(browser, url("talks", cycle)) == 7
    planned(place)
    planned(cycle.participations.order_by("pk").last())
    assert statements(browser, url("talks", cycle)) == 7


def test_a_free_moment_is_one_choice(cycle, place, browser):
    page = browser.get(url("talk_plan", place))
    key = page.context["form"].fields["moment"].choices[0][0]
    assert browser.post(url("talk_plan", place), {"moment": key}).url == url("talks", cycle)
    talk = IndividualTalk.objects.get()
    assert key == f"{talk.with_user_id}|{talk.date}|{talk.start_time:%H:%M}"


def test_another_moment_is_filled_in_and_refused_at_its_field(cycle, place, browser):
    answer = browser.post(url("talk_plan", place), {"moment": "own"})
    assert list(answer.context["form"].errors) == ["with_user", "date", "start_time"]
    moments = free_moments(participation=place, now=timezone.now())
    moment = next(moment for moment in moments if moment.date > moments[0].date)
    own = {"moment": "own", "with_user": cycle.lead.pk, "start_time": f"{moment.start:%H:%M}"}
    early = browser.post(url("talk_plan", place), own | {"date": str(cycle.starts_on + dt.timedelta(days=1))})
    assert list(early.context["form"].errors) == ["date"]
    assert "Individual talks are held from" in text_of(early)
    late = browser.post(url("talk_plan", place), own | {"date": str(moment.date), "start_time": "03:00"})
    assert late.context["form"].errors == {"date": ["This colleague is not there at that time."]}
    assert browser.post(url("talk_plan", place), own | {"date": str(moment.date)}).url == url("talks", cycle)


def test_a_talk_moves_and_is_cancelled(cycle, place, browser):
    talk, moment = planned(place), free_moments(participation=place, now=timezone.now())[-1]
    assert browser.post(url("talk_move", talk), {"moment": moment.key}).url == url("talks", cycle)
    assert (fresh(talk).date, fresh(talk).start_time) == (moment.date, moment.start)
    assert "Cancel this talk?" in text_of(browser.get(url("talk_cancel", talk)))
    for _time in range(2):
        assert browser.post(url("talk_cancel", talk)).url == url("talks", cycle)
    assert fresh(talk).state == TalkState.CANCELLED
    assert browser.get(url("talk_move", talk)).url == url("talks", cycle)


def test_held_is_noted_when_it_was(cycle, place, browser):
    talk = planned(place)
    assert browser.post(url("talk_held", talk)).url == url("talks", cycle)
    assert "This talk is still to come." in text_of(browser.get(url("talks", cycle)))
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    IndividualTalk.objects.filter(pk=talk.pk).update(date=yesterday)
    for _time in range(2):
        browser.post(url("talk_held", talk))
    assert fresh(talk).state == TalkState.HELD


def test_a_talk_that_no_longer_fits_says_so(cycle, place, browser):
    planned(place)
    last = cycle.sessions.order_by("number").last()
    earlier = last.date - dt.timedelta(days=6)
    move_session(session=last, date=earlier, start_time=last.start_time, by=cycle.lead, now=timezone.now())
    IndividualTalk.objects.update(date=earlier + dt.timedelta(days=1))
    assert "no longer between the right sessions" in text_of(browser.get(url("talks", cycle)))


def test_whom_no_mail_reaches_is_marked_to_call(cycle, place, browser):
    place.client.contact.may_mail = False
    place.client.contact.save()
    assert "call: no mail reaches this person safely" in text_of(browser.get(url("talks", cycle)))
    assert "It stands in the tasks." in text_of(browser.get(url("talk_plan", place)))


def test_second_leader_plans_and_strangers_do_not(cycle, place):
    assert browser_of(cycle.co_lead).get(url("talk_plan", place)).status_code == 200
    stranger = browser_of(make_group_worker("Vreemd", municipalities=[make_municipality("Heemskerk", "GM0396")]))
    assert stranger.get(url("talks", cycle)).status_code == 404
    assert stranger.get(url("talk_plan", place)).status_code == 404
    assert browser_of(make_coordinator()).get(url("talks", cycle)).status_code == 403


def test_an_offer_without_talks_says_so():
    cycle = make_cycle(now=timezone.localtime())
    browser = browser_of(cycle.lead)
    assert "This group has no individual talks" in text_of(browser.get(url("talks", cycle)))
    place = cycle.participations.order_by("pk").first()
    data = {"moment": "own", "with_user": cycle.lead.pk, "date": str(cycle.starts_on), "start_time": "10:00"}
    assert browser.post(url("talk_plan", place), data).status_code == 422
