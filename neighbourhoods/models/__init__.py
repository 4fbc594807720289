"""Places and who serves them: areas and postcodes, social teams, venues with rooms."""

from neighbourhoods.models.areas import (
    Catchment,
    Municipality,
    Neighbourhood,
    Postcode6,
    PostcodeArea,
    PostcodeShare,
    SubNeighbourhood,
)
from neighbourhoods.models.provisions import Provision
from neighbourhoods.models.teams import SocialTeam, TeamMembership, WorkArea
from neighbourhoods.models.venues import OpeningHours, Room, RoomBooking, Venue

__all__ = [
    "Catchment",
    "Municipality",
    "Neighbourhood",
    "OpeningHours",
    "Postcode6",
    "PostcodeArea",
    "PostcodeShare",
    "Provision",
    "Room",
    "RoomBooking",
    "SocialTeam",
    "SubNeighbourhood",
    "TeamMembership",
    "Venue",
    "WorkArea",
]
