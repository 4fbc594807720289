"""R26: two own sessions in a row without word become the lead's task, once, until they come again."""

import pytest
from django.utils import timezone

from clients.enums import FollowUpAbout, SettledHow
from clients.models import FollowUp
from clients.services import settle_follow_up
from groups.enums import AttendanceState, HistoryCode
from groups.models import HistoryEntry
from groups.services.missed import missed_since
from groups.services.noting import note_session
from reporting.today import build_today
from tests.groups.sessions import begun, close_with, places_of, tapped

PRESENT, LATE, EXCUSED, ABSENT = AttendanceState
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("states", "since"),
    [
        ("", None),
        ("a", None),
        ("aa", 1),
        ("aaa", 1),
        ("paa", 2),
        ("aap", None),
        ("aal", None),
        ("apa", None),
        ("aea", None),
        ("aae", 1),
        ("aapaa", 4),
        ("aaeaa", 4),
        ("a.a", None),
    ],
)
def test_two_in_a_row_since_they_last_came(states, since):
    """p present, l late, e sent word, a absent; a dot is a session that nobody closed."""
    known = {"p": PRESENT, "l": LATE, "e": EXCUSED, "a": ABSENT}
    noted = {number: known[letter] for number, letter in enumerate(states, 1) if letter != "."}
    assert missed_since([1, 2, 3, 4, 5], noted) == since


@pytest.fixture
def missed_twice(db):
    cycle, _session, _now = begun()
    place = places_of(cycle)[0]
    close_with(cycle, 1, (place, ABSENT))
    assert FollowUp.objects.count() == 0
    return cycle, place, close_with(cycle, 2, (place, ABSENT))


def test_the_second_time_is_a_task_of_the_lead_due_at_once(missed_twice):
    cycle, place, now = missed_twice
    row = FollowUp.objects.get(about=FollowUpAbout.MISSED_SESSIONS)
    assert (row.client, row.for_user, row.due_on) == (place.client, cycle.lead, timezone.localdate(now))
    history = HistoryEntry.objects.get(code=HistoryCode.SESSIONS_MISSED)
    assert (history.entry, history.rule, history.args) == (place.entry, "R26", {"since": 1})
    assert any("Twee bijeenkomsten" in task.why for task in build_today(cycle.lead, now=now).tasks)


def test_a_third_time_and_what_somebody_settled_is_not_asked_again(missed_twice):
    cycle, place, now = missed_twice
    settle_follow_up(follow_up=FollowUp.objects.get(), how=SettledHow.SPOKEN, by=cycle.lead, now=now)
    close_with(cycle, 3, (place, ABSENT))
    assert FollowUp.objects.open().count() == 0
    assert HistoryEntry.objects.filter(code=HistoryCode.SESSIONS_MISSED).count() == 1


def test_coming_again_settles_it_by_rule(missed_twice):
    cycle, place, _now = missed_twice
    close_with(cycle, 3, (place, LATE))
    assert FollowUp.objects.get().settled_how == SettledHow.RULE


def test_a_correction_takes_it_away_and_another_brings_it_back(missed_twice):
    cycle, place, now = missed_twice
    second = cycle.sessions.get(number=2)
    note_session(session=second, by=cycle.lead, now=now, typed=tapped((place, EXCUSED), seen=ABSENT))
    assert FollowUp.objects.open().count() == 0
    note_session(session=second, by=cycle.lead, now=now, typed=tapped((place, ABSENT), seen=EXCUSED))
    assert FollowUp.objects.open().count() == 1


def test_what_is_noted_and_not_closed_yet_raises_nothing():
    cycle, _session, _now = begun()
    place = places_of(cycle)[0]
    close_with(cycle, 1, (place, ABSENT))
    second = cycle.sessions.get(number=2)
    note_session(session=second, by=cycle.lead, now=second.starts_at, typed=tapped((place, ABSENT)))
    assert FollowUp.objects.count() == 0
