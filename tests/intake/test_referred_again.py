"""The same person is referred again: what is not safe is heard, nothing is overwritten, and it can be done at all."""

import datetime as dt

import pytest
from django.urls import reverse

from clients.enums import ConsentPurpose, FollowUpAbout
from clients.models import Client, ContactPreference, FollowUp
from clients.queries import find_same_person
from clients.services import set_client_availability, settle_follow_up, update_client, withdraw_consent
from groups.enums import LeaveReason, ParticipationState
from groups.models import WaitlistEntry
from groups.services.waitlists import leave_waitlist
from intake.enums import Decision, ReferralState
from intake.exceptions import AlreadyReferred
from intake.models import OpenQuestion, Referral, ReferralNote
from intake.queries import referral_status, with_status_facts
from intake.services import note_change, withdraw_open_question
from intake.services.feedback import tell_referrers
from notifications.models import Notification
from tests.factories.accounts import make_referrer as make_outsider
from tests.factories.groups import NOW, make_offer
from tests.factories.intake import (
    make_door,
    make_judge,
    make_judgement,
    make_referral,
    make_seat,
    person_values,
    refer_data,
)

pytestmark = pytest.mark.django_db
LATER = NOW + dt.timedelta(days=40)
SAFE = {"is_sensitive": True, "may_mail": False, "may_letter": False, "instructions": "alleen via haar zus"}


@pytest.fixture
def gp():
    return make_outsider("Rein")


def send(gp, *, now=NOW, person=None, **wishes):
    return make_referral(
        by=gp, neighbourhood=make_door(), now=now, person={"family_name": "Jansen"} | (person or {}), **wishes
    )


def end(referral):
    make_judgement(referral, decision=Decision.REFER_OUT, destination="Elders", reason="Hoort daar")
    tell_referrers(now=NOW)
    return Referral.objects.get(pk=referral.pk)


def contact_of(client):
    return ContactPreference.objects.get(client=Client.objects.get(pk=client.pk))


# --- what is said the second time (R40, R43) ------------------


def test_more_care_holds_at_once_and_what_differs_is_kept_for_who_judges(client, gp):
    first = end(send(gp))
    second = send(gp, now=LATER, person={"phone": "0699999999", "email": "veilig@x.example", "contact": SAFE})
    contact, person = contact_of(first.client), Client.objects.get(pk=first.client_id)
    assert second.client_id == first.client_id
    assert {name: getattr(contact, name) for name in SAFE} == SAFE
    assert (person.phone, person.email) == (first.client.phone, first.client.email)
    client.force_login(make_judge())
    page = client.get(reverse("intake:judge", args=[second.pk]))
    assert [text for _label, text in page.context["told_anew"]] == ["0699999999", "veilig@x.example"]
    assert "0699999999" in page.content.decode()


def test_less_care_is_not_taken_over(gp):
    first = end(send(gp, person={"contact": SAFE}))
    send(gp, now=LATER, person={"contact": {"is_sensitive": False, "may_mail": True, "instructions": "bel gewoon"}})
    contact = contact_of(first.client)
    assert (contact.is_sensitive, contact.may_mail, contact.may_letter) == (True, False, False)
    assert contact.instructions == "alleen via haar zus\nbel gewoon"


def test_words_for_which_there_is_no_room_are_kept_with_the_referral(gp):
    first = end(send(gp, person={"contact": {"instructions": "a" * 400}}))
    second = send(gp, now=LATER, person={"contact": {"is_sensitive": True, "instructions": "b" * 400}})
    assert contact_of(first.client).is_sensitive
    assert contact_of(first.client).instructions == "a" * 400
    assert Referral.objects.get(pk=second.pk).told_anew["instructions"] == "b" * 400


def test_mail_that_waits_is_withdrawn_when_the_new_word_says_it_is_not_safe(gp):
    first = end(send(gp))
    own = Notification.objects.create(
        kind="invitation", to_address=first.client.email, subject="x", body="x", created_at=NOW, due_at=NOW,
        message_id="<1@x>", recipient_key=first.client.public_id,
    )  # fmt: skip
    send(gp, now=LATER, person={"contact": SAFE})
    own.refresh_from_db()
    assert own.state == "withdrawn"


def test_when_they_can_come_stays_as_the_social_worker_recorded_it(gp):
    first = end(send(gp))
    set_client_availability(client=first.client, parts={(0, "morning")})
    second = send(gp, now=LATER, availability={(4, "evening")})
    assert list(first.client.availability.values_list("weekday", "part")) == [(0, "morning")]
    assert Referral.objects.get(pk=second.pk).told_anew == {"availability": ["4-evening"]}


