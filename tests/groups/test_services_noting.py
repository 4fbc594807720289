"""A session is noted and closed (R25): what is refused, what collides, and what counts once."""

import datetime as dt
import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from groups.enums import AttendanceState, EntryPolicy, HistoryCode, Outcome, ParticipationState, ThemeWish
from groups.exceptions import NotAllowed
from groups.models import (
    Cycle,
    Goal,
    HistoryEntry,
    Participation,
    PlaybookPart,
    ScalePoint,
    SessionPart,
    SessionReport,
    SessionSubmission,
)
from groups.noting import Typed, TypedText, Typings, print_of
from groups.services.cycles import settle_cycles
from groups.services.noting import note_session
from groups.services.renewals import choose_outcome
from groups.services.scheduling import cancel_session
from intake.services.merging import merge_files
from tests.factories.accounts import make_social_worker
from tests.factories.clients import make_client
from tests.factories.groups import fresh, make_cycle, make_entry, make_offer, make_worker, sweep
from tests.groups.locks import threads, wait_until_waiting
from tests.groups.sessions import begun, close_with, places_of, states_of, tapped

PRESENT, LATE, EXCUSED, ABSENT = AttendanceState
pytestmark = pytest.mark.django_db


def note(session, by, now, typed=None, **more):
    return note_session(session=session, by=by, now=now, typed=typed or Typings(), **more)


# --- attendance and closing


def test_one_tap_each_and_everybody_else_is_there():
    cycle, session, now = begun()
    first, second, third = places_of(cycle)
    typed = tapped((first, LATE), (second, ABSENT))
    typed.everybody = True
    noted = note(session, cycle.lead, now, typed, close=True)
    assert (noted.is_closed, noted.was_closed) == (True, None)
    assert states_of(session) == {first.pk: LATE, second.pk: ABSENT, third.pk: PRESENT}
    report = SessionReport.objects.get(session=session)
    assert (report.closed_by, report.closed_at) == (cycle.lead, now)
    row = HistoryEntry.objects.get(code=HistoryCode.SESSION_CLOSED)
    assert (row.session, row.args) == (session, {"came": 2, "people": 3})


def test_it_is_not_closed_while_of_somebody_nothing_is_noted_and_the_rest_is_kept():
    cycle, session, now = begun()
    first, second, third = places_of(cycle)
    noted = note(session, cycle.lead, now, tapped((first, PRESENT)), close=True)
    assert ({person.pk for person in noted.missing}, noted.is_closed) == ({second.pk, third.pk}, False)
    assert states_of(session) == {first.pk: PRESENT}


def test_a_session_to_come_is_neither_noted_nor_closed():
    cycle = make_cycle()
    session = cycle.sessions.get(number=1)
    day_before, morning = session.starts_at - dt.timedelta(days=1), session.starts_at - dt.timedelta(minutes=1)
    for now, close in ((day_before, False), (day_before, True), (morning, True)):
        with pytest.raises(NotAllowed, match="session_not_yet"):
            note(session, cycle.lead, now, tapped((places_of(cycle)[0], PRESENT)), close=close)
    assert states_of(session) == {}
    note(session, cycle.lead, morning, tapped((places_of(cycle)[0], EXCUSED)))
    assert set(states_of(session).values()) == {EXCUSED}


def test_a_cancelled_session_has_nothing_to_note():
    cycle, _session, now = begun()
    second = cycle.sessions.get(number=2)
    cancel_session(session=second, by=cycle.lead, now=now, reason="Ziek", append=True)
    with pytest.raises(NotAllowed, match="session_cancelled"):
        note(second, cycle.lead, second.starts_at)


def test_who_closes_second_hears_who_was_first_and_what_they_had_is_added():
    cycle, session, now = begun()
    first, *others = places_of(cycle)
    everybody = tapped(*[(place, PRESENT) for place in others])
    note(session, cycle.co_lead, now, tapped((first, LATE)))
    note(session, cycle.co_lead, now, everybody, close=True)
    words = Typings(attendance=everybody.attendance, note=TypedText("Rustig begonnen.", ""))
    noted = note(session, cycle.lead, now + dt.timedelta(minutes=5), words, close=True)
    assert (noted.was_closed.closed_by, noted.is_closed, noted.conflicts) == (cycle.co_lead, True, [])
    assert SessionReport.objects.get(session=session).note == "Rustig begonnen."
    assert HistoryEntry.objects.filter(code=HistoryCode.SESSION_CLOSED).count() == 1


