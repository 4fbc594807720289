"""S3: whatever is sent to the intake form, its draft and the open questions, nothing answers with 500."""

import datetime as dt

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.enums import Decision
from intake.forms import JudgeForm
from intake.models import Judgement
from tests.factories.groups import make_cycle, make_offer
from tests.factories.intake import make_door, make_judge, make_judgement, make_kind, make_referral

FINE = {200, 302, 400, 404, 422}
FIELDS = [*JudgeForm.base_fields, "draft_version", "keep_mine", "preview", "offer", "review_on", "unknown"]
KNOWN = [*Decision.values, "on", "loneliness", "0-morning", "no_food", "other", "customer", "1", "2030-02-30", "-1"]
HARD = [
    "\0",
    "a\0b",
    "x" * 30_000,
    "👩‍👩‍👧‍👦" * 50,
    "\u202e",
    "9" * 40,
    "٣",
    "1e309",
    "<script>",
    "9999-12-31",
    "{{ 7*7 }}",
]
VALUE = st.one_of(st.sampled_from(KNOWN), st.sampled_from(HARD), st.text(max_size=60))
SENT = st.dictionaries(st.sampled_from(FIELDS), st.lists(VALUE, min_size=1, max_size=3), max_size=12)
MUCH = settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def world(client, db):
    cycle = make_cycle(3, neighbourhood=make_door())
    sofie, referral = make_judge(), make_referral(problem_kinds=[make_kind()])
    noted = make_referral()
    ask_on = dt.date(2026, 9, 20)
    make_judgement(noted, by=sofie, decision=Decision.NO_OFFER, reason="Niets past", follow_up_on=ask_on)
    make_offer(name="Nieuw")
    client.force_login(sofie)
    client.raise_request_exception = False
    return referral, noted.open_question, cycle


def send(client, url, sent, *, htmx):
    with transaction.atomic():
        response = client.post(url, sent, headers={"HX-Request": "true"} if htmx else {})
        transaction.set_rollback(True)
    return response.status_code


@MUCH
@given(sent=SENT, decision=st.sampled_from([*Decision.values, "", "\0", "x"]), htmx=st.booleans())
def test_the_intake_never_breaks(client, world, sent, decision, htmx):
    referral, _question, cycle = world
    sent = sent | {"decision": [decision], "direct_offer": [str(cycle.waitlist.offer_id)]}
    for url in (f"/intake/{referral.pk}/", f"/intake/{referral.pk}/bewaren/"):
        assert send(client, url, sent, htmx=htmx) in FINE
    assert send(client, f"/intake/{referral.pk}/", sent | {"preview": ["1"]}, htmx=htmx) in FINE


@MUCH
@given(sent=SENT)
def test_what_was_kept_is_shown_again_whatever_it_was(client, world, sent):
    referral, _question, _cycle = world
    with transaction.atomic():
        kept = client.post(f"/intake/{referral.pk}/bewaren/", sent | {"draft_version": "0", "keep_mine": ""})
        shown = client.get(f"/intake/{referral.pk}/")
        transaction.set_rollback(True)
    assert (kept.status_code in FINE, shown.status_code) == (True, 200)


@MUCH
@given(sent=SENT)
def test_an_open_question_never_breaks(client, world, sent):
    _referral, question, _cycle = world
    for step in ("plaatsen", "past-niet", "later", "afsluiten"):
        assert send(client, f"/open-vragen/{question.pk}/{step}/", sent, htmx=False) in FINE
    assert Judgement.objects.count() == 1
