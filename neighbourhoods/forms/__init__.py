"""Forms for places."""

from neighbourhoods.forms.provisions import ProvisionForm
from neighbourhoods.forms.venues import ClosureForm, OpeningHoursForm, RoomForm, VenueForm, read_windows

__all__ = ["ClosureForm", "OpeningHoursForm", "ProvisionForm", "RoomForm", "VenueForm", "read_windows"]
