"""R23: a list, or all lists of an area, on manual: a cycle is prepared and waits for one click. Automatic is usual."""

from django.db import transaction

from groups.enums import HistoryCode
from groups.exceptions import NotAllowed
from groups.models import HistoryEntry, Waitlist
from groups.services.history import history_row, record
from groups.services.waitlists import lock_waitlist, make_due
from neighbourhoods.models import Catchment

LIST, AREA = "list", "area"


@transaction.atomic
def set_list_mode(*, waitlist, manual, reason, by, now):
    """Put one list on manual or back on automatic; it is due at once. Kept with who, when and why.

    NotAllowed: reason_missing, mode_is_so_already.
    """
    waitlist = lock_waitlist(waitlist.pk)
    args = _change(waitlist, LIST, manual=manual, reason=reason)
    waitlist.is_manual = manual
    waitlist.due_at = now
    waitlist.save(update_fields=["is_manual", "due_at"])
    args["still_manual"] = waitlist.waits_for_click
    record(HistoryCode.MODE_CHANGED, at=now, by=by, waitlist=waitlist, **args)
    return waitlist


@transaction.atomic
def set_area_mode(*, catchment, manual, reason, by, now):
    """All lists of an area, and those that are still to come. Each list keeps who, when and why, and so does the area.

    A list that is on manual itself stays so. NotAllowed: reason_missing, mode_is_so_already.
    """
    catchment = Catchment.objects.select_for_update(no_key=True).get(pk=catchment.pk)
    args = _change(catchment, AREA, manual=manual, reason=reason)
    catchment.is_manual = manual
    catchment.save(update_fields=["is_manual"])
    lists = list(Waitlist.objects.filter(catchment=catchment).select_for_update(of=("self",)).order_by("pk"))
    row = {"at": now, "by": by, **args}
    rows = [history_row(HistoryCode.MODE_CHANGED, catchment=catchment, still_manual=manual, **row)]
    for waitlist in lists:
        still = manual or waitlist.is_manual
        rows.append(history_row(HistoryCode.MODE_CHANGED, waitlist=waitlist, still_manual=still, **row))
    HistoryEntry.objects.bulk_create(rows)
    make_due([waitlist.pk for waitlist in lists], now=now)
    return catchment


def _change(thing, scope, *, manual, reason):
    """What the history keeps of it."""
    if thing.is_manual == manual:
        raise NotAllowed("mode_is_so_already", manual=manual)
    if not reason.strip():
        raise NotAllowed("reason_missing")
    return {"scope": scope, "before": thing.is_manual, "after": manual, "why": reason.strip()}
