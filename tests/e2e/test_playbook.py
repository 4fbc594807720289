"""R31 in a real browser: parts are picked and put in order without a mouse, and without JavaScript."""

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.browser import PHONE
from tests.factories.groups import make_cycle
from tests.factories.play import make_part

pytestmark = pytest.mark.django_db(transaction=True)
FOCUSED = "() => { const seen = document.activeElement; return [seen.value || '', seen.textContent.trim()]; }"
MOST_TABS = 80


@pytest.fixture
def session():
    cycle = make_cycle(3, now=timezone.now())
    for title in ("Inventarisatie", "Schaalvraag", "Afspraken"):
        make_part(cycle.offer, title)
    return cycle.sessions.get(number=1)


def tab_to(page, value, title):
    """Press Tab until the button with this value of this part has the focus."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        found, words = page.evaluate(FOCUSED)
        if found == value and title in words:
            return
    raise AssertionError(f"the keyboard does not reach {value} of {title}")


def press(page, value, title):
    """Enter on what has the focus, and the page after it."""
    assert page.evaluate(FOCUSED)[0] == value
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.locator("h3", has_text=title).first.wait_for()


def picked(session):
    return [row.part.title for row in session.parts.select_related("part")]


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_parts_are_picked_and_ordered_with_the_keyboard_alone(open_page, session, javascript):
    page = open_page(user=session.cycle.lead, viewport=PHONE, javascript=javascript)
    page.goto(reverse("groups:session_plan", args=[session.pk]))
    tab_to(page, "pick", "Inventarisatie")
    press(page, "pick", "Inventarisatie")
    # The next part to pick has the focus already; and the last one then.
    assert "Schaalvraag" in page.evaluate(FOCUSED)[1]
    press(page, "pick", "Schaalvraag")
    press(page, "pick", "Afspraken")
    assert picked(session) == ["Inventarisatie", "Schaalvraag", "Afspraken"]
    tab_to(page, "up", "Afspraken")
    press(page, "up", "Afspraken")
    # The button that was pressed keeps the focus: once more is one key.
    assert "Afspraken" in page.evaluate(FOCUSED)[1]
    press(page, "up", "Afspraken")
    assert picked(session) == ["Afspraken", "Inventarisatie", "Schaalvraag"]
    tab_to(page, "drop", "Inventarisatie")
    press(page, "drop", "Schaalvraag")
    assert picked(session) == ["Afspraken", "Schaalvraag"]
