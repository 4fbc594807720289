"""A cycle that a group worker forms by hand from a waitlist, on proposed dates (R20)."""

from dataclasses import replace

from django.db import IntegrityError, transaction

from groups.calendar import blocked_dates
from groups.engine import Passed, Reason, Slot, Start, propose
from groups.engine.compose import why_not_then
from groups.engine.placeable import suits, why_not_placeable
from groups.engine.slots import end_time, series
from groups.enums import CycleOrigin
from groups.exceptions import NotAllowed, ScheduleClash
from groups.models import Session, StartReason
from groups.services.bookings import find_clashes, hold, is_clash
from groups.services.facts import load_facts, load_known, load_workers
from groups.services.forming import form_cycle
from groups.services.notes import notes_of
from groups.services.waitlists import lock_waitlist, make_due
from neighbourhoods.models import Room


def propose_slots(*, waitlist, now, limit=6):
    """Lawful slots to choose from, with how many placeable people each suits: [(slot, people)]. Writes nothing."""
    facts = load_facts(waitlist=waitlist, now=now)
    if facts.rules.sessions is None or facts.rules.minutes is None:
        return []
    placeable = [p for p in facts.people if not why_not_placeable(p, facts.rules)]
    return [
        (slot, sum(suits(person, facts, slot.weekday, slot.start) for person in placeable))
        for slot in propose(facts, limit=limit)
    ]


@transaction.atomic
def form_by_hand(*, waitlist, entries, lead, co_lead, room, starts_on, start_time, reason, by, now):
    """Form a cycle with these people, team, room and dates; the engine's rules on people and competence hold.

    NotAllowed: nobody_chosen, not_placeable, over_hard_maximum, not_competent, second_seat_missing, same_person,
    calendar_full, too_soon, still_in_cycle, not_here, other_group_then, blocked_day, offer_incomplete,
    room_too_small, room_closed, reason_missing (when somebody who waited longer is passed, or there are fewer than
    the minimum). ScheduleClash when somebody or the room is taken.
    """
    waitlist = lock_waitlist(waitlist.pk)
    known = load_known(waitlist=waitlist, now=now)
    facts = known.facts
    chosen = _chosen_people(facts, entries)
    slot = _slot(facts, waitlist, lead, co_lead, room, starts_on, start_time)
    _check_earlier_round(facts, chosen, slot)
    _check_team(facts, slot, chosen)
    _check_room(slot, room, len(chosen))
    passed = _passed_over(facts, chosen, slot)
    if (passed or len(chosen) < (facts.rules.minimum or 1)) and not reason.strip():
        raise NotAllowed("reason_missing")
    why = Reason("by_hand", {"people": len(chosen)})
    start = Start(tuple(person.id for person in chosen), slot, why, tuple(passed))
    cycle = _write(waitlist, known, start, by, now)
    if reason.strip():
        StartReason.objects.create(notes=notes_of(cycle), why=reason.strip())
    make_due([waitlist.pk], now=now)
    return cycle


def _chosen_people(facts, entries):
    ids = {entry.pk for entry in entries}
    chosen = [person for person in facts.people if person.id in ids]
    if not chosen:
        raise NotAllowed("nobody_chosen")
    if len(chosen) < len(ids) or any(why_not_placeable(person, facts.rules) for person in chosen):
        raise NotAllowed("not_placeable")
    if facts.rules.hard_maximum and len(chosen) > facts.rules.hard_maximum:
        raise NotAllowed("over_hard_maximum", maximum=facts.rules.hard_maximum)
    clients = {person.client for person in chosen}
    if any(person.excluded & clients for person in chosen):
        raise NotAllowed("not_together")
    return chosen


def _slot(facts, waitlist, lead, co_lead, room, starts_on, start_time):
    rules = facts.rules
    if rules.sessions is None or rules.minutes is None:
        raise NotAllowed("offer_incomplete")
    if starts_on <= facts.today:
        raise NotAllowed("too_soon")
    blocked = blocked_dates(
        today=starts_on, weeks=2 * rules.sessions + 10, skips_school_holidays=waitlist.offer.skips_school_holidays
    )
    if starts_on in blocked:
        raise NotAllowed("blocked_day")
    end = end_time(start_time, rules.minutes)
    if end <= start_time:
        raise NotAllowed("past_midnight")
    dates = series(starts_on, rules.sessions, blocked)
    second, area = co_lead.pk if co_lead else None, room.venue.neighbourhood_id
    return Slot(dates, start_time, end, lead.pk, second, room.pk, room.capacity, area)


