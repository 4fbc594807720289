"""Questions about places that more than one page or app asks."""

from collections import defaultdict

from django.db.models import Case, Prefetch, Value, When

from neighbourhoods.adjacency import shared_borders
from neighbourhoods.enums import CatchmentLevel, MatchStatus, PostcodeKind
from neighbourhoods.models import (
    Catchment,
    Municipality,
    Neighbourhood,
    OpeningHours,
    PostcodeArea,
    Room,
    RoomBooking,
    SocialTeam,
    Venue,
)
from neighbourhoods.postcodes import PostcodeMatch, exists_in_netherlands, normalise_postcode, postcode_digits

# From this share on, one neighbourhood counts as the answer: what is left is smaller than the estimate's own error.
SURE_SHARE = 0.97

__all__ = [
    "bordering_catchments",
    "catchment_of",
    "find_neighbourhoods",
    "municipalities_with_neighbourhoods",
    "neighbourhoods_served_by",
    "normalise_postcode",
    "rooms_for",
    "taken_periods",
    "venue_page",
    "venues_by_municipality",
]


def catchment_of(neighbourhood, level):
    """Return the catchment at ``level`` that a neighbourhood belongs to (R11). Raises Catchment.DoesNotExist."""
    if level == CatchmentLevel.NEIGHBOURHOOD:
        if neighbourhood.catchment is None:
            raise Catchment.DoesNotExist(f"{neighbourhood.pk} has no catchment yet")
        return neighbourhood.catchment
    if level == CatchmentLevel.MUNICIPALITY:
        return Catchment.objects.get(level=level, municipality=neighbourhood.municipality_id)
    return Catchment.objects.get(level=CatchmentLevel.REGION)


def bordering_catchments(catchment):
    """Neighbourhood catchments that border on this one, the longest border first; within one municipality (R11)."""
    around = Neighbourhood.objects.filter(municipality=catchment.municipality_id, catchment__isnull=False)
    outlines, serves = {}, {}
    for code, served_by, outline in around.order_by("pk").values_list("pk", "catchment", "polygon"):
        serves[code] = served_by
        if outline:
            outlines[code] = outline
    metres = defaultdict(float)
    for code, lengths in shared_borders(outlines).items():
        for other, length in lengths.items():
            if serves[code] == catchment.pk != serves[other]:
                metres[serves[other]] += length
    found = Catchment.objects.filter(pk__in=metres, joined_into=None).in_bulk()
    return [found[pk] for pk in sorted(metres, key=lambda pk: (-metres[pk], pk)) if pk in found]


def find_neighbourhoods(postcode):
    """Look up a postcode, typed in any usual way, with or without its letters; never raises.

    Two queries whatever the postcode. Status ``many`` means: ask, with the candidates by share.
    """
    try:
        pc4 = postcode_digits(postcode)
    except ValueError:
        return PostcodeMatch(MatchStatus.INVALID)
    shown = _shown(postcode, pc4)
    area = PostcodeArea.objects.filter(pk=pc4).first()
    if area is None:
        return PostcodeMatch(MatchStatus.OUTSIDE if exists_in_netherlands(pc4) else MatchStatus.UNKNOWN, shown)
    if area.kind == PostcodeKind.PO_BOX:
        return PostcodeMatch(MatchStatus.PO_BOX, shown, area.place)
    shares = (
        area.shares.select_related("neighbourhood__municipality", "neighbourhood__catchment__municipality")
        .defer("neighbourhood__polygon", "neighbourhood__municipality__polygon")
        .defer("neighbourhood__catchment__municipality__polygon")
        .order_by("-share", "neighbourhood__name", "neighbourhood")
    )
    candidates = [(share.neighbourhood, share.share) for share in shares]
    is_sure = bool(candidates) and (len(candidates) == 1 or candidates[0][1] >= SURE_SHARE)
    return PostcodeMatch(MatchStatus.ONE if is_sure else MatchStatus.MANY, shown, area.place, candidates)


def _shown(postcode, pc4):
    try:
        return normalise_postcode(postcode)
    except ValueError:
        return pc4


def rooms_for(catchment, *, include_hidden=False):
    """Return the rooms in use where people of a catchment can meet, nearest first.

    Neighbourhood level: venues in its own neighbourhoods (``nearness`` 0), then elsewhere in the municipality (1);
    municipality: all of it; region: all. Hidden venues only when asked for (R40). Opening hours are prefetched.
    """
    rooms = Room.objects.filter(is_active=True)
    if catchment.level != CatchmentLevel.REGION:
        rooms = rooms.filter(venue__municipality=catchment.municipality_id)
    if not include_hidden:
        rooms = rooms.filter(venue__is_hidden=False)
    own = Case(When(venue__neighbourhood__catchment=catchment, then=Value(0)), default=Value(1))
    is_local = catchment.level == CatchmentLevel.NEIGHBOURHOOD
    return (
        rooms.annotate(nearness=own if is_local else Value(0))
        .select_related("venue__municipality", "venue__neighbourhood")
        .defer("venue__municipality__polygon", "venue__neighbourhood__polygon")
        .prefetch_related("venue__opening_hours")
        .order_by("nearness", "venue__name", "name", "pk")
    )


def taken_periods(rooms, starts_at, ends_at):
    """Return {room pk: [(start, end), …]} of everything booked within a span, in one query."""
    taken = defaultdict(list)
    bookings = RoomBooking.objects.filter(room__in=rooms).overlapping(starts_at, ends_at).order_by("period")
    for room_id, period in bookings.values_list("room_id", "period"):
        taken[room_id].append((period.lower, period.upper))
    return dict(taken)


def neighbourhoods_served_by(user):
    """The neighbourhoods of a social-team member's teams."""
    return Neighbourhood.objects.filter(
        catchment__in=Catchment.objects.filter(social_teams__memberships__user=user).values("pk")
    )


def municipalities_with_neighbourhoods():
    """Municipalities with their neighbourhoods, catchments and teams, in four queries."""
    teams = Prefetch("catchment__social_teams", queryset=SocialTeam.objects.order_by("name"))
    neighbourhoods = Neighbourhood.objects.select_related("catchment").prefetch_related(teams).order_by("name", "code")
    return Municipality.objects.prefetch_related(Prefetch("neighbourhoods", queryset=neighbourhoods)).order_by("name")


def venues_by_municipality(user):
    """Municipalities with ``visible_venues``: those this user may know of, with rooms and hours, in four queries."""
    venues = (
        Venue.objects.visible_to(user)
        .select_related("neighbourhood")
        .defer("neighbourhood__polygon")
        .prefetch_related(Prefetch("rooms", queryset=Room.objects.filter(is_active=True).order_by("name", "pk")))
        .prefetch_related(Prefetch("opening_hours", queryset=OpeningHours.objects.order_by("weekday", "opens_at")))
        .order_by("name", "pk")
    )
    return (
        Municipality.objects.defer("polygon")
        .prefetch_related(Prefetch("venues", queryset=venues, to_attr="visible_venues"))
        .order_by("name")
    )


def venue_page(user):
    """Venues this user may know of, with all that one venue's page shows."""
    return (
        Venue.objects.visible_to(user)
        .select_related("municipality", "neighbourhood")
        .defer("municipality__polygon", "neighbourhood__polygon")
        .prefetch_related(Prefetch("rooms", queryset=Room.objects.order_by("-is_active", "name", "pk")))
        .prefetch_related(Prefetch("opening_hours", queryset=OpeningHours.objects.order_by("weekday", "opens_at")))
    )
