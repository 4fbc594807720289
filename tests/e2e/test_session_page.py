"""The page of a session on a telephone: taps counted, a connection that is lost, two phones, no JavaScript (R25)."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from groups.enums import AttendanceState, HistoryCode
from groups.models import HistoryEntry, ScalePoint, Session, SessionReport, SessionSubmission
from groups.noting import Typings
from groups.services.noting import note_session
from tests.browser import PHONE, assert_accessible, log_in
from tests.factories.groups import fresh
from tests.groups.sessions import begun, places_of, states_of, tapped

PRESENT, LATE, EXCUSED, ABSENT = AttendanceState
pytestmark = pytest.mark.django_db(transaction=True)
KEPT = "Object.keys(localStorage).filter((name) => name.startsWith('socius-kept:'))"
# From Today, with three of ten not simply there: open, three exceptions, everybody else, close.
TAPS = 6


class Thumb:
    """Taps on one page, counted."""

    def __init__(self, page):
        self.page, self.taps = page, 0

    def tap(self, selector):
        self.page.locator(selector).first.click()
        self.taps += 1

    def note(self, place, state):
        self.tap(f"label[for=state-{place.pk}-{state}]")

    def press(self, action):
        self.tap(f".session-bar [value={action}]")


def evening_of(n):
    """(cycle, yesterday's first session, places)"""
    cycle, session, _now = begun(n)
    Session.objects.filter(pk=session.pk).update(date=timezone.localdate() - dt.timedelta(days=1), state="held")
    return cycle, fresh(session), places_of(cycle)


def url_of(session):
    return reverse("groups:session", args=[session.pk])


@pytest.fixture
def opened(open_page):
    """(cycle, session, places, thumb on the lead's telephone): a session of three, open."""
    cycle, session, places = evening_of(3)
    page = open_page(viewport=PHONE, user=cycle.lead)
    page.goto(url_of(session))
    yield cycle, session, places, Thumb(page)
    # What a browser says of a lost connection, of a conflict and of a refusal is no complaint here.
    known = ("net::ERR_", "status of 409", "status of 422")
    open_page.complaints[:] = [text for text in open_page.complaints if not any(word in text for word in known)]


def closed(session):
    return SessionReport.objects.filter(session=session, closed_at__isnull=False).exists()


def test_ten_people_are_noted_and_the_session_closed_in_a_few_taps(open_page):
    cycle, session, places = evening_of(10)
    page = open_page(viewport=PHONE, user=cycle.lead)
    page.goto("/")
    thumb = Thumb(page)
    thumb.tap(f"a[href='{url_of(session)}']")
    thumb.note(places[1], LATE)
    thumb.note(places[4], ABSENT)
    thumb.note(places[7], EXCUSED)
    thumb.press("everybody")
    thumb.press("close")
    page.get_by_text("afgerond").or_(page.get_by_text("The session is closed")).first.wait_for()
    assert closed(session)
    assert sorted(states_of(session).values()) == sorted([*[PRESENT] * 7, LATE, ABSENT, EXCUSED])
    assert thumb.taps == TAPS
    assert page.evaluate(KEPT) == []


def test_every_target_is_as_high_as_a_thumb_and_the_bar_stays_in_reach(opened):
    _cycle, _session, _places, thumb = opened
    for selector in (".attendee-choices label", ".session-bar .btn"):
        for box in [found.bounding_box() for found in thumb.page.locator(selector).all()]:
            assert box["height"] >= 44, selector
            assert box["width"] >= 44, selector
    bar = thumb.page.locator(".session-bar").bounding_box()
    assert bar["y"] + bar["height"] <= PHONE["height"] + 1
    for summary in thumb.page.locator("summary:visible").all():
        if summary.get_attribute("class") is None:
            summary.click()
    assert_accessible(thumb.page)


def test_what_was_tapped_without_a_connection_is_sent_once_it_is_back(opened):
    cycle, session, places, thumb = opened
    page = thumb.page
    page.context.set_offline(True)
    thumb.note(places[0], ABSENT)
    thumb.press("everybody")
    thumb.press("close")
    page.locator("[data-kept=session-waiting]").wait_for()
    assert states_of(session) == {}
    assert len(page.evaluate(KEPT)) == 1
    page.context.set_offline(False)
    page.locator(".reason-ok").wait_for()
    assert states_of(session) == {places[0].pk: ABSENT, places[1].pk: PRESENT, places[2].pk: PRESENT}
    assert (closed(session), SessionSubmission.objects.count(), page.evaluate(KEPT)) == (True, 1, [])


def test_a_lost_answer_is_asked_for_again_and_counts_once(opened):
    cycle, session, places, thumb = opened
    page, lost = thumb.page, []

    def lose(route):
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch())
            route.abort()
        else:
            route.continue_()

    page.route(f"**{url_of(session)}", lose)
    thumb.press("everybody")
    thumb.press("close")
    page.locator("[data-kept=session-waiting]").wait_for()
    assert closed(session)
    # Meanwhile somebody corrects it: what is sent again must not undo that.
    note_session(session=session, by=cycle.co_lead, now=timezone.now(), typed=tapped((places[0], LATE), seen=PRESENT))
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.locator(".reason-ok").wait_for()
    assert states_of(session)[places[0].pk] == LATE
    assert HistoryEntry.objects.filter(code=HistoryCode.SESSION_CLOSED).count() == 1
    assert (SessionSubmission.objects.count(), page.evaluate(KEPT)) == (1, [])


