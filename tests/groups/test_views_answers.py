"""The answer page by the client's own link, and the worker who enters an answer (R21, R40, R43)."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clients.enums import InvolvementKind
from clients.models import AccessLog
from groups.enums import CycleState, EntryState, LeaveReason, ParticipationState
from groups.links import answer_token
from groups.services.cycles import cancel_cycle
from tests.factories.accounts import make_coordinator, make_group_worker, make_team_member
from tests.factories.groups import fresh, make_cycle
from tests.factories.neighbourhoods import make_municipality
from tests.groups.pages import browser_of, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle():
    return make_cycle(now=timezone.localtime())


@pytest.fixture
def participation(cycle):
    return cycle.participations.order_by("pk").first()


@pytest.fixture
def visitor():
    return browser_of()


def link(participation):
    return reverse("groups:answer", args=[answer_token(participation)])


def answer_of(participation):
    return reverse("groups:participation_answer", args=[participation.pk])


def close_answers(cycle):
    """Invited the day before yesterday, to be answered by yesterday."""
    cycle.answer_deadline = timezone.localdate() - dt.timedelta(days=1)
    cycle.save()
    cycle.participations.update(invited_at=timezone.now() - dt.timedelta(days=2))


def test_asking_for_a_participant_elsewhere_is_noted_on_the_file(participation):
    """R41."""
    wil = make_group_worker("Wil", municipalities=[make_municipality("Castricum", "GM0383")])
    assert browser_of(wil).get(answer_of(participation)).status_code == 404
    noted = [(row.user, row.action) for row in AccessLog.objects.filter(client=participation.client)]
    assert noted == [(wil, "denied")]


# --- by the link


def test_the_page_tells_when_and_where_and_nothing_about_whom(cycle, participation, visitor):
    words = text_of(visitor.get(link(participation)))
    assert "Will you come?" in words
    assert cycle.room.venue.name in words
    assert cycle.offer.name not in words
    for other in cycle.participations.select_related("client"):
        assert other.client.family_name not in words
        assert other.client.short_name not in words
    assert cycle.lead.first_name not in words


def test_the_page_is_not_kept_indexed_or_passed_on(participation, visitor):
    answer = visitor.get(link(participation))
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "no-store"
    assert '<meta name="robots" content="noindex">' in text_of(answer)


def test_a_hidden_place_is_not_told(cycle, participation, visitor):
    cycle.offer.place_is_hidden = True
    cycle.offer.save()
    words = text_of(visitor.get(link(participation)))
    assert cycle.room.venue.name not in words
    assert "The group worker will tell you the place." in words


def test_dutch_unless_the_other_language_was_chosen(participation):
    visitor = Client(headers={"accept-language": "en"})
    assert "Komt u?" in text_of(visitor.get(link(participation)))
    visitor.post(link(participation), {"language": "en"})
    assert "Will you come?" in text_of(visitor.get(link(participation)))
    visitor.post(link(participation), {"language": "xx"})
    assert "Will you come?" in text_of(visitor.get(link(participation)))
    assert fresh(participation).state == ParticipationState.INVITED


def test_looking_answers_nothing(participation, visitor):
    visitor.get(link(participation), {"answer": "yes"})
    visitor.head(link(participation))
    visitor.post(link(participation), {"answer": "misschien"})
    assert fresh(participation).state == ParticipationState.INVITED


def test_yes_and_yes_again(participation, visitor):
    address = link(participation)  # a link carries the second in which it was made
    for _time in range(2):
        assert visitor.post(address, {"answer": "yes"}).url == address
    assert fresh(participation).state == ParticipationState.CONFIRMED
    words = text_of(visitor.get(link(participation)))
    assert "You have said yes" in words
    assert 'name="answer"' not in words


def test_who_enters_a_running_group_is_asked_about_their_own_first_day(cycle, participation, visitor):
    """R22: the group has begun for the others, and for this one it has not."""
    cycle.state = CycleState.RUNNING
    cycle.save()
    assert "You have said" not in text_of(visitor.get(link(participation)))
    cycle.participations.filter(pk=participation.pk).update(enters_at=3)
    words = text_of(visitor.get(link(participation)))
    assert "Will you come?" in words
    assert str(cycle.sessions.get(number=3).date.day) in words
    visitor.post(link(participation), {"answer": "yes"})
    assert fresh(participation).state == ParticipationState.CONFIRMED


def test_no_after_yes_says_what_to_do(participation, visitor):
    visitor.post(link(participation), {"answer": "yes"})
    after = visitor.post(link(participation), {"answer": "no"}, follow=True)
    assert fresh(participation).state == ParticipationState.CONFIRMED
    assert "Can you not come after all? Call your contact person" in text_of(after)


def test_no_and_waits_on(participation, visitor):
    since = participation.entry.waiting_since
    after = visitor.post(link(participation), {"answer": "no"}, follow=True)
    assert "You have said no" in text_of(after)
    assert fresh(participation).state == ParticipationState.DECLINED
    entry = fresh(participation.entry)
    assert (entry.state, entry.waiting_since) == (EntryState.WAITING, since)


def test_no_and_needs_no_group(participation, visitor):
    visitor.post(link(participation), {"answer": "stop"})
    entry = fresh(participation.entry)
    assert (entry.state, entry.leave_reason) == (EntryState.LEFT, LeaveReason.OWN_CHOICE)


def test_too_late_says_so_and_what_to_do(cycle, participation, visitor):
    close_answers(cycle)
    after = visitor.post(link(participation), {"answer": "yes"}, follow=True)
    assert fresh(participation).state == ParticipationState.INVITED
    assert "The last day to answer has passed" in text_of(after)
    assert "Call your contact person" in text_of(after)


def test_a_cancelled_group_says_so(cycle, participation, visitor):
    cancel_cycle(cycle=cycle, reason="ziek", by=cycle.lead, now=timezone.localtime())
    for after in (visitor.get(link(participation)), visitor.post(link(participation), {"answer": "yes"}, follow=True)):
        assert "This group does not take place" in text_of(after)


@pytest.mark.parametrize("spoil", [lambda t: t[:-1], lambda t: "x" + t, lambda t: "zomaar"])
def test_an_altered_link_is_a_friendly_404(participation, visitor, spoil):
    url = "/antwoord/" + spoil(answer_token(participation)) + "/"
    answer = visitor.get(url)
    assert answer.status_code == 404
    assert "This link does not work" in text_of(answer)
    assert visitor.post(url, {"answer": "yes"}).status_code == 404
    assert fresh(participation).state == ParticipationState.INVITED


def test_the_link_needs_no_cookie_of_ours(participation):
    visitor = Client(enforce_csrf_checks=True, headers={"origin": "null"})
    assert visitor.post(link(participation), {"answer": "yes"}).status_code == 302
    assert fresh(participation).state == ParticipationState.CONFIRMED


# --- through a worker


def test_a_worker_enters_yes(cycle, participation):
    answer = browser_of(cycle.lead).post(answer_of(participation), {"answer": "yes"})
    assert answer.url == reverse("groups:cycle", args=[cycle.pk])
    assert (fresh(participation).state, fresh(participation).answered_by) == (ParticipationState.CONFIRMED, cycle.lead)


def test_who_co_leads_may_enter_answers_too(cycle, participation):
    browser_of(cycle.co_lead).post(answer_of(participation), {"answer": "stays"})
    assert fresh(participation).state == ParticipationState.DECLINED
    assert fresh(participation.entry).state == EntryState.WAITING


def test_leaving_needs_a_reason(cycle, participation):
    browser = browser_of(cycle.lead)
    answer = browser.post(answer_of(participation), {"answer": "leaves"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["leave_reason"])
    browser.post(answer_of(participation), {"answer": "leaves", "leave_reason": LeaveReason.MOVED})
    assert fresh(participation.entry).leave_reason == LeaveReason.MOVED


def test_an_answer_that_is_given_is_explained_not_changed(cycle, participation):
    browser = browser_of(cycle.lead)
    browser.post(answer_of(participation), {"answer": "stays"})
    answer = browser.post(answer_of(participation), {"answer": "yes"})
    assert answer.status_code == 422
    assert "This invitation has been answered already." in text_of(answer)


def test_answers_are_not_for_strangers_or_who_sees_counts(participation):
    away = make_group_worker("Vreemd", municipalities=[make_municipality("Heemskerk", "GM0396")])
    assert browser_of(away).get(answer_of(participation)).status_code == 404
    assert browser_of(make_team_member("Tessa")).get(answer_of(participation)).status_code == 404
    assert browser_of(make_coordinator()).get(answer_of(participation)).status_code == 403


def test_the_talk_before_the_first_session_is_noted(cycle, participation):
    url = reverse("groups:participation_talk", args=[participation.pk])
    page = reverse("groups:cycle", args=[cycle.pk])
    assert url in text_of(browser_of(cycle.lead).get(page))
    browser_of(cycle.lead).post(url, {"held_on": timezone.localdate()})
    assert fresh(participation).talk_held_on == timezone.localdate()
    assert url not in text_of(browser_of(cycle.lead).get(page))


def test_the_file_is_linked_for_who_leads(cycle, participation):
    assert participation.client.involvements.filter(user=cycle.co_lead, kind=InvolvementKind.CO_LEAD).exists()
    words = text_of(browser_of(cycle.co_lead).get(reverse("groups:cycle", args=[cycle.pk])))
    assert reverse("clients:file", args=[participation.client.public_id]) in words
