"""Every write about places that has a rule."""

from neighbourhoods.services.areas import lock_catchments, serve_apart, serve_together
from neighbourhoods.services.importing import import_cbs
from neighbourhoods.services.load import load_cbs
from neighbourhoods.services.provisions import (
    add_provision,
    change_provision,
    close_provision,
    load_demo_provisions,
    reopen_provision,
    withdraw_agreement,
)
from neighbourhoods.services.rooms import (
    book_room,
    book_room_series,
    close_room,
    close_venue,
    release_booking,
    reopen_room,
)
from neighbourhoods.services.venues import (
    add_room,
    add_venue,
    load_demo_venues,
    set_opening_hours,
    update_room,
    update_venue,
)

__all__ = [
    "add_provision",
    "add_room",
    "add_venue",
    "book_room",
    "book_room_series",
    "change_provision",
    "close_provision",
    "close_room",
    "close_venue",
    "import_cbs",
    "load_cbs",
    "load_demo_provisions",
    "load_demo_venues",
    "lock_catchments",
    "release_booking",
    "reopen_provision",
    "reopen_room",
    "serve_apart",
    "serve_together",
    "set_opening_hours",
    "update_room",
    "update_venue",
    "withdraw_agreement",
]
