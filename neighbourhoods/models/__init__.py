"""Places and who serves them: areas and postcodes, social teams, venues with rooms."""

from neighbourhoods.models.areas import Catchment, Municipality, Neighbourhood, PostcodeArea, PostcodeShare
from neighbourhoods.models.teams import SocialTeam, TeamMembership, WorkArea
from neighbourhoods.models.venues import OpeningHours, Room, RoomBooking, Venue

__all__ = [
    "Catchment",
    "Municipality",
    "Neighbourhood",
    "OpeningHours",
    "PostcodeArea",
    "PostcodeShare",
    "Room",
    "RoomBooking",
    "SocialTeam",
    "TeamMembership",
    "Venue",
    "WorkArea",
]
