"""The fixed choices of places: levels, kinds of postcode, kinds of room booking, outcomes of a postcode look-up."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CatchmentLevel(models.TextChoices):
    """The three levels at which an offer draws people (domain.md §3, werkgebied)."""

    NEIGHBOURHOOD = "neighbourhood", _("neighbourhood")
    MUNICIPALITY = "municipality", _("municipality")
    REGION = "region", _("region")


class PostcodeKind(models.TextChoices):
    """What a four-digit postcode area holds: homes, or only post-office boxes."""

    ADDRESS = "adres", _("addresses")
    PO_BOX = "postbus", _("PO boxes")


class MatchStatus(models.TextChoices):
    """Outcome of looking up a postcode."""

    ONE = "one", _("one neighbourhood")
    MANY = "many", _("more than one neighbourhood")
    PO_BOX = "po_box", _("PO boxes only")
    OUTSIDE = "outside", _("outside the municipalities where Socius works")
    UNKNOWN = "unknown", _("not in use")
    INVALID = "invalid", _("not a postcode")


class RoomBookingKind(models.TextChoices):
    """What a room is taken for; a closure is a booking too, so one constraint guards all."""

    SESSION = "session", _("group session")
    TALK = "talk", _("acquaintance talk")
    CLOSURE = "closure", _("closed")
    OTHER = "other", _("other use")


class ProvisionKind(models.TextChoices):
    """What a general facility in the neighbourhood is (R36)."""

    COMMUNITY_HOUSE = "community_house", _("community house")
    LIBRARY = "library", _("library")
    GARDEN = "garden", _("garden")
    CLUB = "club", _("club or association")
    SPORT = "sport", _("sport and exercise")
    MEALS = "meals", _("meals together")
    FAITH = "faith", _("church or mosque")
    VOLUNTEERS = "volunteers", _("volunteers' organisation")
    OTHER = "other", _("something else")
