"""The calendar by keyboard alone, a plan that is changed with the consequences shown, and how few presses it takes."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from groups.calendar import weekly_days
from groups.models import Cycle
from groups.services.free_moments import free_moments
from groups.services.talks import plan_talk
from tests.browser import DESKTOP, PHONE, assert_accessible
from tests.factories.groups import fresh, make_cycle, make_offer, ready_waitlist

pytestmark = pytest.mark.django_db(transaction=True)
# A cycle by hand: from Today, with the people and the moment that are proposed; no field is to be filled in.
MOST_PRESSES = 4


@pytest.fixture
def cycle():
    offer = make_offer(
        name="De Krachtcentrale", sessions_count=6, talks_count=1, talk_minutes=30, talks_after_session=5
    )
    return make_cycle(offer=offer, now=timezone.localtime())


def walk_to(page, selector, presses=120):
    """Tab until this has the focus."""
    for _press in range(presses):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"the keyboard does not reach {selector} on {page.url}")


def follow(page, selector):
    """Walk there and press Enter; what opens is waited for."""
    walk_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_by_keyboard_from_the_month_to_a_session_that_moves(open_page, cycle, javascript):
    page = open_page(user=cycle.lead, javascript=javascript)
    page.goto(reverse("groups:schedule") + f"?dag={cycle.starts_on}")
    follow(page, "a[href*='vorm=month']")
    assert page.locator("ol.month > li h2").count() >= 20
    follow(page, f"a.slot[href='{reverse('groups:cycle', args=[cycle.pk])}']")
    first = cycle.sessions.get(number=1)
    walk_to(page, "details.more summary")
    page.keyboard.press("Enter")
    follow(page, f"a[href='{reverse('groups:session_rest', args=[first.pk])}']")
    day = first.date + dt.timedelta(days=1)
    walk_to(page, "#id_date")
    page.locator("#id_date").fill(str(day))
    follow(page, "main form button.btn-primary")
    assert page.locator("main table tbody tr").count() == 6
    assert fresh(first).date == first.date
    follow(page, "main form button.btn-primary")
    assert page.url.endswith(reverse("groups:cycle", args=[cycle.pk]))
    moved = list(cycle.sessions.order_by("number").values_list("date", flat=True))
    assert moved == weekly_days(day, 6, skips_school_holidays=False)


def test_a_refused_move_keeps_what_was_typed_and_takes_the_focus_to_it(open_page, cycle):
    page = open_page(user=cycle.lead)
    third = cycle.sessions.get(number=3)
    page.goto(reverse("groups:session_move", args=[cycle.sessions.get(number=2).pk]))
    page.locator("#id_date").fill(str(third.date))
    follow(page, "main form button.btn-primary")
    assert page.locator("#id_date").input_value() == str(third.date)
    assert page.locator("#id_date[aria-invalid=true], #id_date.is-invalid").count() == 1
    assert all("422" in complaint for complaint in open_page.complaints)
    open_page.complaints.clear()


def test_whose_calendar_is_chosen_by_keyboard(open_page, cycle):
    page = open_page(user=cycle.lead)
    page.goto(reverse("groups:schedule") + f"?dag={cycle.starts_on}&vorm=agenda")
    page.locator("#whose").select_option(value=f"r{cycle.room_id}")
    follow(page, ".calendar-whose button")
    assert f"wie=r{cycle.room_id}" in page.url
    assert page.get_by_role("row").filter(has_text="De Krachtcentrale").count() == 6
    assert page.get_by_role("rowheader").count() == 6


def test_every_page_of_the_calendar_is_accessible(open_page, cycle):
    page, place = open_page(user=cycle.lead), cycle.participations.order_by("pk").first()
    moment = free_moments(participation=place, now=timezone.now())[0]
    at = {"with_user": moment.user, "date": moment.date, "start_time": moment.start}
    talk = plan_talk(participation=place, by=cycle.lead, now=timezone.now(), **at)
    schedule = reverse("groups:schedule")
    addresses = [
        f"{schedule}?dag={cycle.starts_on}&wie=all&vorm={shape}" for shape in ("week", "month", "agenda", "day")
    ]
    addresses += [reverse("groups:session_rest", args=[cycle.sessions.get(number=2).pk])]
    addresses += [reverse(f"groups:{name}", args=[cycle.pk]) for name in ("cycle", "session_add", "talks")]
    addresses += [reverse(f"groups:{name}", args=[talk.pk]) for name in ("talk_move", "talk_cancel")]
    addresses += [reverse("groups:talk_plan", args=[place.pk]), reverse("groups:availability")]
    for address in addresses:
        assert page.goto(address).status == 200, address
        look(page)
    page.locator(f"form[action='{reverse('groups:feed_make')}'] button").click()
    assert page.locator("#feed-address").input_value().endswith(".ics")
    look(page)
    page.goto(reverse("groups:session_add", args=[cycle.pk]))
    page.locator("main form button.btn-primary").click()
    page.locator("input[name=seen]").wait_for(state="attached")
    look(page)


def look(page):
    for viewport in (PHONE, DESKTOP):
        page.set_viewport_size(viewport)
        assert_accessible(page)


def test_on_a_phone_a_month_is_a_list_of_the_days_with_something(open_page, cycle):
    page = open_page(viewport=PHONE, user=cycle.lead)
    page.goto(reverse("groups:schedule") + f"?dag={cycle.starts_on}&vorm=month")
    shown = page.locator("ol.month > li:visible")
    tops = [shown.nth(number).bounding_box()["y"] for number in range(shown.count())]
    assert 1 <= len(tops) <= 7
    assert tops == sorted(set(tops))


def test_a_cycle_by_hand_takes_few_presses(open_page):
    """From Today until the invitations are sent."""
    waitlist = ready_waitlist(now=timezone.localtime())
    lead = waitlist.catchment.municipality.work_areas.get().user
    page, presses = open_page(viewport=PHONE, user=lead), 0
    page.goto(reverse("reporting:today"))
    steps = [
        f"nav:visible a[href='{reverse('groups:waitlists')}']",
        f"main a[href='{reverse('groups:waitlist', args=[waitlist.pk])}']",
        f"a[href='{reverse('groups:cycle_form', args=[waitlist.pk])}']",
        "main form button.btn-primary",
    ]
    for step in steps:
        page.locator(step).first.click()
        presses += 1
    page.wait_for_url("**/groepen/cycli/*/")
    assert Cycle.objects.get().participations.count() == 3
    assert presses <= MOST_PRESSES