def test_the_referrer_gets_the_same_answer_and_sees_no_difference(client, gp):
    end(send(gp, person={"family_name": "Fantasie"}))
    client.force_login(gp)
    answers = [client.post(reverse("intake:refer"), refer_data(**more)) for more in ({}, {"given_name": "Onbekende"})]
    assert [answer.status_code for answer in answers] == [302, 302]
    pages = [client.get(answer["Location"]).content.decode() for answer in answers]
    assert ["This referral says otherwise" in page or "zegt iets anders" in page for page in pages] == [False, False]


def test_while_the_first_is_open_what_is_not_safe_is_heard_all_the_same(gp):
    first = send(gp)
    with pytest.raises(AlreadyReferred):
        send(gp, now=LATER, person={"contact": SAFE})
    assert contact_of(first.client).is_sensitive
    assert Referral.objects.count() == 1


# --- a referral ends (R1) ------------------


def test_who_was_referred_out_can_be_referred_again(gp):
    first = end(send(gp))
    assert first.state == ReferralState.CLOSED
    assert send(gp, now=LATER).client_id == first.client_id


def test_a_referral_goes_on_while_somebody_waits_and_ends_with_the_last_list(gp):
    referral = send(gp)
    make_judgement(referral, offer=make_offer())
    tell_referrers(now=NOW)
    with pytest.raises(AlreadyReferred):
        send(gp, now=LATER)
    leave_waitlist(entry=WaitlistEntry.objects.get(), reason=LeaveReason.SOLVED, by=make_judge(), now=NOW)
    tell_referrers(now=NOW)
    assert send(gp, now=LATER).pk != referral.pk


def test_a_referral_ends_with_the_group_and_not_before(gp):
    referral = send(gp)
    make_judgement(referral, offer=make_offer())
    seat = make_seat(WaitlistEntry.objects.get())
    tell_referrers(now=NOW)
    referral.refresh_from_db()
    assert referral.state == ReferralState.JUDGED
    seat.state = ParticipationState.FINISHED
    seat.save()
    tell_referrers(now=NOW)
    closed = with_status_facts(Referral.objects.filter(pk=referral.pk)).get()
    assert (closed.state, referral_status(closed).code) == (ReferralState.CLOSED, "finished")


def test_a_next_round_keeps_it_open(gp):
    referral = send(gp)
    make_judgement(referral, offer=make_offer())
    entry = WaitlistEntry.objects.get()
    seat = make_seat(entry)
    seat.state = ParticipationState.FINISHED
    seat.save()
    WaitlistEntry.objects.create(
        waitlist=entry.waitlist, client=entry.client, waiting_since=NOW.date(), joined_at=NOW, continues=seat
    )
    tell_referrers(now=NOW)
    referral.refresh_from_db()
    assert referral.state == ReferralState.JUDGED


def test_help_ends_when_nobody_asks_after_them_any_more(gp):
    referral, sofie = send(gp), make_judge()
    ask_on = NOW.date() + dt.timedelta(days=10)
    make_judgement(referral, by=sofie, decision=Decision.INDIVIDUAL_HELP, follow_up_on=ask_on)
    tell_referrers(now=NOW)
    referral.refresh_from_db()
    assert referral.state == ReferralState.JUDGED
    settle_follow_up(follow_up=FollowUp.objects.get(), how="spoken", by=sofie, now=NOW)
    tell_referrers(now=NOW)
    referral.refresh_from_db()
    assert referral.state == ReferralState.CLOSED


def test_an_open_question_keeps_it_open_until_it_is_withdrawn_and_both_are_told(gp):
    tell_referrers(now=NOW)
    referral = send(gp)
    ask_on = NOW.date() + dt.timedelta(days=10)
    make_judgement(referral, decision=Decision.NO_OFFER, reason="Er is niets", follow_up_on=ask_on)
    tell_referrers(now=NOW)
    assert list(referral.news.values_list("code", flat=True)) == ["received", "noted"]
    withdraw_open_question(question=OpenQuestion.objects.get(), reason="Verhuisd", by=make_judge(), now=LATER)
    tell_referrers(now=LATER)
    assert list(referral.news.values_list("code", flat=True)) == ["received", "noted", "left"]
    referral.refresh_from_db()
    assert (referral.state, Notification.objects.filter(kind__startswith="referral_news").count()) == ("closed", 2)
    tell_referrers(now=LATER + dt.timedelta(minutes=1))
    assert referral.news.count() == 3


