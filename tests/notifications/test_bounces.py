"""Mail that came back: what is recognised, what is ignored, and who hears of it (R40)."""

import datetime as dt
import io
import mailbox
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from clients.services import update_client
from intake.services.returned_mail import pass_on_returned_mail
from notifications import tasks
from notifications.bounces import read_bounce
from notifications.models import Notification
from notifications.services import read_maildir, send_notifications, take_bounce
from reporting.today import build_today
from tests.factories.groups import NOW, make_cycle
from tests.factories.notifications import make_notification
from tests.notifications.returned import EXCHANGE, EXIM, HOLIDAY, POSTFIX, QMAIL, filled

pytestmark = pytest.mark.django_db
LATER = NOW + dt.timedelta(hours=1)
MAIL_LOST = "mail komt niet aan"


@pytest.fixture
def row(mailoutbox):
    made = make_notification(to="anna@voorbeeld.example", now=NOW)
    send_notifications(now=NOW)
    made.refresh_from_db()
    return made


def state_of(row):
    row.refresh_from_db()
    return row.state, row.bounce_reason


@pytest.mark.parametrize(
    ("sample", "reason"),
    [
        (POSTFIX, "unknown_address"),
        (EXCHANGE, "mailbox_full"),
        (EXIM, "unknown_address"),
        (QMAIL, "refused"),
    ],
    ids=["postfix", "exchange", "exim", "qmail"],
)
def test_reports_of_different_servers_are_read_and_noted_once(row, sample, reason):
    raw = filled(sample, row)
    assert take_bounce(raw=raw, now=LATER) == "bounced"
    assert state_of(row) == ("bounced", reason)
    assert row.sent_at == NOW
    assert take_bounce(raw=raw, now=LATER + dt.timedelta(days=1)) == "again"
    row.refresh_from_db()
    assert row.bounced_at == LATER


@pytest.mark.parametrize(
    ("action", "status", "outcome", "reason"),
    [
        ("failed", "5.1.1", "bounced", "unknown_address"),
        ("failed", "5.1.10", "bounced", "unknown_address"),
        ("failed", "5.2.1", "bounced", "mailbox_full"),
        ("failed", "5.7.26", "bounced", "refused"),
        ("failed", "4.4.1", "bounced", "other"),
        ("FAILED", "5.0.0", "bounced", "other"),
        ("delayed", "4.4.1", "delayed", ""),
        ("delivered", "2.0.0", "ignored", ""),
        ("relayed", "2.0.0", "ignored", ""),
        ("nonsense", "5.1.1", "ignored", ""),
    ],
)
def test_only_a_final_failure_counts(row, action, status, outcome, reason):
    assert take_bounce(raw=filled(POSTFIX, row, action=action, status=status), now=LATER) == outcome
    assert state_of(row) == (("bounced", reason) if outcome == "bounced" else ("sent", ""))


def test_what_is_forged_unknown_or_old_is_ignored(row):
    assert take_bounce(raw=filled(POSTFIX, row, message_id="<abc@localhost>"), now=LATER) == "ignored"
    assert take_bounce(raw=filled(POSTFIX, row, to="boef@voorbeeld.example"), now=LATER) == "ignored"
    assert take_bounce(raw=filled(HOLIDAY, row), now=LATER) == "ignored"
    assert take_bounce(
        raw=filled(QMAIL.replace("Return-Path: <>", "X: y").replace("MAILER-DAEMON", "a"), row), now=LATER
    ) == ("ignored")
    assert take_bounce(raw=filled(POSTFIX, row), now=NOW + dt.timedelta(days=31)) == "ignored"
    assert state_of(row) == ("sent", "")


def test_mail_that_has_not_left_cannot_come_back():
    waiting = make_notification(now=NOW)
    assert take_bounce(raw=filled(POSTFIX, waiting), now=LATER) == "ignored"
    assert state_of(waiting) == ("queued", "")


