"""A word the day before an intake (R40)."""

import datetime as dt

from django.utils import timezone

from accounts.periods import local_period
from intake.enums import AppointmentEventCode
from intake.models import Appointment, AppointmentEvent
from intake.notifications import is_told_by_mail, remind_all

# Local time from which the day before begins for a mail box: nobody is woken at midnight.
FROM_HOUR = 9


def remind_of_intakes(*, now):
    """Puts a reminder in the outbox for each intake of tomorrow; returns how many that are.

    Safe twice: each is told once for each time it has. Who was booked or moved today has just heard. Whom no mail may
    tell, the desk calls, where calling is safe (R40).
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
    _have_the_desk_call(rows, today)
    return len(rows)


def _have_the_desk_call(appointments, today):
    """Once that day: whom somebody called today has heard."""
    silent = [
        appointment.pk
        for appointment in appointments
        if not is_told_by_mail(appointment.referral.client) and _may_be_called(appointment.referral.client)
    ]
    called = AppointmentEvent.objects.filter(code=AppointmentEventCode.TOLD, at__gte=local_period(today, today)[0])
    rows = Appointment.objects.booked().filter(pk__in=silent).exclude(pk__in=called.order_by().values("appointment"))
    rows.order_by().update(is_untold=True)


def _may_be_called(client):
    return bool(client.phone) and client.contact.may_phone
