"""R14: who can take over a seat when somebody falls away, the best first. Workers and vacancies in, ranking out."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, replace

from groups.engine.decision import Reason
from groups.engine.facts import Busy

LEAD, CO_LEAD = "lead", "co_lead"


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A seat in one or more planned sessions of a cycle. moments: (date, start, end) in local time, in order."""

    cycle: int
    seat: str
    moments: tuple[tuple[dt.date, dt.time, dt.time], ...]
    away: int = 0  # who falls away
    beside: int | None = None  # who holds the other seat in all of them, and may move up to lead
    needs_second: bool = True  # the offer does not do without a second leader
    two_workers: bool = False  # the second one is a professional
    insiders: frozenset[int] = frozenset()  # who leads this cycle already: it is no further cycle for them

    @property
    def last_date(self):
        return self.moments[-1][0]

    def behind(self):
        """The second seat as it falls empty when its holder moves up to lead."""
        return replace(self, seat=CO_LEAD)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who can take the seat. asks_first: outside their weekly times, so never taken without a word."""

    id: int
    cycles: int = 0
    moves_up: bool = False
    asks_first: bool = False


def why_not(worker, vacancy):
    """The Reason why this worker cannot take the seat, or None. Weekly times do not forbid: see asks_first."""
    if worker.id == vacancy.away:
        return Reason("falls_away")
    if not _is_competent(worker, vacancy):
        return Reason("not_competent")
    if worker.id == vacancy.beside:
        return None if vacancy.seat == LEAD else Reason("same_person")
    if not all(worker.is_free((day,), start, end) for day, start, end in vacancy.moments):
        return Reason("taken_then")
    if not all(worker.works_on((day,), *hours) for day, *hours in vacancy.moments if day in worker.exceptions):
        return Reason("not_that_day")
    return None if _has_room(worker, vacancy) else Reason("calendar_full")


def _is_competent(worker, vacancy):
    """To the last date, and for the second seat of a two-worker offer a professional, as at a start (R14)."""
    leads = worker.may_lead(vacancy.last_date)
    if vacancy.seat == LEAD:
        return leads
    return (leads or worker.may_co_lead(vacancy.last_date)) and (worker.is_social_worker or not vacancy.two_workers)


def _has_room(worker, vacancy):
    """The caps of R14: whoever does not lead this cycle yet has one more, also as a substitute."""
    if worker.cycles >= worker.max_cycles and worker.id not in vacancy.insiders:
        return False
    added = _minutes_by_week(vacancy.moments)
    return all(
        worker.minutes_by_week.get(week, 0) + minutes <= worker.max_minutes_week for week, minutes in added.items()
    )


def _minutes_by_week(moments):
    added = defaultdict(int)
    for day, start, end in moments:
        length = dt.datetime.combine(day, end) - dt.datetime.combine(day, start)
        added[day.isocalendar()[:2]] += length // dt.timedelta(minutes=1)
    return added


def rank(vacancy, workers):
    """Everyone who can take the seat, best first.

    For the lead: the second leader who may lead, if somebody can then sit second; else the least loaded. For the
    second seat: the neighbourhood's own team member, then another, then the least loaded (R14). Who would have to come
    outside their weekly times stands last.
    """
    able = {worker.id: worker for worker in workers if why_not(worker, vacancy) is None}
    candidates = (_candidate(worker, vacancy, workers) for worker in able.values())
    found = [candidate for candidate in candidates if candidate is not None]
    return tuple(sorted(found, key=lambda candidate: _order(candidate, able[candidate.id], vacancy)))


def _candidate(worker, vacancy, workers):
    """None for who would leave a seat empty that must be filled."""
    if worker.id != vacancy.beside:
        return Candidate(worker.id, worker.cycles, asks_first=_comes_outside_hours(worker, vacancy))
    if not vacancy.needs_second:
        return Candidate(worker.id, worker.cycles, moves_up=True)
    seconds = rank(vacancy.behind(), workers)
    asks_first = all(candidate.asks_first for candidate in seconds)
    return Candidate(worker.id, worker.cycles, moves_up=True, asks_first=asks_first) if seconds else None


def _comes_outside_hours(worker, vacancy):
    return not all(worker.works_on((day,), start, end) for day, start, end in vacancy.moments)


def _order(candidate, worker, vacancy):
    near = worker.co_lead_rank if vacancy.seat == CO_LEAD else 0
    minutes = sum(worker.minutes_by_week.get(week, 0) for week in _minutes_by_week(vacancy.moments))
    return (candidate.asks_first, not candidate.moves_up, near, worker.cycles, minutes, worker.id)


def without(worker, moments):
    """The worker as they would be without these booked moments (of sessions)."""
    gone = {Busy(dt.datetime.combine(day, start), dt.datetime.combine(day, end)) for day, start, end in moments}
    minutes = dict(worker.minutes_by_week)
    for week, length in _minutes_by_week(moments).items():
        minutes[week] = minutes.get(week, 0) - length
    return replace(worker, busy=tuple(busy for busy in worker.busy if busy not in gone), minutes_by_week=minutes)


def held_back(vacancy, workers):
    """Ids of who could and is free, were their calendar not full: what the coordinator can do something about."""
    return tuple(worker.id for worker in workers if why_not(worker, vacancy) == Reason("calendar_full"))


class Roster:
    """Workers with what a plan has given them so far, so that one plan spreads the load and keeps the caps."""

    def __init__(self, workers):
        """workers: cycle → the Workers who may sit in it."""
        self._workers, self._given = workers, defaultdict(list)

    def afresh(self):
        return Roster(self._workers)

    def give(self, worker, vacancy):
        """This worker (by id) takes the seat; who moves up within the same sessions carries no more than before."""
        if worker is not None and worker != vacancy.beside:
            self._given[worker].append(vacancy)

    def crew(self, vacancy):
        """The workers for this vacancy, with the load they have by now."""
        return tuple(self._loaded(worker, vacancy) for worker in self._workers[vacancy.cycle])

    def insiders(self, vacancy):
        """The vacancy with those who got another seat of this cycle as insiders."""
        here = {worker for worker, given in self._given.items() if any(v.cycle == vacancy.cycle for v in given)}
        return replace(vacancy, insiders=vacancy.insiders | here)

    def _loaded(self, worker, vacancy):
        given = self._given.get(worker.id)
        if not given:
            return worker
        moments = [moment for one in given for moment in one.moments]
        minutes = dict(worker.minutes_by_week)
        for week, added in _minutes_by_week(moments).items():
            minutes[week] = minutes.get(week, 0) + added
        elsewhere = {one.cycle for one in given if worker.id not in one.insiders and one.cycle != vacancy.cycle}
        taken = tuple(Busy(dt.datetime.combine(d, start), dt.datetime.combine(d, end)) for d, start, end in moments)
        return replace(
            worker, busy=worker.busy + taken, minutes_by_week=minutes, cycles=worker.cycles + len(elsewhere)
        )


@dataclass(frozen=True, slots=True)
class Filling:
    """One vacancy with who can take it and who sits behind whoever moves up; proposed is None when nobody can."""

    vacancy: Vacancy
    candidates: tuple[Candidate, ...] = ()
    seconds: tuple[Candidate, ...] = ()
    proposed: int | None = None
    second: int | None = None
    held_back: tuple[int, ...] = ()


def fill(vacancies, workers):
    """A Filling for each vacancy of one session, in order; workers: cycle → Workers (R14).

    One face for all sessions of a cycle where somebody can take them all; else each session its best.
    """
    roster, fillings = Roster(workers), []
    faces = _faces(vacancies, roster)
    for vacancy in vacancies:
        filling = _fill_one(vacancy, roster, faces)
        fillings.append(filling)
        roster.give(filling.proposed, vacancy)
        roster.give(filling.second, vacancy.behind())
    return tuple(fillings)


def _group(vacancy):
    return vacancy.cycle, vacancy.seat, vacancy.beside


def _faces(vacancies, roster):
    """(cycle, seat, beside) → (seat's face, second's face): who could take all of it, spread over the groups."""
    groups = defaultdict(list)
    for vacancy in vacancies:
        groups[_group(vacancy)].append(vacancy)
    faces, spread = {}, roster.afresh()
    for key, members in groups.items():
        whole = replace(members[0], moments=tuple(moment for one in members for moment in one.moments))
        filling = _fill_one(whole, spread, {})
        faces[key] = (filling.proposed, filling.second)
        spread.give(filling.proposed, whole)
        spread.give(filling.second, whole.behind())
    return faces


def _fill_one(vacancy, roster, faces):
    face, second_face = faces.get(_group(vacancy), (None, None))
    known = roster.insiders(vacancy)
    crew = roster.crew(known)
    candidates = rank(known, crew)
    proposed = _pick(candidates, face)
    may_move_up = any(candidate.moves_up for candidate in candidates)
    seconds = rank(known.behind(), crew) if may_move_up else ()
    moves_up = proposed is not None and proposed == vacancy.beside
    return Filling(
        vacancy,
        candidates,
        seconds,
        proposed,
        _pick(seconds, second_face) if moves_up else None,
        () if candidates else held_back(known, crew),
    )


def _pick(candidates, face):
    """The face of this cycle if it can come, else the best; nobody is taken outside their weekly times unasked."""
    usable = [candidate.id for candidate in candidates if not candidate.asks_first]
    return face if face in usable else next(iter(usable), None)
