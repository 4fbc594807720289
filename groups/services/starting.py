"""The engine's hands: look at due waitlists, obey decide(), exactly once (R12)."""

import datetime as dt
import hashlib
import json
import logging
from dataclasses import dataclass, replace

from django.db import IntegrityError, OperationalError, connection, transaction

from accounts.periods import local_moment
from groups.engine import Decision, Start, decide
from groups.enums import CycleOrigin
from groups.exceptions import NotAllowed, TeamTaken
from groups.models import Waitlist
from groups.services.areas import follow_the_join
from groups.services.bookings import hold, is_clash
from groups.services.due import lock_next_due
from groups.services.facts import load_known, load_workers
from groups.services.forming import form_cycle, join_cycle
from groups.services.waitlists import lock_waitlist

logger = logging.getLogger(__name__)

ROUNDS = 20  # starts and lost races for one list in one transaction; the next sweep goes on from there
TRIES = 5  # transactions given to a list whose team or room is taken by somebody who holds no lock
DEADLOCK = "40P01"  # PostgreSQL: deadlock detected
SOON = dt.timedelta(seconds=1)
RETRY_AFTER = dt.timedelta(minutes=5)
# Lists that nothing happens to are looked at once a night, spread so that a sign-up never waits behind them all.
NIGHT_BEGINS, NIGHT_MINUTES = dt.time(1), 300


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
    sweep, tries = Sweep(), {}
    for _ in range(limit):
        pk, done = None, replace(sweep)
        try:
            with transaction.atomic():
                waitlist = lock_next_due(now)
                if waitlist is None:
                    break
                pk = waitlist.pk
                decide_waitlist(waitlist=waitlist, now=now, sweep=sweep)
        except Exception as error:
            if pk is None:
                raise
            sweep, tries[pk] = done, tries.get(pk, 0) + 1
            if _is_overtaken(error) and tries[pk] < TRIES:
                continue
            logger.exception("waitlist %s could not be decided", pk)
            sweep.failed += 1
            Waitlist.objects.filter(pk=pk).update(due_at=now + RETRY_AFTER)
    if sweep.looked:
        logger.info("sweep: %(looked)s looked at, %(started)s started, %(joined)s joined", vars(sweep))
    return sweep


def _is_overtaken(error):
    """Whether somebody else was faster: they took the team, the room or a participant, or held what they wanted of us.

    The next look sees what they did.
    """
    deadlocked = isinstance(error, OperationalError) and getattr(error.__cause__, "pgcode", "") == DEADLOCK
    return is_clash(error) or isinstance(error, NotAllowed) or deadlocked


def decide_waitlist(*, waitlist, now, sweep=None):
    """Ask the engine until nothing more starts, then store why (R19). The caller holds the waitlist's lock.

    When somebody was faster (see _is_overtaken) the transaction is to be given up, and tried again.
    """
    sweep = sweep if sweep is not None else Sweep()
    sweep.looked += 1
    if waitlist.catchment.joined_into_id is not None:
        follow_the_join(waitlist=waitlist, now=now)
        return Decision()
    for _ in range(ROUNDS):
        known = load_known(waitlist=waitlist, now=now)
        decision = decide(known.facts)
        for join in decision.joins:
            join_cycle(waitlist=waitlist, waiting=known.waiting, join=join, now=now)
            sweep.joined += len(join.people)
        if not decision.starts:
            _store_reasons(waitlist, known, decision, now)
            return decision
        try:
            for start in decision.starts:
                start_cycle(waitlist=waitlist, known=known, start=start, now=now, rule=_rule(start))
                sweep.started += 1
            if _everybody_placed(known.facts, decision):
                return _store_nobody_waits(waitlist, known, now)
        except TeamTaken:
            logger.info("waitlist %s: team or room went to another list, deciding again", waitlist.pk)
    Waitlist.objects.filter(pk=waitlist.pk).update(due_at=now + SOON)
    return decision


def _rule(start):
    return "R12" if start.continues is None else "R28"


def _everybody_placed(facts, decision):
    placed = sum(len(group.people) for group in (*decision.joins, *decision.starts))
    return placed == len(facts.people)


def _store_nobody_waits(waitlist, known, now):
    """What the engine would say of an empty list, without loading all facts once more."""
    known = replace(known, facts=replace(known.facts, people=()), waiting={})
    decision = decide(known.facts)
    _store_reasons(waitlist, known, decision, now)
    return decision


