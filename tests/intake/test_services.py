"""Refer and judge: what is written, what is refused, and that nothing is ever half-written."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, close_old_connections, connection, transaction

from clients.enums import ConsentPurpose, DayPart, InvolvementKind
from clients.models import AccessLog, Client
from clients.services import update_client
from groups.exceptions import NotAllowed
from groups.models import Waitlist, WaitlistEntry
from intake.enums import Decision, ReferralSource, ReferralState
from intake.exceptions import AlreadyJudged, AlreadyReferred, NoPlace
from intake.models import Judgement, Referral
from intake.services import WantedPlace, judge_referral, refer_client
from neighbourhoods.enums import CatchmentLevel
from neighbourhoods.queries import catchment_of
from tests.factories.accounts import make_coordinator, make_desk, make_social_worker
from tests.factories.groups import NOW, make_offer
from tests.factories.intake import (
    make_door,
    make_judge,
    make_judgement,
    make_kind,
    make_referral,
    make_referrer,
    person_values,
)
from tests.factories.neighbourhoods import make_municipality

pytestmark = pytest.mark.django_db


def test_refer_client_writes_person_referral_consents_and_involvement():
    teun, kind = make_referrer(), make_kind()
    referral = make_referral(
        by=teun,
        problem_kinds=[kind],
        aim=" Contact ",
        availability={(1, DayPart.EVENING)},
        person={"phone": "06-12345678"},
    )
    client = referral.client
    assert (referral.source, referral.state, referral.aim) == (
        ReferralSource.SOCIAL_TEAM,
        ReferralState.RECEIVED,
        "Contact",
    )
    assert referral.received_on == NOW.date()
    assert list(referral.problem_kinds.all()) == [kind]
    assert client.phone == "0612345678"
    assert client.neighbourhood == referral.neighbourhood
    assert {consent.purpose for consent in client.consents.all()} == set(ConsentPurpose.values)
    assert [(row.weekday, row.part) for row in client.availability.all()] == [(1, "evening")]
    assert [(row.user, row.kind) for row in client.involvements.all()] == [(teun, InvolvementKind.REFERRER)]


def test_refer_client_without_consent_writes_nothing():
    with pytest.raises(ValidationError) as refused:
        make_referral(consented=False)
    assert "consent" in refused.value.error_dict
    assert (Client.objects.count(), Referral.objects.count()) == (0, 0)


def test_refer_client_with_a_wrong_field_writes_nothing():
    with pytest.raises(ValidationError) as refused:
        make_referral(person={"phone": "123"})
    assert "phone" in refused.value.error_dict
    assert (Client.objects.count(), Referral.objects.count()) == (0, 0)


def test_feedback_consent_is_only_recorded_when_given():
    referral = make_referral(feedback_allowed=False)
    assert [consent.purpose for consent in referral.client.consents.all()] == [ConsentPurpose.REGISTRATION]


def test_the_same_form_sent_twice_is_one_referral():
    teun, place, key = make_referrer(), make_door(), uuid.uuid4()
    first = make_referral(by=teun, neighbourhood=place, submission_key=key, person={"family_name": "Fantasie"})
    again = make_referral(by=teun, neighbourhood=place, submission_key=key, person={"family_name": "Fantasie"})
    assert again == first
    assert (Referral.objects.count(), Client.objects.count()) == (1, 1)


def test_an_old_form_filled_for_somebody_else_is_a_referral_of_its_own():
    teun, key = make_referrer(), uuid.uuid4()
    first = make_referral(by=teun, submission_key=key, person={"family_name": "Fantasie"})
    other = make_referral(by=teun, submission_key=key, person={"family_name": "Verzonnen"})
    assert other != first
    assert Referral.objects.count() == 2


def test_somebody_elses_key_tells_nothing():
    key = uuid.uuid4()
    first = make_referral(submission_key=key, person={"family_name": "Fantasie"})
    second = make_referral(by=make_referrer("Tess"), submission_key=key, person={"family_name": "Fantasie"})
    assert second != first


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_are_one_referral():
    teun, place, key = make_referrer(), make_door(), uuid.uuid4()
    barrier, done, errors = threading.Barrier(2), [], []

    def send():
        close_old_connections()
        try:
            barrier.wait()
            done.append(
                refer_client(
                    person=person_values(place), question="Vraag", consented=True, by=teun, now=NOW, submission_key=key
                )
            )
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert done[0] == done[1]
    assert (Referral.objects.count(), Client.objects.count()) == (1, 1)


def test_the_same_person_twice_by_the_same_referrer_is_refused_with_the_earlier_one():
    teun, place = make_referrer(), make_door()
    first = make_referral(by=teun, neighbourhood=place, person={"family_name": "Fantasie"})
    with pytest.raises(AlreadyReferred) as refused:
        make_referral(by=teun, neighbourhood=place, person={"family_name": "fantasie", "given_name": "ANNA"})
    assert refused.value.referral == first
    assert (Referral.objects.count(), Client.objects.count()) == (1, 1)


def test_somebody_elses_client_is_accepted_without_a_word():
    """R43: a match with another referrer's client is never told."""
    place = make_door()
    first = make_referral(neighbourhood=place, person={"family_name": "Fantasie"})
    second = make_referral(by=make_referrer("Tess"), neighbourhood=place, person={"family_name": "Fantasie"})
    assert second.client != first.client


