"""What a colleague's own calendar shows outside Socius: when, and a word of what; never who, and no name of a group.

Read along on a phone, it tells nothing about anybody (R40): "Groep", "Gesprek", "Intake", "Verlof". The venue stands
there only for a group whose name and place may be known.
"""

import datetime as dt

from django.db.models import Count, Max
from django.utils import timezone

from accounts.enums import BookingKind
from accounts.models import WorkerBooking
from accounts.periods import local_period
from groups.enums import HistoryCode
from groups.models import HistoryEntry
from notifications.calendar import Appointment, Entry, calendar_feed

BACK, AHEAD = dt.timedelta(weeks=4), dt.timedelta(days=366)
WORDS = {
    BookingKind.SESSION: "Groep",
    BookingKind.TALK: "Gesprek",
    BookingKind.INTAKE: "Intake",
    BookingKind.LEAVE: "Verlof",
}
CHANGES = (HistoryCode.SESSION_MOVED, HistoryCode.ROOM_CHANGED, HistoryCode.CYCLE_MOVED, HistoryCode.LEADER_CHANGED)


def feed_of(user, *, since, today):
    """The text of the .ics file: from four weeks ago to a year ahead. The same bookings give the same text.

    `since` is when the address was made; what never changes once it is there counts from then. A session that is
    cancelled, or that somebody else leads now, is not in it any more.
    """
    period = local_period(today - BACK, today + AHEAD)
    rows = WorkerBooking.objects.filter(user=user, period__overlap=period).order_by("period", "pk")
    seat = "session_seat__session"
    rows = list(rows.select_related(f"{seat}__room__venue", f"{seat}__cycle__waitlist__offer"))
    changes = _changes([row.session_seat.session for row in rows if _has_session(row)])
    return calendar_feed([_entry(row, changes, since) for row in rows])


def _has_session(row):
    return getattr(row, "session_seat", None) is not None


def _changes(sessions):
    """{session: (how often it changed, when last)}; what moved the whole cycle counts for each of its sessions."""
    cycles = {session.cycle_id for session in sessions}
    rows = HistoryEntry.objects.filter(cycle__in=cycles, code__in=CHANGES).order_by("cycle", "session")
    found = rows.values_list("cycle", "session").annotate(count=Count("pk"), last=Max("at"))
    by_subject = {(cycle, session): (count, last) for cycle, session, count, last in found}
    changes = {}
    for session in sessions:
        parts = [by_subject.get((session.cycle_id, subject)) for subject in (session.pk, None)]
        parts = [part for part in parts if part is not None]
        moments = [last for _count, last in parts]
        changes[session.pk] = sum(count for count, _last in parts), max(moments, default=session.cycle.formed_at)
    return changes


def _entry(row, changes, since):
    """A session keeps its key when it moves; anything else that moves is another entry."""
    if _has_session(row):
        session = row.session_seat.session
        sequence, changed_at = changes[session.pk]
        key, place = f"own:session:{session.pk}", _place(session)
    else:
        sequence, changed_at, place = 0, since, ""
        key = f"own:{row.kind}:{row.pk}:{row.starts_at.timestamp():.0f}:{row.ends_at.timestamp():.0f}"
    appointment = Appointment(key, row.starts_at, row.ends_at, place)
    return Entry(appointment, WORDS[row.kind], sequence, changed_at, _is_whole_days(row))


def _is_whole_days(row):
    """Leave of whole days stands above the day, not in it."""
    begins, ends = timezone.localtime(row.starts_at), timezone.localtime(row.ends_at)
    return row.kind == BookingKind.LEAVE and begins.time() == ends.time() == dt.time()


def _place(session):
    offer, venue = session.cycle.offer, session.room.venue
    return "" if offer.is_sensitive or offer.place_is_hidden or venue.is_hidden else venue.name
