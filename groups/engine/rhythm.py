"""R28: who goes on and newcomers together form the next cycle, on the same day and hour, week after week."""

import datetime as dt
from dataclasses import replace

from groups.engine.compose import after, passed_over, sit_together, why_not_then
from groups.engine.decision import Reason, Start
from groups.engine.openings import LEADER, ROOM, SECOND
from groups.engine.slots import lawful_slots, seats_in

PAUSES = 3  # days of the rhythm that may go by, holidays not counted; after that it is a new beginning
LONGEST_HOLIDAY = 12  # weeks
# What may be lacking, with the demand that is dropped to see it and the reason that says so.
LACKING = {
    ROOM: ({"need_place": False}, "rhythm_no_room"),
    SECOND: ({"need_co_lead": False}, "rhythm_no_co_lead"),
    LEADER: ({"need_lead": False}, "rhythm_no_leader"),
}


def is_tied(person, facts):
    """Goes on from a cycle that still lives, or whose rhythm still can: only its next cycle is for them."""
    if person.continues is None:
        return False
    if person.continues in facts.live_cycles:
        return True
    return any(r.cycle == person.continues and rhythm_dates(r, facts) for r in facts.rhythms)


def continue_rhythms(placeable, facts):
    """Starts that keep a rhythm, and the reasons for the rhythms that cannot be kept yet: (starts, reasons)."""
    starts, reasons = [], []
    for rhythm, going in waiting_rhythms(placeable, facts):
        taken = {person for start in starts for person in start.people}
        new = [p for p in placeable if not is_tied(p, facts) and p.id not in taken]
        start = _next_cycle(rhythm, going, new, facts)
        if start is None:
            reasons.append(_why_not(rhythm, going, new, facts))
        else:
            starts.append(start)
            facts = after(facts, start)
    return tuple(starts), tuple(reasons)


def waiting_rhythms(placeable, facts):
    """(rhythm, who goes on from it) for each whose next cycle is not formed yet, in order of their last sessions."""
    for rhythm in sorted((r for r in facts.rhythms if not r.is_continued), key=lambda r: (r.last_date, r.cycle)):
        going = [p for p in placeable if p.continues == rhythm.cycle]
        if going and is_tied(going[0], facts):
            yield rhythm, going


def _next_cycle(rhythm, going, new, facts):
    for day in rhythm_dates(rhythm, facts):
        people = [*going, *new] if _newcomers_can(day, facts) else going
        start = _start_on(day, rhythm, people, facts)
        if start is not None:
            return start
    return None


def rhythm_dates(rhythm, facts):
    """The next day of the rhythm that is not blocked; and the first that leaves newcomers their lead time (R20)."""
    monday = rhythm.last_date - dt.timedelta(days=rhythm.last_date.weekday())
    weekday = rhythm.last_date.weekday() if rhythm.weekday is None else rhythm.weekday
    days = (monday + dt.timedelta(weeks=weeks, days=weekday) for weeks in range(1, LONGEST_HOLIDAY))
    days = [day for day in days if day not in facts.blocked_dates][:PAUSES]
    coming = [day for day in days if day > facts.today]
    with_newcomers = [day for day in coming if _newcomers_can(day, facts)]
    return list(dict.fromkeys(coming[:1] + with_newcomers[:1]))


def _newcomers_can(day, facts):
    return day >= facts.today + dt.timedelta(days=facts.rules.lead_days)


def _start_on(day, rhythm, people, facts):
    going = [p for p in people if p.continues == rhythm.cycle]
    slot = _slot_on(day, rhythm, facts, len(going))
    if slot is None:
        return None
    why_not = {p.id: why_not_then(p, facts, slot) for p in people}
    able = [p for p in people if why_not[p.id] is None]
    seats = seats_in(slot, facts.rules)
    most = seats_in(slot, replace(facts.rules, soft_maximum=facts.rules.hard_maximum or facts.rules.soft_maximum))
    going = sit_together([p for p in able if p.continues == rhythm.cycle], most)
    new = [p for p in able if p.continues != rhythm.cycle]
    room_for_new = max(0, seats - len(going) - rhythm.undecided)
    chosen = [*going, *sit_together(new, room_for_new, {p.client for p in going}, going)]
    if not going or len(chosen) < facts.rules.minimum:
        return None
    reason = Reason("continues", {"people": len(chosen), "going_on": len(going)})
    passed = passed_over(people, chosen, why_not, Reason("not_together"))
    return Start(tuple(p.id for p in chosen), slot, reason, passed, continues=rhythm.cycle)


def _slot_on(day, rhythm, facts, people, **needs):
    """The same hour on that day, with the same leaders and room if they can, else with others who can.

    The room holds all who go on, up to the hard maximum. needs drop a demand, as for lawful_slots.
    """
    least = max(facts.rules.minimum, min(people, facts.rules.hard_maximum or people))
    rules = replace(facts.rules, minimum=least, fixed_weekday=day.weekday(), fixed_start=rhythm.start, lead_days=0)
    workers = tuple(worker.beside(rhythm.cycle) for worker in facts.workers)
    facts = replace(facts, rules=rules, workers=workers, horizon_weeks=1)
    prefer = (rhythm.lead, rhythm.co_lead, rhythm.place)
    slot = next(lawful_slots(facts, not_before=day, prefer=prefer, **needs), None)
    return slot if slot is not None and slot.dates[0] == day else None


def lacking_on(day, rhythm, facts, people):
    """(slot, what it lacks): nothing, one thing of LACKING, or (None, ()) when more than one is missing."""
    slot = _slot_on(day, rhythm, facts, people)
    if slot is not None:
        return slot, ()
    for thing, (without, _code) in LACKING.items():
        slot = _slot_on(day, rhythm, facts, people, **without)
        if slot is not None:
            return slot, (thing,)
    return None, ()


def who_can_come(slot, rhythm, placeable, facts):
    """(who goes on or is free to, those of them who may sit together) at this slot (R18, R20)."""
    ours = (p for p in placeable if p.continues == rhythm.cycle or not is_tied(p, facts))
    able = [p for p in ours if why_not_then(p, facts, slot) is None]
    return able, sit_together(able, len(able))


def _why_not(rhythm, going, new, facts):
    days = rhythm_dates(rhythm, facts)
    args = {"going_on": len(going), "time": rhythm.start.strftime("%H:%M")}
    if not days:
        return Reason("rhythm_blocked", args)
    args |= {"date": days[-1].isoformat(), "weekday": days[-1].weekday()}
    slot, things = lacking_on(days[-1], rhythm, facts, len(going))
    if slot is None:
        return Reason("rhythm_no_team_or_room", args)
    for thing in things:
        return Reason(LACKING[thing][1], args)
    minimum = facts.rules.minimum
    able, together = who_can_come(slot, rhythm, [*going, *new], facts)
    if len(together) < minimum <= len(able):
        return Reason("not_all_together")
    return Reason("rhythm_needs_more", args | {"needed": max(1, minimum - len(able)), "minimum": minimum})