def test_what_is_corrected_after_closing_stands_in_the_history_without_a_name():
    cycle, _session, _now = begun()
    first = places_of(cycle)[0]
    now = close_with(cycle, 1, (first, ABSENT))
    session = cycle.sessions.get(number=1)
    note(session, cycle.lead, now, tapped((first, EXCUSED), seen=ABSENT))
    row = HistoryEntry.objects.get(code=HistoryCode.ATTENDANCE_CORRECTED)
    assert (row.by, row.entry, row.session) == (cycle.lead, first.entry, session)
    assert row.args == {"before": "absent", "after": "excused"}


# --- whom it is about


def test_of_who_left_nothing_is_noted_and_the_others_are():
    cycle, session, now = begun(4)
    left, stays, *_others = places_of(cycle)
    Participation.objects.filter(pk=left.pk).update(state=ParticipationState.STOPPED)
    noted = note(session, cycle.lead, now, tapped((left, PRESENT), (stays, PRESENT)))
    assert [(person.pk, why.code) for person, why in noted.refused] == [(left.pk, "left_group")]
    assert states_of(session) == {stays.pk: PRESENT}


def test_a_person_of_another_cycle_is_refused():
    cycle, session, now = begun()
    stranger = places_of(make_cycle(now=now))[0]
    noted = note(session, cycle.lead, now, tapped((stranger, PRESENT)))
    assert [(person, why.code) for person, why in noted.refused] == [(None, "not_in_cycle")]
    assert states_of(session) == {}


@pytest.fixture
def entered_at_third(db):
    """(cycle, place): two sessions were held, and somebody enters at the third with a right to three."""
    cycle = make_cycle(offer=make_offer(entry_policy=EntryPolicy.EVERY_SESSION))
    for number in (1, 2):
        settle_cycles(now=cycle.sessions.get(number=number).starts_at)
        now = close_with(cycle, number)
    entry = make_entry(cycle.waitlist, now=now)
    sweep(now)
    return fresh(cycle), Participation.objects.get(entry=entry)


def test_who_enters_late_is_expected_from_their_first_session_on(entered_at_third):
    cycle, place = entered_at_third
    assert place.enters_at == 3
    second, third = cycle.sessions.get(number=2), cycle.sessions.get(number=3)
    noted = note(second, cycle.lead, third.starts_at, tapped((place, PRESENT)))
    assert [why.code for _person, why in noted.refused] == ["enters_later"]
    assert note(third, cycle.lead, third.starts_at, tapped((place, LATE))).refused == []
    assert states_of(third) == {place.pk: LATE}


def test_who_had_all_of_their_own_sessions_is_not_expected_any_more(entered_at_third):
    cycle, place = entered_at_third
    Participation.objects.filter(pk=place.pk).update(sessions_right=1)
    fourth = cycle.sessions.get(number=4)
    noted = note(fourth, cycle.lead, fourth.starts_at, tapped((place, PRESENT)))
    assert [why.code for _person, why in noted.refused] == ["own_sessions_over"]


# --- two screens


def test_what_somebody_else_noted_is_never_overwritten_unseen():
    cycle, session, now = begun()
    first, second, _third = places_of(cycle)
    note(session, cycle.co_lead, now, tapped((first, PRESENT), (second, LATE)))
    noted = note(session, cycle.lead, now, tapped((first, ABSENT), (second, LATE)), key=uuid.uuid4(), close=True)
    [conflict] = noted.conflicts
    assert (conflict.pk, conflict.theirs, conflict.yours, conflict.who) == (first.pk, PRESENT, ABSENT, cycle.co_lead)
    assert (states_of(session)[first.pk], noted.is_closed) == (PRESENT, False)
    assert SessionSubmission.objects.count() == 0, "it is still to be settled, so it may come again"
    note(session, cycle.lead, now, tapped((first, ABSENT), seen=PRESENT))
    assert states_of(session)[first.pk] == ABSENT


