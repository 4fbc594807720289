"""What the coordinator settles of an offer: how many sessions, how long, for how many (R11)."""

from django.db import transaction

from groups.enums import EntryState, HistoryCode
from groups.exceptions import NotAllowed
from groups.models import GroupOffer, HistoryEntry, Waitlist
from groups.services.history import history_row
from groups.services.waitlists import make_due

NUMBERS = ("sessions_count", "session_minutes", "minimum", "soft_maximum", "hard_maximum")


@transaction.atomic
def set_offer_numbers(*, offer, sessions_count, session_minutes, minimum, soft_maximum, hard_maximum, reason, by, now):
    """Number of sessions, minutes of one, and the sizes; None is not settled. Each list keeps who and why (R11).

    Lists where people wait become due; formed cycles keep what they were formed with.
    NotAllowed: reason_missing, sizes_out_of_order, own_sizes_out_of_order.
    """
    asked = dict(zip(NUMBERS, (sessions_count, session_minutes, minimum, soft_maximum, hard_maximum), strict=True))
    offer = GroupOffer.objects.select_for_update(no_key=True).get(pk=offer.pk)
    changes = {name: (getattr(offer, name), value) for name, value in asked.items() if getattr(offer, name) != value}
    for name, value in asked.items():
        setattr(offer, name, value)
    lists = list(Waitlist.objects.filter(offer=offer).select_for_update().order_by("pk"))
    _check(offer, lists, reason)
    offer.save(update_fields=NUMBERS)
    rows = {"at": now, "by": by, "why": reason.strip(), **changes}
    HistoryEntry.objects.bulk_create(history_row(HistoryCode.OFFER_CHANGED, waitlist=row, **rows) for row in lists)
    waiting = Waitlist.objects.filter(offer=offer, entries__state=EntryState.WAITING).order_by()
    make_due(set(waiting.values_list("pk", flat=True)), now=now)
    return offer


def _check(offer, lists, reason):
    if not reason.strip():
        raise NotAllowed("reason_missing")
    if not _in_order(offer):
        raise NotAllowed("sizes_out_of_order", maximum=offer.soft_maximum or offer.hard_maximum)
    for waitlist in lists:
        waitlist.offer = offer
        if not _in_order(waitlist):
            raise NotAllowed("own_sizes_out_of_order", area=str(waitlist.catchment))


def _in_order(thing):
    """Whether minimum, maximum and hard maximum of an offer or a list go up, as far as they are settled."""
    sizes = [size for size in (thing.minimum, thing.soft_maximum, thing.hard_maximum) if size is not None]
    return sizes == sorted(sizes)
