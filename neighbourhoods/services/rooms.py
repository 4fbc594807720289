"""Taking, freeing and closing rooms: one row per period, kept apart by the database (R20)."""

from django.db import IntegrityError, transaction

from neighbourhoods.enums import RoomBookingKind
from neighbourhoods.exceptions import RoomClash
from neighbourhoods.models import Room, RoomBooking, Venue
from neighbourhoods.permissions import require_venue_manager


def book_room(*, room, starts_at, ends_at, kind, note=""):
    """Take a room for [starts_at, ends_at) (aware moments). Raises RoomClash, also for a room out of use."""
    return book_room_series(room=room, periods=[(starts_at, ends_at)], kind=kind, note=note)[0]


@transaction.atomic
def book_room_series(*, room, periods, kind, note=""):
    """Take a room for all of ``periods`` (pairs of aware moments) or for none. Raises RoomClash.

    The room's row is locked first: two who want the same room wait for each other instead of deadlocking on the
    constraint. Opening hours are the caller's question (``Venue.is_open``): people meet outside them by arrangement.
    """
    locked = Room.objects.select_for_update(no_key=True).filter(pk=room.pk).first()
    if locked is None or (not locked.is_active and kind != RoomBookingKind.CLOSURE):
        raise RoomClash(room)
    rows = [RoomBooking(room=room, period=period, kind=kind, note=note) for period in periods]
    try:
        with transaction.atomic():
            return RoomBooking.objects.bulk_create(rows)
    except IntegrityError as error:
        clashes = _clashes(room, periods)
        if not clashes:
            raise
        raise RoomClash(room, clashes) from error


def _clashes(room, periods):
    found = {}
    for starts_at, ends_at in periods:
        for booking in room.bookings.overlapping(starts_at, ends_at).order_by("period"):
            found[booking.pk] = booking
    return list(found.values())


def release_booking(*, booking):
    """Free the room again; freeing twice does no harm."""
    RoomBooking.objects.filter(pk=booking.pk).delete()


@transaction.atomic
def close_room(*, room, starts_at, ends_at, by, now, note=""):
    """Close a room for a period. Raises RoomClash when something is booked: that has to move first."""
    require_venue_manager(by, room.venue.municipality_id)
    booking = book_room(room=room, starts_at=starts_at, ends_at=ends_at, kind=RoomBookingKind.CLOSURE, note=note)
    touch_venue(venue_id=room.venue_id, by=by, now=now)
    return booking


@transaction.atomic
def close_venue(*, venue, starts_at, ends_at, by, now, note=""):
    """Close all rooms of a venue for a period, or none. Raises RoomClash for the first room that is taken."""
    rooms = venue.rooms.order_by("pk")
    return [close_room(room=room, starts_at=starts_at, ends_at=ends_at, by=by, now=now, note=note) for room in rooms]


@transaction.atomic
def reopen_room(*, booking, by, now):
    """End a closure. Raises ValueError for a booking that is none."""
    require_venue_manager(by, booking.room.venue.municipality_id)
    if booking.kind != RoomBookingKind.CLOSURE:
        raise ValueError("not a closure")
    release_booking(booking=booking)
    touch_venue(venue_id=booking.room.venue_id, by=by, now=now)


def touch_venue(*, venue_id, by, now):
    """Note that rooms, hours or closures of a venue changed: what waits for a room looks at ``changed_at``."""
    Venue.objects.filter(pk=venue_id).update(changed_at=now, changed_by=by)
