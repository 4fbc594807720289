"""What happened to one person across lists and cycles, for who may open their file (R17, R19, R41)."""

from django.db.models import Q

from groups.enums import STAYED, HistoryCode
from groups.models import Cycle, HistoryEntry, Participation, Waitlist, WaitlistEntry
from groups.models.waitlists import nameable
from groups.queries import held_number

# What happens to a whole group happens to who takes part in it.
GROUP_CODES = (
    HistoryCode.CYCLE_RUNNING,
    HistoryCode.CYCLE_FINISHED,
    HistoryCode.CYCLE_MOVED,
    HistoryCode.CYCLE_SMALLER,
    HistoryCode.SESSION_MOVED,
    HistoryCode.SESSION_CANCELLED,
    HistoryCode.SESSION_ADDED,
    HistoryCode.ROOM_CHANGED,
    HistoryCode.LEADER_CHANGED,
)
_PLACE = ("waitlist__catchment__municipality__polygon", "waitlist__catchment__municipality__figures")


def places_of(client, user):
    """This person's places in cycles, as far as `user` may know them (R40)."""
    places = Participation.objects.filter(nameable("cycle__waitlist__offer", user), client=client)
    return list(places.select_related("client__key").order_by("pk"))


def history_of_person(client, user, places):
    """All rows about this person, and about the groups they take part in since they were invited; the newest first."""
    entries = WaitlistEntry.objects.filter(nameable("waitlist__offer", user), client=client).order_by()
    found = Q(entry__in=list(entries.values_list("pk", flat=True)))
    for place in places:
        if place.state in STAYED:
            found |= Q(cycle=place.cycle_id, entry=None, at__gte=place.invited_at, code__in=GROUP_CODES)
    rows = HistoryEntry.objects.filter(found).annotate(session_number=held_number("session__"))
    rows = rows.select_related("by", "entry__client__key", "cycle", "session", "waitlist__offer")
    return rows.select_related("waitlist__catchment__municipality").defer(*_PLACE).order_by("-at", "-pk")


def openable(rows, user):
    """(waitlists, cycles) among these rows that this user may open, as sets of numbers."""
    lists = Waitlist.objects.visible_to(user).filter(pk__in={row.waitlist_id for row in rows})
    cycles = Cycle.objects.visible_to(user).filter(pk__in={row.cycle_id for row in rows if row.cycle_id})
    return tuple(set(found.order_by().values_list("pk", flat=True)) for found in (lists, cycles))
