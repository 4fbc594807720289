"""The coordinator words the messages: what is shown, refused, previewed and kept."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from groups.messages import INVITATION, SESSION_CANCELLED
from notifications.models import MessageText
from notifications.services import set_text
from notifications.texts import NEWS
from reporting.messages import KINDS
from tests.factories.accounts import make_coordinator
from tests.factories.groups import make_offer

pytestmark = pytest.mark.django_db
LIST = reverse("reporting:messages")
PAGE = reverse("reporting:message", args=[SESSION_CANCELLED.code])
RESET = reverse("reporting:message_reset", args=[SESSION_CANCELLED.code])
BODY = "Beste deelnemer,\n\nop {wanneer} is er geen bijeenkomst."


@pytest.fixture
def coba(client):
    user = make_coordinator()
    client.force_login(user)
    return user


def typed(**fields):
    return {"subject": "Bericht van Socius", "body": BODY, "seen": 0} | fields


def test_every_kind_stands_in_the_list_with_its_words(client, coba):
    set_text(kind=SESSION_CANCELLED, subject="Anders", body=BODY, seen=0, by=coba, now=timezone.now())
    with CaptureQueriesContext(connection) as queries:
        page = client.get(LIST).content.decode()
    assert [kind.code for kind in KINDS.values() if str(kind.title) not in page] == []
    assert page.count("eigen tekst") + page.count("own words") == 1
    assert reverse("reporting:message", args=[NEWS.code]) not in page
    assert len([query for query in queries if "messagetext" in query["sql"]]) == 1


def test_saving_keeps_who_and_shows_it(client, coba):
    assert client.post(PAGE, typed()).status_code == 302
    row = MessageText.objects.get()
    assert (row.kind, row.number, row.subject, row.body, row.changed_by) == (
        *("session_cancelled", 1, "Bericht van Socius", BODY, coba),
    )
    page = client.get(PAGE).content.decode()
    assert "op {wanneer} is er geen bijeenkomst." in page
    assert "op maandag 18 januari om 19:30 uur is er geen bijeenkomst." in page
    assert coba.short_name in page


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"body": "Er is niets."}, "body"),
        ({"body": BODY + " {naam}"}, "body"),
        ({"body": BODY + " https://boef.example"}, "body"),
        ({"subject": "{wanneer}"}, "subject"),
        ({"subject": ""}, "subject"),
        ({"subject": "Zomerzon"}, "subject"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_kept(client, coba, fields, field):
    make_offer(name="Zomerzon")
    form = client.post(PAGE, typed(**fields)).context["form"]
    assert list(form.errors) == [field]
    assert form["body"].value() == typed(**fields)["body"]
    assert not MessageText.objects.exists()


def test_a_preview_shows_example_values_and_keeps_nothing(client, coba):
    whole = client.post(PAGE, typed(preview="1")).content.decode()
    part = client.post(PAGE, typed(preview="1"), headers={"HX-Request": "true"}).content.decode()
    for page in (whole, part):
        assert "op maandag 18 januari om 19:30 uur is er geen bijeenkomst." in page
    assert "<form" in whole
    assert "<form" not in part
    assert not MessageText.objects.exists()


def test_a_preview_of_what_cannot_be_sent_says_why(client, coba):
    part = client.post(PAGE, typed(preview="1", body="{weg}"), headers={"HX-Request": "true"}).content.decode()
    assert "{weg}" in part
    assert "{wanneer}" in part


def test_markup_in_a_text_stays_text(client, coba):
    client.post(PAGE, typed(body=BODY + "<script>alert(1)</script>"))
    assert "<script>alert" not in client.get(PAGE).content.decode()


def test_the_second_of_two_coordinators_keeps_what_was_typed(client, coba):
    set_text(
        kind=SESSION_CANCELLED, subject="Eerst", body=BODY, seen=0, by=make_coordinator("Cor"), now=timezone.now()
    )
    answer = client.post(PAGE, typed(subject="Daarna"))
    form = answer.context["form"]
    assert (list(form.errors), form["subject"].value()) == (["__all__"], "Daarna")
    assert MessageText.objects.get().subject == "Eerst"
    assert client.post(PAGE, typed(subject="Daarna", seen=form["seen"].value())).status_code == 302
    assert MessageText.objects.newest().get().subject == "Daarna"


def test_back_to_the_default_and_an_earlier_text_again(client, coba):
    client.post(PAGE, typed())
    assert SESSION_CANCELLED.body.split("\n")[2] in client.get(RESET).content.decode()
    assert client.post(RESET).status_code == 302
    assert not MessageText.objects.newest().exists()
    form = client.get(PAGE, {"versie": "1"}).context["form"]
    assert (form["body"].value(), form["seen"].value()) == (BODY, 2)
    assert client.get(PAGE, {"versie": "niets"}).context["form"]["body"].value() == SESSION_CANCELLED.body


@pytest.mark.parametrize("code", [NEWS.code, "bestaat-niet"])
def test_what_is_fixed_or_unknown_has_no_page(client, coba, code):
    for name in ("message", "message_reset"):
        assert client.get(reverse(f"reporting:{name}", args=[code])).status_code == 404


def test_the_invitation_keeps_its_link(client, coba):
    page = reverse("reporting:message", args=[INVITATION.code])
    form = client.post(page, typed(body=INVITATION.body.replace("{link}", "hier"))).context["form"]
    assert "{link}" in str(form.errors["body"])