@pytest.mark.parametrize("with_key", [False, True])
def test_the_postcode_to_which_somebody_fled_cannot_be_guessed(with_key):
    """R40, R43: right or wrong, with the old form or a new one, the answer is that of a person nobody knows."""
    teun, place, key = make_referrer(), make_door(), uuid.uuid4()
    first = make_referral(by=teun, neighbourhood=place, submission_key=key, person={"family_name": "Fantasie"})
    update_client(client=first.client, by=make_judge(), now=NOW, postcode="1941 XZ", contact={"is_sensitive": True})
    for guess in ("1941 AB", "1941 XZ"):
        fields = {"submission_key": key if with_key else uuid.uuid4(), "neighbourhood": place}
        again = make_referral(by=teun, person={"family_name": "Fantasie", "postcode": guess}, **fields)
        assert again.client != first.client


def test_after_closing_the_same_person_can_be_referred_again():
    teun, place = make_referrer(), make_door()
    first = make_referral(by=teun, neighbourhood=place, person={"family_name": "Fantasie"})
    first.state, first.closed_reason = ReferralState.CLOSED, "verhuisd"
    first.save()
    second = make_referral(by=teun, neighbourhood=place, person={"family_name": "Fantasie"})
    assert second.client == first.client


def test_one_open_referral_per_person_and_referrer_is_held_by_the_database():
    referral = make_referral()
    with pytest.raises(IntegrityError), transaction.atomic():
        Referral.objects.create(
            client=referral.client,
            referred_by=referral.referred_by,
            source=ReferralSource.SOCIAL_TEAM,
            question="nog eens",
            neighbourhood=referral.neighbourhood,
            received_at=NOW,
            received_on=NOW.date(),
        )


def test_a_theme_group_in_the_neighbourhood_is_refused():
    """R15."""
    grief = make_offer(level=CatchmentLevel.REGION, name="Rouwverwerking")
    with pytest.raises(NotAllowed) as refused:
        make_referral(wished_offer=grief, wished_level=CatchmentLevel.NEIGHBOURHOOD)
    assert refused.value.reason.code == "theme_not_in_neighbourhood"
    assert Referral.objects.count() == 0
    assert make_referral(wished_offer=grief, wished_level=CatchmentLevel.REGION).wished_offer == grief


def test_a_coordinator_does_not_refer():
    with pytest.raises(PermissionDenied):
        make_referral(by=make_coordinator())


def test_the_desk_refers_too():
    assert make_referral(by=make_desk()).source == ReferralSource.SOCIUS_WORKER


def test_judging_puts_the_person_on_the_list_with_the_waiting_time_of_the_referral():
    """R17: waiting counts from the referral."""
    offer = make_offer()
    referral = make_referral(now=NOW - timedelta(days=9))
    make_judgement(referral, offer=offer)
    entry = WaitlistEntry.objects.get()
    assert entry.waiting_since == NOW.date() - timedelta(days=9)
    assert entry.waitlist.offer == offer
    assert entry.judged_at == NOW
    assert entry.is_on_hold is False
    assert Waitlist.objects.get().due_at == NOW
    referral.refresh_from_db()
    assert referral.state == ReferralState.JUDGED
    assert [placement.entry for placement in referral.placements.all()] == [entry]


def test_judging_makes_the_social_worker_involved():
    referral, sofie = make_referral(), make_judge()
    make_judgement(referral, by=sofie, offer=make_offer())
    assert referral.client.involvements.filter(user=sofie, kind=InvolvementKind.SOCIAL_WORKER).exists()


