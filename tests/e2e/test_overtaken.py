"""Answers that come late: a newer question overtakes them, the page is left meanwhile; neither is an error."""

import pytest

from intake.models import Referral
from tests.factories.groups import make_offer
from tests.factories.intake import make_door, make_kind, make_referrer

pytestmark = pytest.mark.django_db(transaction=True)
LATE = 900  # milliseconds
TYPED = {"given_name": "Anna", "family_name": "Fantasie", "birth_date": "12-3-1980", "postcode": "1941 AB"}


@pytest.fixture
def slow_page(open_page):
    """The page to refer, open, over a connection on which each answer takes LATE."""
    for name in ("De Krachtcentrale", "De Kleine Kring"):
        make_offer(name=name).problem_kinds.add(make_kind())
    make_door()
    page = open_page(user=make_referrer())
    page.goto("/verwijzen/")
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    asked = {"offline": False, "latency": LATE, "downloadThroughput": -1, "uploadThroughput": -1}
    network.send("Network.emulateNetworkConditions", asked)
    return page


def fill_in(page, **more):
    for name, text in (TYPED | more).items():
        page.fill(f"#id_{name}", text)


def test_a_newer_question_overtakes_the_answer_under_way(slow_page):
    fill_in(slow_page)
    slow_page.check("#id_problem_kinds_0")
    slow_page.wait_for_timeout(LATE // 2)  # the first is under way
    slow_page.uncheck("#id_problem_kinds_0")
    slow_page.fill("#id_birth_date", "12-3-2013")
    slow_page.locator("#id_postcode").focus()
    slow_page.locator("#age").get_by_text("13").wait_for()
    slow_page.wait_for_timeout(2 * LATE)


def test_a_late_answer_does_not_take_back_what_was_chosen_meanwhile(slow_page):
    fill_in(slow_page)
    slow_page.check("#id_problem_kinds_0")
    wish = slow_page.locator("#fit input[name=wished_offer]:not([value=''])").first
    wish.wait_for()
    slow_page.select_option("#id_sex", "female")
    slow_page.wait_for_timeout(LATE // 2)
    wish.check()
    chosen = wish.get_attribute("value")
    slow_page.wait_for_timeout(4 * LATE)
    assert slow_page.locator(f"#fit input[name=wished_offer][value='{chosen}']").is_checked()


def test_leaving_while_a_question_is_under_way_is_no_error(slow_page):
    fill_in(slow_page, phone="0612345678", question="Ik ben veel alleen.")
    slow_page.check("#id_consent")
    slow_page.wait_for_timeout(LATE // 2)
    slow_page.get_by_role("button", name="Verwijzing versturen").click()
    slow_page.get_by_text("Uw verwijzing is ontvangen").wait_for()
    assert Referral.objects.count() == 1
