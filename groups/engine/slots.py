"""R14 and R20: which lawful team, place and dates there are, earliest first."""

import datetime as dt
from dataclasses import replace

from groups.engine.decision import Slot

GRID_MINUTES = 30
DAY_START = dt.time(9)
DAY_END = dt.time(22)
NOTHING = (None, None, None)


def series(first, count, blocked):
    """The dates of a weekly series: a blocked week is skipped and the series runs on a week longer (R20)."""
    dates, day = [], first
    while len(dates) < count:
        if day not in blocked:
            dates.append(day)
        day += dt.timedelta(weeks=1)
    return tuple(dates)


def first_dates(facts, *, not_before=None):
    """Days a first session may lawfully be on: after the lead time, within the horizon, not blocked (R20)."""
    earliest = facts.today + dt.timedelta(days=facts.rules.lead_days)
    if not_before is not None:
        earliest = max(earliest, not_before)
    for offset in range(facts.horizon_weeks * 7):
        day = earliest + dt.timedelta(days=offset)
        if day not in facts.blocked_dates and facts.rules.fixed_weekday in (None, day.weekday()):
            yield day


def start_times(facts):
    """Possible starts on a half-hour grid, or the offer's own time."""
    rules = facts.rules
    if rules.fixed_start is not None:
        return (rules.fixed_start,)
    moment, times = dt.datetime.combine(facts.today, DAY_START), []
    while (moment + dt.timedelta(minutes=rules.minutes)).time() <= DAY_END and moment.date() == facts.today:
        if not rules.fixed_part or facts.part_of(moment.time()) == rules.fixed_part:
            times.append(moment.time())
        moment += dt.timedelta(minutes=GRID_MINUTES)
    return tuple(times)


def end_time(start, minutes):
    return (dt.datetime.combine(dt.date.min, start) + dt.timedelta(minutes=minutes)).time()


def lawful_slots(
    facts, *, need_lead=True, need_co_lead=True, need_place=True, not_before=None, prefer=NOTHING, parts=None
):
    """Each (date, time) at which a lawful team and a room are free for the whole series, earliest first.

    The need_… switches drop one demand each; explain.py uses them to find out what stands in the way. prefer names a
    lead, a second leader and a room to be taken before others if they are free (R28). parts are the
    (weekday, part of the day) to look at; None is all.
    """
    patterns = _weekly_patterns(facts, need_lead, need_co_lead, need_place, prefer, parts)
    for first in first_dates(facts, not_before=not_before):
        dates = series(first, facts.rules.sessions, facts.blocked_dates)
        for start, leads, seconds, places in patterns[first.weekday()]:
            slot = _slot_at(facts, dates, start, (leads, seconds, places), (need_lead, need_co_lead, need_place))
            if slot is not None:
                yield slot


def _weekly_patterns(facts, need_lead, need_co_lead, need_place, prefer, parts):
    """Per weekday the start times with the workers and rooms whose windows can allow them: each computed once, and
    only when somebody asks, for most walks end on the first day.
    """
    workers = [w for w in facts.workers if w.cycles < w.max_cycles]
    leads = sorted((w for w in workers if w.lead_until), key=lambda w: (w.id != prefer[0], w.cycles, w.id))
    seconds = sorted(
        (w for w in workers if _may_sit_second(w, facts.rules)),
        key=lambda w: (w.id != prefer[1], *_second_seat_order(w)),
    )
    wanted = (need_lead, need_co_lead and _needs_second(facts.rules), need_place)
    places = [replace(place, rank=-1) if place.id == prefer[2] else place for place in facts.places]
    things = (leads, seconds, places)
    return [Kept(_patterns_of(weekday, facts, things, wanted, parts)) for weekday in range(7)]


def _patterns_of(weekday, facts, things, wanted, parts):
    for start in start_times(facts):
        if parts is not None and (weekday, facts.part_of(start)) not in parts:
            continue
        end = end_time(start, facts.rules.minutes)
        row = [[one for one in several if one.could_open(weekday, start, end)] for several in things]
        if all(found or not want for found, want in zip(row, wanted, strict=True)):
            yield (start, *row)


class Kept:
    """What a generator yields, kept for the next walk: each is made once, and only when somebody asks."""

    def __init__(self, source):
        self._source, self._seen = source, []

    def __iter__(self):
        number = 0
        while True:
            if number == len(self._seen):
                try:
                    self._seen.append(next(self._source))
                except StopIteration:
                    return
            yield self._seen[number]
            number += 1


def _needs_second(rules):
    return rules.second_seat or rules.two_workers


def _may_sit_second(worker, rules):
    """R14: two-worker offers want a professional beside the lead; elsewhere a co-lead (or a second lead) will do."""
    if rules.two_workers:
        return worker.is_social_worker and (worker.co_lead_until or worker.lead_until)
    return bool(worker.co_lead_until or worker.lead_until)


def _second_seat_order(worker):
    return (worker.co_lead_rank, worker.cycles, worker.id)


def _slot_at(facts, dates, start, candidates, needs):
    leads, seconds, places = candidates
    need_lead, need_co_lead, need_place = needs
    end = end_time(start, facts.rules.minutes)
    team = _team_at(facts, dates, start, end, leads, seconds, need_lead, need_co_lead)
    if team is None:
        return None
    place = _place_at(facts, dates, start, end, places)
    if place is None and need_place:
        return None
    lead, second = team
    return Slot(
        dates=dates,
        start=start,
        end=end,
        lead=lead.id if lead else 0,
        co_lead=second.id if second else None,
        place=place.id if place else 0,
        capacity=place.capacity if place else 99,
        area=place.area if place else None,
    )


def _team_at(facts, dates, start, end, leads, seconds, need_lead, need_co_lead):
    """The least loaded lead and the best second seat that are free throughout, or None (R14)."""
    last, minutes = dates[-1], facts.rules.minutes
    leads = Kept(w for w in leads if w.may_lead(last) and w.can_take(dates, start, end, minutes))
    first = next(iter(leads), None)
    if first is None and need_lead:
        return None
    if not (_needs_second(facts.rules) and need_co_lead):
        return first, None
    able = (w for w in seconds if (w.may_co_lead(last) or w.may_lead(last)) and w.can_take(dates, start, end, minutes))
    seconds = Kept(able)
    for lead in [None] if first is None else leads:
        for second in seconds:
            if lead is None or second.id != lead.id:
                return lead, second
    return None


def _place_at(facts, dates, start, end, places):
    """Nearest room that holds a full group with its leaders; else the largest that holds the minimum."""
    staff = 1 + _needs_second(facts.rules)
    free = [place for place in places if place.is_free(dates, start, end)]
    free = [place for place in free if place.capacity >= (facts.rules.minimum or 1) + staff]
    wanted = (facts.rules.soft_maximum or facts.rules.minimum or 1) + staff
    return min(free, key=lambda p: (p.rank, max(0, wanted - p.capacity), p.capacity, p.id), default=None)


def elsewhere(slot, facts):
    """The same team at the same time in a room outside that neighbourhood (R18), or None."""
    places = [p for p in facts.places if p.area != slot.area and p.could_open(slot.weekday, slot.start, slot.end)]
    place = _place_at(facts, slot.dates, slot.start, slot.end, places)
    return None if place is None else replace(slot, place=place.id, capacity=place.capacity, area=place.area)


def seats_in(slot, rules):
    """How many participants the slot can take: the soft maximum, or what the room holds beside the leaders."""
    staff = 1 + (slot.co_lead is not None)
    return min(rules.soft_maximum or slot.capacity, slot.capacity - staff)
