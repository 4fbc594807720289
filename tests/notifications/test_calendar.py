"""The calendar file of a mail: read back by a parser that is not ours, and only where it is safe (R40)."""

import datetime as dt
from email import message_from_bytes, policy
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from groups.enums import CycleState
from groups.services.cycles import cancel_cycle, move_cycle
from groups.services.invitations import answer_invitation
from groups.services.scheduling import cancel_session, move_session
from neighbourhoods.models import Venue
from notifications.calendar import Appointment, calendar_file
from notifications.mailbox import list_mails
from notifications.models import Notification
from notifications.services import send_notifications
from tests.factories.accounts import make_coordinator
from tests.factories.groups import NOW, make_cycle, make_entry, make_offer, make_team_and_room, make_waitlist, sweep
from tests.factories.notifications import make_notification

pytestmark = pytest.mark.django_db
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
LATER = NOW + dt.timedelta(minutes=5)


def say_yes(cycle):
    for participation in cycle.participations.order_by("pk"):
        answer_invitation(participation=participation, coming=True, now=NOW, by=cycle.lead)


def events(kind):
    """{uid: event} of the calendar that one mail of this kind carries."""
    row = Notification.objects.filter(kind=kind).order_by("-pk").first()
    calendar = Calendar.from_ical(row.attachment)
    assert (calendar["METHOD"], calendar["VERSION"]) == ("PUBLISH", "2.0")
    return {str(event["UID"]): event for event in calendar.walk("VEVENT")}


def test_who_says_yes_gets_every_session_in_local_time():
    cycle = make_cycle()
    say_yes(cycle)
    found = events("confirmed")
    sessions = list(cycle.sessions.order_by("number"))
    starts = sorted(event.decoded("DTSTART") for event in found.values())
    assert starts == [session.starts_at for session in sessions]
    assert {str(start.tzinfo) for start in starts} == {"Europe/Amsterdam"}
    assert {(start.hour, start.minute) for start in starts} == {(9, 0)}
    for event in found.values():
        assert (event["SUMMARY"], event["STATUS"]) == ("Afspraak Socius", "CONFIRMED")
        assert cycle.room.venue.name in event["LOCATION"]
        assert "DESCRIPTION" not in event
        assert "ATTENDEE" not in event


def test_a_series_over_the_change_of_the_clock_stays_at_its_hour():
    zone_aware = [dt.datetime(2026, 10, day, 19, 30, tzinfo=AMSTERDAM) for day in (19, 26)]
    file = calendar_file([Appointment(str(at), at, at + dt.timedelta(hours=2)) for at in zone_aware], now=NOW)
    assert "DTSTART;TZID=Europe/Amsterdam:20261019T193000" in file
    assert "DTSTART;TZID=Europe/Amsterdam:20261026T193000" in file
    zone = Calendar.from_ical(file).walk("VTIMEZONE")[0].to_tz()
    moments = [dt.datetime(2026, 10, day, 19, 30, tzinfo=zone) for day in (19, 26)]
    assert [moment.utcoffset() for moment in moments] == [dt.timedelta(hours=2), dt.timedelta(hours=1)]


def test_a_move_replaces_the_entry_and_a_cancellation_cancels_it():
    cycle = make_cycle()
    say_yes(cycle)
    before = events("confirmed")
    first = cycle.sessions.get(number=1)
    move_session(
        session=first, date=first.date + dt.timedelta(days=1), start_time=dt.time(13), by=cycle.lead, now=LATER
    )
    [(uid, moved)] = events("session_changed").items()
    assert moved["SEQUENCE"] > before[uid]["SEQUENCE"]
    assert moved.decoded("DTSTART").hour == 13
    cancel_session(session=cycle.sessions.get(number=2), reason="ziek", append=True, by=cycle.lead, now=LATER)
    called_off = events("session_cancelled")
    assert sorted(str(event["STATUS"]) for event in called_off.values()) == ["CANCELLED", "CONFIRMED"]
    assert len(set(called_off) - set(before)) == 1


