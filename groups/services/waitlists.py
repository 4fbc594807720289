"""Joining, holding, talking, leaving; and a list's own minimum (R5, R8, R10, R11, R17)."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils import timezone

from clients.enums import ContactWay, FollowUpAbout
from clients.sealing import seal_fields
from clients.services import note_contact, plan_follow_up, settle_by_rule
from groups.enums import EntryState, HistoryCode
from groups.exceptions import NotAllowed
from groups.models import Waitlist, WaitlistEntry
from groups.services.history import changed_meanwhile, record
from groups.services.moves import move
from neighbourhoods.enums import CatchmentLevel
from neighbourhoods.models import Catchment

SIZE_CODES = (HistoryCode.SIZES_CHANGED, HistoryCode.OFFER_CHANGED)


def waitlist_for(*, offer, catchment):
    """The one list of this offer in this catchment (R11); NotAllowed for a theme group in a neighbourhood (R15).

    An area that was joined into another has its people on the other's list.
    """
    catchment = catchment.joined_into or catchment
    if catchment.level == CatchmentLevel.NEIGHBOURHOOD and not offer.may_run_in_neighbourhood:
        raise NotAllowed("theme_not_in_neighbourhood", level=offer.level)
    if not offer.is_active:
        raise NotAllowed("offer_inactive")
    return Waitlist.objects.get_or_create(offer=offer, catchment=catchment)[0]


def lock_waitlist_for(*, offer, catchment):
    """As waitlist_for(), locked; also when the areas are being joined at this very moment (R11)."""
    waitlist = lock_waitlist(waitlist_for(offer=offer, catchment=catchment).pk)
    # Whoever joins areas holds the lists' locks: what is read only now is what they left behind.
    host = Catchment.objects.filter(joined=waitlist.catchment_id).first()
    return waitlist if host is None else lock_waitlist(waitlist_for(offer=offer, catchment=host).pk)


def lock_waitlist(pk):
    """Whoever changes who waits holds this lock, so that the engine never decides on half a change."""
    return Waitlist.objects.select_for_update(of=("self",)).select_related("offer", "catchment").get(pk=pk)


def make_due(waitlist_ids, *, now):
    """Let the engine look at these lists again; an earlier due moment stays."""
    Waitlist.objects.filter(pk__in=waitlist_ids).update(due_at=now)


@transaction.atomic
def join_waitlist(
    *,
    client,
    offer,
    catchment,
    waiting_since,
    by,
    now,
    problem_kind=None,
    judged=False,
    fit_exception="",
    on_hold=False,
    hold_reason="",
    hold_until=None,
    priority_reason="",
):
    """Put somebody on a list; waiting time counts from `waiting_since`, the referral's date (R17).

    NotAllowed: theme_not_in_neighbourhood (R15), offer_inactive, already_waiting.
    """
    waitlist = lock_waitlist_for(offer=offer, catchment=catchment)
    entry = WaitlistEntry(
        waitlist=waitlist,
        client=client,
        waiting_since=waiting_since,
        joined_at=now,
        problem_kind=problem_kind,
        judged_at=now if judged else None,
        judged_by=by if judged else None,
        fit_exception=fit_exception,
        is_on_hold=on_hold,
        hold_reason=hold_reason,
        hold_until=hold_until if on_hold else None,
        has_priority=bool(priority_reason),
        priority_reason=priority_reason,
    )
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
    except IntegrityError as error:
        if error.__cause__.diag.constraint_name == "entry_waits_once":
            raise NotAllowed("already_waiting") from error
        raise
    record(HistoryCode.ENTRY_JOINED, at=now, by=by, waitlist=waitlist, entry=entry)
    make_due([waitlist.pk], now=now)
    return entry


@transaction.atomic
def hold_entry(*, entry, reason, by, now, until=None):
    """R5: basic needs first. Known and followed up on `until`, not counted for a minimum."""
    entry = _change_entry(
        entry, HistoryCode.ENTRY_HELD, by=by, now=now, is_on_hold=True, hold_reason=reason, hold_until=until
    )
    if until is not None:
        follow_up_entry(entry, FollowUpAbout.HOLD, due_on=until, by=by, now=now)
    return entry


@transaction.atomic
def release_entry(*, entry, by, now):
    """The basics are in order: the person counts again, with the waiting time kept (R5, R17)."""
    entry = _change_entry(
        entry, HistoryCode.ENTRY_RELEASED, by=by, now=now, is_on_hold=False, hold_reason="", hold_until=None
    )
    _settle(entry, FollowUpAbout.HOLD, by=by, now=now)
    return entry


@transaction.atomic
def record_talk(*, entry, held_on, by, now):
    """R8: the acquaintance talk was held; whoever was met was spoken to (R7)."""
    entry = _change_entry(entry, HistoryCode.ENTRY_TALKED, by=by, now=now, talk_held_on=held_on)
    note_talk(client=entry.client, held_on=held_on, by=by, now=now)
    return entry


def note_talk(*, client, held_on, by, now):
    """The contact log knows of an acquaintance talk too; of an earlier day only the day is known."""
    is_today = held_on == timezone.localdate(now)
    at = now if is_today else dt.datetime.combine(held_on, dt.time(12), tzinfo=timezone.get_default_timezone())
    note_contact(client=client, way=ContactWay.TALK, is_reached=True, by=by, at=at, now=now)


def follow_up_entry(entry, about, *, due_on, by, now, **args):
    """R10: somebody asks after who is, or was, on a list; once for each place on a list."""
    plan_follow_up(client=entry.client, about=about, due_on=due_on, by=by, now=now, key=f"entry:{entry.pk}", args=args)


def _settle(entry, about, *, by, now):
    settle_by_rule(client=entry.client, about=about, key=f"entry:{entry.pk}", now=now, by=by)


@transaction.atomic
def give_priority(*, entry, reason, by, now):
    """R17: ahead of the order only with a stored reason; NotAllowed without one."""
    if not reason.strip():
        raise NotAllowed("priority_needs_reason")
    return _change_entry(
        entry, HistoryCode.ENTRY_PRIORITY, by=by, now=now, has_priority=True, priority_reason=reason.strip()
    )


def _change_entry(entry, code, *, by, now, **fields):
    waitlist = lock_waitlist(entry.waitlist_id)
    entry.refresh_from_db(fields=["client"])  # whose file this is, and with whose key it is sealed, by now (R43)
    changed = WaitlistEntry.objects.waiting().filter(pk=entry.pk).update(**seal_fields(entry, fields))
    if not changed:
        raise NotAllowed("not_waiting_any_more")
    record(code, at=now, by=by, waitlist=waitlist, entry=entry)
    make_due([waitlist.pk], now=now)
    entry.refresh_from_db()
    return entry


@transaction.atomic
def leave_waitlist(*, entry, reason, by, now, note="", follow_up_on=None, rule=""):
    """R10: nobody drops out of sight; a reason is needed and a follow-up date offered. Only for who waits now."""
    waitlist = lock_waitlist(entry.waitlist_id)
    entry.refresh_from_db()
    if entry.state != EntryState.WAITING:
        raise NotAllowed("not_waiting_any_more")
    move(
        entry,
        EntryState.LEFT,
        code=HistoryCode.ENTRY_LEFT,
        now=now,
        by=by,
        rule=rule,
        args={"reason": str(reason)},
        leave_reason=reason,
        leave_note=note,
        left_at=now,
        follow_up_on=follow_up_on,
    )
    _settle(entry, FollowUpAbout.HOLD, by=by, now=now)
    if follow_up_on is not None:
        follow_up_left(entry, by=by, now=now)
    make_due([waitlist.pk], now=now)
    return entry


def follow_up_left(entry, *, by, now):
    """R10: who left a list is asked after on the day that was chosen."""
    reason = str(entry.leave_reason)
    follow_up_entry(entry, FollowUpAbout.LEFT_LIST, due_on=entry.follow_up_on, by=by, now=now, reason=reason)


SIZES = ("minimum", "soft_maximum", "hard_maximum")


def sizes_seen(waitlist):
    """What somebody who changes a list's sizes looks at: its own and the offer's, each a number or None."""
    own = [getattr(waitlist, f"own_{name}") for name in SIZES]
    return (*own, *(getattr(waitlist.offer, name) for name in SIZES))


@transaction.atomic
def set_sizes(*, waitlist, minimum, reason, by, now, soft_maximum=None, hard_maximum=None, seen=None):
    """R11: this list's own minimum and maxima; None means the offer's. Kept with who, when and why.

    With `seen`, what sizes_seen() gave when the page was made, nobody overwrites what a colleague changed meanwhile.
    NotAllowed: changed_meanwhile, reason_missing, minimum_too_low, maximum_above_hard, sizes_out_of_order.
    """
    waitlist = lock_waitlist(waitlist.pk)
    if seen is not None and tuple(seen) != sizes_seen(waitlist):
        raise changed_meanwhile(waitlist.history.filter(code__in=SIZE_CODES), **_in_force(waitlist))
    before = waitlist.minimum
    waitlist.own_minimum, waitlist.own_soft_maximum, waitlist.own_hard_maximum = minimum, soft_maximum, hard_maximum
    _check_sizes(waitlist, reason)
    waitlist.due_at = now
    waitlist.save(update_fields=["own_minimum", "own_soft_maximum", "own_hard_maximum", "due_at"])
    change = {"before": before, "after": waitlist.minimum, "why": reason.strip()}
    record(HistoryCode.SIZES_CHANGED, at=now, by=by, waitlist=waitlist, **change)
    return waitlist


def _in_force(waitlist):
    return {name: getattr(waitlist, name) for name in SIZES}


def _check_sizes(waitlist, reason):
    if not reason.strip():
        raise NotAllowed("reason_missing")
    if waitlist.own_minimum is not None and waitlist.own_minimum < 1:
        raise NotAllowed("minimum_too_low")
    minimum, soft, hard = (getattr(waitlist, name) for name in SIZES)
    if soft is not None and hard is not None and soft > hard:
        raise NotAllowed("maximum_above_hard", maximum=hard)
    if minimum is not None and soft is not None and minimum > soft:
        raise NotAllowed("sizes_out_of_order", maximum=soft)
