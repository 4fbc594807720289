"""R28: what somebody and the leader decide after a round, and who goes on into the next one (R22)."""

from django.db import transaction
from django.utils import timezone

from groups.enums import COUNTING_PARTICIPATIONS, LEAVES_BECAUSE, CycleState, EntryState, HistoryCode, Outcome
from groups.enums import ParticipationState as State
from groups.exceptions import NotAllowed
from groups.models import Participation, WaitlistEntry
from groups.services.files import close_files
from groups.services.history import record
from groups.services.locking import lock_cycle
from groups.services.moves import move
from groups.services.rounds import go_on, rest_of_series
from groups.services.waitlists import make_due


@transaction.atomic
def choose_outcome(*, participation, outcome, by, now, reason=""):
    """Record what was decided together; it can be changed until the next round has taken this person in.

    FIVE_MORE heads the waitlist for the next cycle in the same rhythm; STOPPED frees the place at once. The reason
    stays with the participation and stands in no history. The same choice twice is once.
    NotAllowed: too_early (the cycle has not begun), not_in_cycle, goes_on_already.
    """
    cycle = lock_cycle(participation.cycle_id)
    participation = _locked(participation, cycle)
    if participation.outcome == outcome and (outcome != Outcome.FIVE_MORE or _next_place(participation)):
        return participation
    _check(participation, cycle)
    step = {"by": by, "now": now}
    if outcome == Outcome.FIVE_MORE:
        _goes_on(participation, step)
    else:
        _does_not_go_on(participation, outcome, step)
    if outcome == Outcome.STOPPED and participation.state in COUNTING_PARTICIPATIONS:
        move(participation, State.STOPPED, code=HistoryCode.PARTICIPATION_FINISHED, **step)
        close_files(clients=[participation.client_id], now=now)
    participation.outcome, participation.outcome_reason = outcome, reason.strip()
    participation.decided_at, participation.decided_by = now, by
    participation.save(update_fields=["outcome", "outcome_reason", "decided_at", "decided_by"])
    about = {"waitlist": cycle.waitlist, "entry": participation.entry, "cycle": cycle}
    record(HistoryCode.OUTCOME_CHOSEN, at=now, by=by, outcome=str(outcome), **about)
    make_due([cycle.waitlist_id], now=now)
    return participation


def _locked(participation, cycle):
    found = Participation.objects.select_for_update(of=("self",)).select_related("entry__waitlist", "client")
    participation = found.get(pk=participation.pk)
    participation.cycle = cycle
    return participation


def _check(participation, cycle):
    if cycle.state == CycleState.FORMED:
        raise NotAllowed("too_early")
    if participation.state not in (*COUNTING_PARTICIPATIONS, State.FINISHED) or cycle.state == CycleState.CANCELLED:
        raise NotAllowed("not_in_cycle")


def _next_place(participation):
    """What is kept for the next round, waited for or placed; or None."""
    entries = WaitlistEntry.objects.select_for_update(of=("self",)).filter(continues=participation)
    return entries.exclude(state=EntryState.LEFT).select_related("waitlist").first()


def _goes_on(participation, step):
    """A whole series more, beside what is left of their own for who entered late (R22)."""
    entry, series = _next_place(participation), participation.cycle.offer.sessions_count or 0
    if entry is None or entry.state == EntryState.WAITING:
        rest = rest_of_series(participation)
        go_on(participation=participation, sessions_left=rest + series if rest else None, **step)
        return
    for seat in entry.participations.counting():
        seat.sessions_right = (seat.sessions_right or 0) + series
        seat.save(update_fields=["sessions_right"])


def _does_not_go_on(participation, outcome, step):
    """A place in the next cycle, kept by an earlier choice or an unfinished round, is given up."""
    entry = _next_place(participation)
    if entry is None:
        return
    if entry.state == EntryState.PLACED:
        raise NotAllowed("goes_on_already")
    why = LEAVES_BECAUSE[outcome]
    fields = {"leave_reason": why, "left_at": step["now"], "follow_up_on": timezone.localdate(step["now"])}
    move(entry, EntryState.LEFT, code=HistoryCode.ENTRY_LEFT, args={"reason": str(why)}, **step, **fields)
