"""R21: the invited say yes or no, by link or through a worker; a freed place is refilled at once."""

import datetime as dt

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from groups.enums import (
    COUNTING_PARTICIPATIONS,
    LIVE_CYCLES,
    CycleState,
    EntryState,
    HistoryCode,
    LeaveReason,
    ParticipationState,
    SessionState,
)
from groups.exceptions import NotAllowed
from groups.models import Participation
from groups.notifications import INVITATION, is_told_by_link, tell_confirmed
from groups.services.files import close_files
from groups.services.merging import return_entries
from groups.services.moves import move
from groups.services.waitlists import follow_up_left, lock_waitlist, make_due, note_talk
from notifications.models import Notification


@transaction.atomic
def answer_invitation(*, participation, coming, now, by=None, stays=True, leave_reason=LeaveReason.OWN_CHOICE):
    """Record yes or no. `by` None is the client's own link, which closes at the answer deadline (R21).

    A no frees the place for the next in order; with `stays` the person waits on with their original waiting time.
    The same answer twice is once. NotAllowed: already_answered, too_late, cycle_cancelled,
    not_by_link (R40: contact became unsafe after the mail left).
    """
    waitlist = lock_waitlist(participation.cycle.waitlist_id)
    participation = _locked(participation)
    wanted = ParticipationState.CONFIRMED if coming else ParticipationState.DECLINED
    if participation.state == wanted:
        return participation
    _check_open(participation, now=now, by=by)
    code = HistoryCode.INVITATION_CONFIRMED if coming else HistoryCode.INVITATION_DECLINED
    rule = "" if by else "R21"
    move(participation, wanted, code=code, now=now, by=by, rule=rule, answered_at=now, answered_by=by)
    if coming:
        tell_confirmed(participation=participation, first_on=first_session_date(participation), now=now)
    else:
        _free_place(participation, stays=stays, leave_reason=leave_reason, now=now, by=by, rule=rule)
        close_files(clients=[participation.client_id], now=now)
        make_due([waitlist.pk], now=now)
    return participation


def _locked(participation):
    return (
        Participation.objects.select_for_update(of=("self",))
        .select_related("cycle__waitlist", "entry__waitlist", "client__contact")
        .get(pk=participation.pk)
    )


def _check_open(participation, *, now, by):
    cycle = participation.cycle
    if cycle.state == CycleState.CANCELLED or participation.state == ParticipationState.RETURNED:
        raise NotAllowed("cycle_cancelled")
    if participation.state not in COUNTING_PARTICIPATIONS:
        raise NotAllowed("already_answered", state=str(participation.state))
    if by is None and not is_told_by_link(participation.client):
        raise NotAllowed("not_by_link")
    if by is None and participation.state == ParticipationState.CONFIRMED:
        raise NotAllowed("already_answered", state=str(participation.state))
    first_on = first_session_date(participation)
    last_day = participation.answer_until(first_on) if by is None else first_on
    has_begun = cycle.state != CycleState.FORMED and participation.enters_at == 1
    if timezone.localdate(now) > last_day or has_begun or cycle.state == CycleState.FINISHED:
        raise NotAllowed("too_late")


def first_session_date(participation):
    """The local day of the first session this person comes to (R22)."""
    cycle = participation.cycle
    if participation.enters_at == 1:
        return cycle.starts_on
    session = cycle.sessions.exclude(state=SessionState.CANCELLED).filter(number__gte=participation.enters_at)
    return session.order_by("number").values_list("date", flat=True).first() or cycle.starts_on


def _free_place(participation, *, stays, leave_reason, now, by, rule):
    """The entry goes back to waiting, or leaves with a reason and a follow-up date (R10)."""
    entry = participation.entry
    if stays:
        return_entries([entry], now=now, by=by, rule=rule)
        return
    move(
        entry,
        EntryState.LEFT,
        code=HistoryCode.ENTRY_LEFT,
        now=now,
        by=by,
        rule=rule,
        args={"reason": str(leave_reason)},
        leave_reason=leave_reason,
        left_at=now,
        follow_up_on=timezone.localdate(now) + dt.timedelta(weeks=4),
    )
    follow_up_left(entry, by=by, now=now)


def call_instead(*, now, since):
    """R40: who was invited by mail and may not be told that way any more is to be called; returns how many.

    That is so when their mail was withdrawn or came back, or their contact became unsafe after it left; each changes
    the client's file, and only files changed after `since` are looked at.
    """
    withdrawn = Notification.objects.withdrawn().filter(
        kind=INVITATION, recipient_key=OuterRef("client__public_id"), created_at=OuterRef("invited_at")
    )
    contact = Q(client__contact__is_sensitive=True) | Q(client__contact__may_mail=False) | Q(client__email="")
    contact |= Q(client__contact__mail_fails_since__isnull=False)
    unsafe = Participation.objects.filter(
        contact | Exists(withdrawn),
        state=ParticipationState.INVITED,
        is_mailed=True,
        client__changed_at__gt=since,
        cycle__state__in=LIVE_CYCLES,
    )
    ids = list(unsafe.order_by("pk").values_list("pk", flat=True))
    return Participation.objects.filter(pk__in=ids).update(is_mailed=False, call_from=timezone.localdate(now))


@transaction.atomic
def record_participant_talk(*, participation, held_on, by, now):
    """R8: the acquaintance talk that is due before the first session was held."""
    participation = _locked(participation)
    if participation.state not in COUNTING_PARTICIPATIONS:
        raise NotAllowed("already_answered", state=str(participation.state))
    participation.talk_held_on = held_on
    participation.save(update_fields=["talk_held_on"])
    note_talk(client=participation.client, held_on=held_on, by=by, now=now)
    return participation
