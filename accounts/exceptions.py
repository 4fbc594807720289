"""What can be refused here, said so that a screen can explain it."""

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.periods import short_moment


class BookingClash(Exception):
    """Somebody is already taken then (R20). `clashes` are their bookings in the way, the earliest first.

    `reasons` says what clashes, in the reader's language and local time, without anyone's name.
    """

    def __init__(self, user, clashes):
        self.user = user
        self.clashes = list(clashes)
        super().__init__(user.pk, [booking.pk for booking in self.clashes])

    @property
    def reasons(self):
        return [describe_booking(booking) for booking in self.clashes]

    def __str__(self):
        return _("Already taken: %(what)s.") % {"what": "; ".join(self.reasons) or _("somebody was just quicker")}


def describe_booking(booking):
    """'session, Tue 12 Jan, 19:00–21:00'; over several days both days are named."""
    start, end = timezone.localtime(booking.starts_at), timezone.localtime(booking.ends_at)
    until = f"{end:%H:%M}" if end.date() == start.date() else short_moment(end)
    return f"{booking.get_kind_display()}, {short_moment(start)}–{until}"
