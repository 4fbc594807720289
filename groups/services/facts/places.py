"""Which rooms a list may use, when they are open and when taken, in one statement (R20, R40)."""

from functools import partial

from django.conf import settings

from groups.engine import Place
from groups.services.facts.rows import busy, midnight, windows
from groups.services.statements import Statement
from neighbourhoods.enums import CatchmentLevel
from neighbourhoods.models import Room, Venue

_PLACES = Statement(
    "places",
    """
SELECT r.id, r.capacity, r.name, v.name AS venue, v.address, v.is_hidden, v.neighbourhood_id AS area,
       n.catchment_id IS NOT DISTINCT FROM %(catchment)s AS is_near,
       hours.weekdays, hours.opens, hours.closes, taken.starts, taken.ends
FROM neighbourhoods_room r
JOIN neighbourhoods_venue v ON v.id = r.venue_id
LEFT JOIN neighbourhoods_neighbourhood n ON n.code = v.neighbourhood_id
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(h.weekday ORDER BY h.id), '{}') AS weekdays,
           coalesce(array_agg(h.opens_at ORDER BY h.id), '{}') AS opens,
           coalesce(array_agg(h.closes_at ORDER BY h.id), '{}') AS closes
    FROM neighbourhoods_openinghours h WHERE h.venue_id = v.id) hours
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(lower(b.period) AT TIME ZONE %(zone)s::text ORDER BY b.id), '{}') AS starts,
           coalesce(array_agg(upper(b.period) AT TIME ZONE %(zone)s::text ORDER BY b.id), '{}') AS ends
    FROM neighbourhoods_roombooking b WHERE b.room_id = r.id AND b.period && tstzrange(%(since)s, NULL)) taken
WHERE r.is_active AND v.is_hidden = %(is_hidden)s
  AND (%(municipality)s::text IS NULL OR v.municipality_id = %(municipality)s)
  AND (NOT EXISTS (SELECT FROM groups_groupoffer_municipalities m WHERE m.groupoffer_id = %(offer)s)
       OR EXISTS (SELECT FROM groups_groupoffer_municipalities m
                  WHERE m.groupoffer_id = %(offer)s AND m.municipality_id = v.municipality_id))
ORDER BY r.id
""",
)
PLACES_OF_EACH = _PLACES.for_each(catchment="bigint", municipality="text", offer="bigint", is_hidden="boolean")


def load_places(waitlist, today):
    """Rooms that a group of this list may meet in, those in the catchment first (R20, R40)."""
    return load_places_and_rooms(waitlist, today)[0]


def load_places_and_rooms(waitlist, today):
    """The same for the engine, and {id: a function that gives the room with its venue, for wording}."""
    rows = _PLACES.rows(**asked_of_rooms(waitlist), since=midnight(today), zone=settings.TIME_ZONE)
    return places_of(rows, waitlist), {row["id"]: partial(_room, row) for row in rows}


def asked_of_rooms(waitlist):
    """The arguments of the statement that differ from list to list."""
    catchment = waitlist.catchment
    return {
        "catchment": catchment.pk,
        "municipality": None if catchment.level == CatchmentLevel.REGION else catchment.municipality_id,
        "offer": waitlist.offer_id,
        "is_hidden": waitlist.offer.place_is_hidden,
    }


def places_of(rows, waitlist):
    """The rooms of rows that were fetched for this list."""
    is_local = waitlist.catchment.level == CatchmentLevel.NEIGHBOURHOOD
    return tuple(
        Place(
            id=row["id"],
            capacity=row["capacity"],
            windows=windows(row["weekdays"], row["opens"], row["closes"]),
            busy=busy(row["starts"], row["ends"]),
            area=row["area"],
            rank=0 if row["is_near"] or not is_local else 1,
        )
        for row in rows
    )


def _room(row):
    venue = Venue(name=row["venue"], address=row["address"], is_hidden=row["is_hidden"])
    return Room(pk=row["id"], name=row["name"], capacity=row["capacity"], venue=venue)