def start_cycle(*, waitlist, known, start, now, by=None, rule=""):
    """Write what the engine decided, with unique(waitlist, generation) behind it (R12); the caller's transaction.

    TeamTaken, with nothing written, when a person or the room went to another list since the facts were read.
    """
    _hold_team(waitlist, known, start)
    return form_cycle(
        waitlist=waitlist,
        waiting=known.waiting,
        start=start,
        room=known.rooms[start.slot.place](),
        origin=CycleOrigin.AUTOMATIC if by is None else CycleOrigin.BY_CLICK,
        now=now,
        by=by,
        rule=rule,
    )


def _hold_team(waitlist, known, start):
    """Lock leaders, room and participants, then look again whether the team is free and within its caps (R14)."""
    slot, facts = start.slot, known.facts
    ids = [pk for pk in (slot.lead, slot.co_lead) if pk is not None]
    hold(users=ids, rooms=[slot.place], clients=[known.waiting[entry].client.pk for entry in start.people])
    team = load_workers(waitlist, facts.today, only=ids, room=slot.place)
    times = slot.dates, slot.start, slot.end
    able = [w for w in team if w.works_on(*times) and w.beside(start.continues).can_take(*times, facts.rules.minutes)]
    if len(able) < len(ids):
        raise TeamTaken


@dataclass(frozen=True)
class Prepared:
    """R23: what would start at a click, and a mark by which a click on an older proposal is told."""

    starts: tuple[Start, ...]
    fingerprint: str


def prepare_start(*, waitlist, now):
    """What the engine would start on this list now; writes nothing (R23)."""
    return _prepared(decide(load_known(waitlist=waitlist, now=now).facts))


def _prepared(decision):
    starts = decision.prepared or decision.starts
    shown = [[s.people, s.slot.dates, s.slot.start, s.slot.lead, s.slot.co_lead, s.slot.place] for s in starts]
    digest = hashlib.sha256(json.dumps(shown, default=str).encode()).hexdigest()
    return Prepared(starts, digest if starts else "")


@transaction.atomic
def start_prepared(*, waitlist, fingerprint, by, now):
    """R23: the click. Decides again under the lock and starts what was shown; returns the cycles.

    NotAllowed: nothing_to_start, proposal_changed (look again), team_taken (somebody took them this very moment).
    """
    waitlist = lock_waitlist(waitlist.pk)
    known = load_known(waitlist=waitlist, now=now)
    prepared = _prepared(decide(known.facts))
    if not prepared.starts:
        raise NotAllowed("nothing_to_start")
    if prepared.fingerprint != fingerprint:
        raise NotAllowed("proposal_changed")
    try:
        cycles = [
            start_cycle(waitlist=waitlist, known=known, start=start, by=by, now=now) for start in prepared.starts
        ]
        decide_waitlist(waitlist=waitlist, now=now)
        return cycles
    except TeamTaken as error:
        raise NotAllowed("team_taken") from error
    except IntegrityError as error:
        if not is_clash(error):
            raise
        raise NotAllowed("team_taken") from error


_STORE = """
UPDATE groups_waitlistentry e SET reasons = n.reasons::jsonb
FROM unnest(%s::bigint[], %s::text[]) AS n(id, reasons) WHERE e.id = n.id
"""


def _store_reasons(waitlist, known, decision, now):
    """R19, for the list and for each person; and when to look again though nothing changes: in the night."""
    Waitlist.objects.filter(pk=waitlist.pk).update(
        placeable_count=decision.placeable,
        reasons=[reason.as_data() for reason in decision.reasons],
        unblocks=[reason.as_data() for reason in decision.unblocks],
        evaluated_at=now,
        due_at=_next_night(waitlist, known.facts.today) if known.facts.people else None,
    )
    placed = {person for join in decision.joins for person in join.people}
    reasons = {
        entry: [reason.as_data() for reason in decision.person_reasons.get(entry, ())]
        for entry in known.waiting
        if entry not in placed
    }
    changed = {entry: json.dumps(found) for entry, found in reasons.items() if found != known.waiting[entry].reasons}
    if changed:
        with connection.cursor() as cursor:
            cursor.execute(_STORE, [list(changed), list(changed.values())])


def _next_night(waitlist, today):
    """Tomorrow, at a minute of its own between one and six (R19: a day's turn changes ages, leave and dates)."""
    return local_moment(today + dt.timedelta(days=1), NIGHT_BEGINS) + dt.timedelta(minutes=waitlist.pk % NIGHT_MINUTES)
