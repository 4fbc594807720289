"""A real browser for tests/e2e: Debian's chromium, driven by Playwright, checked by axe."""

import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import sync_playwright

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",  # root, as in CI, gets no sandbox
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-domain-reliability",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-first-run",
    "--no-pings",
]
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        pytest.skip("no 'chromium' on PATH (Debian and Ubuntu: apt install chromium)")
    with pytest.MonkeyPatch.context() as patch:
        # Playwright keeps an event loop in this thread, in which Django would refuse to query.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            yield chromium
            chromium.close()


@pytest.fixture
def open_page(browser, live_server, settings):
    """`open_page(viewport=PHONE, user=None)` gives a page of its own; what its console complains of fails the test."""
    settings.SITE_URL = live_server.url
    contexts, complaints = [], []

    def open_page(*, viewport=None, user=None, javascript=True):
        context = browser.new_context(
            base_url=live_server.url,
            locale="nl-NL",
            timezone_id="Europe/Amsterdam",
            viewport=viewport or DESKTOP,
            java_script_enabled=javascript,
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on(
            "console", lambda message: message.type == "error" and complaints.append(f"{page.url}: {message.text}")
        )
        if user is not None:
            log_in(page, user)
        return page

    open_page.complaints = complaints
    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(open_page):
    """A page at desktop width, with nobody logged in: `log_in(page, user)` lets somebody in."""
    return open_page()


@pytest.fixture
def phone_page(open_page):
    return open_page(viewport=PHONE)


def log_in(page, user):
    """Give the page's browser a session of `user`, without the log-in form."""
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": settings.SITE_URL}])


def assert_accessible(page):
    """axe finds nothing wrong, and the page does not scroll sideways."""
    results = Axe().run(page)
    found = [
        f"{violation['id']} ({violation['impact']}): {violation['help']}\n    "
        + "\n    ".join(node["html"] for node in violation["nodes"])
        for violation in results.response["violations"]
    ]
    assert not found, f"axe at {page.url}:\n" + "\n".join(found)
    width = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert width[0] <= width[1], f"{page.url} scrolls sideways: {width[0]} px of content in {width[1]} px"
