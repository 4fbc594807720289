"""R28: after a round, for one person or for all in one sweep: what was decided together, all of it or nothing."""

from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from groups.enums import Outcome
from groups.exceptions import NotAllowed
from groups.models import OnwardStep, Participation
from groups.own_round import may_decide
from groups.services.locking import lock_cycle
from groups.services.one_person import lock_lists
from groups.services.onward import Onward, lead_on, lists_to_lock, same_step
from groups.services.renewals import choose_outcome


@dataclass(frozen=True)
class Decided:
    """What one person and the leader chose. `seen`: version_of() the participation when the page was made."""

    participation: Participation
    outcome: Outcome
    seen: str
    reason: str = ""
    onward: Onward = field(default_factory=Onward)


class DecisionsRefused(Exception):
    """At least one of several decisions cannot be; none was kept. `reasons`: {number of the participation: Reason}."""

    def __init__(self, reasons):
        self.reasons = reasons
        super().__init__(str(sorted(reasons)))


def version_of(participation):
    """What tells an older look at a decision from a newer one."""
    return participation.decided_at.isoformat() if participation.decided_at else ""


@transaction.atomic
def decide_after_round(*, cycle, decisions, by, now):
    """Each decision with its onward step; the same again changes nothing. DecisionsRefused with all that cannot be.

    Reasons: before_last_session (only STOPPED may come before it), reason_missing (of STOPPED), outcome_changed
    (somebody decided otherwise since the page was made), goes_on_already, and those of onward.lead_on() and
    choose_outcome().
    """
    today = timezone.localdate(now)
    wanted = [(each.participation, each.onward) for each in decisions if each.outcome == Outcome.OTHER_GROUP]
    lock_lists({cycle.waitlist_id, *lists_to_lock(wanted, by=by, today=today)})
    cycle = lock_cycle(cycle.pk)
    sessions = list(cycle.sessions.order_by("number"))
    refused = {}
    for each in sorted(decisions, key=lambda decided: decided.participation.pk):
        try:
            with transaction.atomic():
                _decide(each, cycle, sessions, by=by, now=now)
        except NotAllowed as refusal:
            refused[each.participation.pk] = refusal.reason
    if refused:
        raise DecisionsRefused(refused)


def _decide(each, cycle, sessions, *, by, now):
    row = _locked(each.participation, cycle)
    step = OnwardStep.objects.filter(participation=row).select_related("provision", "offer").first()
    if step is not None:
        step.participation = row
    is_same = same_step(step, each.outcome, each.onward)
    if is_same and (row.outcome, row.outcome_reason) == (each.outcome, each.reason.strip()):
        return
    if row.decided_at and version_of(row) != each.seen:
        who = row.decided_by.short_name if row.decided_by else ""
        raise NotAllowed("outcome_changed", who=who, at=row.decided_at, outcome=row.outcome)
    _check(each, row, cycle, sessions, now)
    row = choose_outcome(participation=row, outcome=each.outcome, by=by, now=now, reason=each.reason)
    _keep_reason(row, each, by, now)
    if not is_same:
        lead_on(row, each.outcome, each.onward, by=by, now=now)


def _locked(participation, cycle):
    """As it is now, with its client's key: texts about the person are sealed with it."""
    rows = Participation.objects.select_for_update(of=("self",)).select_related(
        "client__key", "client__neighbourhood__catchment", "entry__problem_kind", "entry__waitlist", "decided_by"
    )
    row = rows.get(pk=participation.pk, cycle=cycle)
    row.cycle = cycle
    return row


def _check(each, row, cycle, sessions, now):
    if each.outcome == Outcome.STOPPED:
        if not each.reason.strip():
            raise NotAllowed("reason_missing")
    elif row.outcome != Outcome.STOPPED and not may_decide(row, cycle, sessions, now=now):
        raise NotAllowed("before_last_session")


def _keep_reason(row, each, by, now):
    """Other words, or another step, with the same outcome are a newer decision too."""
    if row.decided_at != now:
        row.outcome_reason, row.decided_at, row.decided_by = each.reason.strip(), now, by
        row.save(update_fields=["outcome_reason", "decided_at", "decided_by"])