def test_closing_is_no_news(gp):
    tell_referrers(now=NOW)
    referral = end(send(gp))
    tell_referrers(now=LATER)
    assert list(referral.news.values_list("code", flat=True)) == ["received", "decided"]


# --- something changed while it is open ------------------


def test_a_refusal_offers_to_say_what_changed_and_who_judges_reads_it(client, gp):
    referral = send(gp, person={"family_name": "Fantasie"})
    client.force_login(gp)
    answer = client.post(reverse("intake:refer"), refer_data())
    assert f"/verwijzingen/{referral.pk}/#changed" in answer.content.decode()
    sent = client.post(reverse("intake:referral_note", args=[referral.pk]), {"text": "Zij woont nu bij haar zus"})
    assert sent["Location"] == f"/verwijzingen/{referral.pk}/"
    client.force_login(make_judge())
    assert "Zij woont nu bij haar zus" in client.get(reverse("intake:judge", args=[referral.pk])).content.decode()


def test_once_judged_it_is_a_task_of_who_judged(client, gp):
    referral, sofie = send(gp), make_judge()
    make_judgement(referral, by=sofie, offer=make_offer())
    for _twice in range(2):
        note_change(referral=referral, text="Zij is verhuisd ", by=gp, now=NOW)
    assert ReferralNote.objects.count() == 1
    row = FollowUp.objects.get(about=FollowUpAbout.CHANGED)
    assert (row.for_user, row.due_on) == (sofie, NOW.date())
    client.force_login(sofie)
    page = client.get(reverse("clients:follow_up", args=[row.pk])).content.decode()
    assert reverse("intake:judge", args=[referral.pk]) in page
    assert "Zij is verhuisd" in client.get(reverse("intake:judge", args=[referral.pk])).content.decode()


def test_only_who_sent_it_may_add_to_it(client, gp):
    referral = send(gp)
    client.force_login(make_outsider("Anders"))
    assert client.post(reverse("intake:referral_note", args=[referral.pk]), {"text": "x"}).status_code == 404
    client.force_login(gp)
    assert client.post(reverse("intake:referral_note", args=[referral.pk]), {"text": " "}).status_code == 422
    assert not ReferralNote.objects.exists()


# --- who sent somebody is no part of the care (R41) ------------------


def test_a_referrer_from_outside_never_opens_the_file_and_reads_the_name_they_wrote(client, gp):
    referral = send(gp)
    update_client(client=referral.client, by=make_judge(), now=NOW, given_name="Nieuwenaam", family_name="Geheim")
    client.force_login(gp)
    assert client.get(reverse("clients:file", args=[referral.client.public_id])).status_code == 404
    for url in (reverse("intake:referrals"), reverse("intake:referral", args=[referral.pk])):
        page = client.get(url).content.decode()
        assert ("A. de J." in page, "N. de G." in page, "0612345678" in page) == (True, False, False)


def test_what_they_sent_they_may_read(client, gp):
    referral = send(gp, question="Ik wil mensen ontmoeten.")
    client.force_login(gp)
    assert "Ik wil mensen ontmoeten." in client.get(reverse("intake:referral", args=[referral.pk])).content.decode()


def test_a_colleague_who_sent_somebody_keeps_the_file_while_it_goes_on(client):
    referral = make_referral()
    teun, file = referral.referred_by, reverse("clients:file", args=[referral.client.public_id])
    client.force_login(teun)
    assert client.get(file).status_code == 200
    end(referral)
    assert client.get(file).status_code == 404
    again = {"person": person_values(make_door(), family_name=referral.client.family_name)}
    assert find_same_person(by=teun, **{k: v for k, v in again["person"].items() if k in NAMES}) == referral.client


NAMES = ("given_name", "name_prefix", "family_name", "birth_date", "postcode")


@pytest.mark.parametrize("purpose", [ConsentPurpose.REGISTRATION, ConsentPurpose.FEEDBACK_TO_REFERRER])
def test_without_consent_the_referrer_keeps_no_file(client, purpose):
    referral = make_referral()
    withdraw_consent(client=referral.client, purpose=purpose, by=make_judge(), now=NOW)
    client.force_login(referral.referred_by)
    assert client.get(reverse("clients:file", args=[referral.client.public_id])).status_code == 404
