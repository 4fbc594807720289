"""What the engine is told. All dates and times are local wall-clock values of the neighbourhood (R20)."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Window:
    """A weekly stretch of time; weekday 0 is Monday."""

    weekday: int
    start: dt.time
    end: dt.time

    def covers(self, weekday, start, end):
        return self.weekday == weekday and self.start <= start and end <= self.end


@dataclass(frozen=True, slots=True)
class Busy:
    """A stretch in which a person or a room is taken, from start up to and without end."""

    start: dt.datetime
    end: dt.datetime


class _Bookable:
    """What a worker and a room share: weekly windows and taken stretches."""

    @cached_property
    def _busy_by_date(self):
        by_date = defaultdict(list)
        for busy in self.busy:
            day = busy.start.date()
            while day <= busy.end.date():
                by_date[day].append(busy)
                day += dt.timedelta(days=1)
        return by_date

    @cached_property
    def _hours_by_weekday(self):
        hours = defaultdict(list)
        for window in self.windows:
            hours[window.weekday].append((window.start, window.end))
        return hours

    def is_open(self, weekday, start, end):
        return any(opens <= start and end <= closes for opens, closes in self._hours_by_weekday.get(weekday, ()))

    def could_open(self, weekday, start, end):
        """Whether any day of this weekday may hold this time."""
        return self.is_open(weekday, start, end)

    def is_free(self, dates, start, end):
        taken = self._busy_by_date
        for day in dates:  # plain loops: asked some hundred thousand times for one list
            if day in taken:
                opens, closes = dt.datetime.combine(day, start), dt.datetime.combine(day, end)
                for busy in taken[day]:
                    if busy.start < closes and opens < busy.end:
                        return False
        return True


@dataclass(frozen=True)
class Worker(_Bookable):
    """Who may lead or co-lead this offer here (R14). lead_until and co_lead_until: dt.date.max means no expiry.

    exceptions: on such a date these (from, until) hold instead of the weekly windows; empty means not that day (R20).
    """

    id: int
    windows: tuple[Window, ...] = ()
    busy: tuple[Busy, ...] = ()
    lead_until: dt.date | None = None
    co_lead_until: dt.date | None = None
    is_social_worker: bool = False  # a professional: counts as the second worker that some offers need
    co_lead_rank: int = 9  # 0 is preferred: a member of this neighbourhood's social team
    cycles: int = 0
    leads: frozenset[int] = frozenset()  # which cycles those are, as far as known
    max_cycles: int = 99
    minutes_by_week: dict[tuple[int, int], int] = field(default_factory=dict)
    max_minutes_week: int = 10_000
    exceptions: dict[dt.date, tuple[tuple[dt.time, dt.time], ...]] = field(default_factory=dict)

    def may_lead(self, last_date):
        return self.lead_until is not None and last_date < self.lead_until

    def may_co_lead(self, last_date):
        return self.co_lead_until is not None and last_date < self.co_lead_until

    def could_open(self, weekday, start, end):
        """By the weekly windows, or on some day by an exception."""
        return self.is_open(weekday, start, end) or any(
            window.covers(weekday, start, end) for window in self._windows_by_exception
        )

    @cached_property
    def _windows_by_exception(self):
        return {Window(day.weekday(), *hours) for day, windows in self.exceptions.items() for hours in windows}

    def works_on(self, dates, start, end):
        """Whether each of these days holds this time: by its exception if it has one, else by the weekly windows."""
        return all(self._works_at(day, start, end) for day in dates)

    def _works_at(self, day, start, end):
        if day in self.exceptions:
            return any(opens <= start and end <= closes for opens, closes in self.exceptions[day])
        return self.is_open(day.weekday(), start, end)

    def has_room_for(self, dates, minutes):
        """Caps of R14: cycles at once, and minutes of group work in each week touched."""
        if self.cycles >= self.max_cycles:
            return False
        if not self.minutes_by_week:
            return minutes <= self.max_minutes_week
        weeks = (day.isocalendar()[:2] for day in dates)
        return all(self.minutes_by_week.get(week, 0) + minutes <= self.max_minutes_week for week in weeks)

    def can_take(self, dates, start, end, minutes):
        """Free for a whole series and within the caps; the weekly windows are asked before, once for many series."""
        if self.cycles >= self.max_cycles:
            return False
        works = not self.exceptions or self.works_on(dates, start, end)
        return works and self.is_free(dates, start, end) and self.has_room_for(dates, minutes)

    def beside(self, cycle):
        """As if this cycle of theirs were over: it makes room for the one that keeps its rhythm (R28)."""
        return replace(self, cycles=self.cycles - 1) if cycle in self.leads else self


@dataclass(frozen=True)
class Place(_Bookable):
    """A room. rank 0 lies in the catchment itself; a higher rank lies further off."""

    id: int
    capacity: int
    windows: tuple[Window, ...] = ()
    busy: tuple[Busy, ...] = ()
    rank: int = 0
    area: str | None = None  # the neighbourhood it lies in


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody waiting. parts None: no availability was recorded, so any time is assumed to suit."""

    id: int
    waiting_since: dt.date
    client: int = 0  # what `excluded` and OpenCycle.people speak of
    has_priority: bool = False
    is_judged: bool = True
    is_on_hold: bool = False
    has_consent: bool = True
    talk_held: bool = True
    age: int | None = None
    sex: str = "unknown"
    has_fit_exception: bool = False
    is_placed_elsewhere: bool = False
    refuses_here: bool = False
    kind: str | None = None
    is_psychosocial: bool = False
    excluded: frozenset[int] = frozenset()
    declined_cycles: frozenset[int] = frozenset()
    parts: frozenset[tuple[int, str]] | None = None
    busy: tuple[Busy, ...] = ()  # sessions of groups that this person is in, this offer's and others'
    avoids: str | None = None  # the own neighbourhood, if no group is to be there (R18)
    continues: int | None = None  # the cycle from which this person goes on (R28)
    sessions_left: int | None = None  # what is left of their own series (R22); None: a whole one

    @property
    def order(self):
        """R17: priority, then longest waiting, then who came first."""
        return (not self.has_priority, self.waiting_since, self.id)


