"""R20: a change of the plan in two steps, on its pages: asked, shown, done."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from groups.enums import SessionState
from groups.services.scheduling import cancel_session
from notifications.models import Notification
from tests.factories.accounts import make_coordinator
from tests.factories.groups import fresh, make_cycle
from tests.factories.neighbourhoods import make_room
from tests.groups.pages import browser_of, confirmed, text_of

pytestmark = pytest.mark.django_db
WEEK = dt.timedelta(weeks=1)


@pytest.fixture
def cycle():
    return make_cycle(now=timezone.localtime())


@pytest.fixture
def browser(cycle):
    return browser_of(cycle.lead)


def url(name, thing):
    return reverse(f"groups:{name}", args=[thing.pk])


def first(cycle):
    return cycle.sessions.planned().order_by("number").first()


def test_the_rest_is_shown_and_then_moved(cycle, browser):
    session, day = first(cycle), first(cycle).date + dt.timedelta(days=1)
    data = {"date": str(day), "start_time": "13:00"}
    shown = browser.post(url("session_rest", session), data)
    words = text_of(shown)
    assert len(shown.context["rows"]) == 5
    assert "3 participants get a message now." in words
    assert "Participants can answer the invitation until" in words
    assert f'name="date" value="{day}"' in words
    assert fresh(session).date == session.date
    assert not Notification.objects.filter(kind="cycle_moved").exists()
    answer = browser.post(url("session_rest", session), data | {"seen": shown.context["seen"]})
    assert answer.url == url("cycle", cycle)
    assert [s.date for s in cycle.sessions.order_by("number")] == [day + number * WEEK for number in range(5)]


def test_who_goes_back_finds_what_was_typed(cycle, browser):
    session = first(cycle)
    data = {"date": str(session.date + WEEK), "start_time": "13:15", "back": "1"}
    answer = browser.post(url("session_rest", session), data)
    assert answer.templates[0].name == "groups/step.html"
    assert 'value="13:15"' in text_of(answer)
    assert fresh(session).date == session.date


def test_what_is_not_what_was_shown_is_shown_anew(cycle, browser):
    session = first(cycle)
    data = {"date": str(session.date + dt.timedelta(days=1)), "start_time": "13:00"}
    seen = browser.post(url("session_rest", session), data).context["seen"]
    last = cycle.sessions.order_by("number").last()
    cancel_session(session=last, reason="storm", by=cycle.lead, now=timezone.now(), append=False)
    for wrong in (seen, "onzin"):
        answer = browser.post(url("session_rest", session), data | {"seen": wrong})
        assert "Something has changed meanwhile." in text_of(answer)
        assert len(answer.context["rows"]) == 4
    assert fresh(session).date == session.date


def test_a_session_is_added_on_the_day_that_is_proposed(cycle, browser):
    page = browser.get(url("session_add", cycle))
    proposed = page.context["form"].initial
    assert proposed["date"] == cycle.sessions.order_by("number").last().date + WEEK
    data = {"date": str(proposed["date"]), "start_time": f"{proposed['start_time']:%H:%M}"}
    assert confirmed(browser, url("session_add", cycle), data).url == url("cycle", cycle)
    assert cycle.sessions.planned().count() == 6


def test_an_impossible_one_stands_at_its_field(cycle, browser):
    for name, thing in (("session_add", cycle), ("session_rest", cycle.sessions.get(number=2))):
        answer = browser.post(url(name, thing), {"date": str(cycle.starts_on), "start_time": "13:00"})
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["date"])


def test_a_cycle_that_is_over_takes_no_session(cycle, browser):
    cycle.state = "cancelled"
    cycle.save()
    assert browser.get(url("session_add", cycle)).url == url("cycle", cycle)


def test_names_to_call_for_who_may_see_them_and_a_number_for_the_coordinator(cycle, browser):
    person = cycle.participations.select_related("client__contact").order_by("pk").first()
    person.client.contact.may_mail = False
    person.client.contact.save()
    data = {"reason": "storm", "append": "on"}
    words = text_of(browser.post(url("session_cancel", first(cycle)), data))
    assert f"To call: {person.client.short_name}" in words
    words = text_of(browser_of(make_coordinator()).post(url("session_cancel", first(cycle)), data))
    assert "Call 1 participant yourself" in words
    assert person.client.short_name not in words


def test_a_cancelled_session_shows_what_goes_and_what_comes(cycle, browser):
    rows = browser.post(url("session_cancel", first(cycle)), {"reason": "storm", "append": "on"}).context["rows"]
    assert [(bool(row["was"]), bool(row["will"])) for row in rows] == [(True, False), (False, True)]
    assert not cycle.sessions.filter(state=SessionState.CANCELLED).exists()


def test_another_room_is_named_unless_it_is_hidden(cycle, browser):
    other = make_room("Serre", name_of_venue="Huis Twee", neighbourhood=cycle.catchment.neighbourhoods.get())
    data = {"room": other.pk}
    assert "Serre" in text_of(browser.post(url("session_room", first(cycle)), data))
    cycle.offer.place_is_hidden = other.venue.is_hidden = True
    cycle.offer.save()
    other.venue.save()
    shown = browser.post(url("session_room", first(cycle)), data)
    assert [row["place"] for row in shown.context["rows"]] == ["place known to the participants"]


# --- the second leader


def test_the_second_leader_changes_own_sessions_only(cycle):
    second = browser_of(cycle.co_lead)
    session = first(cycle)
    for name in ("session_move", "session_room", "session_cancel"):
        assert second.get(url(name, session)).status_code == 200
    session.staff.filter(user=cycle.co_lead).delete()
    for name in ("session_move", "session_room", "session_cancel"):
        assert second.get(url(name, session)).status_code == 403
    assert second.get(url("session_rest", cycle.sessions.get(number=2))).status_code == 403
    assert second.get(url("session_add", cycle)).status_code == 403
