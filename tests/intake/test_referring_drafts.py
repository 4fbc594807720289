"""Drafts of referrals: kept, taken up again by their owner alone, never overwritten unseen, gone when sent or old."""

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone

from clients.models import SealKey
from intake.exceptions import DraftRefused
from intake.models import KEPT_FOR, Referral, ReferralDraft
from intake.services.referral_drafts import (
    MOST_CHARACTERS,
    MOST_DRAFTS,
    delete_left_referral_drafts,
    discard_draft,
    keep_draft,
)
from intake.tasks import delete_left_referral_drafts as task
from tests.factories.accounts import make_coordinator
from tests.factories.groups import NOW, fresh
from tests.factories.intake import make_door, make_referrer, refer_data

pytestmark = pytest.mark.django_db
REFER, KEEP, LIST = "/verwijzen/", "/verwijzen/concept/", "/verwijzingen/"
TYPED = {"given_name": ["Anna"], "family_name": ["Fantasie"], "question": ["Ik ben veel alleen."]}


def keep(by, *, key=None, version=0, now=NOW, **values):
    return keep_draft(submission_key=key or uuid.uuid4(), version=version, values=TYPED | values, by=by, now=now)


def browser_of(user):
    browser = Browser(headers={"accept-language": "en"})
    browser.force_login(user)
    return browser


def test_what_was_typed_is_kept_and_kept_again():
    teun = make_referrer()
    first = keep(teun)
    again = keep(teun, key=first.submission_key, version=1, question=["Anders."], now=NOW + timedelta(hours=1))
    assert (again.pk, again.version, fresh(again).values["question"]) == (first.pk, 2, ["Anders."])
    assert fresh(first).changed_at == NOW + timedelta(hours=1)


def test_the_database_has_no_word_of_it():
    draft = keep(make_referrer())
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM intake_referraldraft WHERE id = %s", [draft.pk])
        content = bytes(cursor.fetchone()[0])
    assert b"Anna" not in content
    assert b"alleen" not in content


def test_two_tabs_never_overwrite_each_other_unseen():
    teun = make_referrer()
    draft = keep(teun)
    keep(teun, key=draft.submission_key, version=1, question=["In het ene tabblad."])
    apart = keep(teun, key=draft.submission_key, version=1, question=["In het andere."])
    assert apart.submission_key != draft.submission_key
    kept = {row.values["question"][0] for row in ReferralDraft.objects.of(teun)}
    assert kept == {"In het ene tabblad.", "In het andere."}


def test_nothing_typed_is_no_draft():
    assert keep_draft(submission_key=uuid.uuid4(), version=0, values={}, by=make_referrer(), now=NOW) is None
    browser = browser_of(make_referrer())
    browser.post(KEEP, {"submission_key": str(uuid.uuid4()), "sex": "unknown", "may_mail": "on", "may_phone": "on"})
    assert not ReferralDraft.objects.exists()


def test_a_draft_that_arrives_after_the_referral_is_refused():
    make_door()
    browser, data = browser_of(make_referrer()), refer_data()
    browser.post(REFER, data)
    assert "was sent already" in browser.post(KEEP, data).content.decode()
    assert not ReferralDraft.objects.exists()


def test_sending_takes_the_draft_and_its_key_away():
    make_door()
    browser, data = browser_of(make_referrer()), refer_data()
    browser.post(KEEP, data)
    key = ReferralDraft.objects.get().key_id
    browser.post(REFER, data)
    assert Referral.objects.count() == 1
    assert not ReferralDraft.objects.exists()
    assert not SealKey.objects.filter(pk=key).exists()


def test_an_unfinished_referral_that_is_refused_keeps_its_draft():
    make_door()
    browser, data = browser_of(make_referrer()), refer_data(consent=None)
    browser.post(KEEP, data)
    browser.post(REFER, data)
    assert not Referral.objects.exists()
    assert ReferralDraft.objects.count() == 1