@dataclass(frozen=True, slots=True)
class OpenCycle:
    """A cycle that still takes newcomers: formed (R12), or running if its offer is open (R22).

    first_date and enters_at are the first session somebody who joins now would come to.
    """

    id: int
    weekday: int
    start: dt.time
    first_date: dt.date
    seats: int
    people: frozenset[int] = frozenset()
    dates: tuple[dt.date, ...] = ()  # its sessions from first_date on
    end: dt.time | None = None
    area: str | None = None
    enters_at: int = 1
    continues: int | None = None  # whose rhythm it keeps (R28)
    reserved: int = 0  # seats for those of that cycle who have not decided yet


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A cycle that is running, or just ended, with people who go on: the next one keeps its day and hour (R28)."""

    cycle: int
    start: dt.time
    last_date: dt.date
    lead: int
    co_lead: int | None
    place: int
    weekday: int | None = None  # its own, though its last session may have been moved to another day
    undecided: int = 0  # who is in it and may still go on
    is_continued: bool = False  # the next one is formed already


@dataclass(frozen=True, slots=True)
class Rules:
    """The offer's settings as they hold for this list."""

    minimum: int | None
    soft_maximum: int | None
    hard_maximum: int | None
    sessions: int | None
    minutes: int | None
    lead_days: int = 7
    needs_judgement: bool = True
    talk_first: bool = False
    audience: str = "all"
    age_from: int | None = None
    age_to: int | None = None
    second_seat: bool = True
    two_workers: bool = False
    level: str = "neighbourhood"
    may_run_in_neighbourhood: bool = True
    is_active: bool = True
    is_manual: bool = False
    fixed_weekday: int | None = None
    fixed_start: dt.time | None = None
    fixed_part: str = ""


@dataclass(frozen=True)
class Facts:
    """Everything one decision rests on. day_parts: name → (from, until) in local time."""

    today: dt.date
    rules: Rules
    people: tuple[Person, ...] = ()
    workers: tuple[Worker, ...] = ()
    places: tuple[Place, ...] = ()
    open_cycles: tuple[OpenCycle, ...] = ()
    rhythms: tuple[Rhythm, ...] = ()
    live_cycles: frozenset[int] = frozenset()  # this list's formed and running ones
    blocked_dates: frozenset[dt.date] = frozenset()
    day_parts: tuple[tuple[str, dt.time, dt.time], ...] = (
        ("morning", dt.time(8), dt.time(12)),
        ("afternoon", dt.time(12), dt.time(17)),
        ("evening", dt.time(17), dt.time(22)),
    )
    horizon_weeks: int = 12
    joined_per_week: float | None = None

    def part_of(self, time):
        """The part of the day a session belongs to is the one it begins in; None outside the day."""
        return next((name for name, start, end in self.day_parts if start <= time < end), None)
