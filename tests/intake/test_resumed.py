"""An intake that was resumed, or stood open, takes nothing back that was changed since (R18, R40)."""

import pytest

from clients.exceptions import ChangedMeanwhile
from clients.models import Client, ContactPreference
from clients.services import change_availability, update_client
from clients.shown import seen_of
from intake.models import Judgement
from intake.services.merging import merge_files
from tests.factories.groups import NOW
from tests.factories.intake import judge_data, make_door, make_judge, make_judgement, make_referral, make_referrer

pytestmark = pytest.mark.django_db
SAFE = {"is_sensitive": True, "may_mail": False, "may_phone": False, "instructions": "alleen via haar zus"}


@pytest.fixture
def referral():
    return make_referral()


@pytest.fixture
def sofie(client, referral):
    user = make_judge()
    client.force_login(user)
    return user


def page(client, referral):
    return client.get(f"/intake/{referral.pk}/")


def data_of(client, referral, sofie, **changes):
    """What a browser sends of the page as it is now."""
    form = page(client, referral).context["form"]
    data = judge_data(decision="individual_help", follow_up_by=sofie.pk, seen=form["seen"].value(), **changes)
    for name in ("is_sensitive", "may_mail", "may_phone", "refuses_own_neighbourhood"):
        data.pop(name, None)
        if form[name].value():
            data[name] = "on"
    return data | {"instructions": form["instructions"].value(), "availability": form["availability"].value()}


def post(client, referral, data):
    return client.post(f"/intake/{referral.pk}/", data)


def keep(client, referral, data):
    client.post(f"/intake/{referral.pk}/bewaren/", data)


def safety(referral):
    contact = ContactPreference.objects.get(client=Client.objects.get(pk=referral.client_id))
    return {name: getattr(contact, name) for name in SAFE}


def make_safe(referral):
    update_client(client=referral.client, by=make_judge("Sjors"), now=NOW, contact=SAFE)


def test_a_page_that_stood_open_takes_no_safety_away(client, referral, sofie):
    data = data_of(client, referral, sofie, notes="Een lang gesprek")
    make_safe(referral)
    answer = post(client, referral, data)
    form = answer.context["form"]
    assert set(form.errors) == set(SAFE)
    assert {name: form[name].value() for name in SAFE} == SAFE
    assert form["notes"].value() == "Een lang gesprek"
    assert (safety(referral), Judgement.objects.count()) == (SAFE, 0)


def test_a_draft_is_laid_only_over_what_was_not_changed_since(client, referral, sofie):
    keep(
        client,
        referral,
        data_of(client, referral, sofie, notes="Een lang gesprek", may_phone=None) | {"hold_reason": "x"},
    )
    make_safe(referral)
    answer = page(client, referral)
    form = answer.context["form"]
    assert {name: form[name].value() for name in SAFE} == SAFE
    assert form["notes"].value() == "Een lang gesprek"
    assert "alleen via haar zus" in answer.content.decode()
    assert len(form.overtaken) == len(SAFE)
    assert post(client, referral, data_of(client, referral, sofie)).status_code == 302
    assert safety(referral) == SAFE


def test_a_draft_that_was_sent_without_looking_again_is_refused(client, referral, sofie):
    data = data_of(client, referral, sofie)
    keep(client, referral, data)
    make_safe(referral)
    assert post(client, referral, data | {"draft_version": "1"}).status_code == 200
    assert safety(referral) == SAFE


def test_after_a_merge_the_careful_word_stays(client, sofie):
    door = make_door()
    one = make_referral(neighbourhood=door, person={"family_name": "Fantasie"})
    two = make_referral(
        by=make_referrer("Tess"), neighbourhood=door, person={"family_name": "Fantazie", "contact": SAFE}
    )
    data = data_of(client, one, sofie)
    keep(client, one, data)
    merge_files(kept=one.client, other=two.client, by=sofie, now=NOW)
    assert page(client, one).context["form"]["is_sensitive"].value() is True
    assert post(client, one, data).status_code == 200
    assert safety(one) == SAFE


def test_times_and_the_neighbourhood_they_refuse_are_not_taken_back_either(client, referral, sofie):
    data = data_of(client, referral, sofie)
    keep(client, referral, data)
    update_client(client=referral.client, by=sofie, now=NOW, refuses_own_neighbourhood=True)
    change_availability(client=referral.client, parts={(1, "evening")}, by=sofie, now=NOW)
    form = page(client, referral).context["form"]
    assert (form["refuses_own_neighbourhood"].value(), form["availability"].value()) == (True, ["1-evening"])
    assert set(post(client, referral, data).context["form"].errors) == {"refuses_own_neighbourhood", "availability"}


def test_what_nobody_changed_is_laid_over_and_saved(client, referral, sofie):
    data = data_of(client, referral, sofie) | SAFE | {"is_sensitive": "on"}
    for name in ("may_mail", "may_phone"):
        data.pop(name)
    keep(client, referral, data)
    form = page(client, referral).context["form"]
    assert ({name: form[name].value() for name in SAFE}, form.overtaken) == (SAFE, [])
    assert post(client, referral, data).status_code == 302
    assert safety(referral) == SAFE


def test_the_service_itself_refuses(referral, sofie):
    seen = seen_of(referral.client, {"is_sensitive": False})
    make_safe(referral)
    with pytest.raises(ChangedMeanwhile):
        make_judgement(referral, by=sofie, decision="individual_help", contact={"is_sensitive": False}, seen=seen)
    assert Judgement.objects.count() == 0
