"""What a shared page may say of a group: a sensitive one goes without its name, a hidden place without its (R40)."""

from django.utils.translation import gettext as _


def shown_name(offer):
    """The offer's name for the schedule, which others read along with."""
    return _("closed group") if offer.is_sensitive else offer.name


def place_is_secret(offer, room):
    return offer.place_is_hidden or room.venue.is_hidden


def shown_place(offer, room):
    """Room and venue, unless they are shown to nobody without need."""
    return _("place known to the participants") if place_is_secret(offer, room) else str(room)
