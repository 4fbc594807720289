"""R11: areas served together and apart again, and a list's people moved to the municipality's list.

Whoever waits keeps the original waiting time and everything that was settled. Cycles stay with the list they came of.
"""

import datetime as dt

from django.db import transaction

from groups.enums import HistoryCode
from groups.exceptions import NotAllowed
from groups.models import HistoryEntry, Waitlist, WaitlistEntry
from groups.services.history import history_row, record
from groups.services.merging import merge_entry
from groups.services.waitlists import make_due
from neighbourhoods.enums import CatchmentLevel
from neighbourhoods.models import Catchment
from neighbourhoods.services import lock_catchments, serve_apart, serve_together

RULE = "R11"


@transaction.atomic
def join_areas(*, catchment, into, reason, by, now):
    """Serve `catchment` together with `into`: its neighbourhoods, teams and everybody who waits go over.

    NotAllowed: reason_missing, area_itself, area_not_local, area_elsewhere, area_joined_already, area_holds_others.
    """
    area, host = lock_catchments(catchment.pk, into.pk)
    _check_join(area, host, reason)
    kept = serve_together(catchment=area, into=host)
    record(HistoryCode.LISTS_JOINED, at=now, by=by, catchment=area, what="into", area=host.name, why=reason, **kept)
    _lock_lists(area, host)
    for source in area.waitlists.select_related("offer").order_by("pk"):
        target = _list_of(source.offer, host)
        count = move_people(list(source.entries.waiting().in_order()), source=source, target=target, by=by, now=now)
        _tell(source, target, area.name, host.name, count, reason=reason, by=by, now=now)
    return host


def _check_join(area, host, reason):
    if not reason.strip():
        raise NotAllowed("reason_missing")
    if area.pk == host.pk:
        raise NotAllowed("area_itself")
    if {area.level, host.level} != {CatchmentLevel.NEIGHBOURHOOD}:
        raise NotAllowed("area_not_local")
    if area.municipality_id != host.municipality_id:
        raise NotAllowed("area_elsewhere")
    if area.joined_into_id or host.joined_into_id:
        raise NotAllowed("area_joined_already")
    if Catchment.objects.filter(joined_into=area).exists():
        raise NotAllowed("area_holds_others")


@transaction.atomic
def split_area(*, catchment, reason, by, now):
    """Undo join_areas(): the neighbourhoods and who lives there and still waits go back, with their waiting time.

    Who does not want a group in the own neighbourhood stays where they are (R18). NotAllowed: reason_missing,
    area_not_joined.
    """
    if not reason.strip():
        raise NotAllowed("reason_missing")
    stored = Catchment.objects.values_list("joined_into", flat=True).get(pk=catchment.pk)
    if stored is None:
        raise NotAllowed("area_not_joined")
    area, host = lock_catchments(catchment.pk, stored)
    if area.joined_into_id != host.pk:
        raise NotAllowed("area_not_joined")
    kept = _kept_at_joining(area)
    serve_apart(catchment=area, **kept)
    record(HistoryCode.LISTS_JOINED, at=now, by=by, catchment=area, what="apart", area=host.name, why=reason)
    _lock_lists(area, host)
    for source in host.waitlists.select_related("offer").order_by("pk"):
        living_there = (
            source.entries.waiting()
            .in_order()
            .filter(client__neighbourhood__in=kept["neighbourhoods"], client__refuses_own_neighbourhood=False)
        )
        entries = list(living_there)
        if entries:
            target = _list_of(source.offer, area)
            count = move_people(entries, source=source, target=target, by=by, now=now)
            _tell(source, target, host.name, area.name, count, reason=reason, by=by, now=now, what="apart")
    return area


def _kept_at_joining(area):
    row = HistoryEntry.objects.filter(catchment=area, code=HistoryCode.LISTS_JOINED).order_by("-at", "-pk").first()
    return {name: row.args[name] for name in ("neighbourhoods", "teams")}