def test_after_two_weeks_left_alone_it_is_gone_and_not_a_moment_sooner():
    teun = make_referrer()
    old, young = keep(teun), keep(teun, now=NOW + timedelta(seconds=1))
    assert delete_left_referral_drafts(now=NOW + KEPT_FOR) == 1
    assert list(ReferralDraft.objects.all()) == [young]
    assert not SealKey.objects.filter(pk=old.key_id).exists()
    task()
    assert delete_left_referral_drafts(now=NOW + KEPT_FOR) == 0


def test_nobody_else_opens_or_discards_it():
    draft = keep(make_referrer("Teun"))
    tess = browser_of(make_referrer("Tess"))
    assert tess.get(REFER, {"concept": draft.pk}).status_code == 404
    assert tess.post(f"{KEEP}{draft.pk}/weg/").status_code == 404
    assert "A. F." not in tess.get(LIST).content.decode()
    # The key of somebody else's form makes a draft of one's own.
    tess.post(KEEP, {"submission_key": str(draft.submission_key), "draft_version": "1", "question": "Van Tess."})
    assert fresh(draft).values == TYPED
    assert ReferralDraft.objects.count() == 2


def test_who_may_not_refer_keeps_no_drafts():
    with pytest.raises(PermissionDenied):
        keep(make_coordinator())


def test_it_is_taken_up_again_as_it_was_typed():
    make_door()
    browser = browser_of(make_referrer())
    browser.post(KEEP, refer_data(birth_date="31-2-1980", consent=None))
    draft = ReferralDraft.objects.get()
    page = browser.get(REFER, {"concept": draft.pk}).content.decode()
    for words in ('value="Fantasie"', 'value="31-2-1980"', "Ik ben veel alleen.", str(draft.submission_key)):
        assert words in page
    assert 'name="draft_version" value="1"' in page


def test_without_javascript_a_button_keeps_it_and_the_list_leads_back():
    make_door()
    browser = browser_of(make_referrer())
    answer = browser.post(REFER, refer_data(family_name="", consent=None) | {"keep": "1"}, follow=True)
    page = answer.content.decode()
    draft = ReferralDraft.objects.get()
    assert f"{REFER}?concept={draft.pk}" in page
    assert "A. de" in page
    browser.post(f"{KEEP}{draft.pk}/weg/")
    assert not ReferralDraft.objects.exists()


def test_too_much_or_too_many_is_refused_and_said():
    teun = make_referrer()
    with pytest.raises(DraftRefused, match="too_long"):
        keep(teun, question=["x" * MOST_CHARACTERS])
    for _number in range(MOST_DRAFTS):
        keep(teun)
    with pytest.raises(DraftRefused, match="too_many"):
        keep(teun)
    page = browser_of(teun).post(REFER, refer_data() | {"keep": "1"}).content.decode()
    assert "You have very many drafts" in page
    assert 'value="Fantasie"' in page


@pytest.mark.parametrize(("name", "value"), [("concept", "x"), ("concept", "9" * 30), ("concept", "²")])
def test_nonsense_instead_of_a_number_is_an_empty_form(name, value):
    assert browser_of(make_referrer()).get(REFER, {name: value}).status_code == 200


@pytest.mark.parametrize("version", ["", "-1", "9" * 40, "x", "٣"])
def test_nonsense_instead_of_a_version_is_a_draft_of_its_own(version):
    teun = make_referrer()
    draft = keep(teun)
    data = {"submission_key": str(draft.submission_key), "draft_version": version, "question": "Nieuw."}
    page = browser_of(teun).post(KEEP, data).content.decode()
    assert "draft of its own" in page
    assert fresh(draft).values == TYPED


def test_discarding_twice_is_once():
    teun = make_referrer()
    draft = keep(teun)
    assert (discard_draft(pk=draft.pk, by=teun), discard_draft(pk=draft.pk, by=teun)) == (True, False)


def test_today_asks_to_finish_it():
    teun = make_referrer()
    draft = keep(teun, now=timezone.now())
    page = browser_of(teun).get("/").content.decode()
    assert f"{REFER}?concept={draft.pk}" in page
    assert "A. F." in page
    assert "concept=" not in browser_of(make_referrer("Tess")).get("/").content.decode()
