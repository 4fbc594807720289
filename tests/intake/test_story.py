"""The page of a referral tells what happened and when, and no more than the client allows (R9, R40, R42, R43)."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import translation

from clients.enums import ConsentPurpose
from clients.services import log_contact, withdraw_consent
from groups.enums import LeaveReason
from groups.models import WaitlistEntry
from groups.services.waitlists import leave_waitlist
from intake.enums import Decision, NewsCode
from intake.models import Referral
from intake.queries import story_of, with_status_facts
from intake.wording import step_text
from tests.factories.groups import NOW, make_cycle, make_offer, make_team_and_room, make_waitlist, sweep
from tests.factories.intake import make_door, make_judge, make_judgement, make_referral, make_referrer

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
FIRST = NOW.date()


def story(referral, *, details=True):
    steps = story_of(with_status_facts(Referral.objects).get(pk=referral.pk), details=details)
    return [(step.on, step.code) for step in steps]


def test_each_step_has_its_day():
    referral = make_referral()
    assert story(referral) == [(FIRST, NewsCode.RECEIVED)]
    log_contact(client=referral.client, is_reached=True, by=make_judge(), now=NOW + DAY)
    make_judgement(referral, offer=make_offer(name="De Krachtcentrale"), now=NOW + 2 * DAY)
    entry = WaitlistEntry.objects.get()
    leave_waitlist(entry=entry, reason=LeaveReason.SOLVED, by=make_judge(), now=NOW + 3 * DAY)
    assert story(referral) == [
        (FIRST, NewsCode.RECEIVED),
        (FIRST + DAY, NewsCode.CONTACTED),
        (FIRST + 2 * DAY, NewsCode.WAITING),
        (FIRST + 3 * DAY, NewsCode.LEFT),
    ]


def test_placed_is_told_by_what_the_engine_wrote():
    waitlist = make_waitlist()
    make_team_and_room(waitlist)
    where = waitlist.catchment.neighbourhoods.get()
    before = NOW - DAY
    referrals = [make_referral(neighbourhood=where, by=make_referrer(f"Teun{n}"), now=before) for n in range(3)]
    for referral in referrals:
        make_judgement(referral, offer=waitlist.offer, now=before)
    sweep()
    assert story(referrals[0])[1:] == [(FIRST - DAY, NewsCode.WAITING), (FIRST, NewsCode.PLACED)]


def test_a_direct_place_never_waited():
    cycle, referral = make_cycle(3, neighbourhood=make_door()), make_referral()
    make_judgement(referral, decision=Decision.DIRECT, offer=cycle.waitlist.offer, catchment=cycle.waitlist.catchment)
    assert [code for _on, code in story(referral)] == [NewsCode.RECEIVED, NewsCode.CONTACTED, NewsCode.PLACED]


@pytest.mark.parametrize("decision", [Decision.INDIVIDUAL_HELP, Decision.REFER_OUT])
def test_other_help_is_told_and_not_which(decision):
    referral = make_referral()
    make_judgement(referral, decision=decision, destination="MEE", reason="LVB", now=NOW + DAY)
    assert story(referral)[1:] == [(FIRST + DAY, NewsCode.DECIDED)]


def test_two_places_that_became_one_are_no_news():
    referral = make_referral()
    make_judgement(referral, offer=make_offer())
    entry = WaitlistEntry.objects.get()
    entry.history.filter(code="entry_joined").update(code="entry_left", args={"reason": LeaveReason.MERGED})
    assert story(referral) == [(FIRST, NewsCode.RECEIVED)]


def test_a_sensitive_group_is_not_named():
    referral = make_referral()
    make_judgement(referral, offer=make_offer(name="Veilig en krachtig", is_sensitive=True))
    steps = story_of(with_status_facts(Referral.objects).get(pk=referral.pk), details=True)
    assert "Veilig" not in " ".join(step_text(step) for step in steps)


def test_the_page_shows_it_to_the_referrer_and_after_consent_ended_only_that_it_came(client):
    referral = make_referral()
    make_judgement(referral, offer=make_offer(name="De Krachtcentrale"))
    client.force_login(referral.referred_by)
    url = reverse("intake:referral", args=[referral.pk])
    with translation.override("nl"):
        waiting = f"De Krachtcentrale: {NewsCode.WAITING.label}"
    assert waiting in client.get(url).content.decode()
    withdraw_consent(client=referral.client, purpose=ConsentPurpose.FEEDBACK_TO_REFERRER, by=make_judge(), now=NOW)
    page = client.get(url)
    assert len(page.context["story"]) == 1
    assert "De Krachtcentrale" not in page.content.decode()


def test_the_story_is_one_statement(django_assert_num_queries):
    referral = make_referral()
    make_judgement(referral, offer=make_offer())
    found = with_status_facts(Referral.objects).get(pk=referral.pk)
    with django_assert_num_queries(1):
        assert len(story_of(found, details=True)) == 2