def test_two_who_change_two_texts_keep_both_and_two_who_change_one_choose():
    cycle, session, now = begun()
    note(session, cycle.co_lead, now, Typings(homework=TypedText("Wandelen", "")))
    noted = note(session, cycle.lead, now, Typings(note=TypedText("Fijn", ""), homework=TypedText("", "")))
    assert noted.conflicts == []
    noted = note(session, cycle.lead, now, Typings(homework=TypedText("Bellen", "")))
    assert [(one.name, one.theirs, one.yours) for one in noted.conflicts] == [("homework", "Wandelen", "Bellen")]
    note(session, cycle.lead, now, Typings(homework=TypedText("Wandelen en bellen", print_of("Wandelen"))))
    report = SessionReport.objects.get(session=session)
    assert (report.homework, report.note, report.version) == ("Wandelen en bellen", "Fijn", 3)


def test_the_same_sending_twice_counts_once():
    cycle, session, now = begun()
    first = places_of(cycle)[0]
    key, typed = uuid.uuid4(), tapped((first, ABSENT))
    typed.everybody = True
    note(session, cycle.lead, now, typed, key=key, close=True)
    note(session, cycle.lead, now, tapped((first, PRESENT), seen=ABSENT))
    again = note(session, cycle.lead, now, typed, key=key, close=True)
    assert (again.is_repeated, again.is_closed, again.conflicts) == (True, True, [])
    assert states_of(session)[first.pk] == PRESENT


def test_a_key_that_came_from_somebody_else_says_nothing_here():
    cycle, session, now = begun()
    first, second, _third = places_of(cycle)
    key = uuid.uuid4()
    note(session, cycle.co_lead, now, tapped((first, PRESENT)), key=key)
    note(session, cycle.lead, now, tapped((second, PRESENT)), key=key)
    assert len(states_of(session)) == 2


@pytest.mark.django_db(transaction=True)
def test_two_phones_at_the_same_moment_close_once():
    cycle, session, now = begun()
    typed = tapped(*[(place, PRESENT) for place in places_of(cycle)])
    with threads(2) as run:
        with transaction.atomic():
            Cycle.objects.select_for_update().get(pk=cycle.pk)
            both = [
                run(lambda who=who: note(session, who, now, typed, close=True)) for who in (cycle.lead, cycle.co_lead)
            ]
            wait_until_waiting(2)
        noted = [found.result() for found in both]
    assert [bool(one.was_closed) for one in noted].count(True) == 1
    assert HistoryEntry.objects.filter(code=HistoryCode.SESSION_CLOSED).count() == 1


# --- who may


def test_the_lead_may_always_and_a_second_leader_for_own_sessions_only():
    cycle, session, now = begun()
    stand_in = make_worker("Stans")
    session.staff.filter(user=cycle.co_lead).update(user=stand_in)
    typed = tapped((places_of(cycle)[0], PRESENT))
    note(session, stand_in, now, typed)
    note(session, cycle.lead, now, typed)
    with pytest.raises(PermissionDenied):
        note(session, cycle.co_lead, now, typed)
    later = cycle.sessions.get(number=2)
    with pytest.raises(PermissionDenied):
        note(later, stand_in, later.starts_at, typed)


def test_a_colleague_who_does_not_lead_here_notes_nothing():
    cycle, session, now = begun()
    colleague = make_worker(lead=True, municipality=cycle.catchment.municipality)
    with pytest.raises(PermissionDenied):
        note(session, colleague, now, tapped((places_of(cycle)[0], PRESENT)))


# --- goal, scale, themes, parts


@pytest.mark.parametrize("score", [11, -1, 5.5, "7", True])
def test_the_scale_has_whole_numbers_from_0_to_10(score):
    cycle, session, now = begun()
    with pytest.raises(NotAllowed, match="scale_whole_number"):
        note(session, cycle.lead, now, Typings(scores={places_of(cycle)[0].pk: Typed(score, "")}))
    assert ScalePoint.objects.count() == 0


