"""Moments that are free for an individual talk: within the leaders' times, between the right sessions (R29)."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from django.utils import timezone

from accounts.models import User, WorkerBooking
from accounts.periods import local_moment
from clients.enums import DayPart
from groups.calendar import public_holidays
from groups.enums import TalkState
from groups.hours import hours_of
from groups.models import IndividualTalk
from groups.services.talks import leaders_of
from groups.talk_window import talk_window

# So many are proposed of one leader in one part of a day: a choice of days is worth more than of minutes.
PER_PART = 2
# A window that nobody closes, because the last session is far off, is not searched to its end.
FURTHEST = dt.timedelta(weeks=8)


@dataclass(frozen=True)
class FreeMoment:
    user: User
    date: dt.date
    start: dt.time
    end: dt.time

    @property
    def key(self):
        return f"{self.user.pk}|{self.date}|{self.start:%H:%M}"


def free_moments(*, participation, now):
    """FreeMoments for one more talk of this person, the earliest first; none while the window is not known."""
    cycle = participation.cycle
    window = talk_window(cycle.offer, cycle.sessions.order_by("number"))
    if window is None or not cycle.offer.talk_minutes:
        return []
    opens, closes = max(window[0], now), min(window[1], max(window[0], now) + FURTHEST)
    leaders = list(leaders_of(cycle))
    days = _days(timezone.localdate(opens), timezone.localdate(closes))
    hours = hours_of([user.pk for user in leaders], first=days[0], last=days[-1]) if days else {}
    taken = _taken(leaders, participation, opens, closes)
    length = dt.timedelta(minutes=cycle.offer.talk_minutes)
    found = [
        FreeMoment(user, day, start.time(), (start + length).time())
        for day in days
        for user in leaders
        for start in _starts(day, hours[user.pk], length)
        if opens <= local_moment(day, start.time())
        and local_moment(day, (start + length).time()) <= closes
        and not _is_taken(taken, user, day, start, length)
    ]
    return _spread(sorted(found, key=lambda moment: (moment.date, moment.start, moment.user.pk)))


def _days(first, last):
    days = (first + dt.timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in days if day not in public_holidays(day.year)]


def _starts(day, hours, length):
    """Each moment at which a talk could begin, one after the other, as naive local times."""
    for opens, closes in hours.on(day):
        start, end = dt.datetime.combine(day, opens), dt.datetime.combine(day, closes)
        while start + length <= end and (start + length).date() == day:
            yield start
            start += length


def _taken(leaders, participation, opens, closes):
    """[(user or None for everybody, from, until)]: what the leaders are booked for, and the person's own talks."""
    bookings = WorkerBooking.objects.filter(user__in=leaders).overlapping(opens, closes)
    own = IndividualTalk.objects.filter(participation__client=participation.client_id, state=TalkState.PLANNED)
    return [
        *((row.user_id, row.starts_at, row.ends_at) for row in bookings),
        *((None, talk.starts_at, talk.ends_at) for talk in own.order_by("pk")),
    ]


def _is_taken(taken, user, day, start, length):
    begins, ends = local_moment(day, start.time()), local_moment(day, (start + length).time())
    return any(who in (None, user.pk) and since < ends and begins < until for who, since, until in taken)


def _spread(moments):
    seen, kept = Counter(), []
    for moment in moments:
        part = (moment.user.pk, moment.date, _part_of(moment.start))
        seen[part] += 1
        if seen[part] <= PER_PART:
            kept.append(moment)
    return kept


def _part_of(start):
    return next((part for part in DayPart if start < part.ends_at), DayPart.EVENING)
