"""What a leader picks from the playbook for one session, in which order (R31). Nothing in it is forced."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from groups.enums import HistoryCode, SessionState
from groups.exceptions import NotAllowed
from groups.models import HistoryEntry, PlaybookPart, Session, SessionPart, SessionReport
from groups.permissions import can_pick_parts
from groups.services.history import record
from groups.services.locking import lock_cycle
from groups.services.playbook import shifted


@transaction.atomic
def pick_part(*, session, part, by, now):
    """Put this part at the end of the plan; one that is in it stays where it is.

    Also after the session, for the record, until its report is closed.
    NotAllowed: session_is_over (cancelled), report_closed, part_retired, part_of_other_offer.
    """
    session = _lock(session, by)
    if part.offer_id != session.cycle.offer.pk:
        raise NotAllowed("part_of_other_offer")
    if session.parts.filter(part=part).exists():
        return
    if not PlaybookPart.objects.filter(pk=part.pk).in_use().exists():
        raise NotAllowed("part_retired")
    last = session.parts.order_by("-position").first()
    SessionPart.objects.create(session=session, part=part, position=0 if last is None else last.position + 1)
    _note(session, by, now)


@transaction.atomic
def drop_part(*, session, part, by, now):
    """Out of the plan; one that is not in it is none. NotAllowed: as pick_part, and part_was_used."""
    session = _lock(session, by)
    row = session.parts.filter(part=part).first()
    if row is None:
        return
    if row.is_used:
        raise NotAllowed("part_was_used")
    row.delete()
    _note(session, by, now)


@transaction.atomic
def shift_picked(*, session, part, step, by, now):
    """One place up (step -1) or down (1); at the edge it stays where it is. NotAllowed: as pick_part."""
    session = _lock(session, by)
    rows = list(session.parts.all())
    picked = next((row.pk for row in rows if row.part_id == part.pk), None)
    if not shifted(rows, picked, step):
        return
    for position, row in enumerate(rows):
        row.position = position
    SessionPart.objects.bulk_update(rows, ["position"])
    _note(session, by, now)


def _lock(session, by):
    """The session under its cycle's lock, as everybody takes them; who may, and while its plan may still change."""
    lock_cycle(session.cycle_id)
    rows = Session.objects.select_for_update(of=("self",), no_key=True).select_related("cycle__waitlist__offer")
    session = rows.get(pk=session.pk)
    if not can_pick_parts(by, session):
        raise PermissionDenied
    if session.state == SessionState.CANCELLED:
        raise NotAllowed("session_is_over")
    if SessionReport.objects.filter(session=session, closed_at__isnull=False).exists():
        raise NotAllowed("report_closed")
    return session


def _note(session, by, now):
    """One row a day for each who plans: what is picked, the plan itself tells."""
    code, today = HistoryCode.PLAN_CHANGED, timezone.localdate(now)
    if not HistoryEntry.objects.filter(session=session, code=code, by=by, at__date=today).exists():
        record(code, at=now, by=by, cycle=session.cycle, session=session)
