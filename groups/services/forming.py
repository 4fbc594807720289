"""Writing a cycle: its sessions, a participation each, invitations, history (R12); and newcomers into a formed one."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from clients.enums import InvolvementKind
from clients.models import Involvement
from groups.calendar import add_working_days
from groups.enums import EntryState, HistoryCode
from groups.exceptions import NotAllowed
from groups.models import Cycle, HistoryEntry, Participation, Session, WaitlistEntry
from groups.notifications import invite_all
from groups.services.bookings import book_sessions
from groups.services.history import history_row
from neighbourhoods.models import Room

ANSWER_BEFORE_DAYS = 2  # R21: working days before the first session
CALL_AFTER_DAYS = 3  # R21: working days without an answer


@transaction.atomic
def form_cycle(*, waitlist, entry_ids, slot, reason, origin, now, by=None, rule="", minimum=None):
    """One transaction: the cycle, its sessions and bookings, a participation and an invitation each, history.

    The caller holds the waitlist's lock. IntegrityError when the team, the room or the generation is taken.
    """
    users = User.objects.in_bulk([pk for pk in (slot.lead, slot.co_lead) if pk is not None])
    waitlist.generation += 1
    waitlist.save(update_fields=["generation"])
    cycle = Cycle(
        waitlist=waitlist,
        number=waitlist.generation,
        origin=origin,
        reason=reason.as_data(),
        minimum=minimum or waitlist.minimum or 1,
        soft_maximum=max(waitlist.soft_maximum or 0, len(entry_ids), minimum or waitlist.minimum or 1),
        hard_maximum=max(
            waitlist.hard_maximum or 0, waitlist.soft_maximum or 0, len(entry_ids), waitlist.minimum or 1
        ),
        lead=users[slot.lead],
        co_lead=users.get(slot.co_lead),
        room=Room.objects.select_related("venue").get(pk=slot.place),
        starts_on=slot.dates[0],
        start_time=slot.start,
        end_time=slot.end,
        answer_deadline=answer_deadline(slot.dates[0]),
        formed_at=now,
        formed_by=by,
    )
    cycle.save(force_insert=True)
    book_sessions(cycle=cycle, sessions=_sessions(cycle, slot), lead=cycle.lead, co_lead=cycle.co_lead)
    HistoryEntry.objects.bulk_create(
        [history_row(HistoryCode.CYCLE_FORMED, at=now, by=by, rule=rule, waitlist=waitlist, cycle=cycle)]
    )
    place_entries(cycle=cycle, entry_ids=entry_ids, code=HistoryCode.ENTRY_PLACED, now=now, by=by, rule=rule)
    return cycle


def _sessions(cycle, slot):
    return [
        Session(cycle=cycle, number=number, date=day, start_time=slot.start, end_time=slot.end, room_id=slot.place)
        for number, day in enumerate(slot.dates, start=1)
    ]


def answer_deadline(first_date):
    """R21: the last day on which an answer counts, two working days before the first session."""
    return add_working_days(first_date, -ANSWER_BEFORE_DAYS)


@transaction.atomic
def join_cycle(*, waitlist, join, now, by=None, rule="R12"):
    """Newcomers into a formed cycle, in the order the engine gave. The caller holds the waitlist's lock."""
    cycle = Cycle.objects.select_related("lead", "co_lead", "room__venue").get(pk=join.cycle)
    cycle.waitlist = waitlist
    place_entries(cycle=cycle, entry_ids=join.people, code=HistoryCode.CYCLE_JOINED, now=now, by=by, rule=rule)
    record_passed(cycle=cycle, passed=join.passed, now=now, by=by, rule="R17")
    return cycle


def record_passed(*, cycle, passed, now, rule="", by=None):
    """R17: who waited longer and was passed, and why; stored where only those who place can read it."""
    HistoryEntry.objects.bulk_create(
        history_row(
            HistoryCode.ENTRY_PASSED,
            at=now,
            by=by,
            rule=rule,
            waitlist=cycle.waitlist,
            cycle=cycle,
            entry=WaitlistEntry(pk=item.person),
            reason=item.reason.as_data(),
        )
        for item in passed
    )


def place_entries(*, cycle, entry_ids, code, now, by=None, rule=""):
    """Move these waiting entries into the cycle, invite them, and let its leaders open their files (R41)."""
    entries = list(
        WaitlistEntry.objects.filter(pk__in=entry_ids).select_related("client", "client__contact").in_order()
    )
    placed = WaitlistEntry.objects.waiting().filter(pk__in=entry_ids).update(state=EntryState.PLACED, reasons=[])
    if placed != len(entry_ids):
        raise NotAllowed("not_waiting_any_more")
    today = timezone.localdate(now)
    participations = [
        Participation(cycle=cycle, client=entry.client, entry=entry, invited_at=now, call_from=today)
        for entry in entries
    ]
    invite_all(participations=participations, now=now)
    for participation in participations:
        if participation.is_mailed:
            participation.call_from = add_working_days(today, CALL_AFTER_DAYS)
    Participation.objects.bulk_create(participations)
    HistoryEntry.objects.bulk_create(
        history_row(code, at=now, by=by, rule=rule, waitlist=cycle.waitlist, cycle=cycle, entry=entry)
        for entry in entries
    )
    _involve_leaders(cycle, [entry.client for entry in entries], now)
    return participations


def _involve_leaders(cycle, clients, now):
    seats = [(cycle.lead, InvolvementKind.LEAD), (cycle.co_lead, InvolvementKind.CO_LEAD)]
    Involvement.objects.bulk_create(
        (
            Involvement(client=client, user=user, kind=kind, started_at=now)
            for client in clients
            for user, kind in seats
            if user is not None
        ),
        ignore_conflicts=True,
    )
