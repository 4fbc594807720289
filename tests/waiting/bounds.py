"""A bound with foresight: no scheduler, even one that knew who comes and who will give up, can cost less.

A relaxation of one small region over some months: teams are counted instead of named, hours are parts of the day.
Everything a lawful run can do satisfies it; so its optimum is a lower bound for each run.

For a list, a day and a part of the day (a "moment"): how many groups begin (y); for a person and a moment in which
they can come, after their sign-up and before they give up: whether they begin then (x). Somebody who never begins
waits until they give up, which costs the charge, or until the end.
- People at a moment are at most the hard maximum for each group that begins, and at least the minimum.
- At least the minimum had signed up a lead time before, as a group must be invited (R20); who gave up since may be
  one of these founders (z), of one group only.
- Groups that live on a day, from their lead time before the first session to the last, need a leader each and a
  second one each, as many as the caps allow; no more meet in a part of a weekday than leaders have hours for.
"""

from collections import defaultdict

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

from tests.waiting.model import part_of
from tests.waiting.report import CHARGE
from tests.waiting.rooms import FIRST_START, LAST_START


class _Rows:
    """Inequalities, written row by row."""

    def __init__(self):
        self.data, self.row, self.column, self.low, self.high = [], [], [], [], []

    def add(self, terms, low, high):
        for column, factor in terms:
            self.data.append(factor)
            self.row.append(len(self.low))
            self.column.append(column)
        self.low.append(low)
        self.high.append(high)

    def matrix(self, columns):
        return csr_matrix((self.data, (self.row, self.column)), shape=(len(self.low), columns))


def foresight_bound(world, people, *, minimum, weeks, whole=True, seconds=60):
    """{"cost": days waited plus charges, at least; "placed", "lost" of the solution found; sizes and status}.

    whole: groups are whole numbers (then the solver's proven bound counts); else the plain linear relaxation.
    """
    end = weeks * 7
    moments, seats, founders = _variables(world, people, end)
    columns = len(moments) + len(seats) + len(founders)
    rows, cost = _Rows(), np.zeros(columns)
    base = _cost_of_never(people, end)
    for (number, (_area, day, _part)), column in seats.items():
        cost[column] = (day - people[number].day) - base[number]
    _seat_rows(rows, world, people, (moments, seats, founders), minimum)
    _capacity_rows(rows, world, moments, end)
    others = len(seats) + len(founders)
    upper = np.array([_most_at_once(world)] * len(moments) + [1.0] * others)
    solved = milp(
        cost,
        constraints=LinearConstraint(rows.matrix(columns), rows.low, rows.high),
        bounds=Bounds(0, upper),
        integrality=np.array([1 if whole else 0] * len(moments) + [0] * others),
        options={"time_limit": seconds, "mip_rel_gap": 0.005},
    )
    proven = solved.mip_dual_bound if whole else solved.fun
    return {"cost": sum(base.values()) + proven, "solution": _read(solved, people, seats, base, end)} | {
        "variables": columns,
        "rows": len(rows.low),
        "status": solved.message.split(".")[0],
        "whole": whole,
    }


def _variables(world, people, end):
    """Columns: the moments (area, day, part); then (person, moment) for who begins; then for founders who gave up."""
    parts = [_parts_with_hours(area, world) for area in world.areas]
    moments, seats, founders = {}, [], []
    for number, person in enumerate(people):
        for day in range(max(person.day + 1, world.lead_days), end):
            for part in parts[person.area].get(day % 7, ()) if day not in world.blocked else ():
                if person.parts is not None and (day % 7, part) not in person.parts:
                    continue
                moment = (person.area, day, part)
                moments.setdefault(moment, len(moments))
                if day < person.leaves:
                    seats.append((number, moment))
                elif day - world.lead_days >= person.day:
                    founders.append((number, moment))
    columns = iter(range(len(moments), len(moments) + len(seats) + len(founders)))
    return moments, {key: next(columns) for key in seats}, {key: next(columns) for key in founders}


def _parts_with_hours(area, world):
    found = defaultdict(set)
    for leader in area.leads:
        for weekday, start in _starts(world.staff[leader], world):
            found[weekday].add(part_of(start))
    return {weekday: sorted(parts) for weekday, parts in found.items()}


