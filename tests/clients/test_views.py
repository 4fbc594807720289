import uuid
from datetime import UTC, datetime

import pytest

from clients.enums import ConsentPurpose
from clients.forms import ClientForm
from clients.models import AccessLog, Client
from clients.queries import excluded_with
from clients.services import open_file, record_exclusion, update_client
from neighbourhoods.models import PostcodeArea
from neighbourhoods.postcodes import exists_in_netherlands
from tests.factories.accounts import (
    make_administrator,
    make_coordinator,
    make_desk,
    make_group_worker,
    make_referrer,
    make_social_worker,
    make_team_member,
)
from tests.factories.clients import make_client, make_neighbourhood

pytestmark = pytest.mark.django_db

NOWHERE = next(f"{pc4} AB" for pc4 in range(1000, 9999) if not exists_in_netherlands(str(pc4)))
NOW = datetime(2026, 1, 12, 9, tzinfo=UTC)


@pytest.fixture
def sofie():
    return make_social_worker("Sofie", municipalities=[make_neighbourhood().municipality])


@pytest.fixture
def teun():
    return make_team_member("Teun")


@pytest.fixture
def anna(teun):
    return make_client(by=teun, now=NOW, contact={"instructions": "alleen overdag bellen"})


@pytest.fixture
def bo():
    return make_client("Jansen", given_name="Bo", phone="0251999999", email="", now=NOW)


def address(client, page=""):
    return f"/clienten/{client.public_id}/{page}"


def data_of(client, **changes):
    fields = {
        "given_name": client.given_name,
        "name_prefix": client.name_prefix,
        "family_name": client.family_name,
        "birth_date": "1980-05-17",
        "sex": client.sex,
        "postcode": client.postcode,
        "neighbourhood": client.neighbourhood_id,
        "phone": client.phone,
        "email": client.email,
        "may_phone": "on",
        "may_mail": "on",
        "may_letter": "on",
        "seen": ClientForm(client, today=NOW.date()).initial["seen"],
    }
    return fields | changes


PAGES = ["", "gegevens/", "beschikbaarheid/", "toestemming/", "toestemming/registration/intrekken/", "niet-samen/"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("make", [make_coordinator, make_administrator, make_desk, make_referrer, make_group_worker])
def test_a_stranger_gets_404_and_is_noted(client, anna, make, page):
    stranger = make("Vreemd")
    client.force_login(stranger)
    for answer in (client.get(address(anna, page)), client.post(address(anna, page))):
        assert answer.status_code in {404, 405}
        assert "Anna" not in answer.content.decode()
    assert set(AccessLog.objects.values_list("user", "action")) == {(stranger.pk, "denied")}


def test_no_such_client_looks_the_same(client, sofie):
    client.force_login(sofie)
    assert client.get(f"/clienten/{uuid.uuid4()}/").status_code == 404
    assert not AccessLog.objects.exists()


@pytest.mark.parametrize("page", PAGES)
def test_who_is_not_logged_in_is_asked_to(client, anna, page):
    answer = client.get(address(anna, page))
    assert (answer.status_code, answer["Location"][:17]) == (302, "/inloggen/?next=/")


@pytest.mark.parametrize("page", PAGES)
def test_opening_a_page_is_logged_and_its_title_has_no_name(client, anna, sofie, page):
    client.force_login(sofie)
    html = client.get(address(anna, page)).content.decode()
    title = html.split("<title>")[1].split("</title>")[0]
    assert "Vries" not in title
    assert "Anna" not in title
    assert list(AccessLog.objects.values_list("client", "user", "action")) == [(anna.pk, sofie.pk, "read")]


def test_the_file_shows_who_places_everything(client, anna, bo, sofie, teun):
    record_exclusion(client=anna, other=bo, by=sofie, now=NOW)
    update_client(client=anna, by=sofie, now=NOW, refuses_own_neighbourhood=True)
    client.force_login(sofie)
    context = client.get(address(anna)).context
    html = client.get(address(anna)).content.decode()
    assert "Anna de Vries" in html
    assert "0612345678" in html
    assert "alleen overdag bellen" in html
    assert "B. J." in html
    assert list(context["excluded"]) == [bo]
    assert {row.user for row in context["readers"]} == {sofie}
    assert "niet in de eigen wijk" in html or "not in their own neighbourhood" in html


def test_the_referrer_sees_what_they_supplied_and_nothing_else(client, anna, bo, sofie, teun):
    record_exclusion(client=anna, other=bo, by=sofie, now=NOW)
    update_client(client=anna, by=sofie, now=NOW, refuses_own_neighbourhood=True)
    client.force_login(teun)
    html = client.get(address(anna)).content.decode()
    assert "0612345678" in html
    for hidden in ("B. J.", "Sofie", "niet in de eigen wijk", "not in their own", "niet-samen", "gegevens/"):
        assert hidden not in html


def test_the_referrer_no_longer_sees_contact_that_others_changed(client, anna, sofie, teun):
    update_client(client=anna, by=sofie, now=NOW, phone="0251000000", contact={"is_sensitive": True})
    client.force_login(teun)
    html = client.get(address(anna)).content.decode()
    for hidden in ("0612345678", "0251000000", "anna@voorbeeld.example", "1943 AB", "alleen overdag"):
        assert hidden not in html


def test_what_is_not_safe_is_no_link(client, sofie):
    anna = make_client(contact={"may_phone": False, "may_mail": False})
    client.force_login(sofie)
    html = client.get(address(anna)).content.decode()
    assert "tel:" not in html
    assert "mailto:" not in html


def test_the_number_of_queries_stays_the_same(client, anna, sofie, django_assert_max_num_queries):
    client.force_login(sofie)
    for number in range(3):
        record_exclusion(client=anna, other=make_client(f"Pot{number}"), by=sofie, now=NOW)
        open_file(client=anna, by=sofie, action="read", now=NOW)
    with django_assert_max_num_queries(15):
        client.get(address(anna))


def test_changing_data(client, anna, sofie):
    client.force_login(sofie)
    answer = client.post(
        address(anna, "gegevens/"), data_of(anna, phone="0251 123456", is_sensitive="on", may_mail="")
    )
    assert (answer.status_code, answer["Location"]) == (302, address(anna))
    anna = Client.objects.get(pk=anna.pk)
    assert (anna.phone, anna.contact.is_sensitive, anna.contact.may_mail) == ("0251123456", True, False)
    assert anna.contact_changed_by == sofie


def test_an_error_stands_at_its_field_and_nothing_typed_is_lost(client, anna, sofie):
    client.force_login(sofie)
    changes = {"phone": "123", "birth_date": "2999-01-01", "instructions": "via haar zus"}
    answer = client.post(address(anna, "gegevens/"), data_of(anna, **changes))
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"phone", "birth_date"}
    html = answer.content.decode()
    assert 'value="123"' in html
    assert "via haar zus" in html
    assert Client.objects.get(pk=anna.pk).phone == "0612345678"


