"""What the coordinator settles of an offer: how many sessions, how long, for how many (R11)."""

from django.core.validators import ProhibitNullCharactersValidator
from django.db import transaction
from django.db.models import Max

from groups.enums import EntryState, HistoryCode
from groups.exceptions import NotAllowed
from groups.models import GroupOffer, HistoryEntry, OfferText, Waitlist
from groups.services.history import changed_meanwhile, history_row, record
from groups.services.waitlists import make_due

NUMBERS = ("sessions_count", "session_minutes", "minimum", "soft_maximum", "hard_maximum", "entry_until")
_COLUMNS = (*NUMBERS[:-1], "entry_policy", "entry_until_session")


def numbers_of(offer):
    return {name: getattr(offer, name) for name in NUMBERS}


@transaction.atomic
def set_offer_numbers(*, offer, numbers, reason, by, now, seen=None):
    """R11, R22: {name of NUMBERS: value, None is not settled; for entry_until it is every session}.

    The offer and each of its lists keep who, when and why. Lists where people wait become due; formed cycles keep
    what they were formed with. With `seen`, the numbers_of() when the page was made, nobody overwrites what a
    colleague changed meanwhile.
    NotAllowed: changed_meanwhile, reason_missing, maximum_above_hard, sizes_out_of_order, own_sizes_out_of_order.
    """
    asked = {name: numbers[name] for name in NUMBERS}
    offer = GroupOffer.objects.select_for_update(no_key=True).get(pk=offer.pk)
    before = numbers_of(offer)
    if seen is not None and seen != before:
        raise changed_meanwhile(offer.history.filter(code=HistoryCode.OFFER_CHANGED), **before)
    changes = {name: (before[name], value) for name, value in asked.items() if before[name] != value}
    for name, value in asked.items():
        setattr(offer, name, value)
    lists = list(Waitlist.objects.filter(offer=offer).select_for_update().order_by("pk"))
    _check(offer, lists, reason)
    offer.save(update_fields=_COLUMNS)
    row = {"at": now, "by": by, "why": reason.strip(), **changes}
    subjects = [{"offer": offer}, *({"waitlist": waitlist} for waitlist in lists)]
    HistoryEntry.objects.bulk_create(history_row(HistoryCode.OFFER_CHANGED, **about, **row) for about in subjects)
    waiting = Waitlist.objects.filter(offer=offer, entries__state=EntryState.WAITING).order_by()
    make_due(set(waiting.values_list("pk", flat=True)), now=now)
    return offer


def _check(offer, lists, reason):
    if not reason.strip():
        raise NotAllowed("reason_missing")
    _check_order(offer)
    for waitlist in lists:
        waitlist.offer = offer
        if not _in_order(waitlist):
            raise NotAllowed("own_sizes_out_of_order", area=str(waitlist.catchment))


def _check_order(offer):
    soft, hard = offer.soft_maximum, offer.hard_maximum
    if soft is not None and hard is not None and soft > hard:
        raise NotAllowed("maximum_above_hard", maximum=hard)
    if not _in_order(offer):
        raise NotAllowed("sizes_out_of_order", maximum=soft or hard)


def _in_order(thing):
    """Whether minimum, maximum and hard maximum of an offer or a list go up, as far as they are settled."""
    sizes = [size for size in (thing.minimum, thing.soft_maximum, thing.hard_maximum) if size is not None]
    return sizes == sorted(sizes)


TEXTS = ("what_happens", "for_whom", "how_to_motivate")
_refuse_null = ProhibitNullCharactersValidator()


def texts_number(offer):
    """Which version of its page's words an offer has; 0 for those it came with."""
    return offer.texts.aggregate(newest=Max("number"))["newest"] or 0


@transaction.atomic
def set_offer_texts(*, offer, texts, seen, by, now):
    """R37: what the page of an offer says, {name of TEXTS: text}; each version is kept with who and when.

    `seen` is the texts_number() when the page was made. NotAllowed: changed_meanwhile. The same words are no change.
    """
    offer = GroupOffer.objects.select_for_update(no_key=True).get(pk=offer.pk)
    number = texts_number(offer)
    if number != seen:
        raise changed_meanwhile(offer.history.filter(code=HistoryCode.OFFER_TEXTS_CHANGED))
    wanted = {name: texts[name].strip() for name in TEXTS}
    changed = [name for name in TEXTS if getattr(offer, name) != wanted[name]]
    if not changed:
        return offer
    for name in changed:
        _refuse_null(wanted[name])
        setattr(offer, name, wanted[name])
    offer.save(update_fields=changed)
    OfferText.objects.create(offer=offer, number=number + 1, changed_by=by, changed_at=now, **wanted)
    record(HistoryCode.OFFER_TEXTS_CHANGED, at=now, by=by, offer=offer, texts=changed)
    return offer
