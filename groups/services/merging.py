"""One person, one place on a list: what happens to a second one, and how people come back to a list (R17)."""

from clients.enums import FollowUpAbout
from clients.models import FollowUp
from groups.enums import EntryState, HistoryCode, LeaveReason
from groups.models import WaitlistEntry
from groups.services.history import record
from groups.services.moves import move, move_all

# Fields that go together; the first says whether they hold anything.
_SETTLED = (
    ("judged_at", "judged_by_id"),
    ("talk_held_on",),
    ("has_priority", "priority_reason"),
    ("fit_exception",),
    ("is_on_hold", "hold_reason", "hold_until"),
    ("problem_kind_id",),
    ("continues_id", "sessions_left"),
)


def merge_entry(entry, *, into, by, now, rule=""):
    """Close one place on a list in favour of another, waiting one: that keeps the earlier date and what was settled.

    The closed one is not counted as lost. The caller holds the lock of the list.
    """
    why = LeaveReason.MERGED
    left = {"args": {"reason": str(why)}, "leave_reason": why, "left_at": now}
    move(entry, EntryState.LEFT, code=HistoryCode.ENTRY_LEFT, now=now, by=by, rule=rule, **left)
    into.waiting_since = min(into.waiting_since, entry.waiting_since)
    for settled in _SETTLED:
        if not getattr(into, settled[0]):
            for name in settled:
                setattr(into, name, getattr(entry, name))
    into.save()
    if into.is_on_hold:
        held = FollowUp.objects.open().filter(client=into.client_id, about=FollowUpAbout.HOLD)
        if not held.filter(key=f"entry:{into.pk}").exists():
            held.filter(key=f"entry:{entry.pk}").update(key=f"entry:{into.pk}")
    record(HistoryCode.ENTRY_MOVED, at=now, by=by, rule=rule, waitlist=into.waitlist, entry=into, merged=True)


def return_entries(entries, *, now, by, rule):
    """Placed people wait again with the time they waited (R17, R21); who got a second place meanwhile keeps one.

    The caller holds the lock of the lists.
    """
    lists, clients = {entry.waitlist_id for entry in entries}, {entry.client_id for entry in entries}
    waiting = WaitlistEntry.objects.waiting().filter(waitlist__in=lists, client__in=clients).select_related("waitlist")
    kept = {(entry.waitlist_id, entry.client_id): entry for entry in waiting}
    alone = [entry for entry in entries if (entry.waitlist_id, entry.client_id) not in kept]
    move_all(alone, EntryState.WAITING, code=HistoryCode.ENTRY_RETURNED, now=now, by=by, rule=rule)
    for entry in entries:
        other = kept.get((entry.waitlist_id, entry.client_id))
        if other is not None:
            merge_entry(entry, into=other, now=now, by=by, rule=rule)