@pytest.mark.parametrize(
    ("page", "sent"), [("gegevens/", {}), ("beschikbaarheid/", {"parts": ["x"]}), ("toestemming/", {})]
)
def test_a_refused_change_is_a_reading_of_the_file(client, anna, sofie, page, sent):
    """R41: the page that says what is wrong shows the name."""
    client.force_login(sofie)
    assert client.post(address(anna, page), sent).status_code == 422
    assert [(row.client, row.user, row.action) for row in AccessLog.objects.all()] == [(anna, sofie, "read")]


def test_availability_by_parts_of_the_day(client, anna, sofie):
    client.force_login(sofie)
    answer = client.post(address(anna, "beschikbaarheid/"), {"parts": ["1-evening", "4-morning"]})
    assert answer.status_code == 302
    stored = anna.availability.values_list("weekday", "part").order_by("weekday")
    assert list(stored) == [(1, "evening"), (4, "morning")]
    html = client.get(address(anna, "beschikbaarheid/")).content.decode()
    assert html.count(" checked") == 2
    client.post(address(anna, "beschikbaarheid/"), {})
    assert not anna.availability.exists()


@pytest.mark.parametrize("value", ["9-evening", "1-night", "x", "1-evening-2"])
def test_a_made_up_part_of_the_week_is_refused(client, anna, sofie, value):
    client.force_login(sofie)
    assert client.post(address(anna, "beschikbaarheid/"), {"parts": [value]}).status_code == 422


def test_consent_is_noted_and_withdrawn(client, sofie):
    anna = make_client(consented=False)
    client.force_login(sofie)
    client.post(address(anna, "toestemming/"), {"purpose": "registration", "how": "aan de telefoon"})
    assert anna.consents.in_force().get().purpose == ConsentPurpose.REGISTRATION
    client.post(address(anna, "toestemming/registration/intrekken/"))
    assert not anna.consents.in_force().exists()
    assert client.get(address(anna, "toestemming/alles/intrekken/")).status_code == 404


