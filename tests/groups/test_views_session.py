"""The page of a session (R25): who reads and writes it, what it says when something collides, and what it costs."""

import datetime as dt
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from groups.attendance import with_attendance
from groups.enums import AttendanceState, ParticipationState, ThemeWish
from groups.models import Attendance, Cycle, Goal, Participation, ScalePoint, Session, SessionReport, Theme
from groups.noting import TypedText, Typings
from groups.scale import scale_of_cycle, slope_of
from groups.services.noting import note_session
from reporting.today import build_today
from tests.factories.accounts import make_coordinator
from tests.factories.groups import fresh, make_offer, make_worker
from tests.groups.pages import browser_of, statements, text_of
from tests.groups.sessions import begun, close_with, places_of, states_of, tapped
from tests.test_fuzz import NASTY

PRESENT, LATE, EXCUSED, ABSENT = AttendanceState
pytestmark = pytest.mark.django_db
TODAY_OF_TEAM_MEMBER = 10  # statements; at most 15


def earlier(session):
    """The real clock reads the page: the session is yesterday's."""
    Session.objects.filter(pk=session.pk).update(date=timezone.localdate() - dt.timedelta(days=1))


@pytest.fixture
def evening(db):
    """(cycle, first session, places): yesterday's."""
    cycle, session, _now = begun()
    earlier(session)
    return cycle, fresh(session), places_of(cycle)


def url_of(session):
    return reverse("groups:session", args=[session.pk])


def post(user, session, action="save", **fields):
    values = {name.replace("_", "-") if name[-1].isdigit() else name: value for name, value in fields.items()}
    return browser_of(user).post(url_of(session), values | {"action": action})


def seen(places, state=""):
    return {f"was-state-{place.pk}": state for place in places}


# --- reading and writing


def test_a_session_of_ten_is_closed_with_two_exceptions_and_everybody_else():
    cycle, session, _now = begun(10)
    earlier(session)
    late, absent, *others = places_of(cycle)
    browser = browser_of(cycle.lead)
    fields = {f"state-{late.pk}": LATE, f"state-{absent.pk}": ABSENT} | seen([late, absent, *others])
    answer = browser.post(url_of(session), fields | {"action": "everybody"})
    assert answer.status_code == 302
    answer = browser.post(url_of(session), {"action": "close"}, follow=True)
    assert "The session is closed" in text_of(answer)
    assert sorted(states_of(session).values()) == sorted([LATE, ABSENT, *[PRESENT] * 8])


def test_a_script_hears_where_to_go_on_and_an_ordinary_form_goes_there(evening):
    cycle, session, _places = evening
    browser = browser_of(cycle.lead)
    assert browser.post(url_of(session), {}).headers["Location"] == url_of(session)
    told = browser.post(url_of(session), {}, headers={"Accept": "application/json, text/html"})
    assert told.json() == {"next": url_of(session)}


def test_without_attendance_it_is_not_closed_and_says_of_how_many(evening):
    cycle, session, places = evening
    answer = post(cycle.lead, session, "close", **{f"state-{places[0].pk}": PRESENT})
    assert answer.status_code == 422
    assert "Of 2 people nothing is noted yet" in text_of(answer)
    assert states_of(session) == {places[0].pk: PRESENT}


def test_a_conflict_names_who_noted_what_and_saving_again_is_choosing(evening):
    cycle, session, places = evening
    first = places[0]
    post(cycle.co_lead, session, **{f"state-{first.pk}": PRESENT, f"was-state-{first.pk}": ""})
    mine = {f"state-{first.pk}": ABSENT, f"was-state-{first.pk}": ""}
    answer = post(cycle.lead, session, **mine)
    assert answer.status_code == 409
    assert f"{cycle.co_lead.short_name} noted present" in text_of(answer)
    assert f'name="was-state-{first.pk}" value="present"' in answer.content.decode()
    post(cycle.lead, session, **(mine | {f"was-state-{first.pk}": "present"}))
    assert states_of(session)[first.pk] == ABSENT


def test_what_is_not_right_stands_at_its_field_and_nothing_typed_is_lost(evening):
    cycle, session, places = evening
    first = places[0]
    for score in ("5,5", "11"):
        fields = {f"state-{first.pk}": LATE, f"score-{first.pk}": score, f"goal-{first.pk}": "Fluiten", "note": "Kort"}
        answer = post(cycle.lead, session, "close", **fields, **seen([first]))
        words = text_of(answer)
        assert answer.status_code == 422
        assert "Choose a whole number from 0 to 10." in words
        assert (">Fluiten</textarea>" in words, ">Kort</textarea>" in words) == (True, True)
        assert f'id="state-{first.pk}-late" checked' in words
    assert (states_of(session), SessionReport.objects.count()) == ({}, 0)


def test_a_sending_with_somebody_who_left_is_saved_and_says_so(evening):
    cycle, session, places = evening
    Participation.objects.filter(pk=places[0].pk).update(state=ParticipationState.STOPPED)
    fields = {f"state-{place.pk}": PRESENT for place in places}
    answer = browser_of(cycle.lead).post(url_of(session), fields | seen(places) | {"action": "close"}, follow=True)
    assert f"{places[0].client.name_in_group}: has left this group" in text_of(answer)
    assert SessionReport.objects.get().closed_at is not None


