"""What stands around every page, in a real browser: log-in, menus, language, skip link, one press one post."""

import re

import pytest

from accounts.enums import RoleName
from tests.browser import DESKTOP, PHONE, assert_accessible
from tests.factories.accounts import make_user


@pytest.fixture
def coordinator(transactional_db):
    return make_user("Carla", RoleName.COORDINATOR, RoleName.GROUP_WORKER, password="een-lang-wachtwoord")


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_entrance_is_accessible(open_page, viewport):
    page = open_page(viewport=viewport)
    for address in ["/inloggen/", "/wachtwoord/vergeten/", "/wachtwoord/vergeten/verstuurd/"]:
        page.goto(address)
        assert_accessible(page)


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_page_inside_is_accessible_with_its_menus_open(open_page, viewport, coordinator):
    page = open_page(viewport=viewport, user=coordinator)
    page.goto("/wachtwoord/")
    assert re.search("Carla|Voorbeeld", page.title()) is None
    assert_accessible(page)
    page.locator(".user-menu summary").click()
    assert_accessible(page)


def test_errors_stand_at_the_field_and_on_top_with_the_focus(page, coordinator):
    page.goto("/inloggen/")
    page.locator("input[name=login]").fill("geen-adres")
    page.get_by_role("button", name="Inloggen").click()
    summary = page.locator("[data-error-summary]")
    summary.wait_for()
    assert summary.evaluate("box => box === document.activeElement")
    assert page.locator("input[name=login]").input_value() == "geen-adres"
    assert_accessible(page)


def test_phone_menu_opens_without_javascript(open_page, coordinator):
    page = open_page(viewport=PHONE, user=coordinator, javascript=False)
    page.goto("/wachtwoord/")
    sheet = page.locator(".bottom-sheet")
    assert not sheet.is_visible()
    page.locator(".bottom-more summary").click()
    assert sheet.get_by_role("link").count() > 0
    assert sheet.is_visible()


def test_menu_closes_with_escape_and_gives_the_focus_back(open_page, coordinator):
    page = open_page(user=coordinator)
    page.goto("/wachtwoord/")
    menu = page.locator(".user-menu")
    menu.locator("summary").click()
    assert menu.get_attribute("open") == ""
    page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    assert menu.locator("summary").evaluate("summary => summary === document.activeElement")


def test_english_is_one_click_away_and_back(page):
    page.goto("/inloggen/")
    page.get_by_role("button", name="English").click()
    page.get_by_role("heading", name="Welcome").wait_for()
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("button", name="Nederlands").click()
    page.get_by_role("heading", name="Welkom").wait_for()


def test_first_tab_skips_to_the_content(page):
    page.goto("/inloggen/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_form_pressed_thrice_posts_once(page):
    page.goto("/inloggen/")
    posts = []
    page.on("request", lambda request: request.method == "POST" and posts.append(request.url))
    with page.expect_navigation():
        page.evaluate("[1, 2, 3].forEach(() => document.querySelector('form.form .btn-primary').click())")
    assert len(posts) == 1


def test_bar_on_a_phone_fits_and_stays_low(open_page, coordinator):
    page = open_page(viewport={"width": 320, "height": 640}, user=coordinator)
    page.goto("/wachtwoord/")
    bar = page.locator(".bottom-bar").bounding_box()
    assert bar["y"] + bar["height"] == pytest.approx(640, abs=1)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    heights = page.locator(".bottom-bar a, .bottom-bar summary").evaluate_all(
        "places => places.filter(place => place.offsetParent).map(place => place.offsetHeight)"
    )
    assert min(heights) >= 44
