"""Closing a round in a real browser: clicks counted, by keyboard, without JavaScript, on a phone; a mark by link."""

from decimal import Decimal

import pytest
from django.urls import reverse

from groups.enums import Outcome
from groups.links import mark_token
from groups.models import ParticipantMark, Participation
from tests.browser import DESKTOP, PHONE, assert_accessible
from tests.factories.groups import make_offer
from tests.groups.rounds import held_cycle

pytestmark = pytest.mark.django_db(transaction=True)
# From Today, for ten of whom eight go on: open, everybody, twice one other choice, a why, save.
CLICKS = 8


class Hand:
    """Clicks on one page, counted; choosing from a list is two: open it, and take one."""

    def __init__(self, page):
        self.page, self.clicks = page, 0

    def click(self, found):
        found.click()
        self.clicks += 1

    def choose(self, row, outcome):
        self.page.select_option(f"#id_p{row.pk}-outcome", outcome)
        self.clicks += 2


def outcomes_of(cycle):
    return list(cycle.participations.order_by("pk").values_list("outcome", flat=True))


def test_ten_people_are_decided_for_in_a_few_clicks(open_page):
    cycle, _now = held_cycle(10)
    rows = list(cycle.participations.order_by("pk"))
    page = open_page(user=cycle.lead)
    page.goto("/")
    hand = Hand(page)
    hand.click(page.locator(f"a[href='{reverse('groups:after_five', args=[cycle.pk])}']").first)
    hand.click(page.locator("input[name=everybody][value=five_more]"))
    hand.choose(rows[2], "enough")
    hand.choose(rows[6], "stopped")
    reason = page.locator(f"#id_p{rows[6].pk}-reason")
    hand.click(reason.locator("xpath=ancestor::details/summary"))
    reason.fill("Verhuisd")
    hand.click(page.locator("main form button.btn-primary"))
    page.locator(".message-success").wait_for()
    wanted = ["five_more"] * 10
    wanted[2], wanted[6] = "enough", "stopped"
    assert outcomes_of(cycle) == wanted
    print(f"decide after five for ten people: {hand.clicks} clicks")  # noqa: T201 (a figure to report)
    assert hand.clicks == CLICKS


def test_everybody_goes_on_in_three_clicks(open_page):
    cycle, _now = held_cycle(3)
    page = open_page(user=cycle.lead)
    page.goto("/")
    hand = Hand(page)
    hand.click(page.locator(f"a[href='{reverse('groups:after_five', args=[cycle.pk])}']").first)
    hand.click(page.locator("input[name=everybody][value=five_more]"))
    hand.click(page.locator("main form button.btn-primary"))
    page.locator(".message-success").wait_for()
    assert outcomes_of(cycle) == ["five_more"] * 3
    assert hand.clicks == 3


def test_by_keyboard_and_without_javascript(open_page):
    cycle, _now = held_cycle(3)
    page = open_page(user=cycle.lead, viewport=PHONE, javascript=False)
    page.goto(reverse("groups:after_five", args=[cycle.pk]))
    page.locator("input[name=everybody]:checked").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.locator(".message-success").wait_for()
    assert set(outcomes_of(cycle)) <= {"five_more", "enough"}


@pytest.mark.parametrize("name", ["after_five", "cycle_marks", "cycle"])
def test_the_leaders_pages_are_accessible(open_page, name):
    cycle, _now = held_cycle(3, offer=make_offer(soft_maximum=12))
    page = open_page(user=cycle.lead)
    page.goto(reverse(f"groups:{name}", args=[cycle.pk]))
    for summary in page.locator("main details > summary").all():
        summary.click()
    for viewport in (PHONE, DESKTOP):
        page.set_viewport_size(viewport)
        assert_accessible(page)
    titles = {row.client.family_name for row in Participation.objects.select_related("client")}
    assert not [title for title in titles if title in page.title()]


def test_what_is_wrong_is_accessible_too(open_page):
    cycle, _now = held_cycle(3)
    row = cycle.participations.order_by("pk").first()
    page = open_page(user=cycle.lead)
    page.goto(reverse("groups:after_five", args=[cycle.pk]))
    page.select_option(f"#id_p{row.pk}-outcome", Outcome.STOPPED)
    page.locator("main form button.btn-primary").click()
    page.locator(".error-summary").wait_for()
    for viewport in (PHONE, DESKTOP):
        page.set_viewport_size(viewport)
        assert_accessible(page)
    # The browser itself notes the refused form (422) in its console.
    open_page.complaints[:] = [line for line in open_page.complaints if "422" not in line]


def test_a_participant_gives_a_mark_on_a_phone_without_javascript_and_by_keyboard(open_page):
    cycle, _now = held_cycle(3)
    row = cycle.participations.order_by("pk").first()
    address = reverse("groups:mark", args=[mark_token(row)])
    page = open_page(viewport=PHONE, javascript=False)
    page.goto(address)
    page.locator("#id_score").focus()
    page.keyboard.type("8,5")
    page.keyboard.press("Tab")
    page.keyboard.type("Fijne groep")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1).filter(has_text="").wait_for()
    assert ParticipantMark.objects.get().score == Decimal("8.5")
    with_scripts = open_page(viewport=PHONE)
    for participation in cycle.participations.order_by("pk"):
        with_scripts.goto(reverse("groups:mark", args=[mark_token(participation)]))
        for viewport in (PHONE, DESKTOP):
            with_scripts.set_viewport_size(viewport)
            assert_accessible(with_scripts)
    with_scripts.get_by_role("button", name="English").click()
    with_scripts.get_by_text("What did you think of it?").first.wait_for()
