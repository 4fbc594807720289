"""The same rules as the engine and its services, rewritten small and fast: no database, days as numbers.

It exists to search over policies; how far it is from the real services is measured (bin/bench waiting).
Order of a day, as in simulation.py: who gives up, sweep, settle, sign-ups, settle, sweep.
"""

from collections import defaultdict
from datetime import timedelta

from tests.waiting.calendar import may_start
from tests.waiting.report import Life, Run
from tests.waiting.rooms import Diary

WAITING, FORMED, ARRIVED, LEFT = range(4)
HORIZON = 12 * 7
MOVE_TRIES = 6


class Person:
    __slots__ = ("area", "cycle", "day", "due", "first", "kind", "left", "leaves", "number", "parts", "state")

    def __init__(self, row):
        self.number, self.area, self.day, self.kind = row.number, row.area, row.day, row.kind
        self.parts, self.leaves = row.parts, row.leaves
        self.state, self.cycle, self.first, self.left = WAITING, None, None, None
        self.due = None  # the day of the first session they come to, when it is not the group's first (R22)


class Group:
    """A cycle. days: of its sessions; team and hall as booked."""

    __slots__ = ("area", "days", "done", "hall", "lead", "minimum", "people", "running", "seats", "second", "start")

    def __init__(self, **fields):
        self.running = self.done = False
        for name, value in fields.items():
            setattr(self, name, value)


