"""R22: who enters a running group is called, met and answered for before their own first session, not session 1."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from groups.enums import EntryPolicy, EntryState, ParticipationState
from groups.exceptions import NotAllowed
from groups.models import Participation
from groups.services.cycles import settle_cycles
from groups.services.invitations import answer_invitation, record_participant_talk
from reporting.queries.today import calls_to_make, talks_before_first_session
from reporting.today import build_today
from tests.factories.groups import fresh, make_cycle, make_entry, make_offer, sweep
from tests.factories.neighbourhoods import local
from tests.groups.pages import browser_of

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
# Sessions on Mondays from 14 September; the second is over, the third is on the 28th.
MONDAY, THIRD = local(2026, 9, 21, 12), dt.date(2026, 9, 28)


@pytest.fixture
def cycle():
    cycle = make_cycle(offer=make_offer(entry_policy=EntryPolicy.EVERY_SESSION))
    settle_cycles(now=cycle.sessions.get(number=1).starts_at)
    settle_cycles(now=MONDAY)
    assert cycle.sessions.get(number=3).date == THIRD
    return cycle


def enters(cycle, now=MONDAY, **fields):
    entry = make_entry(cycle.waitlist, now=now, **fields)
    sweep(now)
    place = Participation.objects.get(entry=entry)
    assert place.enters_at == 3
    return place


@pytest.mark.parametrize(
    ("days", "fields", "call_from"),
    [
        (0, {}, dt.date(2026, 9, 24)),
        (4, {}, dt.date(2026, 9, 27)),
        (6, {}, dt.date(2026, 9, 27)),
        (0, {"email": ""}, MONDAY.date()),
    ],
    ids=["three working days", "the day before, if that is sooner", "at once on that day", "no mail"],
)
def test_they_are_called_in_time_for_their_own_first_session(cycle, days, fields, call_from):
    place = enters(cycle, MONDAY + days * DAY, **fields)
    assert place.call_from == call_from
    for day, is_task in ((call_from - DAY, False), (call_from, True), (THIRD, True)):
        assert list(calls_to_make(cycle.lead, today=day)) == [place] * is_task
    settle_cycles(now=cycle.sessions.get(number=3).ends_at)
    assert not calls_to_make(cycle.lead, today=THIRD).exists(), "they were there, or were not: no call settles it now"


def test_who_was_there_from_the_start_is_not_called_any_more(cycle):
    assert cycle.participations.filter(state=ParticipationState.INVITED, call_from__lte=MONDAY.date()).count() == 3
    assert not calls_to_make(cycle.lead, today=MONDAY.date()).exists()


def test_the_acquaintance_talk_is_to_be_held_until_their_own_first_session(cycle):
    """R8: those who have been there since the first session are not met once more."""
    place = enters(cycle)
    assert [(row, row.first_on) for row in talks_before_first_session(cycle.lead)] == [(place, THIRD)]
    other = enters(cycle)
    record_participant_talk(participation=other, held_on=MONDAY.date(), by=cycle.lead, now=MONDAY)
    assert list(talks_before_first_session(cycle.lead)) == [place]
    settle_cycles(now=cycle.sessions.get(number=3).ends_at)
    assert not talks_before_first_session(cycle.lead).exists()


def tasks_about(cycle, word, now):
    with translation.override("en"):
        return [task for task in build_today(cycle.lead, now=now).tasks if word in task.title]


def test_today_names_the_day_of_their_own_first_session(cycle):
    enters(cycle)
    now = local(2026, 9, 25, 9)
    [call], [talk] = tasks_about(cycle, "Call", now), tasks_about(cycle, "Meet", now)
    for task in (call, talk):
        assert "Mon 28 Sep" in task.why
        assert "14 Sep" not in task.why


def test_each_first_day_is_a_task_of_its_own(cycle):
    """Two who come in at different sessions are not told each other's day."""
    enters(cycle, email="")
    morning = cycle.sessions.get(number=3).ends_at - dt.timedelta(hours=3)
    entry = make_entry(cycle.waitlist, now=morning, email="")
    sweep(morning)
    assert Participation.objects.get(entry=entry).enters_at == 4
    days = [task.why.rpartition(" is ")[2] for task in tasks_about(cycle, "Call", morning)]
    assert days == ["Mon 28 Sep.", "Mon 5 Oct."]


@pytest.mark.parametrize("coming", [True, False])
def test_a_worker_enters_their_answer_until_the_day_of_their_own_first_session(cycle, coming):
    place, there_from_the_start = enters(cycle), cycle.participations.order_by("pk").first()
    on_the_day = local(2026, 9, 28, 8)
    with pytest.raises(NotAllowed, match="too_late"):
        answer_invitation(participation=there_from_the_start, coming=coming, by=cycle.lead, now=on_the_day)
    with pytest.raises(NotAllowed, match="too_late"):
        answer_invitation(participation=place, coming=coming, by=cycle.lead, now=on_the_day + DAY)
    answer_invitation(participation=place, coming=coming, by=cycle.lead, now=on_the_day)
    place = fresh(place)
    assert (place.state, place.answered_by) == ("confirmed" if coming else "declined", cycle.lead)
    assert fresh(place.entry).state == (EntryState.PLACED if coming else EntryState.WAITING)


# --- the pages, which look at the clock themselves


@pytest.fixture
def running():
    """Formed four weeks ago, so it runs today; and somebody who enters now."""
    now = timezone.localtime()
    cycle = make_cycle(offer=make_offer(entry_policy=EntryPolicy.EVERY_SESSION), now=now - 28 * DAY)
    settle_cycles(now=cycle.sessions.get(number=1).starts_at)
    settle_cycles(now=now)
    entry = make_entry(cycle.waitlist, now=now, given_name="Mina", family_name="Zeester")
    sweep(now)
    return cycle, Participation.objects.get(entry=entry)


def test_the_groups_page_asks_for_the_talk_and_the_answer_of_who_enters_only(running):
    cycle, place = running
    page = browser_of(cycle.lead).get(reverse("groups:cycle", args=[cycle.pk]))
    rows = {row["participation"]: (row["needs_talk"], row["may_answer"]) for row in page.context["coming"]}
    assert rows.pop(place) == (True, True)
    assert list(rows.values()) == [(False, False)] * 3


def test_the_answer_page_for_workers_is_open_for_who_enters_only(running):
    cycle, place = running
    browser = browser_of(cycle.lead)
    for row in cycle.participations.order_by("pk"):
        response = browser.get(reverse("groups:participation_answer", args=[row.pk]))
        assert response.status_code == (200 if row == place else 302)
    posted = browser.post(reverse("groups:participation_answer", args=[place.pk]), {"answer": "yes"})
    assert posted.status_code == 302
    assert fresh(place).state == ParticipationState.CONFIRMED
