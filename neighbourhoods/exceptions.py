"""What can go wrong with places."""

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.periods import short_moment
from neighbourhoods.enums import RoomBookingKind

# A room can be booked for months: name the first few.
MOST_NAMED = 5


class CbsFileError(Exception):
    """A data file is missing, damaged or contradicts another; nothing was written."""


class CbsImportRefused(CbsFileError):
    """The files are readable, but importing them would do harm or cannot be now; nothing was written."""


class ProvisionChanged(Exception):
    """Somebody changed this provision since the page was made; nothing was written. ``provision`` is as it is now."""

    def __init__(self, provision):
        self.provision = provision
        super().__init__(f"provision {provision.pk} was changed meanwhile")


class RoomClash(Exception):
    """A room cannot be taken: ``clashes`` are the bookings in the way; none when the room is out of use."""

    def __init__(self, room, clashes=()):
        self.room = room
        self.clashes = list(clashes)
        super().__init__(f"room {room.pk} is taken")

    @property
    def message(self):
        """A sentence for the screen: what stands in the way and when, without naming anyone."""
        if not self.clashes:
            return _("%(room)s is not in use.") % {"room": self.room.public_name}
        taken = "; ".join(_describe(booking) for booking in self.clashes[:MOST_NAMED])
        if len(self.clashes) > MOST_NAMED:
            taken += "; …"
        return _("%(room)s is taken: %(taken)s.") % {"room": self.room.public_name, "taken": taken}


def _describe(booking):
    starts_at, ends_at = timezone.localtime(booking.period.lower), timezone.localtime(booking.period.upper)
    return _("%(kind)s, %(start)s–%(end)s") % {
        "kind": RoomBookingKind(booking.kind).label,
        "start": short_moment(starts_at),
        "end": f"{ends_at:%H:%M}" if starts_at.date() == ends_at.date() else short_moment(ends_at),
    }
