"""Who and what is free when: one integer a (worker or hall, weekday, start), a bit for each week.

Bit n says that from the n-th week without a holiday on that weekday a whole series of sessions is free.
"""

from collections import defaultdict

FIRST_START, LAST_START = 18, 40  # 9:00 and 20:00 in half hours


class Diary:
    def __init__(self, world, *, days):
        self.world = world
        self.length = world.half_hours
        self.minutes = self.length * 30
        self.dates = [[day for day in range(weekday, days, 7) if day not in world.blocked] for weekday in range(7)]
        self.position = [{day: number for number, day in enumerate(row)} for row in self.dates]
        self.everything = [(1 << len(row)) - 1 for row in self.dates]
        self.staff = [self._blank(thing) for thing in world.staff]
        self.halls = [self._blank(thing) for thing in world.halls]
        self.cycles = [0] * len(world.staff)
        self.load = [defaultdict(int) for _ in world.staff]
        self.freed = [0] * len(world.areas)
        self.areas_of = defaultdict(list)
        for number, area in enumerate(world.areas):
            for worker, _rank in area.seconds:
                self.areas_of[worker].append(number)
        self.patterns = [self._patterns(area) for area in world.areas]

    def _blank(self, thing):
        return _Hours(
            {
                (weekday, start): self._runs(self.everything[weekday])
                for weekday, opens, closes in thing.windows
                for start in range(max(opens, FIRST_START), min(closes - self.length, LAST_START) + 1)
            }
        )

    def _runs(self, free):
        """Bit n: free for a whole series from the n-th week on."""
        runs = free
        for week in range(1, self.world.sessions):
            runs &= free >> week
        return runs

    def _patterns(self, area):
        """weekday → [(start, leads, seconds, halls)] as weekly hours allow."""
        rows = defaultdict(list)
        for weekday in range(7):
            for start in range(FIRST_START, LAST_START + 1):
                leads = [w for w in area.leads if (weekday, start) in self.staff[w].runs]
                seconds = [(rank, w) for w, rank in area.seconds if (weekday, start) in self.staff[w].runs]
                halls = [(rank, h) for h, rank in area.halls if (weekday, start) in self.halls[h].runs]
                if leads and len(seconds) > 1 and halls:
                    rows[weekday].append((start, leads, seconds, halls))
        return rows

    def series(self, first):
        """The days of a weekly series from the first day on that is not blocked."""
        row, position = self.dates[first % 7], self.position[first % 7]
        while first not in position:
            first += 7
        at = position[first]
        return tuple(row[at : at + self.world.sessions])

    def slots(self, area, first_days, minimum, suited=None):
        """Each lawful (days, start, lead, second, hall), the earliest first, with the engine's choice of team.

        suited: (weekday, start) → whether enough people can come then; others are not looked at.
        """
        able = {w for w, _rank in self.world.areas[area].seconds if self.cycles[w] < self.world.staff[w].max_cycles}
        if not able.intersection(self.world.areas[area].leads) or len(able) < 2:
            return
        possible = {weekday: self._possible(area, weekday, able, suited) for weekday in range(7)}
        for first in first_days:
            weekday = first % 7
            at = self.position[weekday].get(first)
            if at is None:
                continue
            days = None
            for start, bits, row in possible[weekday]:
                if bits >> at & 1:
                    days = days or tuple(self.dates[weekday][at : at + self.world.sessions])
                    slot = self._slot(days, start, row, able, at, minimum)
                    if slot is not None:
                        yield slot

    def _possible(self, area, weekday, able, suited):
        """(start, bits of the weeks in which some lead, some second and some hall are free for a series, pattern)."""
        found = []
        for start, leads, seconds, halls in self.patterns[area][weekday]:
            if suited is not None and not suited(weekday, start):
                continue
            key, lead_bits, second_bits, hall_bits = (weekday, start), 0, 0, 0
            for worker in leads:
                if worker in able:
                    lead_bits |= self.staff[worker].runs[key]
            for _rank, worker in seconds if lead_bits else ():
                if worker in able:
                    second_bits |= self.staff[worker].runs[key]
            for _rank, hall in halls if second_bits else ():
                hall_bits |= self.halls[hall].runs[key]
            bits = lead_bits & second_bits & hall_bits
            if bits:
                found.append((start, bits, (leads, seconds, halls)))
        return found

    def _slot(self, days, start, candidates, able, at, minimum):
        leads, seconds, halls = candidates
        key = (days[0] % 7, start)
        free = [w for w in leads if w in able and self._can_work(w, key, at, days)]
        others = [(rank, w) for rank, w in seconds if w in able and self._can_work(w, key, at, days)]
        lead, second = self._team(free, others)
        if lead is None:
            return None
        hall = self._hall(halls, key, at, minimum)
        return None if hall is None else (days, start, lead, second, hall)

    def _can_work(self, worker, key, at, days):
        return self._is_open(self.staff[worker], key, at) and self._has_hours(worker, days)

    def _team(self, leads, seconds):
        """The least loaded lead and the best second seat (R14)."""
        seconds = sorted((rank, self.cycles[w], w) for rank, w in seconds)
        for lead in sorted(leads, key=lambda w: (self.cycles[w], w)):
            for _rank, _cycles, second in seconds:
                if second != lead:
                    return lead, second
        return None, None

    def _hall(self, halls, key, at, minimum):
        wanted = self.world.soft_maximum + 2
        free = [
            (rank, max(0, wanted - self.world.halls[h].capacity), self.world.halls[h].capacity, h)
            for rank, h in halls
            if self.world.halls[h].capacity >= minimum + 2 and self._is_open(self.halls[h], key, at)
        ]
        return min(free)[-1] if free else None

    def _is_open(self, thing, key, at):
        return thing.runs[key] >> at & 1

    def _has_hours(self, worker, days):
        most = self.world.staff[worker].max_minutes_week - self.minutes
        return all(self.load[worker][day // 7] <= most for day in days)

    def is_free(self, days, start, lead, second, hall):
        key, at = (days[0] % 7, start), self.position[days[0] % 7][days[0]]
        things = (self.staff[lead], self.staff[second], self.halls[hall])
        return all(self._is_open(thing, key, at) for thing in things)

    def book(self, days, start, lead, second, hall):
        self.rebook(days, start, lead, second, hall)
        self.cycles[lead] += 1
        self.cycles[second] += 1

    def finish(self, lead, second):
        self.cycles[lead] -= 1
        self.cycles[second] -= 1
        self._note_freed(lead, second)

    def _note_freed(self, *workers):
        """Lists that these work for may find a start now that they could not find before."""
        for area in {area for worker in workers for area in self.areas_of[worker]}:
            self.freed[area] += 1

    def rebook(self, days, start, lead, second, hall):
        self._mark(days, start, lead, second, hall, taken=True)

    def release(self, days, start, lead, second, hall):
        self.freed = [count + 1 for count in self.freed]
        self._mark(days, start, lead, second, hall, taken=False)

    def _mark(self, days, start, lead, second, hall, *, taken):
        """Note the half hours, and from them anew which starts near by are still possible."""
        weekday = days[0] % 7
        bits = sum(1 << self.position[weekday][day] for day in days)
        for thing in (self.staff[lead], self.staff[second], self.halls[hall]):
            for half_hour in range(start, start + self.length):
                thing.taken[weekday, half_hour] ^= bits
            for other in range(start - self.length + 1, start + self.length):
                if (weekday, other) in thing.runs:
                    used = 0
                    for half_hour in range(other, other + self.length):
                        used |= thing.taken[weekday, half_hour]
                    free = self.everything[weekday] & ~used
                    thing.runs[weekday, other] = self._runs(free)
        for worker in (lead, second):
            for day in days:
                self.load[worker][day // 7] += self.minutes if taken else -self.minutes


class _Hours:
    """runs: (weekday, start) → bits of the weeks from which a series is free; taken: (weekday, half hour) → bits."""

    __slots__ = ("runs", "taken")

    def __init__(self, runs):
        self.runs, self.taken = runs, defaultdict(int)
