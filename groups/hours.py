"""When colleagues said to be there: their weekly times, and other hours on a day instead (R20)."""

from collections import defaultdict
from dataclasses import dataclass, field

from accounts.models import AvailabilityException, WeeklyAvailability


@dataclass
class Hours:
    """Of one person. exceptions: on such a date these (from, until) hold instead; empty means not that day."""

    weekly: dict = field(default_factory=lambda: defaultdict(list))
    exceptions: dict = field(default_factory=lambda: defaultdict(list))

    def on(self, date):
        return self.exceptions[date] if date in self.exceptions else self.weekly.get(date.weekday(), [])

    def cover(self, date, start, end):
        return any(opens <= start and end <= closes for opens, closes in self.on(date))


def hours_of(user_ids, *, first, last):
    """{user id: Hours} for the local days from first to last; two statements."""
    hours = {pk: Hours() for pk in user_ids}
    for row in WeeklyAvailability.objects.filter(user__in=hours).order_by("starts_at", "pk"):
        hours[row.user_id].weekly[row.weekday].append((row.starts_at, row.ends_at))
    others = AvailabilityException.objects.filter(user__in=hours, date__gte=first, date__lte=last)
    for row in others.order_by("starts_at", "pk"):
        hours[row.user_id].exceptions[row.date] += [] if row.starts_at is None else [(row.starts_at, row.ends_at)]
    return hours
