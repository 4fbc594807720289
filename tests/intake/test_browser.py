"""Referring and judging as a person does it: by thumb on a phone, and without JavaScript."""

import pytest
from django.contrib.sessions.models import Session

from groups.models import WaitlistEntry
from intake.models import Referral
from tests.browser import DESKTOP, PHONE, assert_accessible
from tests.factories.groups import make_offer
from tests.factories.intake import make_door, make_judge, make_kind, make_postcode, make_referral, make_referrer
from tests.factories.neighbourhoods import make_neighbourhood

pytestmark = pytest.mark.django_db(transaction=True)
SEND = "Verwijzing versturen"


@pytest.fixture
def offer():
    kind = make_kind()
    offer = make_offer(name="De Krachtcentrale")
    offer.problem_kinds.add(kind)
    return offer


@pytest.fixture
def teun(offer):
    centrum = make_door()
    make_postcode("1943", centrum, make_neighbourhood("Warande"))
    return make_referrer()


def fill(page, *, postcode="1941 AB"):
    page.goto("/verwijzen/")
    page.fill("#id_given_name", "Anna")
    page.fill("#id_family_name", "Fantasie")
    page.fill("#id_birth_date", "12-3-1980")
    page.fill("#id_postcode", postcode)
    page.fill("#id_phone", "0612345678")
    page.fill("#id_question", "Ik ben veel alleen.")
    page.get_by_label("Eenzaamheid").check()
    page.check("#id_consent")
    page.check("#id_feedback_allowed")


def test_referring_on_a_phone_shows_what_fits_and_asks_which_neighbourhood(open_page, teun, offer):
    page = open_page(viewport=PHONE, user=teun)
    page.goto("/verwijzen/")
    assert_accessible(page)
    fill(page, postcode="1943 AB")
    page.get_by_label("Warande (Beverwijk)").check()
    card = page.locator(".fit", has_text="De Krachtcentrale")
    card.get_by_text("Warande (Beverwijk): nog niemand wacht, nog 3 nodig").wait_for()
    card.get_by_role("radio").check()
    page.wait_for_timeout(600)
    assert card.get_by_role("radio").is_checked()
    assert_accessible(page)
    page.get_by_role("button", name=SEND).click()
    page.get_by_text("Uw verwijzing is ontvangen").wait_for()
    assert_accessible(page)
    referral = Referral.objects.get()
    assert (referral.neighbourhood.name, referral.wished_offer) == ("Warande", offer)
    page.goto("/verwijzingen/")
    assert_accessible(page)


def test_the_labels_of_the_name_stand_level(open_page, teun):
    page = open_page(viewport=DESKTOP, user=teun)
    page.goto("/verwijzen/")
    given, prefix = (page.locator(f"label[for=id_{name}]").bounding_box() for name in ("given_name", "name_prefix"))
    assert (given["y"], given["height"]) == (prefix["y"], prefix["height"])


def test_a_seventeen_year_old_is_warned_about_while_typing(open_page, teun):
    page = open_page(viewport=PHONE, user=teun)
    fill(page)
    page.fill("#id_birth_date", "1-1-2009")
    page.keyboard.press("Tab")
    page.get_by_text("Deze persoon is 17").wait_for()
    page.get_by_label("Ik heb dit met deze persoon besproken").check()
    page.get_by_role("button", name=SEND).click()
    page.get_by_text("Uw verwijzing is ontvangen").wait_for()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_session_that_ends_while_the_form_is_open_loses_nothing(open_page, teun, javascript):
    page = open_page(user=teun, javascript=javascript)
    fill(page)
    page.wait_for_timeout(400)
    Session.objects.all().delete()
    page.get_by_role("button", name=SEND).click()
    page.get_by_role("heading", name="Wat u hebt ingevuld is er nog").wait_for()
    if javascript:
        assert_accessible(page)
    teun.set_password("een-lang-wachtwoord")
    teun.save()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Log in op een nieuw tabblad").click()
    login = opened.value
    login.fill("input[name=login]", teun.email)
    login.fill("input[name=password]", "een-lang-wachtwoord")
    login.get_by_role("button", name="Inloggen").click()
    login.wait_for_url("**/")
    page.locator("main button.btn-primary").click()
    page.wait_for_load_state()
    if not javascript:
        # Without a script nothing brings the new log-in's token into the old page: one press more.
        page.locator("main button.btn-primary").click()
    page.get_by_text("Uw verwijzing is ontvangen").wait_for()
    assert Referral.objects.get().client.family_name == "Fantasie"
    # The browser itself notes each 401 in its console.
    open_page.complaints[:] = [line for line in open_page.complaints if "401" not in line]


def test_without_javascript_a_button_shows_what_fits(open_page, teun):
    page = open_page(user=teun, javascript=False)
    fill(page)
    page.get_by_role("button", name="Bekijk wat past").click()
    page.locator(".fit", has_text="De Krachtcentrale").wait_for()
    assert page.locator("#id_family_name").input_value() == "Fantasie"
    page.get_by_role("button", name=SEND).click()
    page.get_by_text("Uw verwijzing is ontvangen").wait_for()


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP])
def test_judging_says_how_many_are_needed(open_page, teun, offer, viewport):
    make_referral(by=teun, problem_kinds=[make_kind()])
    page = open_page(viewport=viewport, user=make_judge())
    page.goto("/intake/")
    assert_accessible(page)
    page.get_by_role("link", name="A. de F.", exact=True).click()
    page.get_by_role("heading", name="In eigen woorden").wait_for()
    assert_accessible(page)
    assert not page.locator("#id_hold_reason").is_visible()
    page.check("input[name=urgent_needs][value=no_home]")
    page.locator("#id_hold_reason").wait_for()
    page.uncheck("input[name=urgent_needs][value=no_home]")
    page.get_by_label("naar een andere organisatie").check()
    page.locator("#id_destination").wait_for()
    page.get_by_label("op een of meer wachtlijsten").check()
    page.get_by_label("De Krachtcentrale").check()
    page.wait_for_timeout(2500)  # what was ticked is kept; leaving meanwhile would break that off
    page.wait_for_function("!document.querySelector('.htmx-request')")
    page.get_by_role("button", name="Beoordeling opslaan").click()
    page.get_by_text("Nog 2 deelnemers nodig").wait_for()
    assert_accessible(page)
    assert WaitlistEntry.objects.count() == 1