def _check_earlier_round(facts, chosen, slot):
    """R28: who goes on from a cycle is free for the next when that one is over."""
    goes_on = {person.continues for person in chosen}
    if any(rhythm.cycle in goes_on and slot.dates[0] <= rhythm.last_date for rhythm in facts.rhythms):
        raise NotAllowed("still_in_cycle")
    for person in chosen:
        why_not = why_not_then(replace(person, parts=None), facts, slot)
        if why_not is not None:
            raise NotAllowed(why_not.code)


def _check_team(facts, slot, chosen):
    """R14: each is competent and within their maxima; a round that ends makes room for the next one (R28)."""
    _check_seats(facts, slot)
    for worker in facts.workers:
        for cycle in {person.continues for person in chosen}:
            worker = worker.beside(cycle)
        if worker.id in (slot.lead, slot.co_lead) and not worker.has_room_for(slot.dates, facts.rules.minutes):
            raise NotAllowed("calendar_full")


def _check_seats(facts, slot):
    """R14: an experienced lead always; a second seat where the offer wants one."""
    workers = {worker.id: worker for worker in facts.workers}
    lead, second = workers.get(slot.lead), workers.get(slot.co_lead)
    if lead is None or not lead.may_lead(slot.dates[-1]):
        raise NotAllowed("not_competent")
    if slot.co_lead is None and (facts.rules.second_seat or facts.rules.two_workers):
        raise NotAllowed("second_seat_missing")
    if slot.co_lead == slot.lead:
        raise NotAllowed("same_person")
    if slot.co_lead is None:
        return
    if second is None or not (second.may_co_lead(slot.dates[-1]) or second.may_lead(slot.dates[-1])):
        raise NotAllowed("not_competent")
    if facts.rules.two_workers and not second.is_social_worker:
        raise NotAllowed("second_seat_missing")


def _check_room(slot, room, people):
    needed = people + 1 + (slot.co_lead is not None)
    if not room.is_active or room.capacity < needed:
        raise NotAllowed("room_too_small", capacity=room.capacity, people=needed)
    if not all(room.venue.is_open(session.starts_at, session.ends_at) for session in _unsaved(slot)):
        raise NotAllowed("room_closed")


def _unsaved(slot):
    return [Session(date=day, start_time=slot.start, end_time=slot.end) for day in slot.dates]


def _passed_over(facts, chosen, slot):
    """Placeable people who waited longer than the last chosen one, with the reason that holds (R17)."""
    ids, last = {person.id for person in chosen}, max(person.order for person in chosen)
    return [
        _passed(person, facts, slot)
        for person in facts.people
        if person.id not in ids and person.order < last and not why_not_placeable(person, facts.rules)
    ]


def _passed(person, facts, slot):
    return Passed(person.id, why_not_then(person, facts, slot) or Reason("chosen_by_hand"))


def _write(waitlist, known, start, by, now):
    slot, team = start.slot, [pk for pk in (start.slot.lead, start.slot.co_lead) if pk]
    sessions, room = _unsaved(slot), Room.objects.select_related("venue").get(pk=slot.place)
    hold(users=team, rooms=[slot.place], clients=[known.waiting[entry].client.pk for entry in start.people])
    chosen = [known.waiting[entry].person for entry in start.people]
    _check_team(replace(known.facts, workers=load_workers(waitlist, known.facts.today, only=team)), slot, chosen)
    clashes = find_clashes(sessions=sessions, users=team, room=room)
    if clashes:
        raise ScheduleClash(clashes)
    people = len(start.people)
    try:
        with transaction.atomic():
            return form_cycle(
                waitlist=waitlist,
                waiting=known.waiting,
                start=start,
                room=room,
                origin=CycleOrigin.BY_HAND,
                now=now,
                by=by,
                minimum=min(people, waitlist.minimum or people),
            )
    except IntegrityError as error:
        if not is_clash(error):
            raise
        raise ScheduleClash(find_clashes(sessions=sessions, users=team, room=room)) from error