@given(raw=st.binary(max_size=400))
def test_any_bytes_are_read_without_falling_over(raw):
    head = b"Return-Path: <>\nContent-Type: multipart/report; boundary=x\n\n--x\n"
    head += b"Content-Type: message/delivery-status\n\n"
    for attempt in (raw, head + raw, head.replace(b"delivery-status", b"rfc822") + raw):
        found = read_bounce(attempt)
        assert found is None or found.message_id


@pytest.mark.parametrize("cut", range(0, 2200, 75))
def test_a_report_that_was_cut_off_is_no_report_or_the_same_one(cut):
    sent = SimpleNamespace(to_address="anna@voorbeeld.example", message_id="<a@b>")
    whole = read_bounce(filled(POSTFIX, sent))
    part = read_bounce(filled(POSTFIX, sent)[:cut])
    assert part is None or part.message_id == whole.message_id


def test_the_database_wants_a_moment_and_a_known_reason(row):
    for bad in ({"state": "bounced"}, {"bounce_reason": "x"}, {"bounced_at": NOW}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Notification.objects.filter(pk=row.pk).update(**bad)


def test_a_mail_server_pipes_it_into_the_command(row, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(filled(POSTFIX, row))))
    Notification.objects.update(sent_at=dt.datetime.now(dt.UTC))
    call_command("read_bounces")
    assert capsys.readouterr().out.strip() == "bounced: 1"
    assert state_of(row)[0] == "bounced"


def test_a_maildir_is_read_once_and_what_is_not_ours_stays_for_a_person(row, tmp_path, settings):
    folder = mailbox.Maildir(tmp_path / "bounces")
    for raw in (filled(POSTFIX, row), filled(EXCHANGE, row), filled(HOLIDAY, row)):
        folder.add(raw)
    counts = read_maildir(path=tmp_path / "bounces", now=LATER)
    assert counts == {"bounced": 1, "again": 1, "ignored": 1}
    [left] = mailbox.Maildir(tmp_path / "bounces")
    assert "Afwezig" in left["Subject"]
    assert read_maildir(path=tmp_path / "bounces", now=LATER) == {}
    settings.BOUNCES_MAILDIR = str(tmp_path / "bounces")
    Notification.objects.update(sent_at=dt.datetime.now(dt.UTC))
    folder.add(filled(POSTFIX, row))
    tasks.read_bounces()
    assert len(mailbox.Maildir(tmp_path / "bounces")) == 1


def test_nothing_about_anyone_in_the_log(row, caplog):
    caplog.set_level("DEBUG")
    take_bounce(raw=filled(POSTFIX, row), now=LATER)
    assert "voorbeeld.example" not in caplog.text
    assert f"notification {row.pk} came back: unknown_address" in caplog.text


def test_mail_leaves_with_the_address_for_what_comes_back_on_the_envelope(settings, mailoutbox):
    settings.BOUNCES_ADDRESS = "terug@socius.example"
    make_notification(now=NOW)
    send_notifications(now=NOW)
    [mail] = mailoutbox
    assert (mail.from_email, mail.message()["From"]) == ("terug@socius.example", settings.DEFAULT_FROM_EMAIL)


def test_the_leader_hears_on_today_whom_a_mail_did_not_reach_and_the_file_says_so(client, mailoutbox):
    cycle = make_cycle()
    send_notifications(now=NOW)
    lost = cycle.participations.order_by("pk").first().client
    mail = Notification.objects.get(recipient_key=lost.public_id)
    assert take_bounce(raw=filled(POSTFIX, mail), now=LATER) == "bounced"
    tasks_now = build_today(cycle.lead, now=LATER).tasks
    assert [lost.short_name in task.title for task in tasks_now if task.icon == "envelope-exclamation"] == [True]
    client.force_login(cycle.lead)
    page = reverse("clients:file", args=[lost.public_id])
    assert pass_on_returned_mail(now=LATER) == 1
    assert MAIL_LOST in client.get(page).content.decode()
    update_client(client=lost, by=cycle.lead, now=LATER, email="goed@voorbeeld.example")
    assert MAIL_LOST not in client.get(page).content.decode()
