"""Writing a cycle: its sessions, a participation each, invitations, history (R12); and newcomers into a live one."""

import datetime as dt

from django.utils import timezone

from clients.enums import InvolvementKind
from groups.calendar import add_working_days
from groups.enums import HistoryCode, ParticipationState, Seat
from groups.exceptions import NotAllowed
from groups.models import Cycle, Participation
from groups.notifications import invite_all, tell_going_on
from groups.services.bookings import hold
from groups.services.writing import write_cycle, write_people

ANSWER_BEFORE_DAYS = 2  # R21: working days before the first session
CALL_AFTER_DAYS = 3  # R21: working days without an answer, or the day before the first session if that is sooner


def form_cycle(*, waitlist, waiting, start, room, origin, now, by=None, rule="", minimum=None):
    """The cycle, its sessions and bookings, a participation and an invitation each, history; in three statements.

    start is the engine's, with its room; waiting the facts' {entry: Waiting}. The caller holds the waitlist's lock.
    IntegrityError when the team, the room or the generation is taken, NotAllowed when somebody waits no more.
    """
    waitlist.generation += 1
    cycle = _unsaved_cycle(waitlist, start, room, minimum)
    cycle.number, cycle.origin, cycle.formed_at, cycle.formed_by = waitlist.generation, origin, now, by
    cycle.pk = write_cycle(
        slot=start.slot,
        seats=_seats(cycle),
        waitlist=waitlist.pk,
        number=cycle.number,
        origin=str(origin),
        reason=cycle.reason,
        minimum=cycle.minimum,
        soft=cycle.soft_maximum,
        hard=cycle.hard_maximum,
        lead=cycle.lead_id,
        co_lead=cycle.co_lead_id,
        deadline=cycle.answer_deadline,
        continues=start.continues,
        now=now,
        by=by and by.pk,
    )
    formed = (HistoryCode.CYCLE_FORMED, {}, rule, None)
    people = [waiting[entry] for entry in start.people]
    history = [formed, *_placed(people, HistoryCode.ENTRY_PLACED, {}, rule), *_passed(start.passed, by)]
    _seat(cycle, people, history, first_on=start.slot.dates[0], now=now, by=by)
    return cycle


def _unsaved_cycle(waitlist, start, room, minimum):
    slot, people = start.slot, len(start.people)
    smallest = minimum or waitlist.minimum or 1
    return Cycle(
        waitlist=waitlist,
        reason=start.reason.as_data(),
        minimum=smallest,
        soft_maximum=max(waitlist.soft_maximum or 0, people, smallest),
        hard_maximum=max(waitlist.hard_maximum or 0, waitlist.soft_maximum or 0, people, smallest),
        lead_id=slot.lead,
        co_lead_id=slot.co_lead,
        room=room,
        starts_on=slot.dates[0],
        start_time=slot.start,
        end_time=slot.end,
        answer_deadline=answer_deadline(slot.dates[0]),
        continues_id=start.continues,
    )


def _seats(cycle):
    seats = [(cycle.lead_id, Seat.LEAD), (cycle.co_lead_id, Seat.CO_LEAD)]
    return [(user, seat) for user, seat in seats if user is not None]


def answer_deadline(first_date):
    """R21: the last day on which an answer counts, two working days before the first session."""
    return add_working_days(first_date, -ANSWER_BEFORE_DAYS)


def join_cycle(*, waitlist, waiting, join, now, by=None, rule="R12"):
    """Newcomers into a live cycle, in the order the engine gave (R12, R22). The caller holds the waitlist's lock."""
    cycle = Cycle.objects.select_related("room__venue").get(pk=join.cycle)
    cycle.waitlist = waitlist
    entered = join.enters_at > 1
    code = HistoryCode.CYCLE_ENTERED if entered else HistoryCode.CYCLE_JOINED
    people = [waiting[entry] for entry in join.people]
    hold(users=(), rooms=(), clients=[row.client.pk for row in people])
    args = {"number": join.enters_at} if entered else {}
    history = [*_placed(people, code, args, "R22" if entered else rule), *_passed(join.passed, by)]
    first_on = cycle.sessions.planned().get(number=join.enters_at).date if entered else cycle.starts_on
    _seat(cycle, people, history, first_on=first_on, enters_at=join.enters_at, now=now, by=by)
    return cycle


def _placed(people, code, args, rule):
    return [(code, args, rule, row.person.id) for row in people]


def _passed(passed, by):
    """R17: who waited longer and was passed, and why; stored where only those who place can read it."""
    rule = "" if by else "R17"
    return [(HistoryCode.ENTRY_PASSED, {"reason": item.reason.as_data()}, rule, item.person) for item in passed]


def _seat(cycle, people, history, *, first_on, now, by, enters_at=1):
    """Move these waiting people into the cycle, invite them, and let its leaders open their files (R41)."""
    participations = [_participation(cycle, row, enters_at, now) for row in people]
    mails = {"first_on": first_on, "now": now}
    invite_all(participations=[p for p in participations if p.state == ParticipationState.INVITED], **mails)
    tell_going_on(participations=[p for p in participations if p.state == ParticipationState.CONFIRMED], **mails)
    today = timezone.localdate(now)
    without_answer = max(today, min(add_working_days(today, CALL_AFTER_DAYS), first_on - dt.timedelta(days=1)))
    for participation in participations:
        if participation.is_mailed:
            participation.call_from = without_answer
    kinds = {Seat.LEAD: InvolvementKind.LEAD, Seat.CO_LEAD: InvolvementKind.CO_LEAD}
    involved = [(user, kinds[seat]) for user, seat in _seats(cycle)]
    placed = write_people(
        cycle=cycle,
        participations=participations,
        history=history,
        involved=involved,
        enters_at=enters_at,
        now=now,
        by=by,
    )
    if placed != len(people):
        raise NotAllowed("not_waiting_any_more")


def _participation(cycle, row, enters_at, now):
    """Unsaved. Who goes on from an earlier cycle has said so already (R28); the others are asked (R21)."""
    person = row.person
    return Participation(
        cycle=cycle,
        client=row.client,
        entry_id=person.id,
        state=ParticipationState.INVITED if person.continues is None else ParticipationState.CONFIRMED,
        invited_at=now,
        call_from=timezone.localdate(now),
        enters_at=enters_at,
        sessions_right=person.sessions_left or cycle.offer.sessions_count,
    )
