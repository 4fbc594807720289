"""What happened to a referral and when, as far as its referrer may hear it (R9, R42): by day, and nobody's name."""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from groups.enums import HistoryCode, LeaveReason, ParticipationState
from groups.models import HistoryEntry
from intake.enums import Decision, NewsCode, ReferralState

_STEPS = {
    HistoryCode.ENTRY_JOINED: NewsCode.WAITING,
    HistoryCode.ENTRY_RETURNED: NewsCode.WAITING,
    HistoryCode.ENTRY_PLACED: NewsCode.PLACED,
    HistoryCode.CYCLE_JOINED: NewsCode.PLACED,
    HistoryCode.CYCLE_ENTERED: NewsCode.PLACED,
    HistoryCode.PARTICIPATION_FINISHED: NewsCode.FINISHED,
    HistoryCode.ENTRY_LEFT: NewsCode.LEFT,
}
_DECIDED = {
    Decision.INDIVIDUAL_HELP: NewsCode.DECIDED,
    Decision.REFER_OUT: NewsCode.DECIDED,
    Decision.NO_OFFER: NewsCode.NOTED,
}


@dataclass(frozen=True)
class Step:
    """One thing that happened; an offer whose name stays private is not named (R40)."""

    on: dt.date
    code: NewsCode
    offer: str = ""


def story_of(referral, *, details):
    """[Step] of a referral from with_status_facts(), the first on top; one statement.

    details: whether the client allows more than that it was received.
    """
    steps = [Step(referral.received_on, NewsCode.RECEIVED)]
    if not details:
        return steps
    if referral.contacted_at is not None:
        steps.append(Step(timezone.localdate(referral.contacted_at), NewsCode.CONTACTED))
    if referral.state != ReferralState.RECEIVED:
        steps += [*_decided(referral), *_on_lists(referral)]
    return sorted(dict.fromkeys(steps), key=lambda step: step.on)


def _decided(referral):
    judgement = getattr(referral, "judgement", None)
    code = _DECIDED.get(judgement.decision) if judgement is not None else None
    if code is not None:
        yield Step(timezone.localdate(judgement.judged_at), code)


def _on_lists(referral):
    entries = {placement.entry_id: placement.entry for placement in referral.placements.all()}
    rows = list(HistoryEntry.objects.filter(entry__in=entries, code__in=_STEPS).order_by("at", "pk"))
    placed = {(row.entry_id, row.at) for row in rows if _STEPS[row.code] == NewsCode.PLACED}
    for row in rows:
        code = _code(row, entries[row.entry_id])
        is_at_once = code == NewsCode.WAITING and (row.entry_id, row.at) in placed
        if code is not None and not is_at_once:
            offer = entries[row.entry_id].waitlist.offer
            yield Step(timezone.localdate(row.at), code, "" if offer.is_sensitive else offer.name)


def _code(row, entry):
    """None for what is no news: two places on one list became one (R11)."""
    if row.code == HistoryCode.ENTRY_LEFT and row.args.get("reason") == LeaveReason.MERGED:
        return None
    seats = [seat for seat in entry.participations.all() if seat.cycle_id == row.cycle_id]
    if _STEPS[row.code] == NewsCode.FINISHED and any(seat.state == ParticipationState.STOPPED for seat in seats):
        return NewsCode.LEFT
    return _STEPS[row.code]