def test_a_group_that_moves_or_ends_changes_all_its_entries():
    cycle = make_cycle()
    say_yes(cycle)
    before = events("confirmed")
    move_cycle(cycle=cycle, weeks=1, by=cycle.lead, now=LATER)
    assert set(events("cycle_moved")) == set(before)
    cancel_cycle(cycle=cycle, reason="te weinig", by=cycle.lead, now=LATER)
    gone = events("cycle_cancelled")
    assert set(gone) == set(before)
    assert {str(event["STATUS"]) for event in gone.values()} == {"CANCELLED"}
    assert not [event for event in gone.values() if "LOCATION" in event]


def test_who_did_not_say_yes_gets_no_dates():
    cycle = make_cycle()
    first = cycle.sessions.get(number=1)
    move_session(session=first, date=first.date + dt.timedelta(days=1), start_time=dt.time(13), by=cycle.lead, now=NOW)
    assert {row.attachment for row in Notification.objects.all()} == {""}


@pytest.mark.parametrize("hidden", [{"is_sensitive": True}, {"place_is_hidden": True}])
def test_of_a_sensitive_group_or_hidden_place_no_calendar_tells(hidden):
    waitlist = make_waitlist(make_offer(**hidden))
    make_team_and_room(waitlist)
    Venue.objects.update(is_hidden="place_is_hidden" in hidden)
    for _ in range(3):
        make_entry(waitlist)
    sweep()
    cycle = waitlist.cycles.get(state=CycleState.FORMED)
    say_yes(cycle)
    cancel_cycle(cycle=cycle, reason="te weinig", by=make_coordinator(), now=NOW)
    assert {row.attachment for row in Notification.objects.all()} == {""}


def test_who_is_in_danger_gets_no_calendar_and_no_mail_about_their_yes():
    waitlist = make_waitlist()
    make_team_and_room(waitlist)
    hidden = make_entry(waitlist, contact={"is_sensitive": True}).client
    for _ in range(2):
        make_entry(waitlist)
    sweep()
    cycle = waitlist.cycles.get()
    say_yes(cycle)
    cancel_session(session=cycle.sessions.get(number=2), reason="ziek", append=True, by=cycle.lead, now=LATER)
    rows = Notification.objects.filter(recipient_key=hidden.public_id)
    assert sorted(row.kind for row in rows) == ["invitation", "session_cancelled"]
    assert {row.attachment for row in rows} == {""}


def test_the_mail_that_leaves_is_read_by_python_with_its_calendar(settings, tmp_path):
    settings.MAILBOX_DIR = tmp_path
    settings.EMAIL_BACKEND = "notifications.mailbox.MailboxBackend"
    cycle = make_cycle()
    say_yes(cycle)
    Notification.objects.exclude(kind="confirmed").delete()
    send_notifications(now=NOW)
    message = message_from_bytes(next(tmp_path.glob("*.eml")).read_bytes(), policy=policy.default)
    assert message.get_body().get_content().startswith("Hallo,")
    [part] = message.iter_attachments()
    assert (part.get_content_type(), part.get_param("method"), part.get_filename()) == (
        *("text/calendar", "PUBLISH", "afspraak.ics"),
    )
    assert len(Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")) == 5
    assert not message.defects


def test_the_mailbox_gives_the_file_to_save_and_nothing_else(client, settings, tmp_path):
    settings.MAILBOX_DIR = tmp_path
    settings.EMAIL_BACKEND = "notifications.mailbox.MailboxBackend"
    at = dt.datetime(2026, 10, 19, 19, 30, tzinfo=AMSTERDAM)
    file = calendar_file([Appointment("x", at, at + dt.timedelta(hours=2))], now=NOW)
    make_notification(attachment=file, now=NOW)
    send_notifications(now=NOW)
    [mail] = list_mails()
    url = f"/mailbox/{mail.name}/bijlage/1/"
    assert f'href="{url}"' in client.get(f"/mailbox/{mail.name}/").content.decode()
    answer = client.get(url)
    assert answer.content.decode().replace("\r\n", "\n") == file.replace("\r\n", "\n")
    assert answer["Content-Type"].startswith("text/calendar")
    assert answer["Content-Disposition"] == 'attachment; filename="afspraak.ics"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert client.get(f"/mailbox/{mail.name}/bijlage/0/").status_code == 404
    settings.MAILBOX_DIR = None
    assert client.get(url).status_code == 404
