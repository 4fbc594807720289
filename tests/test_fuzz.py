"""S3: whatever is typed into whichever form, nothing answers with 500.

Every address of the access table is opened by somebody who may, its fields are read from the page itself, and sent
back filled with what people and programs send: nothing, nonsense, the impossible, the huge. All of it is undone again.
"""

from html.parser import HTMLParser
from urllib.parse import parse_qsl

import pytest
from django.db import transaction
from django.test import Client as Browser
from django.urls import NoReverseMatch, reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.test_access import EXPECTED, NAMES, ROLES, world  # noqa: F401 (world is a fixture)

NOT_OPEN = {302, 403, 404, 405}
NASTY = [
    "",
    " ",
    "\x00",
    "a\x00b",
    "x" * 20_000,
    "é" * 300,
    "👩‍👩‍👧‍👦",
    "\u202eomgekeerd",
    "<script>alert(1)</script>",
    "{naam} {{ 7*7 }} %(x)s %s",
    "'; DROP TABLE clients_client; --",
    "=1+1",
    "regel een\r\nBcc: iemand@voorbeeld.example",
    "0",
    "-1",
    "1.5",
    "NaN",
    "Infinity",
    "1e309",
    "99999999999999999999",
    "٣",
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
    "2026-03-29T02:30",
    "24:00",
    "23:59:59.999999",
    "1943 AB",
    "0000 ZZ",
    "a@" + "b" * 300 + ".example",
    "on",
]
MUCH = settings(
    max_examples=8, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class Fields(HTMLParser):
    """What the forms and links of a page would send: {name: values that are offered}."""

    def __init__(self, html):
        super().__init__()
        self.offered, self._select = {}, None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag in ("input", "textarea", "select", "button") and attrs.get("name"):
            self._add(attrs["name"], attrs.get("value"))
            self._select = attrs["name"] if tag == "select" else self._select
        elif tag == "option" and self._select:
            self._add(self._select, attrs.get("value"))
        elif tag == "a" and "?" in (attrs.get("href") or ""):
            for name, value in parse_qsl(attrs["href"].split("?", 1)[1].split("#")[0]):
                self._add(name, value)

    def handle_endtag(self, tag):
        if tag == "select":
            self._select = None

    def _add(self, name, value):
        self.offered.setdefault(name, [])
        if value:
            self.offered[name].append(value)


def somebody_who_may(name, method):
    """The first role for whom this address is there; None when for nobody (then anybody asks)."""
    statuses = EXPECTED[name, method]
    return next((role for role in ROLES[::-1] if statuses[role] not in NOT_OPEN), None) or "wil"


def send(world, name, method, role, data):  # noqa: F811
    browser, user = Browser(raise_request_exception=True), getattr(world.people, role)
    with transaction.atomic():
        if user is not None:
            browser.force_login(user)
        answer = getattr(browser, method)(reverse(name, kwargs=world.arguments.get(name)), data)
        body = b"".join(answer) if answer.streaming else answer.content
        transaction.set_rollback(True)
    return answer.status_code, body.decode(errors="replace")


def fields_of(world, name):  # noqa: F811
    for role in (somebody_who_may(name, "POST"), somebody_who_may(name, "GET")):
        status, body = send(world, name, "get", role, {})
        if status == 200:
            return Fields(body).offered
    return {}


def filled(offered):
    """Some of the fields, each with something offered, something nasty, or any text."""
    any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)

    def value(name):
        good = st.sampled_from(offered[name]) if offered[name] else st.nothing()
        return st.one_of(good, st.sampled_from(NASTY), any_text, st.lists(st.sampled_from(NASTY), max_size=3))

    return st.fixed_dictionaries({}, optional={name: value(name) for name in offered if name != "csrfmiddlewaretoken"})


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name in NAMES if name != "healthz"])  # 503 is its word for "not well"
def test_no_form_answers_with_500(world, name):  # noqa: F811
    """raise_request_exception lets whatever a view did not expect fail the test with its own words."""
    offered = fields_of(world, name)
    roles = {method: somebody_who_may(name, method.upper()) for method in ("get", "post")}

    @MUCH
    @given(filled(offered), st.sampled_from(["get", "post", "post"]))
    def sent(data, method):
        status, _body = send(world, name, method, roles[method], data)
        assert status < 500, data

    sent()


@pytest.mark.django_db
@pytest.mark.parametrize("number", [0, 2**31, 2**63, 10**30])
@pytest.mark.parametrize("name", NAMES)
def test_a_number_that_nothing_has_is_not_found(world, name, number):  # noqa: F811
    arguments = world.arguments.get(name) or {}
    for key in [key for key, value in arguments.items() if isinstance(value, int)]:
        try:
            address = reverse(name, kwargs=arguments | {key: number})
        except NoReverseMatch:
            continue
        browser = Browser(raise_request_exception=True)
        browser.force_login(getattr(world.people, somebody_who_may(name, "GET")))
        with transaction.atomic():
            assert browser.get(address).status_code in (403, 404, 405), key
            transaction.set_rollback(True)
