"""Once an intake has begun, all there is to note is what became of it."""

from intake.enums import AppointmentState
from intake.exceptions import DeskRefused


def check_is_to_come(appointment, now):
    """Before it is moved or called off. DeskRefused: not_booked, begun."""
    if appointment.state != AppointmentState.BOOKED:
        raise DeskRefused("not_booked")
    if appointment.starts_at <= now:
        raise DeskRefused("begun")