class Model:
    """One region under one policy; see policies.Policy for what a policy may decide."""

    def __init__(self, world, people, policy, *, weeks):
        self.world, self.policy, self.weeks = world, policy, weeks
        self.people = [Person(row) for row in people]
        self.waiting = [[] for _ in world.areas]
        self.open = [[] for _ in world.areas]
        self.live, self.groups = [], []
        self.diary = Diary(world, days=weeks * 7 + HORIZON + 200)
        self.today = 0
        self.giving_up = defaultdict(list)
        self.returned = 0  # how often people came back from a cancelled group
        self.in_vain = {}

    def run(self):
        arrivals = defaultdict(list)
        for person in self.people:
            arrivals[person.day].append(person)
        for today in range(self.weeks * 7):
            self.today = today
            self._give_up()
            self._sweep()
            self._settle(evening=False)
            for person in arrivals.get(self.today, ()):
                self.waiting[person.area].append(person)
                self.giving_up[person.leaves].append(person)
                self.decide(person.area)
            self._settle(evening=True)
        return self._result()

    def _give_up(self):
        for person in self.giving_up.pop(self.today, ()):
            if person.state == WAITING:
                self.waiting[person.area].remove(person)
            elif person.state == FORMED and (person.due or person.cycle.days[0]) >= self.today:
                person.cycle.people.remove(person)
            else:
                continue
            person.state, person.left, person.cycle = LEFT, self.today, None

    def _sweep(self):
        for area in self.policy.order(self):
            if self.waiting[area]:
                self.decide(area)

    def decide(self, area):
        """Joins first (R12), then what the policy starts."""
        if self.policy.fixed_dates and not may_start(self.world.first_day + timedelta(days=self.today)):
            return
        self._join(area)
        for start in self.policy.starts(self, area):
            self._start(area, *start)

    def _join(self, area):
        coming = [(self._next_day(group), group) for group in self.open[area]]
        for day, group in sorted(((day, group) for day, group in coming if day), key=lambda pair: pair[0]):
            for person in list(self.waiting[area]):
                if len(group.people) >= group.seats:
                    break
                if self.suits(person, group.days[0] % 7, group.start):
                    self._seat(person, group)
                    person.due = day if group.running else None

    def _next_day(self, group):
        """The first session that somebody who joins now would come to (R12; R22 in a running group)."""
        days = group.days if self.policy.open_entry else group.days[:1]
        return next((day for day in days if day > self.today), None)

    @staticmethod
    def suits(person, weekday, start):
        return person.parts is None or (weekday, part_of(start)) in person.parts

    def _seat(self, person, group):
        self.waiting[person.area].remove(person)
        group.people.append(person)
        person.state, person.cycle = FORMED, group

    def _start(self, area, people, slot):
        days, start, lead, second, hall = slot
        self.diary.book(days, start, lead, second, hall)
        seats = min(self.world.soft_maximum, self.world.halls[hall].capacity - 2)
        group = Group(
            area=area,
            days=days,
            start=start,
            lead=lead,
            second=second,
            hall=hall,
            people=[],
            seats=seats,
            minimum=self.policy.minimum,
        )
        for person in people:
            self._seat(person, group)
        self.open[area].append(group)
        self.live.append(group)
        self.groups.append(group)

    def _settle(self, *, evening):
        """R21: too few on the eve moves the series a week; first sessions begin; past series end."""
        changed = False
        for group in list(self.live):
            changed |= self._settle_one(group, evening)
        if changed:
            self._sweep()

    def _settle_one(self, group, evening):
        today = self.today
        if not group.running and group.days[0] <= today + 1:
            if not group.people:
                self._end(group, cancelled=True)
                return True
            if len(group.people) < group.minimum:
                if evening or group.days[0] <= today:
                    self._move(group)
                    return True
            elif group.days[0] <= today and (evening or group.days[0] < today):
                group.running = True
                if not self.policy.open_entry:
                    self.open[group.area].remove(group)
                for person in group.people:
                    person.state, person.first = ARRIVED, group.days[0]
        if group.running and self.policy.open_entry:
            self._welcome(group, evening)
        if group.running and self._is_over(group, evening):
            self._end(group)
            return True
        return False

    def _welcome(self, group, evening):
        """Who entered a running group and had their first session (R22). A second round is not modelled."""
        for person in group.people:
            if person.state == FORMED and (person.due < self.today or evening and person.due == self.today):
                person.state, person.first = ARRIVED, person.due

    def _is_over(self, group, evening):
        ends_by = 35 if evening else -1  # 17:30 in half hours
        return group.days[-1] < self.today or (
            group.days[-1] == self.today and group.start + self.world.half_hours <= ends_by
        )

    def _move(self, group):
        """The first of the next weeks in which team and hall are free; else everybody waits again."""
        self.diary.release(group.days, group.start, group.lead, group.second, group.hall)
        for weeks in range(1, MOVE_TRIES + 1):
            days = self.diary.series(group.days[0] + 7 * weeks)
            if self.diary.is_free(days, group.start, group.lead, group.second, group.hall):
                group.days = days
                self.diary.rebook(days, group.start, group.lead, group.second, group.hall)
                return
        self.diary.rebook(group.days, group.start, group.lead, group.second, group.hall)
        self._end(group, cancelled=True)

    def _end(self, group, *, cancelled=False):
        self.live.remove(group)
        self.diary.finish(group.lead, group.second)
        group.done = True
        if not cancelled:
            if group in self.open[group.area]:
                self.open[group.area].remove(group)
            return
        self.diary.release(group.days, group.start, group.lead, group.second, group.hall)
        self.open[group.area].remove(group)
        self.groups.remove(group)
        self.returned += 1
        for person in group.people:
            person.state, person.cycle = WAITING, None
        self.waiting[group.area] = sorted(self.waiting[group.area] + group.people, key=lambda p: p.number)

    def _result(self):
        lives = tuple(Life(person.day, person.first, person.left) for person in self.people)
        hours = self.world.sessions * self.world.half_hours / 2 * 2
        cycles = tuple((g.days[0], len(g.people), self.world.soft_maximum, hours) for g in self.groups if g.running)
        return Run(policy=self.policy.name, weeks=self.weeks, people=lives, cycles=cycles, renewals=0)


def part_of(start):
    """The part of the day a session belongs to is the one it begins in; start in half hours."""
    return "morning" if start < 24 else "afternoon" if start < 34 else "evening"