def test_never_together_by_search(client, anna, bo, sofie):
    make_client("Jansen", given_name="Ver", neighbourhood=make_neighbourhood("Centrum", "Heemskerk"))
    client.force_login(sofie)
    answer = client.post(address(anna, "niet-samen/"), {"q": "jans"})
    assert answer.context["found"] == [bo]
    assert client.post(address(anna, "niet-samen/"), {"q": "ja"}).status_code == 422
    client.post(address(anna, "niet-samen/"), {"other": str(bo.public_id)})
    assert list(client.get(address(anna)).context["excluded"]) == [bo]
    client.post(address(anna, f"niet-samen/{bo.public_id}/weg/"))
    assert list(client.get(address(anna)).context["excluded"]) == []


def test_who_must_not_be_met_elsewhere_is_neither_named_nor_freed(client, anna, bo, sofie):
    """R18, R41: Bo moved to where Sofie does not work."""
    record_exclusion(client=anna, other=bo, by=sofie, now=NOW)
    update_client(client=bo, by=sofie, now=NOW, neighbourhood=make_neighbourhood("Centrum", "Heemskerk"))
    client.force_login(sofie)
    html = client.get(address(anna)).content.decode()
    assert "Nooit samen met iemand buiten uw gebied" in html
    assert [token for token in ("B. J.", str(bo.public_id)) if token in html] == []
    assert client.post(address(anna, f"niet-samen/{bo.public_id}/weg/")).status_code == 404
    assert client.post(address(anna, "niet-samen/"), {"other": str(bo.public_id)}).status_code == 404
    assert list(excluded_with(anna)) == [bo]
    assert list(AccessLog.objects.filter(client=bo, action="denied").values_list("user", flat=True)) == [sofie.pk] * 2


@pytest.mark.parametrize("other", ["", "onzin", "6bd47821-8dd2-4814-b499-eaa0ce4aae06"])
def test_never_together_with_nobody(client, anna, sofie, other):
    client.force_login(sofie)
    assert client.post(address(anna, "niet-samen/"), {"other": other}).status_code == 404


def test_planted_markup_stays_text(client, sofie):
    evil = "<script>alert(1)</script>"
    anna = make_client(given_name=evil, contact={"instructions": evil})
    client.force_login(sofie)
    for page in PAGES:
        assert evil not in client.get(address(anna, page)).content.decode()


def test_nothing_about_the_client_in_the_log(client, anna, sofie, caplog):
    caplog.set_level("DEBUG")
    client.force_login(sofie)
    for page in PAGES:
        client.get(address(anna, page))
    client.post(address(anna, "gegevens/"), data_of(anna, phone="123"))
    for word in ("Anna", "Vries", "0612345678", "voorbeeld.example", "1943"):
        assert word not in caplog.text


def test_a_postcode_decides_the_neighbourhood(client, anna, sofie):
    elsewhere = make_neighbourhood("Centrum", "Heemskerk")
    area = PostcodeArea.objects.create(
        pc4="1961", place="Heemskerk", municipality=elsewhere.municipality, kind="adres"
    )
    area.shares.create(neighbourhood=elsewhere, share=1, is_main=True)
    client.force_login(sofie)
    client.post(address(anna, "gegevens/"), data_of(anna, postcode="1961ab"))
    assert Client.objects.get(pk=anna.pk).neighbourhood == elsewhere


@pytest.mark.parametrize("postcode", ["1940 AB", NOWHERE, "onzin"])
def test_a_postcode_where_nobody_lives_is_refused(client, anna, sofie, postcode):
    PostcodeArea.objects.create(
        pc4="1940", place="Beverwijk", municipality=anna.neighbourhood.municipality, kind="postbus"
    )
    client.force_login(sofie)
    answer = client.post(address(anna, "gegevens/"), data_of(anna, postcode=postcode))
    assert set(answer.context["form"].errors) == {"postcode"}


def test_an_unclear_postcode_asks_which_neighbourhood(client, anna, sofie):
    one, two = make_neighbourhood("Centrum", "Heemskerk"), make_neighbourhood("Noord", "Heemskerk")
    area = PostcodeArea.objects.create(pc4="1962", place="Heemskerk", municipality=one.municipality, kind="adres")
    area.shares.create(neighbourhood=one, share="0.6", is_main=True)
    area.shares.create(neighbourhood=two, share="0.4")
    client.force_login(sofie)
    answer = client.post(address(anna, "gegevens/"), data_of(anna, postcode="1962 AB"))
    assert set(answer.context["form"].errors) == {"neighbourhood"}
    answer = client.post(address(anna, "gegevens/"), data_of(anna, postcode="1962 AB", neighbourhood=two.pk))
    assert answer.status_code == 302
    assert Client.objects.get(pk=anna.pk).neighbourhood == two
