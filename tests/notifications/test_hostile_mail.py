"""Anybody can send mail to the address for what comes back: none of it may stop the next one from being read (R40)."""

import datetime as dt

import pytest

from notifications.bounces import is_within_bounds
from notifications.services import read_maildir, send_notifications, take_bounce
from tests.factories.groups import NOW
from tests.factories.notifications import make_notification
from tests.notifications.returned import POSTFIX, QMAIL, filled

pytestmark = pytest.mark.django_db
LATER = NOW + dt.timedelta(hours=1)
DAEMON = b"From: mailer-daemon@x.example\nReturn-Path: <>\n"
MIXED = [b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(2000)]
HOSTILE = {
    "brackets in the sender": b"From: " + b"(" * 3000 + b"\nMessage-ID: <a@b>\n\nhi 5.1.1\n",
    "brackets in who failed": DAEMON + b"X-Failed-Recipients: " + b"(" * 900 + b"\n\n550 no\n--- This is a copy\n"
    b"Message-ID: <a@b>\n\nx\n",
    "groups in the sender": b"From: " + b"a:" * 3000 + b"\n\nhi\n",
    "nested parts": DAEMON + b"".join(MIXED) + b"Content-Type: text/plain\n\nx\n",
    "nested mails": DAEMON + b"Content-Type: message/rfc822\r\n\r\n" * 3000 + b"x",
    "nested, lines end in CR": DAEMON.replace(b"\n", b"\r") + b"Content-Type:\r message/rfc822\r\r" * 3000 + b"x",
    "brackets in the returned mail": DAEMON + b"Content-Type: multipart/report; boundary=b\n\n--b\n"
    b"Content-Type: message/delivery-status\n\nA: b\n\nFinal-Recipient: rfc822; x\nAction: failed\nStatus: 5.1.1\n\n"
    b"--b\nContent-Type: message/rfc822\n\nMessage-ID: <a@b>\nTo: " + b"(" * 3000 + b"\n\nhi\n--b--\n",
    "a message id of no characters": QMAIL.replace("{id}", "<\udcff\x00@x>").encode(errors="surrogateescape"),
    "blank lines": DAEMON + b"Content-Type: message/delivery-status\n\n" + b"\n" * 900_000,
    "half a parameter": DAEMON + b'Content-Type: multipart/report; x="' + b"; " * 400_000 + b"\n\n--b\n",
    "nothing": b"",
}


@pytest.fixture
def row(mailoutbox):
    made = make_notification(to="anna@voorbeeld.example", now=NOW)
    send_notifications(now=NOW)
    made.refresh_from_db()
    return made


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=list(HOSTILE))
def test_one_mail_stops_nothing_and_is_marked_as_seen(row, tmp_path, raw):
    for place in ("new", "cur", "tmp"):
        (tmp_path / place).mkdir()
    (tmp_path / "new" / "1.hostile").write_bytes(raw)
    (tmp_path / "new" / "2.real").write_bytes(filled(POSTFIX, row))
    assert read_maildir(path=tmp_path, now=LATER) == {"ignored": 1, "bounced": 1}
    assert [file.name for file in tmp_path.rglob("*.*") if file.is_file()] == ["1.hostile:2,S"]
    assert read_maildir(path=tmp_path, now=LATER) == {}
    row.refresh_from_db()
    assert row.state == "bounced"


@pytest.mark.parametrize("name", ["nested parts", "nested mails", "blank lines", "half a parameter"])
def test_what_would_take_minutes_is_not_parsed_at_all(name):
    assert not is_within_bounds(HOSTILE[name].replace(b"\r\n", b"\n"))
    assert is_within_bounds(POSTFIX.encode())


def test_who_pipes_a_hostile_mail_hears_that_it_was_ignored():
    assert {take_bounce(raw=raw, now=LATER) for raw in HOSTILE.values()} == {"ignored"}


def test_a_flag_of_a_mail_reader_is_kept_and_one_that_was_read_is_not_read_again(row, tmp_path):
    for place in ("new", "cur", "tmp"):
        (tmp_path / place).mkdir()
    (tmp_path / "cur" / "1.x:2,F").write_bytes(b"From: a@b.example\n\nx\n")
    (tmp_path / "cur" / "2.x:2,RS").write_bytes(filled(POSTFIX, row))
    (tmp_path / "new" / "a-folder").mkdir()
    assert read_maildir(path=tmp_path, now=LATER) == {"ignored": 1}
    assert sorted(file.name for file in (tmp_path / "cur").iterdir()) == ["1.x:2,FS", "2.x:2,RS"]
