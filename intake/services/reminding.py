"""A word the day before an intake (R40)."""

import datetime as dt

from django.utils import timezone

from accounts.periods import local_period
from intake.enums import AppointmentEventCode
from intake.models import Appointment
from intake.notifications import remind_all

# Local time from which the day before begins for a mail box: nobody is woken at midnight.
FROM_HOUR = 9


def remind_of_intakes(*, now):
    """Puts a reminder in the outbox for each intake of tomorrow; returns how many that are.

    Safe twice: each is told once for each time it has. Who was booked or moved today has just heard.
    """
    local = timezone.localtime(now)
    if local.hour < FROM_HOUR:
        return 0
    today = local.date()
    planned_today = {"events__code__in": (AppointmentEventCode.BOOKED, AppointmentEventCode.MOVED)}
    planned_today["events__at__gte"] = local_period(today, today)[0]
    booked = Appointment.objects.booked().filter(date=today + dt.timedelta(days=1))
    rows = booked.exclude(pk__in=booked.filter(**planned_today).order_by().values("pk"))
    rows = rows.select_related("referral__client__contact", "room__venue", "worker")
    rows = list(rows.defer("referral__question", "referral__aim").order_by("pk"))
    remind_all(appointments=rows, now=now)
    return len(rows)