def _starts(thing, world):
    for weekday, opens, closes in thing.windows:
        for start in range(max(opens, FIRST_START), min(closes - world.half_hours, LAST_START) + 1):
            yield weekday, start


def _cost_of_never(people, end):
    """What each person costs who has no first session: the days until they give up and the charge, or till the end."""
    return {
        number: person.leaves - person.day + CHARGE if person.leaves < end else end - person.day
        for number, person in enumerate(people)
    }


def _seat_rows(rows, world, people, variables, minimum):
    moments, seats, founders = variables
    by_person, by_moment, invited = defaultdict(list), defaultdict(list), defaultdict(list)
    for (number, moment), column in (*seats.items(), *founders.items()):
        by_person[number].append((column, 1))
        if people[number].day <= moment[1] - world.lead_days:
            invited[moment].append((column, 1))
    for (_number, moment), column in seats.items():
        by_moment[moment].append((column, 1))
    for terms in by_person.values():
        rows.add(terms, 0, 1)
    for moment, column in moments.items():
        rows.add([*by_moment[moment], (column, -world.hard_maximum)], -np.inf, 0)
        rows.add([*by_moment[moment], (column, -minimum)], 0, np.inf)
        rows.add([*invited[moment], (column, -minimum)], 0, np.inf)


def _capacity_rows(rows, world, moments, end):
    """Leaders by their caps on every day, and by their hours on every part of a weekday."""
    by_day = defaultdict(list)
    for (area, day, part), column in moments.items():
        by_day[day].append((area, part, column))
    crews = _crews(world)
    span = (world.sessions - 1) * 7
    for today in range(end):
        for areas, most_leads, most_staff in crews:
            terms = [
                column
                for day in range(today - span + 1, today + world.lead_days + 1)
                for area, _part, column in by_day.get(day, ())
                if area in areas
            ]
            if terms:
                rows.add([(column, 1) for column in terms], 0, min(most_leads, most_staff // 2))
    for today, starts in by_day.items():
        for part in {part for _area, part, _column in starts}:
            for areas, _leads, _staff in crews:
                terms = [
                    (column, 1)
                    for day in range(today - span, today + 1, 7)
                    for area, other, column in by_day.get(day, ())
                    if other == part and area in areas
                ]
                if terms:
                    rows.add(terms, 0, _sessions_at(world, areas, today % 7, part))


def _crews(world):
    """(areas, cycles their leaders may lead, seats all their workers may take): for each municipality, and for all."""
    groups = defaultdict(set)
    for index, area in enumerate(world.areas):
        groups[area.municipality].add(index)
    groups["everywhere"] = set(range(len(world.areas)))
    found = []
    for areas in groups.values():
        leads = {worker for area in areas for worker in world.areas[area].leads}
        staff = leads | {worker for area in areas for worker, _rank in world.areas[area].seconds}
        caps = [sum(world.staff[worker].max_cycles for worker in some) for some in (leads, staff)]
        found.append((areas, *caps))
    return found


def _sessions_at(world, areas, weekday, part):
    """How many sessions leaders can hold that begin in this part of this weekday: two hours apart at least."""
    leads = {worker for area in areas for worker in world.areas[area].leads}
    return sum(_most_in_a_row(world.staff[worker], world, weekday, part) for worker in leads)


def _most_in_a_row(thing, world, weekday, part):
    starts = sorted(start for day, start in _starts(thing, world) if day == weekday and part_of(start) == part)
    count, free_from = 0, 0
    for start in starts:
        if start >= free_from:
            count, free_from = count + 1, start + world.half_hours
    return count


def _most_at_once(world):
    return sum(worker.max_cycles for worker in world.staff if worker.may_lead)


def _read(solved, people, seats, base, end):
    """What the solution found looks like: not lawful in every detail, so only to see where the difference lies."""
    if solved.x is None:
        return None
    begun = {number: day - people[number].day for (number, (_a, day, _p)), c in seats.items() if solved.x[c] > 0.5}
    waits = sorted(begun.values())
    lost = sum(number not in begun and person.leaves < end for number, person in enumerate(people))
    return {"placed": len(waits), "lost": lost, "median_wait": waits[len(waits) // 2] if waits else None}