@transaction.atomic
def widen_list(*, waitlist, reason, by, now):
    """Everybody on a neighbourhood's list goes to the list of the whole municipality; later referrals do not.

    NotAllowed: reason_missing, list_not_local, offer_inactive, offer_held_elsewhere, nobody_to_move.
    """
    if not reason.strip():
        raise NotAllowed("reason_missing")
    target = wider_list(waitlist)
    locked = {row.pk: row for row in _locked(Waitlist.objects.filter(pk__in=(waitlist.pk, target.pk)))}
    source = locked[waitlist.pk]
    entries = list(source.entries.waiting().in_order())
    if not entries:
        raise NotAllowed("nobody_to_move")
    count = move_people(entries, source=source, target=target, by=by, now=now)
    names = source.catchment.name, target.catchment.name
    _tell(source, target, *names, count, reason=reason, by=by, now=now)
    return target


def wider_list(waitlist):
    """The municipality's list of the same offer, made if nobody ever waited there; NotAllowed where there is none."""
    check_wider(waitlist)
    municipality = waitlist.catchment.municipality_id
    wide = Catchment.objects.get(level=CatchmentLevel.MUNICIPALITY, municipality=municipality)
    return _list_of(waitlist.offer, wide)


def check_wider(waitlist):
    """NotAllowed where no list of the whole municipality can hold these people."""
    offer, area = waitlist.offer, waitlist.catchment
    if area.level != CatchmentLevel.NEIGHBOURHOOD:
        raise NotAllowed("list_not_local")
    if not offer.is_active:
        raise NotAllowed("offer_inactive")
    held_in = set(offer.municipalities.order_by().values_list("pk", flat=True))
    if held_in and area.municipality_id not in held_in:
        raise NotAllowed("offer_held_elsewhere")


@transaction.atomic
def follow_the_join(*, waitlist, now):
    """Who came back to the list of an area that was joined since, from a cycle that went on there, goes over too.

    The caller holds the list's lock. Returns how many went; none while somebody else holds the other list, for who
    joins or splits areas takes the two in another order.
    """
    target = Waitlist.objects.get_or_create(offer=waitlist.offer, catchment=waitlist.catchment.joined_into)[0]
    if not _locked(Waitlist.objects.filter(pk=target.pk), skip_locked=True):
        make_due([waitlist.pk], now=now + dt.timedelta(seconds=1))  # left due, a sweep would ask again without end
        return 0
    entries = list(waitlist.entries.waiting().in_order())
    return move_people(entries, source=waitlist, target=target, by=None, now=now, rule=RULE)


def _lock_lists(*catchments):
    """All lists of these areas, in the order in which everybody locks lists."""
    return list(_locked(Waitlist.objects.filter(catchment__in=catchments)))


def _locked(lists, *, skip_locked=False):
    lists = lists.select_for_update(of=("self",), skip_locked=skip_locked)
    return lists.select_related("offer", "catchment").order_by("pk")


def _list_of(offer, catchment):
    return Waitlist.objects.get_or_create(offer=offer, catchment=catchment)[0]


def move_people(entries, *, source, target, by, now, rule=""):
    """These waiting entries go from one locked list to another, with all they have; returns how many people.

    Somebody who waits there already goes on there once, with the earlier date and whatever either had settled.
    """
    there = {entry.client_id: entry for entry in target.entries.waiting().in_order()}
    alone = [entry for entry in entries if entry.client_id not in there]
    WaitlistEntry.objects.filter(pk__in=[entry.pk for entry in alone]).update(waitlist=target, reasons=[])
    moved = {"at": now, "by": by, "rule": rule, "waitlist": target, "from_list": source.pk}
    HistoryEntry.objects.bulk_create(history_row(HistoryCode.ENTRY_MOVED, **moved, entry=entry) for entry in alone)
    for entry in entries:
        if entry.client_id in there:
            merge_entry(entry, into=there[entry.client_id], by=by, now=now, rule=rule)
    Waitlist.objects.filter(pk=source.pk).update(placeable_count=0, reasons=[], unblocks=[], due_at=None)
    if source.entries.waiting().exists():
        make_due([source.pk], now=now)
    make_due([target.pk], now=now)
    return len(entries)


def _tell(source, target, from_area, to_area, count, *, reason, by, now, what="into"):
    """LISTS_JOINED on both lists: where the people went, how many, who decided and why."""
    rows = {"at": now, "by": by, "people": count, "why": reason}
    back = {"into": "from", "apart": "back"}[what]
    HistoryEntry.objects.bulk_create(
        [
            history_row(HistoryCode.LISTS_JOINED, **rows, waitlist=source, what=what, area=to_area),
            history_row(HistoryCode.LISTS_JOINED, **rows, waitlist=target, what=back, area=from_area),
        ]
    )
