"""An old page takes nothing back that a colleague changed since (R40)."""

import datetime as dt

import pytest

from clients.exceptions import ChangedMeanwhile
from clients.models import Client, ContactPreference
from clients.services import update_client
from clients.shown import seen_of
from tests.factories.accounts import make_social_worker
from tests.factories.clients import make_client, make_neighbourhood
from tests.factories.groups import NOW

pytestmark = pytest.mark.django_db
SAFE = {"is_sensitive": True, "may_mail": False, "address_is_secret": True, "instructions": "alleen via haar zus"}


@pytest.fixture
def sofie(client):
    user = make_social_worker("Sofie", municipalities=[make_neighbourhood().municipality])
    client.force_login(user)
    return user


@pytest.fixture
def anna():
    return make_client(now=NOW)


def page_of(anna):
    return f"/clienten/{anna.public_id}/gegevens/"


def sent_from(client, anna):
    """What a browser sends of the page as it is now."""
    form = client.get(page_of(anna)).context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: "on" if value is True else value for name, value in values.items() if value not in (None, False)}


def contact_of(anna):
    return ContactPreference.objects.get(client=anna)


def test_an_old_page_takes_no_safety_away_and_loses_nothing_typed(client, sofie, anna):
    sent = sent_from(client, anna)
    update_client(
        client=anna,
        by=make_social_worker("Sjors", municipalities=[anna.neighbourhood.municipality]),
        now=NOW,
        contact=SAFE,
    )
    answer = client.post(page_of(anna), sent | {"phone": "0251 111222"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == set(SAFE)
    assert "alleen via haar zus" in answer.content.decode()
    form = answer.context["form"]
    assert (form["phone"].value(), form["is_sensitive"].value(), form["may_mail"].value()) == (
        "0251 111222",
        True,
        False,
    )
    assert contact_of(anna).is_sensitive
    assert Client.objects.get(pk=anna.pk).phone == anna.phone


def test_sent_again_what_was_typed_is_saved_and_the_safety_stays(client, sofie, anna):
    sent = sent_from(client, anna)
    update_client(client=anna, by=sofie, now=NOW, contact=SAFE)
    form = client.post(page_of(anna), sent | {"phone": "0251 111222"}).context["form"]
    again = {name: form[name].value() for name in form.fields}
    again = {name: "on" if value is True else value for name, value in again.items() if value not in (None, False)}
    assert client.post(page_of(anna), again).status_code == 302
    assert Client.objects.get(pk=anna.pk).phone == "0251111222"
    assert (contact_of(anna).is_sensitive, contact_of(anna).instructions) == (True, "alleen via haar zus")


def test_on_a_fresh_page_it_can_be_taken_away(client, sofie, anna):
    update_client(client=anna, by=sofie, now=NOW, contact=SAFE)
    sent = sent_from(client, anna)
    sent.pop("is_sensitive")
    assert client.post(page_of(anna), sent).status_code == 302
    assert not contact_of(anna).is_sensitive


def test_a_page_that_says_not_what_it_showed_changes_only_what_holds_already(client, sofie, anna):
    sent = sent_from(client, anna) | {"seen": ""}
    assert client.post(page_of(anna), sent).status_code == 302
    assert client.post(page_of(anna), sent | {"phone": "0251 111222"}).status_code == 422


@pytest.mark.parametrize("seen", ["x", ":", "phone:", "phone:zzz phone:yyy", "é" * 5000])
def test_nonsense_is_not_what_was_seen(sofie, anna, seen):
    with pytest.raises(ChangedMeanwhile) as refused:
        update_client(client=anna, by=sofie, now=NOW, seen=seen, phone="0251111222")
    assert refused.value.fields == {"phone": anna.phone}


def test_what_was_seen_of_one_file_says_nothing_of_another(sofie, anna):
    other = make_client("Jansen", phone=anna.phone, now=NOW)
    with pytest.raises(ChangedMeanwhile):
        update_client(client=other, by=sofie, now=NOW, seen=seen_of(anna, {"phone": anna.phone}), phone="0251111222")


def test_the_same_change_by_two_is_no_quarrel(sofie, anna):
    seen = seen_of(anna, {"birth_date": anna.birth_date})
    for _twice in range(2):
        update_client(client=anna, by=sofie, now=NOW, seen=seen, birth_date=dt.date(1980, 5, 18))
    assert Client.objects.get(pk=anna.pk).birth_date == dt.date(1980, 5, 18)