def test_a_second_judgement_is_refused_and_changes_nothing():
    referral, sofie = make_referral(), make_judge()
    make_judgement(referral, by=sofie, offer=make_offer())
    with pytest.raises(AlreadyJudged):
        make_judgement(referral, by=sofie, offer=make_offer())
    assert (Judgement.objects.count(), WaitlistEntry.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_two_tabs_judging_at_once_give_one_judgement():
    referral, offer = make_referral(), make_offer()
    judges = [make_judge("Sofie"), make_judge("Simon")]
    barrier, outcomes = threading.Barrier(2), []

    def judge(by):
        close_old_connections()
        try:
            barrier.wait()
            make_judgement(referral, by=by, offer=offer)
            outcomes.append("judged")
        except AlreadyJudged:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=judge, args=[by]) for by in judges]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["judged", "refused"]
    assert WaitlistEntry.objects.count() == 1


def test_a_social_worker_of_another_municipality_may_not_judge():
    elsewhere = make_municipality("Heemskerk", "GM0396")
    referral = make_referral()
    with pytest.raises(PermissionDenied):
        make_judgement(referral, by=make_social_worker("Sam", municipalities=[elsewhere]), offer=make_offer())
    assert Judgement.objects.count() == 0


def test_urgent_basic_needs_put_the_person_on_hold():
    """R5."""
    make_judgement(make_referral(), offer=make_offer(), basic_needs_urgent=True, hold_reason="dakloos")
    entry = WaitlistEntry.objects.get()
    assert (entry.is_on_hold, entry.hold_reason) == (True, "dakloos")


def test_the_social_workers_word_is_kept_with_the_place():
    offer, referral = make_offer(age_from=60), make_referral()
    places = [WantedPlace(offer, referral.neighbourhood.catchment, fit_exception="past in deze groep")]
    make_judgement(referral, places=places)
    assert WaitlistEntry.objects.get().fit_exception == "past in deze groep"


def test_referring_out_names_where_and_why():
    """R4."""
    referral = make_referral()
    with pytest.raises(ValidationError) as refused:
        make_judgement(referral, decision=Decision.REFER_OUT)
    assert set(refused.value.error_dict) == {"destination", "reason"}
    make_judgement(referral, decision=Decision.REFER_OUT, destination="Stichting Proef", reason="andere zorg")
    assert referral.judgement.destination == "Stichting Proef"


def test_a_waitlist_decision_needs_a_group():
    with pytest.raises(ValidationError) as refused:
        make_judgement(make_referral(), decision=Decision.WAITLIST)
    assert set(refused.value.error_dict) == {"offers"}


def test_individual_help_takes_no_place_even_if_groups_were_ticked():
    make_judgement(make_referral(), decision=Decision.INDIVIDUAL_HELP, offer=make_offer())
    assert WaitlistEntry.objects.count() == 0


def test_a_refused_place_leaves_nothing_behind():
    referral = make_referral()
    grief = make_offer(level=CatchmentLevel.REGION)
    places = [
        WantedPlace(make_offer(), referral.neighbourhood.catchment),
        WantedPlace(grief, referral.neighbourhood.catchment),
    ]
    with pytest.raises(NoPlace) as refused:
        make_judgement(referral, places=places)
    assert refused.value.offer == grief
    assert refused.value.reason.code == "theme_not_in_neighbourhood"
    referral.refresh_from_db()
    assert referral.state == ReferralState.RECEIVED
    assert (Judgement.objects.count(), WaitlistEntry.objects.count()) == (0, 0)


def test_one_judgement_can_take_places_on_several_lists():
    referral = make_referral()
    wide = make_offer(level=CatchmentLevel.MUNICIPALITY)
    places = [
        WantedPlace(make_offer(), referral.neighbourhood.catchment),
        WantedPlace(wide, catchment_of(referral.neighbourhood, CatchmentLevel.MUNICIPALITY)),
    ]
    make_judgement(referral, places=places)
    assert referral.placements.count() == 2


def test_privacy_wishes_are_kept_with_the_client_and_logged():
    """R18, R40, R41."""
    referral, sofie = make_referral(), make_judge()
    judge_referral(
        referral=referral,
        decision=Decision.INDIVIDUAL_HELP,
        by=sofie,
        now=NOW,
        refuses_own_neighbourhood=True,
        contact={"is_sensitive": True, "may_mail": False, "instructions": "alleen overdag bellen"},
        availability={(2, DayPart.MORNING)},
    )
    client = Client.objects.get()
    assert client.refuses_own_neighbourhood is True
    assert (client.contact.is_sensitive, client.contact.may_mail) == (True, False)
    assert [(row.weekday, row.part) for row in client.availability.all()] == [(2, "morning")]
    assert AccessLog.objects.filter(client=client, user=sofie).exists()


def test_consent_at_the_intake_is_recorded_when_it_was_missing():
    referral, sofie = make_referral(), make_judge()
    referral.client.consents.all().delete()
    make_judgement(referral, by=sofie, offer=make_offer(), consented=True)
    assert [consent.recorded_by for consent in referral.client.consents.all()] == [sofie]
