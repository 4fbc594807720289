"""An address on the referral form: only for letters, so that who has no mail hears too, and never where that harms."""

import pytest
from django.urls import reverse

from clients.letters import letter_refusal
from clients.models import Client
from intake.models import Referral, ReferralDraft
from tests.factories.intake import make_door, make_judge, make_referrer, refer_data

pytestmark = pytest.mark.django_db
REFER = "/verwijzen/"
STREET = "Voorbeeldstraat 12"


@pytest.fixture
def teun(client):
    make_door()
    user = make_referrer()
    client.force_login(user)
    return user


def send(client, **changes):
    return client.post(REFER, refer_data(**changes))


def fields_with_errors(response):
    return list(response.context["form"].errors)


def test_without_mail_a_street_is_enough_for_letters_and_the_postcode_knows_the_town(client, teun):
    assert send(client, email=None, street=STREET).status_code == 302
    person = Client.objects.select_related("contact").get()
    assert (person.street, person.town, person.postcode) == (STREET, "Beverwijk", "1941 AB")
    assert letter_refusal(person) == ""


def test_a_town_that_was_typed_stays_as_it_was_typed(client, teun):
    send(client, email=None, street=STREET, town="Wijk aan Zee")
    assert Client.objects.get().town == "Wijk aan Zee"


def test_nobody_has_to_fill_it_in(client, teun):
    assert send(client).status_code == 302
    person = Client.objects.select_related("contact").get()
    assert (person.street, person.town, letter_refusal(person)) == ("", "", "no_address")


@pytest.mark.parametrize("typed", [{"street": STREET}, {"town": "Beverwijk"}])
def test_where_contact_must_be_safe_no_address_is_kept(client, teun, typed):
    safe = {"is_sensitive": "on", "instructions": "Bel haar zus."}
    response = send(client, **safe, **typed)
    assert fields_with_errors(response) == ["street"]
    assert not Client.objects.exists()
    assert all(f'value="{value}"' in response.content.decode() for value in typed.values())
    assert send(client, **safe).status_code == 302
    assert Client.objects.get().street == ""


def test_a_town_alone_is_half_an_address_and_nothing_is_lost(client, teun):
    response = send(client, town="Beverwijk")
    assert fields_with_errors(response) == ["street"]
    assert 'value="Beverwijk"' in response.content.decode()
    assert not Referral.objects.exists()


def test_the_part_is_closed_while_it_is_empty_and_open_when_there_is_something(client, teun):
    def is_open(page):
        return '<details class="more" open' in page.content.decode().split("id_street")[0].rsplit("</fieldset>")[-1]

    assert not is_open(client.get(REFER))
    assert is_open(send(client, preview="1", street=STREET))


def test_a_draft_keeps_it(client, teun):
    key = refer_data()["submission_key"]
    typed = {"submission_key": key, "given_name": "Anna", "street": STREET, "town": "Heemskerk"}
    client.post(reverse("intake:refer_keep"), typed)
    draft = ReferralDraft.objects.get()
    form = client.get(REFER, {"concept": draft.pk}).context["form"]
    assert (form["street"].value(), form["town"].value()) == (STREET, "Heemskerk")


def test_at_the_intake_a_street_is_asked_for_where_only_a_letter_can_go(client, teun):
    send(client, email=None)
    send(client, given_name="Bea", is_sensitive="on", instructions="Bel haar zus.", email=None)
    send(client, given_name="Cor")
    lacking, unsafe, mailed = Referral.objects.select_related("client").order_by("pk")
    client.force_login(make_judge())
    shown = [client.get(reverse("intake:judge", args=[row.pk])).context["lacks_address"] for row in (lacking, unsafe)]
    assert shown == [True, False]
    page = client.get(reverse("intake:judge", args=[mailed.pk]))
    assert not page.context["lacks_address"]
    edit = reverse("clients:edit", args=[lacking.client.public_id])
    assert edit in client.get(reverse("intake:judge", args=[lacking.pk])).content.decode()
