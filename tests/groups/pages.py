"""What the tests of the pages share: somebody logged in, in English, and how many statements a page costs."""

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def browser_of(user=None, language="en"):
    """A test client; texts are tested at their source."""
    browser = Client()
    if user is not None:
        browser.force_login(user)
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return browser


def statements(browser, url):
    """How many statements this page costs; it must be a page."""
    with CaptureQueriesContext(connection) as context:
        response = browser.get(url)
    assert response.status_code == 200
    return len(context)


def text_of(response):
    """The words of the page, one space apart, as they stand in its source."""
    return " ".join(response.content.decode().split())


def statements_of(act):
    """How many statements this costs."""
    with CaptureQueriesContext(connection) as context:
        act()
    return len(context)


def confirmed(browser, address, data):
    """The answer to a change of the plan after its consequences were shown."""
    shown = browser.post(address, data)
    assert shown.status_code == 200, shown
    return browser.post(address, data | {"seen": shown.context["seen"]})
