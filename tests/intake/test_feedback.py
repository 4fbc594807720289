"""The referrer hears how it goes, once, and never more than the client allows (R9, R40, R42, R43)."""

import datetime as dt
import threading

import pytest
from django.db import connection, transaction

from clients.enums import ConsentPurpose
from clients.services import log_contact, record_consent, update_client, withdraw_consent
from groups.enums import LeaveReason
from groups.models import HistoryEntry, WaitlistEntry
from groups.services.waitlists import leave_waitlist
from intake.enums import Decision
from intake.models import FeedbackCursor, ReferralNews
from intake.services.feedback import tell_referrers
from notifications.enums import NotificationState
from notifications.models import Notification
from tests.factories.accounts import make_referrer as make_outsider
from tests.factories.groups import NOW, make_offer, make_team_and_room, make_waitlist, sweep
from tests.factories.intake import make_judge, make_judgement, make_referral, make_referrer

pytestmark = pytest.mark.django_db

MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _begun():
    tell_referrers(now=NOW)


def mails():
    return list(Notification.objects.filter(kind__startswith="referral_news").order_by("pk"))


def news(referral):
    return list(referral.news.order_by("pk").values_list("code", flat=True))


def test_each_step_is_told_once_and_without_a_name():
    referral = make_referral(now=NOW)
    tell_referrers(now=NOW)
    log_contact(client=referral.client, is_reached=True, by=make_judge(), now=NOW)
    tell_referrers(now=NOW + MINUTE)
    make_judgement(referral, offer=make_offer(name="De Krachtcentrale"))
    for _ in range(3):
        tell_referrers(now=NOW + 2 * MINUTE)
    leave_waitlist(entry=WaitlistEntry.objects.get(), reason=LeaveReason.SOLVED, by=make_judge(), now=NOW)
    tell_referrers(now=NOW + 3 * MINUTE)
    assert news(referral) == ["received", "contacted", "waiting", "left"]
    sent = mails()
    assert [mail.to_address for mail in sent] == [referral.referred_by.email] * 4
    assert {mail.subject for mail in sent} == {"Een bericht van Socius"}
    assert "Er is nieuws over uw aanmelding van 7 september.\nOntvangen op ma 7 sep." in sent[0].body
    assert sent[1].body != sent[0].body
    assert "De Krachtcentrale: wachtlijst, nog 3 nodig." in sent[2].body
    assert f"/verwijzingen/{referral.pk}/" in sent[3].body
    for mail in sent:
        for word in (referral.client.given_name, referral.client.family_name, referral.client.short_name):
            assert word not in mail.subject + mail.body


def test_placed_and_finished_are_told_by_what_the_engine_wrote():
    waitlist = make_waitlist()
    make_team_and_room(waitlist)
    where = waitlist.catchment.neighbourhoods.get()
    referrals = [make_referral(neighbourhood=where, by=make_referrer(f"Teun{n}"), now=NOW) for n in range(3)]
    for referral in referrals:
        make_judgement(referral, offer=waitlist.offer)
    tell_referrers(now=NOW)
    sweep()
    tell_referrers(now=NOW + MINUTE)
    assert [news(referral) for referral in referrals] == [["received", "waiting", "placed"]] * 3
    assert {mail.recipient_id for mail in mails()} == {referral.referred_by_id for referral in referrals}


@pytest.mark.parametrize(
    ("decision", "fields"),
    [(Decision.INDIVIDUAL_HELP, {}), (Decision.REFER_OUT, {"destination": "MEE", "reason": "LVB"})],
)
def test_other_help_is_told(decision, fields):
    referral = make_referral(now=NOW)
    make_judgement(referral, decision=decision, **fields)
    tell_referrers(now=NOW)
    assert news(referral) == ["received", "decided"]
    assert len(mails()) == 1


def test_without_permission_nothing_is_told():
    referral = make_referral(feedback_allowed=False)
    make_judgement(referral, offer=make_offer())
    tell_referrers(now=NOW)
    assert (news(referral), mails()) == ([], [])


def test_after_consent_was_withdrawn_nothing_is_told_and_what_waits_does_not_leave():
    referral = make_referral(now=NOW)
    tell_referrers(now=NOW)
    judge = make_judge()
    withdraw_consent(client=referral.client, purpose=ConsentPurpose.FEEDBACK_TO_REFERRER, by=judge, now=NOW)
    assert [mail.state for mail in mails()] == [NotificationState.WITHDRAWN]
    make_judgement(referral, offer=make_offer())
    tell_referrers(now=NOW + MINUTE)
    assert (news(referral), len(mails())) == (["received"], 1)


