"""Each decision of an intake, whole or not at all (R3–R6, R8b, R17, R36)."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from clients.enums import ContactWay, FollowUpAbout
from clients.models import ContactMoment, FollowUp
from clients.services import note_contact
from groups.enums import EntryState, TalkMoment
from groups.models import Participation, WaitlistEntry
from groups.services.waitlists import hold_entry
from intake.enums import Decision, ReferralState, StatusCode
from intake.exceptions import NoPlace
from intake.models import IntakeDraft, Judgement, OpenQuestion, Referral
from intake.queries import referral_status, with_status_facts
from intake.services import WantedPlace, judge_referral, save_draft
from neighbourhoods.enums import CatchmentLevel
from tests.factories.groups import NOW, TODAY, fresh, make_cycle, make_entry, make_offer, sweep
from tests.factories.intake import make_door, make_judge, make_judgement, make_kind, make_referral
from tests.factories.neighbourhoods import make_municipality

pytestmark = pytest.mark.django_db
ASK_ON = TODAY + dt.timedelta(days=14)


def status_of(referral):
    return referral_status(with_status_facts(Referral.objects).get(pk=referral.pk)).code


def nothing_was_written(referral):
    assert fresh(referral).state == ReferralState.RECEIVED
    assert (Judgement.objects.count(), OpenQuestion.objects.count()) == (0, 0)
    assert not WaitlistEntry.objects.filter(client=referral.client).exists()
    assert not FollowUp.objects.exists()


@pytest.fixture
def group():
    """A formed group of three with places left, and who lives there."""
    return make_cycle(3, neighbourhood=make_door())


def decide(referral, cycle, **said):
    place = WantedPlace(cycle.waitlist.offer, cycle.waitlist.catchment)
    return make_judgement(referral, decision=Decision.DIRECT, places=[place], **said)


def test_a_direct_place_is_a_place_in_the_group_at_once(group):
    referral = make_referral()
    decide(referral, group)
    seat = Participation.objects.get(client=referral.client)
    assert (seat.cycle, seat.entry.state) == (group, EntryState.PLACED)
    assert seat.entry.waiting_since == referral.received_on
    assert status_of(referral) == StatusCode.PLACED


def test_a_direct_place_stops_the_clock_of_the_first_contact(group):
    """R7: whoever decides so spoke with them; somebody spoken to before is not spoken to twice."""
    referral, spoken_to = make_referral(), make_referral()
    decide(referral, group)
    moments = ContactMoment.objects.filter(client=referral.client).values_list("by", "way", "is_reached", "at")
    assert list(moments) == [(make_judge().pk, ContactWay.INTAKE, True, NOW)]
    assert with_status_facts(Referral.objects).get(pk=referral.pk).contacted_at == NOW
    values = {"way": ContactWay.PHONE, "is_reached": True, "by": make_judge(), "at": NOW, "now": NOW}
    note_contact(client=spoken_to.client, **values)
    decide(spoken_to, group)
    assert ContactMoment.objects.filter(client=spoken_to.client).count() == 1


def test_a_direct_place_passes_nobody_who_waits_longer(group):
    """R17: the last place is for who comes first."""
    group.soft_maximum = 4
    group.save(update_fields=["soft_maximum"])
    longer = make_entry(group.waitlist, days=20)
    referral = make_referral()
    with pytest.raises(NoPlace) as refused:
        decide(referral, group)
    assert refused.value.reason.code == "no_place_now"
    nothing_was_written(referral)
    sweep()
    assert fresh(longer).state == EntryState.PLACED


def test_who_waits_longer_is_placed_along_with_a_direct_place(group):
    longer = make_entry(group.waitlist, days=20)
    referral = make_referral()
    decide(referral, group)
    assert set(Participation.objects.filter(cycle=group).values_list("client", flat=True)) >= {
        longer.client_id,
        referral.client_id,
    }


def test_a_direct_place_where_the_talk_comes_first_asks_for_the_talk(group):
    """R8."""
    group.waitlist.offer.talk_moment = TalkMoment.BEFORE_PLACEMENT
    group.waitlist.offer.save(update_fields=["talk_moment"])
    referral = make_referral()
    with pytest.raises(NoPlace) as refused:
        decide(referral, group)
    assert refused.value.reason.code == "talk_first"
    decide(referral, group, talk_held=True)
    assert Participation.objects.get(client=referral.client).entry.talk_held_on == TODAY


def test_a_direct_place_at_hours_that_do_not_suit_is_refused_and_nothing_is_written(group):
    referral = make_referral()
    weekday = (group.starts_on.weekday() + 1) % 7
    with pytest.raises(NoPlace) as refused:
        decide(referral, group, availability={(weekday, "morning")})
    assert refused.value.reason.code == "not_available_then"
    assert referral.client.availability.count() == 0
    nothing_was_written(referral)


def test_urgent_needs_and_a_direct_place_do_not_go_together(group):
    referral = make_referral()
    with pytest.raises(ValidationError) as refused:
        decide(referral, group, urgent_needs=["no_food"], follow_up_on=ASK_ON)
    assert list(refused.value.error_dict) == ["decision"]
    nothing_was_written(referral)


def test_urgent_needs_hold_the_place_and_the_one_named_asks(group):
    """R5."""
    referral, colleague = make_referral(), make_judge("Youssef")
    make_judgement(
        referral,
        offer=make_offer(),
        urgent_needs=["no_home"],
        hold_reason="geen woning",
        follow_up_on=ASK_ON,
        follow_up_by=colleague,
    )
    entry = WaitlistEntry.objects.get(client=referral.client)
    assert (entry.is_on_hold, entry.hold_reason, entry.hold_until) == (True, "geen woning", ASK_ON)
    asks = FollowUp.objects.get(client=referral.client)
    assert (asks.about, asks.due_on, asks.for_user, asks.key) == (
        FollowUpAbout.HOLD,
        ASK_ON,
        colleague,
        f"entry:{entry.pk}",
    )
    hold_entry(entry=entry, reason="nog niet", by=colleague, now=NOW, until=ASK_ON + dt.timedelta(days=7))
    assert FollowUp.objects.get().due_on == ASK_ON + dt.timedelta(days=7)


def test_individual_help_is_asked_after():
    referral = make_referral()
    make_judgement(referral, decision=Decision.INDIVIDUAL_HELP, follow_up_on=ASK_ON)
    asks = FollowUp.objects.get(client=referral.client)
    assert (asks.about, asks.due_on, asks.for_user) == (FollowUpAbout.INDIVIDUAL_HELP, ASK_ON, make_judge())
    assert status_of(referral) == StatusCode.OTHER_HELP


def make_provision(**fields):
    values = {"name": "De Moestuin", "kind": "garden", "municipality": make_municipality()}
    agreed = {"agreed_on": TODAY, "agreed_with": "Tuinploeg", "receives": "Wie wil meedoen"}
    model = Judgement._meta.get_field("provision").related_model
    return model.objects.create(**(values | agreed | fields))


def test_referring_out_to_a_provision_names_it_and_needs_its_agreement():
    """R36."""
    referral = make_referral()
    refused = make_provision(name="Zonder afspraak", agreed_on=None, agreed_with="", receives="")
    with pytest.raises(ValidationError) as error:
        make_judgement(referral, decision=Decision.REFER_OUT, provision=refused, reason="Wil tuinieren")
    assert list(error.value.error_dict) == ["provision"]
    nothing_was_written(referral)
    judgement = make_judgement(
        referral, decision=Decision.REFER_OUT, provision=make_provision(), reason="Wil tuinieren"
    )
    assert judgement.destination == "De Moestuin"
    assert status_of(referral) == StatusCode.REFERRED_OUT


def test_the_question_told_at_the_intake_leaves_the_referrers_words_and_is_sealed():
    """R1."""
    referral = make_referral(question="Zij is eenzaam.", aim="Contact in de wijk.")
    make_judgement(referral, offer=make_offer(), question="Ik mis mijn zus.")
    referral, judgement = fresh(referral), Judgement.objects.get()
    assert (referral.question, referral.aim) == ("Zij is eenzaam.", "Contact in de wijk.")
    assert judgement.question == "Ik mis mijn zus."
    with connection.cursor() as cursor:
        cursor.execute("SELECT j::text FROM intake_judgement j")
        assert "mis mijn zus" not in bytes.fromhex(_hex(cursor.fetchone()[0])).decode("latin-1")


def _hex(row):
    """Every bytea of a row, put together."""
    return "".join(part.split('"')[0] for part in row.split("\\\\x")[1:])


def test_no_offer_keeps_an_open_question_where_it_was_asked():
    """R8b, R9."""
    kind = make_kind()
    referral = make_referral(problem_kinds=[kind], neighbourhood=make_door())
    make_judgement(referral, decision=Decision.NO_OFFER, reason="Alleen overdag.", follow_up_on=ASK_ON)
    question = OpenQuestion.objects.get()
    assert (question.client, question.neighbourhood) == (referral.client, referral.neighbourhood)
    assert (question.received_on, question.review_on) == (referral.received_on, ASK_ON)
    assert (question.reason, list(question.problem_kinds.all())) == ("Alleen overdag.", [kind])
    assert status_of(referral) == StatusCode.NOTED


@pytest.mark.parametrize(("field", "said"), [("reason", {"follow_up_on": ASK_ON}), ("follow_up_on", {"reason": "x"})])
def test_no_offer_says_why_and_when_to_look_again(field, said):
    referral = make_referral()
    with pytest.raises(ValidationError) as refused:
        make_judgement(referral, decision=Decision.NO_OFFER, **said)
    assert list(refused.value.error_dict) == [field]
    nothing_was_written(referral)


def test_an_offer_that_was_closed_meanwhile_leaves_nothing_half_written_and_the_draft():
    referral, sofie, open_offer = make_referral(), make_judge(), make_offer()
    closed = make_offer(level=CatchmentLevel.NEIGHBOURHOOD, is_active=False)
    save_draft(referral=referral, values={"notes": ["Belt zelf"]}, version=0, by=sofie, now=NOW)
    catchment = referral.neighbourhood.catchment
    places = [WantedPlace(open_offer, catchment), WantedPlace(closed, catchment)]
    with pytest.raises(NoPlace) as refused:
        make_judgement(referral, by=sofie, places=places, consented=True, availability={(1, "morning")})
    assert (refused.value.offer, refused.value.reason.code) == (closed, "offer_inactive")
    nothing_was_written(referral)
    assert IntakeDraft.objects.filled().count() == 1


def test_the_judgement_ends_the_own_draft_and_leaves_a_colleagues():
    referral, sofie, youssef = make_referral(), make_judge(), make_judge("Youssef")
    for user in (sofie, youssef):
        save_draft(referral=referral, values={"notes": [user.first_name]}, version=0, by=user, now=NOW)
    make_judgement(referral, by=sofie, offer=make_offer())
    assert [draft.worker for draft in IntakeDraft.objects.all()] == [youssef]


def test_who_works_elsewhere_judges_nothing():
    referral = make_referral()
    stranger = make_judge("Sam", make_municipality("Heemskerk", "GM0396"))
    with pytest.raises(PermissionDenied):
        judge_referral(referral=referral, decision=Decision.INDIVIDUAL_HELP, by=stranger, now=NOW)
    nothing_was_written(referral)
