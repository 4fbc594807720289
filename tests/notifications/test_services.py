import smtplib
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.test import override_settings

from notifications.enums import NotificationState
from notifications.models import Notification
from notifications.services import MAX_ATTEMPTS, notify, send_notifications
from tests.factories.notifications import make_notification

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 1, 12, 9, tzinfo=UTC)
HERE = f"{__name__}."


class PickyBackend(BaseEmailBackend):
    """A server that takes all mail but for one address."""

    delivered = []

    def send_messages(self, messages):
        for message in messages:
            if message.to == ["weg@voorbeeld.example"]:
                raise smtplib.SMTPRecipientsRefused({"weg@voorbeeld.example": (550, b"weg@voorbeeld.example unknown")})
            self.delivered.append(message.extra_headers["Message-ID"])
        return len(messages)


class AbsentBackend(BaseEmailBackend):
    def open(self):
        raise ConnectionRefusedError("no server at 192.0.2.1")


class DyingBackend(BaseEmailBackend):
    """Hands the mail over and then dies, as kill -9 would, before anything is noted."""

    delivered = []

    def send_messages(self, messages):
        self.delivered += [message.extra_headers["Message-ID"] for message in messages]
        raise SystemExit


@pytest.fixture
def picky():
    PickyBackend.delivered = []
    with override_settings(EMAIL_BACKEND=HERE + "PickyBackend"):
        yield PickyBackend


def test_mail_leaves_once_in_order_of_its_time(mailoutbox):
    late = make_notification(subject="twee", now=NOW, due_at=NOW)
    early = make_notification(subject="een", now=NOW, due_at=NOW - timedelta(hours=1))
    future = make_notification(subject="later", now=NOW, due_at=NOW + timedelta(seconds=1))
    assert send_notifications(now=NOW) == 2
    assert [mail.subject for mail in mailoutbox] == ["een", "twee"]
    assert send_notifications(now=NOW) == 0
    states = dict(Notification.objects.values_list("pk", "state"))
    assert states == {late.pk: "sent", early.pk: "sent", future.pk: "queued"}


def test_headers_and_text(mailoutbox):
    row = make_notification(body="Beste Zoë,\n\nTot ziens in ’t Buurthuis — 19:30.\n", now=NOW)
    send_notifications(now=NOW)
    mail = mailoutbox[0].message()
    assert mail["Message-ID"] == row.message_id
    assert row.message_id.endswith("@localhost>")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content_charset() == "utf-8"
    assert "Zoë" in mail.get_payload(decode=True).decode()


def test_the_same_key_is_one_mail(mailoutbox):
    first = make_notification(dedupe_key="invitation:5", now=NOW)
    again = make_notification(dedupe_key="invitation:5", subject="anders", now=NOW)
    make_notification(now=NOW)
    make_notification(now=NOW)
    assert first == again
    assert send_notifications(now=NOW) == 3


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("subject", "een\nBcc: boef@voorbeeld.example", ValueError),
        ("subject", "een\rtwee", ValueError),
        ("to", "niet een adres", ValidationError),
        ("to", "a@voorbeeld.example\nBcc: b@voorbeeld.example", ValidationError),
        ("to", "", ValidationError),
        ("body", "nul \x00", ValidationError),
    ],
)
def test_impossible_mail_is_refused_at_once(field, value, error):
    with pytest.raises(error):
        make_notification(**{field: value})
    assert not Notification.objects.exists()


def test_mail_of_a_change_that_fails_is_never_sent(mailoutbox):
    with transaction.atomic():
        make_notification(now=NOW)
        transaction.set_rollback(True)
    assert send_notifications(now=NOW) == 0


