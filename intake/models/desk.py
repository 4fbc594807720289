"""The desk: intake slots that recur weekly, and the appointments in them (R2)."""

import datetime as dt

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, IntegerRangeField, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast, ExtractHour, ExtractMinute
from django.utils.translation import gettext_lazy as _

from accounts.enums import RoleName, Weekday
from accounts.periods import local_moment
from accounts.permissions import has_role
from intake.enums import (
    TAKING_APPOINTMENTS,
    AppointmentEventCode,
    AppointmentState,
    CancelReason,
    IntakeWay,
)
from intake.models.referral import Referral, refuse_null

SHORTEST, LONGEST, USUAL = 15, 240, 60  # minutes
MINUTES_A_DAY = 24 * 60


class SlotQuerySet(models.QuerySet):
    def between(self, first, last):
        """Series that hold on at least one of these days, both included."""
        return self.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=first), valid_from__lte=last)

    def manageable_by(self, user):
        """A social worker's own; for the desk everybody's in the municipalities they work in."""
        mine = Q(pk=None)
        if has_role(user, RoleName.SOCIAL_WORKER):
            mine |= Q(worker=user)
        if has_role(user, RoleName.DESK):
            mine |= Q(municipality__in=user.work_areas.values("municipality"))
        return self.filter(mine)


def _starts_minute():
    return Cast(ExtractHour("starts_at"), models.IntegerField()) * 60 + Cast(
        ExtractMinute("starts_at"), models.IntegerField()
    )


def _hours():
    end = _starts_minute() + Cast("minutes", models.IntegerField())
    return models.Func(_starts_minute(), end, function="int4range", output_field=IntegerRangeField())


def _validity():
    return models.Func(
        "valid_from", "valid_until", models.Value("[]"), function="daterange", output_field=DateRangeField()
    )


def _once(name, field):
    """No two series of the same worker, or in the same room, share a minute of a weekday on which both hold."""
    return ExclusionConstraint(
        name=name,
        expressions=[
            (field, RangeOperators.EQUAL),
            ("weekday", RangeOperators.EQUAL),
            (_hours(), RangeOperators.OVERLAPS),
            (_validity(), RangeOperators.OVERLAPS),
        ],
    )


class IntakeSlot(models.Model):
    """A place for one client, each week on the same weekday and local time; a single extra one holds for one day.

    It takes nobody's time by itself: an appointment does, with a booking row of the worker and of the room.
    """

    worker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="intake_slots")
    municipality = models.ForeignKey(
        "neighbourhoods.Municipality",
        on_delete=models.PROTECT,
        related_name="intake_slots",
        verbose_name=_("municipality"),
    )
    weekday = models.PositiveSmallIntegerField(_("day"), choices=Weekday)
    starts_at = models.TimeField(_("time"), help_text="Local time.")
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), default=USUAL, validators=[MinValueValidator(SHORTEST), MaxValueValidator(LONGEST)]
    )
    way = models.CharField(_("how"), max_length=10, choices=IntakeWay)
    room = models.ForeignKey(
        "neighbourhoods.Room", null=True, blank=True, on_delete=models.PROTECT, related_name="intake_slots"
    )
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("until"), null=True, blank=True, help_text="The last day; empty: no end.")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = SlotQuerySet.as_manager()

    class Meta:
        ordering = ["weekday", "starts_at", "valid_from", "pk"]
        constraints = [
            models.CheckConstraint(name="slot_weekday_known", condition=Q(weekday__lte=6)),
            models.CheckConstraint(name="slot_length", condition=Q(minutes__gte=SHORTEST, minutes__lte=LONGEST)),
            models.CheckConstraint(name="slot_way_known", condition=Q(way__in=IntakeWay.values)),
            models.CheckConstraint(
                name="slot_room_where_it_needs_one",
                condition=Q(way=IntakeWay.ROOM, room__isnull=False) | (~Q(way=IntakeWay.ROOM) & Q(room__isnull=True)),
            ),
            models.CheckConstraint(
                name="slot_ends_after_begin",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
            ),
            _once("slot_worker_once", "worker"),
            _once("slot_room_once", "room"),
        ]

    def __str__(self):
        return f"slot #{self.pk}"

    @property
    def ends_at(self):
        """Local time at which it ends."""
        return (dt.datetime.combine(dt.date.min, self.starts_at) + dt.timedelta(minutes=self.minutes)).time()

    @property
    def is_single(self):
        """An extra slot on one day."""
        return self.valid_from == self.valid_until

    def holds_on(self, day):
        """Whether the series has an occurrence on this local day; holidays and cancellations are not asked."""
        begun = day.weekday() == self.weekday and self.valid_from <= day
        return begun and (self.valid_until is None or day <= self.valid_until)

    def first_day(self):
        """The first day on which it would have an occurrence; None if it ends before that."""
        day = self.valid_from + dt.timedelta(days=(self.weekday - self.valid_from.weekday()) % 7)
        return day if self.holds_on(day) else None

    def period_on(self, day):
        """(start, end) as moments, on this local day."""
        return local_moment(day, self.starts_at), local_moment(day, self.ends_at)


