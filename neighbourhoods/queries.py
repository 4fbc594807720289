"""Questions about places that more than one page or app asks."""

from collections import defaultdict

from django.db import connection
from django.db.models import Case, Count, Prefetch, Q, Value, When

from neighbourhoods.adjacency import shared_borders
from neighbourhoods.enums import CatchmentLevel, MatchStatus, PostcodeKind
from neighbourhoods.models import (
    Catchment,
    Municipality,
    Neighbourhood,
    OpeningHours,
    Postcode6,
    PostcodeShare,
    Provision,
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
    "provisions_by_municipality",
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

    Where full postcodes are loaded (import_cbs) all six signs decide, and one that is not among them falls back on its
    four digits and says so. Status ``many``: ask, with the candidates by share.
    """
    try:
        pc4 = postcode_digits(postcode)
    except ValueError:
        return PostcodeMatch(MatchStatus.INVALID)
    shown = _shown(postcode, pc4)
    known = _known(pc4, shown.replace(" ", ""))
    if known["exact"]:
        place = _served_neighbourhoods().get(sub_neighbourhoods=known["exact"])
        where = known["place"] or place.municipality.name
        return PostcodeMatch(MatchStatus.ONE, shown, where, [(place, 1)], is_exact=True)
    is_unlisted = known["is_loaded"] and shown != pc4
    if known["kind"] is None and not known["is_loaded"]:
        if not exists_in_netherlands(pc4):
            return PostcodeMatch(MatchStatus.UNKNOWN, shown)
        served = tuple(Municipality.objects.order_by("name").values_list("name", flat=True))
        return PostcodeMatch(MatchStatus.OUTSIDE, shown, served=served)
    if known["kind"] == PostcodeKind.PO_BOX:
        return PostcodeMatch(MatchStatus.PO_BOX, shown, known["place"])
    candidates = (known["kind"] and _candidates(pc4)) or _candidates_by_postcodes(pc4)
    is_sure = bool(candidates) and (len(candidates) == 1 or candidates[0][1] >= SURE_SHARE)
    status = MatchStatus.ONE if is_sure else MatchStatus.MANY
    return PostcodeMatch(status, shown, known["place"] or "", candidates, is_unlisted=is_unlisted)


KNOWN = """
SELECT (SELECT sub_neighbourhood_id FROM neighbourhoods_postcode6 WHERE pc6 = %(pc6)s) AS exact,
       EXISTS (SELECT FROM neighbourhoods_postcode6 WHERE pc6 LIKE %(pc4)s || '%%') AS is_loaded,
       area.kind, area.place
FROM (SELECT 1) always LEFT JOIN neighbourhoods_postcodearea area ON area.pc4 = %(pc4)s
"""


def _known(pc4, pc6):
    """What is known of a postcode, in one query: its buurt, its area, and whether full ones are loaded around it."""
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, {"pc4": pc4, "pc6": pc6})
        return dict(zip(("exact", "is_loaded", "kind", "place"), cursor.fetchone(), strict=True))


def _served_neighbourhoods():
    return Neighbourhood.objects.select_related("municipality", "catchment__municipality").defer(
        "polygon", "municipality__polygon", "catchment__municipality__polygon"
    )


def _candidates(pc4):
    """Neighbourhoods by the estimated part of the postcode area's inhabitants."""
    shares = (
        PostcodeShare.objects.filter(area=pc4)
        .select_related("neighbourhood__municipality", "neighbourhood__catchment__municipality")
        .defer("neighbourhood__polygon", "neighbourhood__municipality__polygon")
        .defer("neighbourhood__catchment__municipality__polygon")
        .order_by("-share", "neighbourhood__name", "neighbourhood")
    )
    return [(share.neighbourhood, share.share) for share in shares]


def _candidates_by_postcodes(pc4):
    """The same where nobody estimated it: by the part of its full postcodes."""
    postcodes = Postcode6.objects.filter(pc6__startswith=pc4).order_by("sub_neighbourhood__neighbourhood")
    counted = postcodes.values_list("sub_neighbourhood__neighbourhood").annotate(count=Count("pk"))
    counts = dict(counted)
    places = _served_neighbourhoods().filter(pk__in=counts).order_by("name", "pk")
    shares = [(place, counts[place.pk] / sum(counts.values())) for place in places]
    return sorted(shares, key=lambda pair: -pair[1])


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


def provisions_by_municipality(user, neighbourhood=None):
    """Municipalities with ``open_provisions``, in two queries; of one neighbourhood: its own and those for all."""
    provisions = (
        Provision.objects.open().visible_to(user).select_related("neighbourhood").defer("neighbourhood__polygon")
    )
    municipalities = Municipality.objects.defer("polygon").order_by("name")
    if neighbourhood is not None:
        provisions = provisions.filter(Q(neighbourhood=neighbourhood) | Q(neighbourhood=None))
        municipalities = municipalities.filter(pk=neighbourhood.municipality_id)
    provisions = provisions.order_by("name", "pk")
    return municipalities.prefetch_related(Prefetch("provisions", queryset=provisions, to_attr="open_provisions"))