def test_a_failing_address_holds_up_nobody_and_is_given_up_in_the_end(picky):
    bad = make_notification(to="weg@voorbeeld.example", now=NOW, due_at=NOW - timedelta(hours=1))
    good = make_notification(now=NOW)
    assert send_notifications(now=NOW) == 1
    assert picky.delivered == [good.message_id]
    now = NOW
    for _ in range(MAX_ATTEMPTS - 1):
        bad.refresh_from_db()
        assert bad.state == NotificationState.QUEUED
        assert bad.due_at > now
        assert send_notifications(now=now) == 0
        now = bad.due_at
        send_notifications(now=now)
    bad.refresh_from_db()
    assert (bad.state, bad.attempts, bad.last_error) == ("failed", MAX_ATTEMPTS, "SMTPRecipientsRefused")
    assert list(Notification.objects.failed()) == [bad]
    assert send_notifications(now=now + timedelta(days=30)) == 0


def test_a_server_that_does_not_answer_costs_no_attempt(mailoutbox):
    row = make_notification(now=NOW)
    with override_settings(EMAIL_BACKEND=HERE + "AbsentBackend"):
        assert send_notifications(now=NOW) == 0
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("queued", 0)
    assert send_notifications(now=NOW) == 1


def test_no_more_than_the_limit_leaves_at_a_time(mailoutbox):
    for _ in range(5):
        make_notification(now=NOW)
    assert [send_notifications(now=NOW, limit=3) for _ in range(3)] == [3, 2, 0]


def test_nothing_about_anyone_in_the_log(picky, caplog):
    caplog.set_level("DEBUG")
    make_notification(to="weg@voorbeeld.example", subject="Zeldzaamwoord", now=NOW)
    make_notification(subject="Zeldzaamwoord", body="Zeldzaamwoord", now=NOW)
    with override_settings(EMAIL_BACKEND=HERE + "AbsentBackend"):
        send_notifications(now=NOW)
    send_notifications(now=NOW)
    assert "voorbeeld.example" not in caplog.text
    assert "Zeldzaamwoord" not in caplog.text
    assert "192.0.2.1" not in caplog.text
    assert "notifications: 2 tried, 1 sent" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_killed_after_handing_over_it_is_sent_again_as_the_same_mail(mailoutbox):
    """Exactly once does not exist for mail: what can be had is never zero times, and recognisably the same."""
    rows = [make_notification(now=NOW) for _ in range(3)]
    DyingBackend.delivered = []
    with override_settings(EMAIL_BACKEND=HERE + "DyingBackend"), pytest.raises(SystemExit):
        send_notifications(now=NOW)
    assert Notification.objects.queued().count() == 3
    assert send_notifications(now=NOW) == 3
    delivered = DyingBackend.delivered + [mail.extra_headers["Message-ID"] for mail in mailoutbox]
    assert len(delivered) == 4
    assert set(delivered) == {row.message_id for row in rows}


class SlowBackend(BaseEmailBackend):
    delivered = []
    both_have_one = threading.Barrier(2, timeout=20)

    def send_messages(self, messages):
        if len(self.delivered) < 2:
            self.delivered += [message.extra_headers["Message-ID"] for message in messages]
            self.both_have_one.wait()
        else:
            self.delivered += [message.extra_headers["Message-ID"] for message in messages]
        return len(messages)


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_send_each_mail_once():
    rows = [make_notification(now=NOW) for _ in range(20)]
    SlowBackend.delivered = []
    counts = []

    def send():
        try:
            counts.append(send_notifications(now=NOW))
        finally:
            connection.close()

    with override_settings(EMAIL_BACKEND=HERE + "SlowBackend"):
        threads = [threading.Thread(target=send) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sum(counts) == 20
    assert min(counts) > 0
    assert sorted(SlowBackend.delivered) == sorted(row.message_id for row in rows)


@pytest.mark.django_db(transaction=True)
def test_two_writers_of_one_key_at_once_make_one_mail():
    ready = threading.Barrier(2, timeout=20)
    made = []

    def write():
        try:
            with transaction.atomic():
                ready.wait()
                made.append(make_notification(dedupe_key="een", now=NOW).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 2
    assert set(made) == {Notification.objects.get().pk}


def test_notify_keeps_who_it_is_for(mailoutbox):
    row = notify(kind="invitation", to="a@voorbeeld.example", subject="Bericht", body="Dag", now=NOW)
    assert (row.kind, row.recipient, row.due_at, row.state) == ("invitation", None, NOW, "queued")
