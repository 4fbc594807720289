import re

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from accounts.services import set_roles
from notifications.models import Notification
from notifications.services import send_notifications
from tests.factories.accounts import PASSWORD, make_administrator, make_group_worker

pytestmark = pytest.mark.django_db

LOGIN = "/inloggen/"
HOME = "/wachtwoord/"  # a page for whoever is logged in


@pytest.fixture
def fatima():
    return make_group_worker("Fatima", password=PASSWORD)


def log_in(client, user, password=PASSWORD, address="192.0.2.1"):
    return client.post(LOGIN, {"login": user.email, "password": password}, REMOTE_ADDR=address)


def is_logged_in(client):
    return client.get(HOME).status_code == 200


def test_log_in_with_an_address_in_any_case(client, fatima):
    response = client.post(f"{LOGIN}?next=/wijken/", {"login": fatima.email.upper(), "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, "/wijken/")
    assert is_logged_in(client)


def test_no_way_out_to_another_site(client, fatima):
    response = client.post(f"{LOGIN}?next=https://boef.example/", {"login": fatima.email, "password": PASSWORD})
    assert "boef" not in response["Location"]


def test_the_form_has_our_words(client):
    page = client.get(LOGIN).content.decode()
    assert 'autocomplete="username"' in page
    assert "placeholder" not in page
    assert page.count(reverse("account_reset_password")) == 1


@pytest.mark.parametrize(
    "data", [{"login": "fatima\x00@socius.example", "password": "x"}, {"login": "", "password": ""}]
)
def test_impossible_input_stays_on_the_page(client, fatima, data):
    assert client.post(LOGIN, data).status_code in {200, 400}
    assert not is_logged_in(client)


def test_an_unknown_address_and_a_wrong_password_look_the_same(client, fatima):
    wrong = client.post(LOGIN, {"login": fatima.email, "password": "fout"}).content.decode()
    unknown = client.post(LOGIN, {"login": "niemand@socius.example", "password": "fout"}).content.decode()

    def neutral(page):
        return re.sub(r"(csrf\S+|value=|X-CSRFToken).*", "", re.sub(r"[a-z.]+@socius\.example", "", page))

    assert neutral(wrong) == neutral(unknown)


def test_nobody_signs_up():
    for name in ("account_signup", "account_email", "account_set_password"):
        with pytest.raises(NoReverseMatch):
            reverse(name)


def test_guessing_is_stopped_for_that_address_and_no_other(client, fatima):
    statuses = [log_in(client, fatima, "fout").status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    assert log_in(client, fatima).status_code == 429
    assert log_in(Client(), fatima, address="192.0.2.2").status_code == 302


def test_a_colleague_who_mistypes_keeps_nobody_else_of_the_office_out(client, fatima):
    joris = make_group_worker("Joris")
    for _ in range(12):
        log_in(Client(), joris, "fout")
    assert log_in(client, fatima).status_code == 302


def test_guessing_at_many_accounts_from_one_address_is_stopped(client, fatima):
    statuses = [
        client.post(LOGIN, {"login": f"joris{number}@socius.example", "password": "fout"}).status_code
        for number in range(51)
    ]
    assert statuses == [200] * 50 + [429]
    assert log_in(client, fatima, address="127.0.0.1").status_code == 429


def test_guessing_from_many_addresses_is_stopped_too(fatima):
    for number in range(25):
        assert log_in(Client(), fatima, "fout", address=f"198.51.100.{number}").status_code == 200
    assert log_in(Client(), fatima, address="192.0.2.2").status_code == 429


def test_a_good_login_does_not_wipe_out_earlier_failures(client, fatima):
    for _ in range(9):
        log_in(client, fatima, "fout")
    assert log_in(Client(), fatima).status_code == 302
    assert [log_in(client, fatima, "fout").status_code for _ in range(2)] == [200, 429]


def test_a_forged_header_does_not_make_another_address(client, fatima):
    for number in range(11):
        response = client.post(
            LOGIN, {"login": fatima.email, "password": "fout"}, headers={"X-Forwarded-For": f"203.0.113.{number}"}
        )
    assert response.status_code == 429


def test_hammering_the_page_gives_429(client, fatima):
    statuses = [client.post(LOGIN, {"login": "", "password": ""}).status_code for _ in range(61)]
    assert (statuses[59], statuses[60]) == (200, 429)


def test_a_closed_account_does_not_get_in(client, fatima):
    fatima.is_active = False
    fatima.save()
    response = log_in(client, fatima)
    assert response["Location"] == reverse("account_inactive")
    assert client.get(response["Location"]).status_code == 200
    assert not is_logged_in(client)


def test_a_session_ends_when_roles_change(client, fatima):
    log_in(client, fatima)
    assert is_logged_in(client)
    set_roles(user=fatima, roles=["desk"], by=make_administrator(), now=timezone.now())
    assert not is_logged_in(client)


def test_a_session_stays_when_nothing_changes(client, fatima):
    log_in(client, fatima)
    set_roles(user=fatima, roles=["group_worker"], by=make_administrator(), now=timezone.now())
    assert is_logged_in(client)


def test_changing_the_password_ends_the_other_sessions(client, fatima):
    elsewhere = Client()
    log_in(client, fatima)
    log_in(elsewhere, fatima)
    fresh = "een-heel-ander-woord"
    response = client.post(HOME, {"oldpassword": PASSWORD, "password1": fresh, "password2": fresh})
    assert response.status_code == 302
    assert is_logged_in(client)
    assert not is_logged_in(elsewhere)


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_has_no_password_yet_is_sent_a_link(client, method):
    wietske = make_group_worker("Wietske")
    client.force_login(wietske)
    page = getattr(client, method)(HOME, follow=True)
    assert page.redirect_chain == [(reverse("account_reset_password"), 302)]
    assert "U hebt nog geen wachtwoord." in page.content.decode()
    client.post(page.redirect_chain[0][0], {"email": wietske.email})
    assert Notification.objects.get().recipient == wietske


def test_logging_out_needs_a_post(client, fatima):
    log_in(client, fatima)
    client.get("/uitloggen/")
    assert is_logged_in(client)
    assert client.post("/uitloggen/")["Location"] == LOGIN
    assert not is_logged_in(client)


def test_a_forgotten_password_is_renewed_once(client, fatima, mailoutbox):
    client.post("/wachtwoord/vergeten/", {"email": fatima.email.upper()})
    row = Notification.objects.get()
    assert (row.recipient, row.to_address) == (fatima, fatima.email)
    send_notifications(now=row.due_at)
    [mail] = mailoutbox
    assert "fatima" not in mail.subject.lower()
    link = re.search(r"https?://\S+", mail.body).group()
    form = client.get(link, follow=True)
    fresh = {"password1": "een-heel-ander-woord", "password2": "een-heel-ander-woord"}
    done = client.post(form.redirect_chain[-1][0], fresh, follow=True)
    assert done.status_code == 200
    assert log_in(client, fatima, "een-heel-ander-woord").status_code == 302
    assert Client().get(link).status_code == 200  # the page that says it is used up
    assert Client().get(link).context["token_fail"]


def test_the_link_in_the_mail_leads_to_socius_whatever_host_was_asked(client, fatima, settings):
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://socius.example", ["*"]
    client.post("/wachtwoord/vergeten/", {"email": fatima.email}, headers={"Host": "boef.example"})
    body = Notification.objects.get().body
    assert "https://socius.example/wachtwoord/nieuw/" in body
    assert "boef" not in body


def test_a_forgotten_password_does_not_tell_who_is_known(client, fatima):
    known = client.post("/wachtwoord/vergeten/", {"email": fatima.email})
    unknown = client.post("/wachtwoord/vergeten/", {"email": "niemand@socius.example"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert Notification.objects.count() == 1


@pytest.mark.parametrize("key", ["1-x", "0-set-password", "zzzzzzzzzzzzz-x", "a" * 300 + "-x"])
def test_a_made_up_link_is_answered_calmly(client, key):
    assert client.get(f"/wachtwoord/nieuw/{key}/").status_code == 200


def test_no_address_in_the_log(client, fatima, caplog):
    caplog.set_level("DEBUG")
    log_in(client, fatima, "fout")
    log_in(client, fatima)
    client.post("/wachtwoord/vergeten/", {"email": fatima.email})
    send_notifications(now=Notification.objects.get().due_at)
    assert "@" not in caplog.text
    assert "notifications: 1 tried, 1 sent" in caplog.text