def test_goal_and_scale_are_noted_with_history_that_says_neither():
    cycle, session, now = begun()
    place = places_of(cycle)[0]
    typed = Typings(goals={place.pk: TypedText("Weer fluiten", "")}, scores={place.pk: Typed(0, "")})
    note(session, cycle.lead, now, typed)
    assert Goal.objects.get(participation=place).text == "Weer fluiten"
    assert ScalePoint.objects.get(participation=place).score == 0
    codes = [HistoryCode.GOAL_NOTED, HistoryCode.SCALE_NOTED]
    assert list(HistoryEntry.objects.filter(code__in=codes).order_by("pk").values_list("args", flat=True)) == [{}, {}]
    typed = Typings(goals={place.pk: TypedText("", print_of("Weer fluiten"))}, scores={place.pk: Typed("", 0)})
    note(session, cycle.lead, now, typed)
    assert (Goal.objects.count(), ScalePoint.objects.count()) == (0, 0)


def test_a_goal_that_somebody_else_wrote_meanwhile_is_shown_and_not_overwritten():
    cycle, session, now = begun()
    place = places_of(cycle)[0]
    note(
        session, cycle.co_lead, now, Typings(goals={place.pk: TypedText("Rust", "")}, scores={place.pk: Typed(3, "")})
    )
    mine = Typings(goals={place.pk: TypedText("Slapen", "")}, scores={place.pk: Typed(4, "")})
    noted = note(session, cycle.lead, now, mine)
    assert {(one.name, one.theirs, one.yours) for one in noted.conflicts} == {
        ("goal", "Rust", "Slapen"),
        ("score", 3, 4),
    }
    assert Goal.objects.get().text == "Rust"


def test_a_goal_goes_along_when_two_files_become_one():
    """R43: it is sealed with the key of whose file it is by then."""
    cycle, session, now = begun()
    place = places_of(cycle)[0]
    note(session, cycle.lead, now, Typings(goals={place.pk: TypedText("Weer fluiten", "")}))
    kept = make_client("Merel", now=now, neighbourhood=place.client.neighbourhood)
    sofie = make_social_worker("Sofie", municipalities=[place.client.neighbourhood.municipality])
    merge_files(kept=kept, other=place.client, by=sofie, now=now)
    goal = Goal.objects.select_related("participation__client__key").get()
    assert (goal.participation.client, goal.text) == (kept, "Weer fluiten")


def test_themes_make_one_inventory_and_each_session_ticks_what_it_dealt_with():
    cycle, session, now = begun()
    theme = {"title": "Grenzen stellen", "wish": ThemeWish.PRACTISE, "votes": 3}
    for _twice in range(2):
        note(session, cycle.lead, now, Typings(new_theme=theme))
    report = SessionReport.objects.get(session=session)
    [found] = report.notes.themes.all()
    assert (found.title, found.votes, list(report.themes.all())) == ("Grenzen stellen", 3, [found])
    second = cycle.sessions.get(number=2)
    note(second, cycle.co_lead, second.starts_at, Typings(themes={found.pk: Typed(True, False)}))
    assert found.reports.count() == 2
    note(session, cycle.lead, now, Typings(themes={found.pk: Typed(False, True)}))
    assert found.reports.count() == 1
    with pytest.raises(ValidationError):
        note(session, cycle.lead, now, Typings(new_theme=theme | {"title": "x" * 200}))


def test_parts_are_ticked_for_their_own_session_only():
    cycle, session, now = begun()
    part = PlaybookPart.objects.create(offer=cycle.offer, title="Rollenspel", method="psychodrama", minutes=20)
    mine = SessionPart.objects.create(session=session, part=part, position=1)
    other = SessionPart.objects.create(session=cycle.sessions.get(number=2), part=part, position=1)
    note(session, cycle.lead, now, Typings(parts={mine.pk: Typed(True, False), other.pk: Typed(True, False)}))
    assert (fresh(mine).is_used, fresh(other).is_used) == (True, False)


def test_who_stops_by_a_decision_keeps_what_was_noted():
    cycle, session, now = begun(4)
    place = places_of(cycle)[0]
    close_with(cycle, 1, (place, ABSENT))
    choose_outcome(participation=place, outcome=Outcome.STOPPED, by=cycle.lead, now=now + dt.timedelta(days=1))
    assert states_of(session)[place.pk] == ABSENT
