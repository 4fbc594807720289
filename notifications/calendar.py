"""The calendar file that a mail can carry. It tells when, and where if that may be told; never what for (R40)."""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from icalendar import Calendar, Event, Timezone

SUMMARY = "Afspraak Socius"
ZONE = ZoneInfo(settings.TIME_ZONE)
BEGIN_OF_COUNT = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Appointment:
    """One entry. `key` stays the same when it moves ("session:12:3"); moments are aware; place is "" where hidden."""

    key: str
    starts_at: datetime
    ends_at: datetime
    place: str = ""
    is_cancelled: bool = False


def calendar_file(appointments, *, now):
    """The text of an .ics file, or "" for no appointments. A later file about the same key replaces the entry."""
    if not appointments:
        return ""
    calendar = Calendar()
    calendar.add("prodid", "-//Socius//NL")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    days = [appointment.starts_at.date() for appointment in appointments]
    calendar.add_component(_zone(min(days), max(days)))
    for appointment in appointments:
        calendar.add_component(_event(appointment, now))
    return calendar.to_ical().decode()


@dataclass(frozen=True)
class Entry:
    """One entry of a calendar that somebody subscribed to; `sequence` rises with each change of it."""

    appointment: Appointment
    summary: str
    sequence: int
    changed_at: datetime
    is_whole_days: bool = False


def calendar_feed(entries):
    """The text of an .ics file to subscribe to, also when it is empty; the same entries always give the same text."""
    calendar = Calendar()
    calendar.add("prodid", "-//Socius//NL")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Socius")
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"value": "DURATION"})
    days = [day for e in entries for day in (e.appointment.starts_at.date(), e.appointment.ends_at.date())]
    if days:
        calendar.add_component(_zone(min(days), max(days)))
    for entry in entries:
        calendar.add_component(_feed_event(entry))
    return calendar.to_ical().decode()


def _feed_event(entry):
    event, changed_at = Event(), entry.changed_at.astimezone(UTC)
    begins, ends = (at.astimezone(ZONE) for at in (entry.appointment.starts_at, entry.appointment.ends_at))
    event.add("uid", _uid(entry.appointment.key))
    event.add("dtstamp", changed_at)
    event.add("last-modified", changed_at)
    event.add("sequence", entry.sequence)
    event.add("summary", entry.summary)
    event.add("dtstart", begins.date() if entry.is_whole_days else begins)
    event.add("dtend", ends.date() if entry.is_whole_days else ends)
    event.add("status", "CONFIRMED")
    event.add("class", "PRIVATE")
    if entry.appointment.place:
        event.add("location", entry.appointment.place)
    return event


def _zone(first, last):
    """Europe/Amsterdam with the changes of the clock around these days."""
    return Timezone.from_tzid(str(ZONE), first_date=date(first.year - 1, 1, 1), last_date=last + timedelta(days=366))


def _event(appointment, now):
    event = Event()
    event.add("uid", _uid(appointment.key))
    event.add("dtstamp", now.astimezone(UTC))
    # Seconds, so that what was sent later always counts as newer; fits the 31 bits until 2088.
    event.add("sequence", int((now - BEGIN_OF_COUNT).total_seconds()))
    event.add("summary", SUMMARY)
    event.add("dtstart", appointment.starts_at.astimezone(ZONE))
    event.add("dtend", appointment.ends_at.astimezone(ZONE))
    event.add("status", "CANCELLED" if appointment.is_cancelled else "CONFIRMED")
    event.add("class", "PRIVATE")
    if appointment.place and not appointment.is_cancelled:
        event.add("location", appointment.place)
    return event


def _uid(key):
    """The same for the same appointment, whichever mail tells it."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    return f"{uuid.uuid5(uuid.NAMESPACE_URL, f'{settings.SITE_URL}/{key}')}@{host}"
