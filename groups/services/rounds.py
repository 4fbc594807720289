"""A person's own count of sessions: five are five, whenever one entered (R22, R28)."""

from django.utils import timezone

from groups.enums import CycleState, HistoryCode, ParticipationState, SessionState
from groups.models import WaitlistEntry
from groups.own_round import right_of
from groups.services.history import record
from groups.services.marks import ask_at_the_end
from groups.services.moves import move_all
from groups.services.waitlists import make_due

RENEWAL = "renewal"  # the stored reason of priority of who goes on (R17); wording.py words it


def go_on(*, participation, sessions_left, now, by=None, rule=""):
    """Head the list for the next cycle in the same rhythm, with what was known of this person kept.

    sessions_left None is a whole series. Somebody who waits on the list already keeps that one entry. The caller
    holds the waitlist's lock.
    """
    entry, waitlist = participation.entry, participation.cycle.waitlist
    kept = WaitlistEntry.objects.filter(waitlist=waitlist, client=participation.client).waiting().first()
    going = kept or WaitlistEntry(
        waitlist=waitlist,
        client=participation.client,
        waiting_since=timezone.localdate(now),
        joined_at=now,
        problem_kind_id=entry.problem_kind_id,
        judged_at=entry.judged_at or now,
        judged_by_id=entry.judged_by_id or (by and by.pk),
        fit_exception=entry.fit_exception,
        talk_held_on=entry.talk_held_on or participation.talk_held_on,
    )
    going.continues, going.sessions_left = participation, sessions_left
    going.has_priority, going.priority_reason = True, RENEWAL
    going.save()
    record(
        HistoryCode.ENTRY_RENEWED, at=now, by=by, rule=rule, waitlist=waitlist, entry=going, cycle=participation.cycle
    )
    return going


def settle_rounds(cycle, *, now):
    """After a session was held: who had their number is done, who will fall short goes on (R22), at the end all are.

    Somebody who entered late, said yes and has not decided otherwise keeps a place for the rest of their series: it is
    asked for when one session is left, so that the next cycle can follow without a gap.
    """
    sessions = _sessions_of(cycle)
    participations = list(
        cycle.participations.counting().select_related("entry__waitlist", "client__key", "client__contact")
    )
    for participation in participations:
        participation.cycle, participation.entry.client = cycle, participation.client
    left = sum(state == SessionState.PLANNED for _number, state in sessions)
    if left <= 1:
        _keep_places(participations, sessions, now)
    is_over = cycle.state == CycleState.FINISHED
    done = [p for p in participations if is_over or _had(p, sessions, SessionState.HELD) >= _right(p, sessions)]
    ask_at_the_end(done, now=now)
    move_all(done, ParticipationState.FINISHED, code=HistoryCode.PARTICIPATION_FINISHED, now=now, rule="R28")
    if done:
        make_due([cycle.waitlist_id], now=now)


def rest_of_series(participation):
    """How many sessions of their own series this cycle will not hold for who entered late; else 0."""
    sessions = _sessions_of(participation.cycle)
    return max(0, _right(participation, sessions) - _had(participation, sessions, *SessionState))


def _sessions_of(cycle):
    return list(cycle.sessions.exclude(state=SessionState.CANCELLED).values_list("number", "state"))


def _keep_places(participations, sessions, now):
    decided = {p.pk for p in participations if p.outcome}
    # Also who was taken off the list again: that is not undone here.
    entries = WaitlistEntry.objects.filter(continues__in=participations).order_by()
    goes_on = set(entries.values_list("continues", flat=True))
    for participation in participations:
        missing = _right(participation, sessions) - _had(participation, sessions, *SessionState)
        said_yes = participation.state == ParticipationState.CONFIRMED
        if missing > 0 and said_yes and participation.pk not in decided | goes_on:
            go_on(participation=participation, sessions_left=missing, now=now, rule="R22")


def _had(participation, sessions, *states):
    return sum(number >= participation.enters_at and state in states for number, state in sessions)


def _right(participation, sessions):
    return right_of(participation, len(sessions))
