"""An intake as a social worker does it: half on a phone, closed, gone on with later, finished by keyboard."""

import datetime as dt

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from groups.models import GroupOffer
from intake.models import IntakeDraft, Judgement, OpenQuestion
from intake.services import read_draft
from tests.browser import DESKTOP, PHONE, assert_accessible, log_in
from tests.factories.groups import make_offer
from tests.factories.intake import make_door, make_judge, make_kind, make_referral

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def referral():
    make_door()
    kind = make_kind()
    make_offer(name="De Krachtcentrale").problem_kinds.add(kind)
    return make_referral(problem_kinds=[kind], aim="Contact in de wijk.")


def kept(page, version):
    page.locator(f"#draft-state input[value='{version}']").wait_for(state="attached")


def settle(page):
    """Until what was typed is kept: leaving meanwhile would break it off, and the browser complains of that."""
    page.wait_for_timeout(2500)
    page.wait_for_function("!document.querySelector('.htmx-request')")


def tab_to(page, field):
    """Press Tab until the field has the focus: who has no mouse must be able to come there."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == field:
            return
    raise AssertionError(f"no Tab leads to {field}")


def test_half_filled_closed_and_finished_by_keyboard_on_a_phone(open_page, referral):
    sofie = make_judge()
    page = open_page(viewport=PHONE, user=sofie)
    page.goto(f"/intake/{referral.pk}/")
    assert_accessible(page)
    page.fill("#id_question", "Ik mis mijn zus.")
    page.check("#id_client_type_customer")
    page.locator("#id_client_type_customer_hint .approach").wait_for()
    assert not page.locator("#id_client_type_visitor_hint .approach").is_visible()
    page.fill("#id_notes", "Belt zelf terug.")
    settle(page)
    page.context.close()
    page = open_page(viewport=PHONE, user=sofie)
    page.goto("/intake/")
    assert_accessible(page)
    page.get_by_role("link", name="A. de F.", exact=True).click()
    page.locator(".draft-resumed").wait_for()
    assert_accessible(page)
    assert page.input_value("#id_question") == "Ik mis mijn zus."
    assert page.is_checked("#id_client_type_customer")
    tab_to(page, "id_notes")
    page.keyboard.press("End")
    page.keyboard.type(" Heeft tijd.")
    offer = GroupOffer.objects.get()
    page.locator("#id_question").focus()
    settle(page)
    tab_to(page, f"id_offers_{offer.pk}")
    page.keyboard.press("Space")
    page.wait_for_timeout(800)
    assert page.is_checked(f"#id_offers_{offer.pk}")
    settle(page)
    tab_to(page, "id_notes")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator(".fit h3").wait_for()
    assert_accessible(page)
    judgement = Judgement.objects.get()
    assert (judgement.question, judgement.notes) == ("Ik mis mijn zus.", "Belt zelf terug. Heeft tijd.")
    assert IntakeDraft.objects.count() == 0


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP])
def test_each_decision_asks_only_what_it_needs(open_page, referral, viewport):
    page = open_page(viewport=viewport, user=make_judge())
    page.goto(f"/intake/{referral.pk}/")
    asked = {
        "waitlist": {"id_offers"},
        "direct": {"id_direct_offer", "id_talk_held"},
        "individual_help": {"id_follow_up_on"},
        "refer_out": {"id_destination", "id_reason"},
        "no_offer": {"id_reason", "id_follow_up_on"},
    }
    every = set().union(*asked.values())
    for decision, fields in asked.items():
        page.locator(f"input[name=decision][value={decision}]").check()
        page.wait_for_timeout(500)
        assert {field for field in every if page.locator(f"#{field}").is_visible()} == fields
        assert_accessible(page)
    page.locator("input[name=urgent_needs][value=no_food]").check()
    page.locator("#id_hold_reason").wait_for()


def test_two_tabs_are_asked_which_text_goes_on(open_page, referral):
    sofie = make_judge()
    first = open_page(user=sofie)
    first.goto(f"/intake/{referral.pk}/")
    second = open_page(user=sofie)
    second.goto(f"/intake/{referral.pk}/")
    first.fill("#id_notes", "eerste")
    kept(first, 1)
    second.fill("#id_notes", "tweede")
    second.locator(".draft-trouble").wait_for()
    assert_accessible(second)
    assert read_draft(IntakeDraft.objects.get())["notes"] == ["eerste"]
    second.locator("button[name=keep_mine]").click()
    second.locator(".draft-resumed").wait_for()
    assert second.input_value("#id_notes") == "tweede"
    open_page.complaints[:] = [line for line in open_page.complaints if "422" not in line]


def test_a_log_out_in_between_loses_nothing(open_page, referral):
    sofie = make_judge()
    page = open_page(user=sofie)
    page.goto(f"/intake/{referral.pk}/")
    page.fill("#id_notes", "voor het uitloggen")
    kept(page, 1)
    Session.objects.all().delete()
    page.fill("#id_notes", "voor en na het uitloggen")
    page.locator("[data-notice=notice-session-ended]").wait_for()
    log_in(page, sofie)
    page.goto(f"/intake/{referral.pk}/")
    assert page.input_value("#id_notes") == "voor en na het uitloggen"
    open_page.complaints[:] = [line for line in open_page.complaints if "401" not in line]


def test_without_a_script_it_is_kept_by_the_button(open_page, referral):
    page = open_page(user=make_judge(), javascript=False)
    page.goto(f"/intake/{referral.pk}/")
    page.fill("#id_notes", "zonder script")
    page.locator("button[formaction$='/bewaren/']").click()
    page.get_by_role("link", name="A. de F.", exact=True).click()
    assert page.input_value("#id_notes") == "zonder script"
    page.locator("input[name=decision][value=no_offer]").check()
    page.fill("#id_reason", "Alleen overdag.")
    page.fill("#id_follow_up_on", "2030-01-15")
    page.locator(".judge-form .btn-primary").click()
    assert OpenQuestion.objects.count() == 0
    page.fill("#id_follow_up_on", "")
    page.locator("#id_follow_up_on").fill(_soon())
    page.locator(".judge-form .btn-primary").click()
    assert OpenQuestion.objects.get().reason == "Alleen overdag."


def _soon():
    return (timezone.localdate() + dt.timedelta(days=20)).isoformat()