def test_closing_twice_says_who_was_first(evening):
    cycle, session, _places = evening
    post(cycle.co_lead, session, "everybody")
    post(cycle.co_lead, session, "close")
    answer = browser_of(cycle.lead).post(url_of(session), {"action": "close"}, follow=True)
    assert f"{cycle.co_lead.short_name} had closed this session already" in text_of(answer)


def test_a_page_left_open_by_somebody_else_writes_nothing(evening):
    cycle, session, places = evening
    answer = post(cycle.lead, session, **{f"state-{places[0].pk}": PRESENT, "by": str(cycle.co_lead.pk)})
    assert "Somebody else filled this in" in text_of(answer)
    assert states_of(session) == {}


def test_the_same_key_twice_counts_once(evening):
    cycle, session, places = evening
    first, key = places[0], str(uuid.uuid4())
    fields = {f"state-{first.pk}": ABSENT, f"was-state-{first.pk}": "", "key": key}
    post(cycle.lead, session, **fields)
    post(cycle.lead, session, **{f"state-{first.pk}": LATE, f"was-state-{first.pk}": "absent"})
    assert post(cycle.lead, session, **fields).status_code == 302
    assert states_of(session)[first.pk] == LATE


def test_a_session_to_come_shows_no_form_and_takes_nothing():
    cycle, _session, _now = begun()
    last = cycle.sessions.order_by("number").last()
    Session.objects.filter(pk=last.pk).update(date=timezone.localdate() + dt.timedelta(days=2))
    assert "is still to come" in text_of(browser_of(cycle.lead).get(url_of(last)))
    assert post(cycle.lead, last, "close").status_code == 422


def test_who_comes_for_the_first_or_last_time_is_asked_goal_and_scale(evening):
    cycle, session, places = evening
    words = text_of(browser_of(cycle.lead).get(url_of(session)))
    assert (words.count("first time"), "Miracle question" in words) == (3, True)
    second, last = cycle.sessions.get(number=2), cycle.sessions.get(number=5)
    earlier(second)
    words = text_of(browser_of(cycle.lead).get(url_of(second)))
    assert (words.count("first time"), "Miracle question" in words) == (0, False)
    ScalePoint.objects.create(
        participation=places[0], session=session, score=3, noted_at=timezone.now(), noted_by=cycle.lead
    )
    earlier(last)
    words = text_of(browser_of(cycle.lead).get(url_of(last)))
    assert (words.count("last time"), "The same as a table" in words) == (3, True)


# --- who may


def test_a_colleague_reads_and_the_coordinator_counts(evening):
    cycle, session, places = evening
    now = timezone.now()
    texts = Typings(attendance=tapped((places[0], LATE)).attendance, note=TypedText("Over de hond gepraat.", ""))
    note_session(session=session, by=cycle.lead, now=now, typed=texts)
    colleague = make_worker(lead=True, municipality=cycle.catchment.municipality)
    words = text_of(browser_of(colleague).get(url_of(session)))
    assert f"{places[0].client.name_in_group}: came late" in words
    assert "Over de hond gepraat." in words
    assert browser_of(colleague).post(url_of(session), {}).status_code == 403
    words = text_of(browser_of(make_coordinator()).get(url_of(session)))
    assert "came late" in words.casefold()
    assert (places[0].client.name_in_group in words, "hond" in words) == (False, False)


def test_notes_of_a_sensitive_group_are_its_leaders(evening):
    cycle, session, _places = evening
    note_session(
        session=session, by=cycle.lead, now=timezone.now(), typed=Typings(note=TypedText("Over de hond.", ""))
    )
    type(cycle.offer).objects.filter(pk=cycle.offer.pk).update(is_sensitive=True)
    colleague = make_worker(lead=True, municipality=cycle.catchment.municipality)
    assert "hond" not in text_of(browser_of(colleague).get(url_of(session)))
    assert "hond" in text_of(browser_of(cycle.lead).get(url_of(session)))


def test_a_second_leader_reads_a_session_that_somebody_else_sits_in(evening):
    cycle, session, _places = evening
    session.staff.filter(user=cycle.co_lead).update(user=make_worker("Stans"))
    assert browser_of(cycle.co_lead).get(url_of(session)).status_code == 200
    assert browser_of(cycle.co_lead).post(url_of(session), {}).status_code == 403


# --- cost


@pytest.mark.parametrize("people", [1, 3])
def test_the_page_costs_the_same_for_one_and_for_three(people):
    cycle, session, now = begun(people, offer=make_offer(minimum=1))
    second = cycle.sessions.get(number=2)
    for place in places_of(cycle):
        theme = {"title": f"Thema {place.pk}", "wish": ThemeWish.DISCUSS, "votes": 2}
        goal = {place.pk: TypedText("Fluiten", "")}
        typed = Typings(goals=goal, new_theme=theme, attendance=tapped((place, PRESENT)).attendance)
        note_session(session=session, by=cycle.lead, now=now, typed=typed)
        note_session(session=second, by=cycle.lead, now=second.starts_at, typed=typed)
    earlier(session)
    browser = browser_of(cycle.lead)
    browser.get(url_of(session))
    assert statements(browser, url_of(session)) == 12
    assert (Goal.objects.count(), Theme.objects.count(), Attendance.objects.count()) == (people, people, people * 2)