def test_withdrawing_that_consent_leaves_the_clients_own_mail_alone():
    referral = make_referral(now=NOW)
    own = Notification.objects.create(
        kind="invitation", to_address="a@voorbeeld.example", subject="x", body="x", created_at=NOW, due_at=NOW,
        message_id="<1@x>", recipient_key=referral.client.public_id,
    )  # fmt: skip
    judge, purpose = make_judge(), ConsentPurpose.FEEDBACK_TO_REFERRER
    withdraw_consent(client=referral.client, purpose=purpose, by=judge, now=NOW)
    own.refresh_from_db()
    assert own.state == NotificationState.QUEUED
    record_consent(client=referral.client, purpose=purpose, how="belde", by=judge, today=NOW.date())
    withdraw_consent(client=referral.client, purpose=ConsentPurpose.REGISTRATION, by=judge, now=NOW)
    assert Notification.objects.get(pk=own.pk).state == NotificationState.QUEUED


@pytest.mark.parametrize("why", ["contact", "is_sensitive", "place_is_hidden"])
def test_where_it_can_be_dangerous_a_mail_says_only_that_there_is_news(why):
    referral = make_referral(now=NOW, person={"contact": {"is_sensitive": True}} if why == "contact" else {})
    offer = make_offer(name="Geheime groep", **({} if why == "contact" else {why: True}))
    make_judgement(referral, offer=offer)
    tell_referrers(now=NOW)
    [mail] = mails()
    assert "Er is nieuws over uw aanmelding van 7 september." in mail.body
    assert [word for word in ("Geheime", "wachtlijst", "nodig") if word in mail.body] == []


def test_mail_that_waits_is_withdrawn_when_contact_becomes_dangerous():
    referral = make_referral(now=NOW)
    tell_referrers(now=NOW)
    update_client(client=referral.client, by=make_judge(), now=NOW, contact={"is_sensitive": True})
    assert [mail.state for mail in mails()] == [NotificationState.WITHDRAWN]


def test_only_the_referrer_and_only_of_their_own_referral():
    mine, other = make_referral(by=make_referrer("Teun")), make_referral(by=make_referrer("Tine"))
    tell_referrers(now=NOW)
    found = {mail.recipient_id: mail.body for mail in mails()}
    assert set(found) == {mine.referred_by_id, other.referred_by_id}
    assert f"/verwijzingen/{other.pk}/" not in found[mine.referred_by_id]


@pytest.mark.parametrize("change", [{"hears_news_by_mail": False}, {"is_active": False}])
def test_who_reads_it_on_the_page_or_is_gone_gets_no_mail_and_not_later_either(change):
    referral = make_referral(now=NOW)
    user = referral.referred_by
    for name, value in change.items():
        setattr(user, name, value)
    user.save(update_fields=list(change))
    tell_referrers(now=NOW)
    assert (news(referral), mails()) == (["received"], [])
    user.hears_news_by_mail = user.is_active = True
    user.save()
    tell_referrers(now=NOW + MINUTE)
    assert mails() == []


def test_nobody_is_mailed_about_what_was_before_the_first_run():
    FeedbackCursor.objects.all().delete()
    referral = make_referral(now=NOW)
    tell_referrers(now=NOW)
    assert (news(referral), mails()) == ([], [])


def test_a_row_whose_transaction_ended_late_is_not_missed():
    referral = make_referral(now=NOW)
    make_judgement(referral, offer=make_offer(), now=NOW)
    tell_referrers(now=NOW + MINUTE)
    newest = HistoryEntry.objects.order_by("-pk").first().pk
    assert FeedbackCursor.objects.get().history < newest
    tell_referrers(now=NOW + DAY)
    assert FeedbackCursor.objects.get().history == newest


def test_one_referral_that_cannot_be_told_does_not_stop_the_rest(caplog):
    bad, good = make_referral(by=make_referrer("Teun")), make_referral(by=make_referrer("Tine"))
    type(bad.referred_by).objects.filter(pk=bad.referred_by_id).update(email="geen adres")
    tell_referrers(now=NOW)
    assert [mail.recipient_id for mail in mails()] == [good.referred_by_id]
    assert f"referral {bad.pk} could not be told" in caplog.text
    type(bad.referred_by).objects.filter(pk=bad.referred_by_id).update(email="wel@socius.example")
    tell_referrers(now=NOW + MINUTE)
    assert {mail.recipient_id for mail in mails()} == {good.referred_by_id, bad.referred_by_id}


@pytest.mark.django_db(transaction=True)
def test_twice_at_once_tells_once():
    make_referral(now=NOW)
    counts = []

    def other():
        counts.append(tell_referrers(now=NOW))
        connection.close()

    with transaction.atomic():
        counts.append(tell_referrers(now=NOW))
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(timeout=20)
    assert sorted(counts) == [0, 1]
    assert (len(mails()), ReferralNews.objects.count()) == (1, 1)


def test_who_refers_from_outside_reads_no_count_in_the_mail_either():
    referral = make_referral(by=make_outsider("Rein"), now=NOW)
    make_judgement(referral, offer=make_offer(name="De Krachtcentrale"))
    tell_referrers(now=NOW)
    [mail] = mails()
    assert "De Krachtcentrale: wachtlijst, er zijn nog meer deelnemers nodig." in mail.body
    assert "nog 3" not in mail.body
