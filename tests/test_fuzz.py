"""S3: whatever is typed into whichever form, nothing answers with 500.

Every address of the access table is opened by somebody who may, its fields are read from the page itself, and sent
back filled with what people and programs send: nothing, nonsense, the impossible, the huge. Half of the time all is
sent as the page stands, filled in where it must be, and one field differs: what is wrong everywhere never gets past a
form. All of it is undone again.
"""

import datetime as dt
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import transaction
from django.test import Client as Browser
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
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
    "王小明",
    "a\x01b\uffff",
    "(" * 3_000,
    "a." * 5_000,
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
# Who answers to POST alone: the page with its form.
FORM_STANDS_ON = {
    "clients:exclusion_remove": "clients:file",
    "clients:letters_print": "clients:letters",
    "groups:course_day_enrol": "groups:course_day",
    "groups:course_place_remove": "groups:course_day",
    "groups:cycle_decide": "groups:cycle",
    "groups:feed_make": "groups:availability",
    "groups:leave_remove": "groups:availability",
    "groups:part_retire": "groups:playbook",
    "groups:part_shift": "groups:playbook",
    "intake:desk_outcome": "intake:desk_appointment",
    "intake:draft_save": "intake:judge",
    "intake:open_question_answer": "intake:open_question",
    "intake:open_question_not_this": "intake:open_question",
    "intake:open_question_review": "intake:open_question",
    "intake:open_question_withdraw": "intake:open_question",
    "intake:refer_fit": "intake:refer",
    "intake:refer_keep": "intake:refer",
    "neighbourhoods:closure_remove": "neighbourhoods:venue",
}
MUCH = settings(
    max_examples=7, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
# What a careful person fills in where a form must have something, by the type of its field.
CAREFUL = {
    "date": (timezone.localdate() + dt.timedelta(days=28)).isoformat(),
    "time": "10:00",
    "number": "1",
    "email": "iemand@voorbeeld.example",
    "tel": "0612345678",
}


class Fields(HTMLParser):
    """What the forms and links of a page would send: {name: values that are offered}.

    forms: of each form (its action, {name: values} as the page stands, [(name, value) of its buttons]).
    """

    def __init__(self, html):
        super().__init__()
        self.offered, self.forms, self._select, self._text = {}, [], None, None
        self.feed(html)

    def as_it_stands(self, *, action):
        """({name: values}, buttons) of the first form that goes to this address, or to the page itself."""
        named = [form for form in self.forms if form[0] == action] or [form for form in self.forms if not form[0]]
        return named[0][1:] if named else ({}, [])

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self.forms.append((urlsplit(attrs.get("action") or "").path, {}, []))
        if self.forms and (attrs.get("name") or tag == "option"):
            self._stand(tag, attrs, *self.forms[-1][1:])
        if tag in ("input", "textarea", "select", "button") and attrs.get("name"):
            self._add(attrs["name"], attrs.get("value"))
            self._select = attrs["name"] if tag == "select" else self._select
        elif tag == "option" and self._select:
            self._add(self._select, attrs.get("value"))
        elif tag == "a" and "?" in (attrs.get("href") or ""):
            for name, value in parse_qsl(attrs["href"].split("?", 1)[1].split("#")[0]):
                self._add(name, value)

    def handle_data(self, data):
        if self._text and data.strip():
            self.forms[-1][1][self._text] = [data]

    def handle_endtag(self, tag):
        if tag == "select":
            self._select = None
        if tag == "textarea":
            self._text = None

    def _stand(self, tag, attrs, sent, buttons):
        """As a browser does: what is ticked or chosen; the first of what one must choose from."""
        name, kind, value = attrs.get("name"), attrs.get("type", "text"), attrs.get("value") or ""
        must = "required" in attrs
        if tag == "button":
            buttons.append((name, value))
        elif tag == "textarea":
            self._text, sent[name] = name, ["Voorbeeld"] if must else []
        elif tag == "select":
            sent[name] = []
        elif tag == "option" and self._select in sent:
            if value and ("selected" in attrs or not sent[self._select]):
                sent[self._select] = [value]
        elif kind in ("checkbox", "radio"):
            if "checked" in attrs or (must and name not in sent):
                sent.setdefault(name, []).append(value or "on")
        elif tag == "input" and kind not in ("submit", "file"):
            sent.setdefault(name, []).append(value or (CAREFUL.get(kind, "Voorbeeld") if must else ""))

    def _add(self, name, value):
        self.offered.setdefault(name, [])
        if value:
            self.offered[name].append(value)


def somebody_who_may(name, method):
    """The first role for whom this address is there, or who is sent on from it; when that is nobody, anybody asks."""
    statuses = EXPECTED[name, method]
    open_to = [role for role in ROLES[::-1] if statuses[role] not in NOT_OPEN]
    sent_on = [role for role in ROLES[::-1] if statuses[role] == 302 and role != "anonymous"]
    return next(iter([*open_to, *sent_on]), "wil")


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
    """(Fields of the page itself or of the one on which the form for this address stands, who sends it)."""
    page, action = FORM_STANDS_ON.get(name, name), reverse(name, kwargs=world.arguments.get(name))
    sender, found = somebody_who_may(name, "POST"), None
    others = [role for role in ROLES if EXPECTED[name, "POST"][role] == 302] if page != name else []
    for role in dict.fromkeys((sender, somebody_who_may(page, "GET"), *others)):
        status, body = send(world, page, "get", role, {})
        fields = Fields(body) if status == 200 else None
        if fields is not None and fields.as_it_stands(action=action)[0]:
            return fields, role
        found = found or fields
    return found or Fields(""), sender


def value_of(offered):
    """Something offered, something nasty, or any text."""
    any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)
    good = st.sampled_from(offered) if offered else st.nothing()
    return st.one_of(good, st.sampled_from(NASTY), any_text, st.lists(st.sampled_from(NASTY), max_size=3))


def filled(offered):
    """Some of the fields, each with anything."""
    values = {name: value_of(offered[name]) for name in offered if name != "csrfmiddlewaretoken"}
    return st.fixed_dictionaries({}, optional=values)


@st.composite
def nearly_right(draw, sent, buttons, offered):
    """All as the page stands, by one of its buttons; one field differs, or none."""
    data = {name: values for name, values in sent.items() if name != "csrfmiddlewaretoken" and values}
    data |= dict([draw(st.sampled_from(buttons))] if buttons else [])
    other = draw(st.sampled_from(["", *sorted(name for name in sent if name != "csrfmiddlewaretoken")]))
    return data | ({other: draw(value_of(offered.get(other, [])))} if other else {})


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name in NAMES if name != "healthz"])  # 503 is its word for "not well"
def test_no_form_answers_with_500(world, name):  # noqa: F811
    """raise_request_exception lets whatever a view did not expect fail the test with its own words."""
    fields, sender = fields_of(world, name)
    offered = fields.offered
    sent, buttons = fields.as_it_stands(action=reverse(name, kwargs=world.arguments.get(name)))
    roles = {"get": somebody_who_may(name, "GET"), "post": sender}
    anything = st.tuples(filled(offered), st.sampled_from(["get", "post", "post"]))
    careful = st.tuples(nearly_right(sent, buttons, offered), st.just("post"))

    @MUCH
    @given(st.one_of(anything, careful) if sent else anything)
    def send_it(call):
        data, method = call
        status, _body = send(world, name, method, roles[method], data)
        assert status < 500, data

    send_it()


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