class SlotCancellation(models.Model):
    """One occurrence of a series that is not there."""

    slot = models.ForeignKey(IntakeSlot, on_delete=models.CASCADE, related_name="cancellations")
    date = models.DateField(_("day"))
    reason = models.CharField(
        _("reason"), max_length=200, validators=[refuse_null], help_text=_("No names of clients.")
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["date", "pk"]
        constraints = [
            models.UniqueConstraint(name="slot_cancelled_once", fields=["slot", "date"]),
            models.CheckConstraint(name="slot_cancelled_for_a_reason", condition=~Q(reason="")),
        ]

    def __str__(self):
        return f"slot #{self.slot_id}: {self.date}"


class AppointmentQuerySet(models.QuerySet):
    def booked(self):
        return self.filter(state=AppointmentState.BOOKED)

    def between(self, first, last):
        """On these local days, both included."""
        return self.filter(date__gte=first, date__lte=last)

    def manageable_by(self, user):
        """Who books, moves and calls off: the desk in its municipalities, a social worker their own (R41)."""
        mine = Q(pk=None)
        if has_role(user, RoleName.SOCIAL_WORKER):
            mine |= Q(worker=user)
        if has_role(user, RoleName.DESK):
            mine |= Q(slot__municipality__in=user.work_areas.values("municipality"))
        return self.filter(mine)


class Appointment(models.Model):
    """A client comes to an occurrence of a slot. It keeps its own time and place: whatever happens to the slot,
    what was agreed with the client stands until somebody changes it.
    """

    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="appointments")
    slot = models.ForeignKey(IntakeSlot, on_delete=models.PROTECT, related_name="appointments")
    date = models.DateField(help_text="The local day.")
    worker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="intake_appointments")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    way = models.CharField(_("how"), max_length=10, choices=IntakeWay)
    room = models.ForeignKey(
        "neighbourhoods.Room", null=True, blank=True, on_delete=models.PROTECT, related_name="intake_appointments"
    )
    worker_booking = models.OneToOneField(
        "accounts.WorkerBooking", null=True, on_delete=models.PROTECT, related_name="intake_appointment"
    )
    room_booking = models.OneToOneField(
        "neighbourhoods.RoomBooking", null=True, on_delete=models.PROTECT, related_name="intake_appointment"
    )
    state = models.CharField(max_length=10, choices=AppointmentState, default=AppointmentState.BOOKED)
    cancel_reason = models.CharField(max_length=20, choices=CancelReason, blank=True)
    is_untold = models.BooleanField(default=False, help_text="No safe mail went out: somebody has to call (R40).")
    version = models.PositiveIntegerField(default=0, help_text="Grows with each move; each is told once.")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        indexes = [
            models.Index(name="appointment_of_worker", fields=["worker", "date"]),
            models.Index(name="appointment_coming", fields=["starts_at"], condition=Q(state=AppointmentState.BOOKED)),
        ]
        constraints = [
            models.UniqueConstraint(
                name="appointment_slot_taken_once",
                fields=["slot", "date"],
                condition=Q(state__in=TAKING_APPOINTMENTS),
            ),
            models.UniqueConstraint(
                name="appointment_open_once", fields=["referral"], condition=Q(state=AppointmentState.BOOKED)
            ),
            models.CheckConstraint(
                name="appointment_booked_takes_the_worker",
                condition=~Q(state=AppointmentState.BOOKED) | Q(worker_booking__isnull=False),
            ),
            models.CheckConstraint(
                name="appointment_booked_takes_the_room",
                condition=~Q(state=AppointmentState.BOOKED) | Q(room__isnull=True) | Q(room_booking__isnull=False),
            ),
            models.CheckConstraint(
                name="appointment_room_where_it_needs_one",
                condition=Q(way=IntakeWay.ROOM, room__isnull=False) | (~Q(way=IntakeWay.ROOM) & Q(room__isnull=True)),
            ),
            models.CheckConstraint(name="appointment_times", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(name="appointment_state_known", condition=Q(state__in=AppointmentState.values)),
            models.CheckConstraint(name="appointment_way_known", condition=Q(way__in=IntakeWay.values)),
            models.CheckConstraint(
                name="appointment_cancelled_for_a_reason",
                condition=Q(state=AppointmentState.CANCELLED, cancel_reason__in=CancelReason.values)
                | (~Q(state=AppointmentState.CANCELLED) & Q(cancel_reason="")),
            ),
        ]

    def __str__(self):
        """Never a name: strings end up in logs."""
        return f"appointment #{self.pk}"

    @property
    def period(self):
        return self.starts_at, self.ends_at


class AppointmentEvent(models.Model):
    """What happened to an appointment. Codes and moments, never a name: erasure stays complete."""

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="events")
    code = models.CharField(max_length=10, choices=AppointmentEventCode)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField(help_text="When the appointment was, or is from now on.")
    reason = models.CharField(max_length=20, choices=CancelReason, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(name="appointment_event_known", condition=Q(code__in=AppointmentEventCode.values))
        ]

    def __str__(self):
        return f"{self.code} of #{self.appointment_id}"
