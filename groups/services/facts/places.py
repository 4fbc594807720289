"""Which rooms a list may use, when they are open and when taken (R20, R40)."""

from collections import defaultdict

from groups.engine import Place, Window
from groups.services.facts.busy import local_busy, midnight
from neighbourhoods.enums import CatchmentLevel
from neighbourhoods.models import OpeningHours, Room, RoomBooking


def load_places(waitlist, today):
    """Rooms that a group of this list may meet in, those in the catchment first (R20, R40)."""
    catchment = waitlist.catchment
    rooms = Room.objects.filter(is_active=True, venue__is_hidden=waitlist.offer.place_is_hidden)
    if catchment.level != CatchmentLevel.REGION:
        rooms = rooms.filter(venue__municipality=catchment.municipality_id)
    held_in = set(waitlist.offer.municipalities.order_by().values_list("pk", flat=True))
    rooms = [
        room
        for room in rooms.select_related("venue__neighbourhood").order_by("pk")
        if not held_in or room.venue.municipality_id in held_in
    ]
    hours, busy = defaultdict(list), defaultdict(list)
    venues = {room.venue_id for room in rooms}
    for row in OpeningHours.objects.filter(venue__in=venues).order_by("pk"):
        hours[row.venue_id].append(Window(row.weekday, row.opens_at, row.closes_at))
    taken = RoomBooking.objects.filter(room__in=[room.pk for room in rooms], period__endswith__gt=midnight(today))
    for room, period in taken.order_by("pk").values_list("room", "period"):
        busy[room].append(local_busy(period))
    return tuple(
        Place(room.pk, room.capacity, tuple(hours[room.venue_id]), tuple(busy[room.pk]), _distance(room, catchment))
        for room in rooms
    )


def _distance(room, catchment):
    if catchment.level != CatchmentLevel.NEIGHBOURHOOD:
        return 0
    neighbourhood = room.venue.neighbourhood
    return 0 if neighbourhood is not None and neighbourhood.catchment_id == catchment.pk else 1