@pytest.mark.parametrize("people", [1, 3])
def test_reading_costs_the_same_for_one_and_for_three(people):
    cycle, session, now = begun(people, offer=make_offer(minimum=1))
    note_session(session=session, by=cycle.lead, now=now, typed=Typings(everybody=True))
    earlier(session)
    colleague = make_worker(lead=True, municipality=cycle.catchment.municipality)
    browser = browser_of(colleague)
    browser.get(url_of(session))
    assert statements(browser, url_of(session)) <= 15


# --- today


def test_today_holds_each_session_until_it_is_closed_for_both_leaders():
    cycle, session, now = begun()
    for leader in (cycle.lead, cycle.co_lead):
        tasks = [task for task in build_today(leader, now=now).tasks if task.url == url_of(session)]
        assert [task.action for task in tasks] == ["Bijeenkomst afronden"]
    after = session.ends_at + dt.timedelta(days=3)
    close = [task for task in build_today(cycle.co_lead, now=after).tasks if task.url == url_of(session)]
    assert len(close) == 1
    now = close_with(cycle, 1)
    assert [task for task in build_today(cycle.lead, now=now).tasks if task.url == url_of(session)] == []


def test_a_session_of_long_ago_is_no_task_any_more():
    cycle, session, _now = begun()
    Session.objects.filter(pk=session.pk).update(state="held")
    old = session.ends_at + dt.timedelta(days=40)
    assert [task for task in build_today(cycle.lead, now=old).tasks if task.url == url_of(session)] == []


# --- the picture and the figures


def test_a_slope_says_in_words_what_the_picture_shows():
    up, same, down = (
        slope_of("A. de V.", answers, latest=5) for answers in ([(1, 3), (5, 7)], [(1, 4), (3, 4)], [(2, 5), (5, 4)])
    )
    assert (up.change, same.change, down.change) == (4, 0, -1)
    assert [(dot.x, dot.y) for dot in up.dots] == [(26, 63), (134, 35)]
    assert [dot.is_last for dot in up.dots] == [False, True]
    once = slope_of("A. de V.", [(1, 10)], latest=1)
    assert (once.change, once.last) == (None, None)
    assert "10" in once.words


def test_slopes_are_for_who_may_see_participants(evening):
    cycle, session, places = evening
    for number, score in ((1, 2), (5, 8)):
        ScalePoint.objects.create(
            participation=places[0],
            session=cycle.sessions.get(number=number),
            score=score,
            noted_at=timezone.now(),
            noted_by=cycle.lead,
        )
    [slope] = scale_of_cycle(cycle, cycle.lead)
    assert (slope.name, slope.first.score, slope.last.score) == (places[0].client.short_name, 2, 8)
    assert scale_of_cycle(cycle, make_coordinator()) == []


def test_attendance_counts_what_closed_sessions_say():
    cycle, _session, _now = begun()
    close_with(cycle, 1, (places_of(cycle)[0], ABSENT))
    second = cycle.sessions.get(number=2)
    note_session(session=second, by=cycle.lead, now=second.starts_at, typed=Typings(everybody=True))
    row = with_attendance(Cycle.objects.all()).get(pk=cycle.pk)
    assert (row.noted, row.came) == (3, 2)


# --- whatever is sent


@settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_no_sending_answers_with_500(evening, data):
    cycle, session, places = evening
    names = ["key", "by", "homework", "note", "theme_title", "theme_wish", "theme_votes", "action", "theme-1"]
    for place in (*places, Participation(pk=987654)):
        kinds = ("state", "score", "goal")
        names += [f"{seen}{kind}-{place.pk}" for seen in ("", "was-") for kind in kinds]
    names += ["was-theme-1", "was-part-1", "state-99999999999999999999", "was-homework", "score-٣"]
    good = ["present", "absent", "7", "on", "close", "everybody", "save", "discuss", str(uuid.UUID(int=7))]
    value = st.sampled_from([*good, *NASTY])
    sent = data.draw(st.dictionaries(st.sampled_from(names), value))
    assert browser_of(cycle.lead).post(url_of(session), sent).status_code < 500


@pytest.mark.parametrize("sessions", [1, 3])
def test_sessions_to_close_cost_today_one_statement(sessions):
    cycle, _session, _now = begun()
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    for session in cycle.sessions.filter(number__lte=sessions):
        Session.objects.filter(pk=session.pk).update(date=yesterday, state="held")
    browser = browser_of(cycle.co_lead)
    browser.get("/")
    cost = statements(browser, "/")
    assert text_of(browser.get("/")).count("is not closed yet") >= sessions
    assert cost == TODAY_OF_TEAM_MEMBER
