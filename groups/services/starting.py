"""The engine's hands: look at due waitlists, obey decide(), exactly once (R12)."""

import datetime as dt
import logging
from dataclasses import dataclass, replace

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.periods import local_moment
from groups.engine import decide
from groups.enums import CycleOrigin
from groups.exceptions import TeamTaken
from groups.models import Waitlist, WaitlistEntry
from groups.services.bookings import hold, is_clash
from groups.services.facts import load_facts, load_loads
from groups.services.forming import form_cycle, join_cycle, record_passed

logger = logging.getLogger(__name__)

ROUNDS = 20  # starts and lost races for one list in one transaction; the next sweep goes on from there
SOON = dt.timedelta(seconds=1)
RETRY_AFTER = dt.timedelta(minutes=5)
MORNING = dt.time(6)


@dataclass
class Sweep:
    """What one sweep did, in counts."""

    looked: int = 0
    started: int = 0
    joined: int = 0
    failed: int = 0


def start_due_waitlists(*, now, limit=500):
    """Decide every due waitlist, each in its own short transaction (R12, R19). Safe twice, and twice at once.

    A list that fails is put off for five minutes and logged by number; it never stops the others.
    """
    sweep = Sweep()
    for _ in range(limit):
        pk = None
        try:
            with transaction.atomic():
                waitlist = lock_next_due(now)
                if waitlist is None:
                    break
                pk = waitlist.pk
                decide_waitlist(waitlist=waitlist, now=now, sweep=sweep)
        except Exception:
            if pk is None:
                raise
            logger.exception("waitlist %s could not be decided", pk)
            sweep.failed += 1
            Waitlist.objects.filter(pk=pk).update(due_at=now + RETRY_AFTER)
    if sweep.looked:
        logger.info("sweep: %(looked)s looked at, %(started)s started, %(joined)s joined", vars(sweep))
    return sweep


def lock_next_due(now):
    """The longest due list that nobody else is deciding, locked until the transaction ends; or None."""
    return (
        Waitlist.objects.due(now=now)
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("offer", "catchment")
        .first()
    )


def decide_waitlist(*, waitlist, now, sweep=None):
    """Ask the engine until nothing more starts, then store why (R19). The caller holds the waitlist's lock."""
    sweep = sweep if sweep is not None else Sweep()
    sweep.looked += 1
    for _ in range(ROUNDS):
        facts = load_facts(waitlist=waitlist, now=now)
        decision = decide(facts)
        for join in decision.joins:
            join_cycle(waitlist=waitlist, join=join, now=now)
            sweep.joined += len(join.people)
        if not decision.starts:
            _store_reasons(waitlist, facts, decision, now)
            return decision
        try:
            for start in decision.starts:
                start_cycle(waitlist=waitlist, start=start, now=now)
                sweep.started += 1
            if _everybody_placed(facts, decision):
                return _store_nobody_waits(waitlist, facts, now)
        except TeamTaken:
            logger.info("waitlist %s: team or room went to another list, deciding again", waitlist.pk)
    Waitlist.objects.filter(pk=waitlist.pk).update(due_at=now + SOON)
    return decision


def _everybody_placed(facts, decision):
    placed = sum(len(group.people) for group in (*decision.joins, *decision.starts))
    return placed == len(facts.people)


def _store_nobody_waits(waitlist, facts, now):
    """What the engine would say of an empty list, without loading all facts once more."""
    decision = decide(replace(facts, people=()))
    _store_reasons(waitlist, replace(facts, people=()), decision, now)
    return decision


def start_cycle(*, waitlist, start, now):
    """Write what the engine decided: one transaction, and unique(waitlist, generation) behind it (R12).

    TeamTaken when a person or room went to another list since the facts were read; nothing is written then.
    """
    try:
        with transaction.atomic():
            _hold_team(waitlist, start.slot, now)
            cycle = form_cycle(
                waitlist=waitlist,
                entry_ids=start.people,
                slot=start.slot,
                reason=start.reason,
                origin=CycleOrigin.AUTOMATIC,
                now=now,
                rule="R12",
            )
            record_passed(cycle=cycle, passed=start.passed, now=now, rule="R17")
            return cycle
    except IntegrityError as error:
        waitlist.generation = Waitlist.objects.values_list("generation", flat=True).get(pk=waitlist.pk)
        if not is_clash(error):
            raise
        raise TeamTaken from error


def _hold_team(waitlist, slot, now):
    """Lock the two people and the room, then count again what the caps of R14 allow."""
    ids = [pk for pk in (slot.lead, slot.co_lead) if pk is not None]
    hold(users=ids, rooms=[slot.place])
    minutes = waitlist.offer.session_minutes
    if not all(worker.has_room_for(slot.dates, minutes) for worker in load_loads(ids, timezone.localdate(now))):
        raise TeamTaken


def _store_reasons(waitlist, facts, decision, now):
    """R19, for the list and for each person; and when to look again though nothing changes: tomorrow morning."""
    waitlist.placeable_count = decision.placeable
    waitlist.reasons = [reason.as_data() for reason in decision.reasons]
    waitlist.unblocks = [change.as_data() for change in decision.unblocks]
    waitlist.evaluated_at = now
    waitlist.due_at = _tomorrow_morning(facts.today) if facts.people else None
    waitlist.save(update_fields=["placeable_count", "reasons", "unblocks", "evaluated_at", "due_at"])
    changed = []
    for entry in waitlist.entries.waiting():
        reasons = [reason.as_data() for reason in decision.person_reasons.get(entry.pk, ())]
        if reasons != entry.reasons:
            entry.reasons = reasons
            changed.append(entry)
    WaitlistEntry.objects.bulk_update(changed, ["reasons"])


def _tomorrow_morning(today):
    day = today + dt.timedelta(days=1)
    return local_moment(day, MORNING)
