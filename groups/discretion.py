"""What a shared page may say of a group: a sensitive one goes without its name, a hidden place without its (R40).

And what a reason may say to whom: only who places may know that people are kept apart (R18).
"""

from django.utils.translation import gettext as _

from groups.permissions import can_see_passed_over


def shown_name(offer):
    """The offer's name for the schedule, which others read along with."""
    return _("closed group") if offer.is_sensitive else offer.name


def place_is_secret(offer, room):
    return offer.place_is_hidden or room.venue.is_hidden


def shown_place(offer, room):
    """Room and venue, unless they are shown to nobody without need."""
    return _("place known to the participants") if place_is_secret(offer, room) else str(room)


def known_reason(reason, user):
    """A stored {code, args} as this reader may know it; `user` None is a page of counts, which anybody may read over.

    Who does not place hears neither that some must not meet (R18) nor what a group worker wrote about a choice.
    """
    if user is not None and can_see_passed_over(user):
        return reason
    if reason["code"] == "not_all_together":
        return {"code": "no_common_time", "args": {}}
    return reason | {"args": {name: value for name, value in reason["args"].items() if name != "why"}}


def known_reasons(reasons, user):
    return [known_reason(reason, user) for reason in reasons]


def is_reached_with_care(contact):
    """R40: whom nobody simply calls: the file says how to reach them, and is read first."""
    return contact.is_sensitive or not contact.may_phone
