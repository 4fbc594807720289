"""Making one file of two (R43): their places on lists and in cycles. intake.services.merging says in which order."""

from clients.exceptions import MergeRefused
from clients.sealing import hand_over
from groups.enums import COUNTING_PARTICIPATIONS, LIVE_CYCLES, STAYED, EntryState, HistoryCode
from groups.models import OnwardStep, ParticipantMark, Participation, WaitlistEntry
from groups.services.history import record
from groups.services.merging import merge_entry
from groups.services.waitlists import lock_waitlist, make_due

AT_THE_END = (OnwardStep, ParticipantMark)
MOVED = ("groups.WaitlistEntry.client", "groups.Participation.client")


def lists_of(*clients):
    """The numbers of all lists on which they are or were, and of those that their cycles came of."""
    entries = WaitlistEntry.objects.filter(client__in=clients).order_by().values_list("waitlist", flat=True)
    seats = Participation.objects.filter(client__in=clients).order_by().values_list("cycle__waitlist", flat=True)
    return {*entries, *seats}


def lock_lists(lists):
    """In the order of their numbers, as everybody does: a sweep passes them by until the merge is done."""
    for pk in sorted(lists):
        lock_waitlist(pk)


def merge_places(*, kept, other, by, now):
    """One place on each list and one seat in each cycle; {number of a closed entry: the entry that goes on}.

    The caller holds the locks of lists_of() both. MergeRefused: two_places, took_part_twice.
    """
    _refuse_two_seats(kept, other)
    _leave_one_seat(kept, other)
    closed = {}
    for entry in _entries(other):
        for mine in _entries(kept).filter(waitlist=entry.waitlist_id):
            gone, stays = (entry, mine) if entry.state == EntryState.WAITING else (mine, entry)
            # A place that is kept for a next round is one beside the present one (R28).
            if gone.state == EntryState.WAITING and (stays.state == gone.state or gone.continues_id is None):
                merge_entry(gone, into=stays, by=by, now=now)
                closed[gone.pk] = stays
                break
    return closed


def _entries(client):
    rows = WaitlistEntry.objects.exclude(state=EntryState.LEFT).filter(client=client)
    return rows.select_related("waitlist", "client__key").order_by("state", "waiting_since", "pk")


def note_merged(*, kept, lists, by, now):
    """R17: each place that goes on says that two files became one; every list is decided again."""
    for entry in _entries(kept):
        record(HistoryCode.FILES_MERGED, at=now, by=by, waitlist=entry.waitlist, entry=entry)
    make_due(lists, now=now)


def _seats(client, **which):
    rows = Participation.objects.filter(client=client, **which).order_by("pk")
    return rows.select_related("cycle__waitlist__offer", "client__key")


def _refuse_two_seats(kept, other):
    live = {"state__in": COUNTING_PARTICIPATIONS, "cycle__state__in": LIVE_CYCLES}
    mine = {seat.cycle.waitlist.offer_id for seat in _seats(kept, **live)}
    for seat in _seats(other, **live):
        if seat.cycle.waitlist.offer_id in mine:
            raise MergeRefused("two_places", offer=seat.cycle.waitlist.offer.name)
    sat = set(_seats(kept, state__in=STAYED).values_list("cycle", flat=True))
    for seat in _seats(other, state__in=STAYED):
        if seat.cycle_id in sat:
            raise MergeRefused("took_part_twice", offer=seat.cycle.waitlist.offer.name)


def _leave_one_seat(kept, other):
    """Of two seats in one cycle the one that was used stays; that the other was given up stands in the history."""
    mine = {seat.cycle_id: seat for seat in _seats(kept)}
    for seat in _seats(other):
        if seat.cycle_id in mine:
            used, unused = mine[seat.cycle_id], seat
            if seat.state in STAYED:
                used, unused = unused, used
            if unused.attendance.exists() or unused.scale.exists():
                raise MergeRefused("took_part_twice", offer=seat.cycle.waitlist.offer.name)
            WaitlistEntry.objects.filter(continues=unused).update(continues=used)
            _hand_on(unused, to=used)
            unused.delete()


def _hand_on(seat, *, to):
    """What was noted at the end of a round goes along, where the seat that stays has none of its own (R28, R30)."""
    for model in AT_THE_END:
        there = model.objects.filter(participation=to).exists()
        for row in () if there else model.objects.filter(participation=seat):
            row.participation = seat
            hand_over(row, participation=to)