def test_a_page_that_was_closed_unsent_has_it_all_when_it_is_opened_again(opened):
    _cycle, session, places, thumb = opened
    page = thumb.page
    thumb.note(places[2], EXCUSED)
    page.locator(".session-part:last-of-type summary").click()
    page.locator("[name=note]").fill("Nog niet bewaard.")
    page.goto("/")
    page.goto(url_of(session))
    page.locator("[data-kept=session-unsent]").wait_for()
    assert page.locator(f"#state-{places[2].pk}-excused").is_checked()
    assert page.locator("[name=note]").input_value() == "Nog niet bewaard."
    page.locator("[data-forget]").click()
    page.wait_for_load_state()
    assert page.locator("[data-kept]").count() == 0
    assert (page.evaluate(KEPT), page.locator("[name=note]").input_value()) == ([], "")


def test_two_phones_show_what_they_disagree_on_and_lose_nothing(opened):
    cycle, session, places, thumb = opened
    page = thumb.page
    page.context.set_offline(True)
    thumb.note(places[0], ABSENT)
    thumb.note(places[1], LATE)
    thumb.press("everybody")
    page.locator("[name=note]").evaluate("(field) => { field.closest('details').open = true; }")
    page.locator("[name=note]").fill("Mijn woorden")
    thumb.press("close")
    page.locator("[data-kept=session-waiting]").wait_for()
    typed = Typings(attendance=tapped((places[0], PRESENT)).attendance)
    note_session(session=session, by=cycle.co_lead, now=timezone.now(), typed=typed)
    page.context.set_offline(False)
    row = page.locator(f"#person-{places[0].pk}.is-conflict")
    row.wait_for()
    assert cycle.co_lead.short_name in row.inner_text()
    assert page.locator(f"#state-{places[0].pk}-absent").is_checked()
    assert states_of(session) == {places[0].pk: PRESENT, places[1].pk: LATE, places[2].pk: PRESENT}
    assert (closed(session), SessionReport.objects.get().note) == (False, "Mijn woorden")
    assert_accessible(page)
    thumb.press("close")
    page.locator(".reason-ok").wait_for()
    assert (states_of(session)[places[0].pk], closed(session), page.evaluate(KEPT)) == (ABSENT, True, [])


def test_who_closes_second_hears_who_was_first(opened):
    cycle, session, _places, thumb = opened
    typed = Typings(everybody=True)
    note_session(session=session, by=cycle.co_lead, now=timezone.now(), typed=typed, close=True)
    thumb.press("everybody")
    thumb.press("close")
    message = thumb.page.locator("#messages .message-info:not([data-kept])")
    message.wait_for()
    assert cycle.co_lead.short_name in message.inner_text()


def test_logging_out_throws_away_what_was_kept_after_asking(opened):
    _cycle, session, places, thumb = opened
    page, asked = thumb.page, []
    thumb.note(places[0], ABSENT)

    def answer(dialog):
        asked.append(dialog.message)
        dialog.dismiss() if len(asked) == 1 else dialog.accept()

    page.on("dialog", answer)
    page.locator(".user-menu summary").click()
    page.locator(".user-menu form button").click()
    assert (len(asked), len(page.evaluate(KEPT))) == (1, 1)
    page.locator(".user-menu form button").click()
    page.wait_for_url("**/inloggen/**")
    assert page.evaluate(KEPT) == []


def test_somebody_else_on_the_same_device_finds_nothing(opened):
    cycle, session, places, thumb = opened
    page = thumb.page
    thumb.note(places[0], ABSENT)
    page.context.clear_cookies()
    log_in(page, cycle.co_lead)
    page.goto(url_of(session))
    assert not page.locator(f"#state-{places[0].pk}-absent").is_checked()
    assert page.evaluate(KEPT) == []


def test_all_of_it_works_without_javascript(open_page):
    cycle, session, places = evening_of(3)
    page = open_page(viewport=PHONE, user=cycle.co_lead, javascript=False)
    page.goto(url_of(session))
    thumb = Thumb(page)
    thumb.note(places[0], LATE)
    first = page.locator(f"#person-{places[0].pk}")
    first.locator("summary").click()
    first.locator("textarea").fill("Weer fluiten op de fiets")
    first.locator("select").select_option("3")
    thumb.press("everybody")
    thumb.press("close")
    page.locator(".reason-ok").wait_for()
    assert states_of(session) == {places[0].pk: LATE, places[1].pk: PRESENT, places[2].pk: PRESENT}
    assert (closed(session), ScalePoint.objects.get().score) == (True, 3)
