"""Venues, their rooms and opening hours."""

import json
from datetime import time

from django.core.exceptions import PermissionDenied
from django.db import transaction

from neighbourhoods.models import Neighbourhood, OpeningHours, Room, Venue
from neighbourhoods.permissions import can_hide_venues, require_venue_manager
from neighbourhoods.postcodes import DATA
from neighbourhoods.services.rooms import touch_venue


def add_venue(*, name, municipality, by, now, neighbourhood=None, address="", is_hidden=False, note=""):
    """Add a venue. Raises ValueError when the neighbourhood lies in another municipality."""
    require_venue_manager(by, municipality.pk)
    _check_hiding(by, False, is_hidden)
    _check_place(municipality, neighbourhood)
    return Venue.objects.create(
        name=name,
        municipality=municipality,
        neighbourhood=neighbourhood,
        address=address,
        is_hidden=is_hidden,
        note=note,
        changed_at=now,
        changed_by=by,
    )


def update_venue(*, venue, name, municipality, by, now, neighbourhood=None, address="", is_hidden=False, note=""):
    """Change what a venue says about itself. Raises ValueError as add_venue does."""
    require_venue_manager(by, venue.municipality_id, municipality.pk)
    _check_hiding(by, Venue.objects.get(pk=venue.pk).is_hidden, is_hidden)
    _check_place(municipality, neighbourhood)
    venue.name, venue.municipality, venue.neighbourhood = name, municipality, neighbourhood
    venue.address, venue.is_hidden, venue.note = address, is_hidden, note
    venue.changed_at, venue.changed_by = now, by
    venue.save()
    return venue


def _check_hiding(by, was_hidden, is_hidden):
    if was_hidden != is_hidden and by is not None and not can_hide_venues(by):
        raise PermissionDenied


def _check_place(municipality, neighbourhood):
    if neighbourhood is not None and neighbourhood.municipality_id != municipality.pk:
        raise ValueError("the neighbourhood lies in another municipality")


@transaction.atomic
def add_room(*, venue, name, capacity, by, now, is_active=True):
    """Add a room to a venue."""
    require_venue_manager(by, venue.municipality_id)
    room = Room.objects.create(venue=venue, name=name, capacity=capacity, is_active=is_active)
    touch_venue(venue_id=venue.pk, by=by, now=now)
    return room


@transaction.atomic
def update_room(*, room, name, capacity, is_active, by, now):
    """Change a room. Taking it out of use leaves what is booked there; nothing new is planned in it."""
    require_venue_manager(by, room.venue.municipality_id)
    room.name, room.capacity, room.is_active = name, capacity, is_active
    room.save(update_fields=["name", "capacity", "is_active"])
    touch_venue(venue_id=room.venue_id, by=by, now=now)
    return room


@transaction.atomic
def set_opening_hours(*, venue, windows, by, now):
    """Replace the opening hours by ``windows``: (weekday 0–6, opens, closes) in local time.

    Windows that touch or overlap become one. Raises ValueError for a window that does not end after it starts, and
    leaves the hours as they were.
    """
    require_venue_manager(by, venue.municipality_id)
    Venue.objects.select_for_update(no_key=True).get(pk=venue.pk)
    merged = merge_windows(windows)
    venue.opening_hours.all().delete()
    rows = [
        OpeningHours(venue=venue, weekday=weekday, opens_at=opens_at, closes_at=closes_at)
        for weekday, opens_at, closes_at in merged
    ]
    OpeningHours.objects.bulk_create(rows)
    touch_venue(venue_id=venue.pk, by=by, now=now)
    return rows


def merge_windows(windows):
    """Sort windows and join those that touch or overlap. Raises ValueError for an impossible one."""
    merged = []
    for weekday, opens_at, closes_at in sorted(windows):
        if weekday not in range(7) or closes_at <= opens_at:
            raise ValueError("a window is on weekday 0–6 and ends after it starts")
        if merged and merged[-1][0] == weekday and opens_at <= merged[-1][2]:
            merged[-1] = (weekday, merged[-1][1], max(closes_at, merged[-1][2]))
        else:
            merged.append((weekday, opens_at, closes_at))
    return merged


@transaction.atomic
def load_demo_venues(*, now, path=DATA / "venues.json"):
    """Add the invented venues of the demo that are not there yet, and leave all others alone. Returns how many."""
    rows = json.loads(path.read_text(encoding="utf-8"))
    known = set(Venue.objects.values_list("municipality__name", "name"))
    missing = [row for row in rows if (row["municipality"], row["name"]) not in known]
    places = {
        (place.municipality.name, place.name): place for place in Neighbourhood.objects.select_related("municipality")
    }
    for row in missing:
        _add_demo_venue(row, places[row["municipality"], row["neighbourhood"]], now)
    return len(missing)


def _add_demo_venue(row, neighbourhood, now):
    venue = add_venue(
        name=row["name"],
        municipality=neighbourhood.municipality,
        neighbourhood=neighbourhood,
        address=row["address"],
        is_hidden=row["is_hidden"],
        note=row["note"],
        by=None,
        now=now,
    )
    for name, capacity in row["rooms"].items():
        add_room(venue=venue, name=name, capacity=capacity, by=None, now=now)
    windows = [
        (weekday, time.fromisoformat(opens_at), time.fromisoformat(closes_at))
        for weekdays, opens_at, closes_at in row["hours"]
        for weekday in weekdays
    ]
    set_opening_hours(venue=venue, windows=windows, by=None, now=now)
