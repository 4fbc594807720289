"""Venues, their rooms and opening hours, and the one row per period by which a room is taken."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Cast, ExtractHour, ExtractMinute
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import RoleName, Weekday
from neighbourhoods.enums import RoomBookingKind
from neighbourhoods.models.areas import Municipality, Neighbourhood

LOCAL_ZONE = ZoneInfo("Europe/Amsterdam")


def _minute_of_day(field):
    """SQL expression: whole minutes since midnight of a time column."""
    return Cast(ExtractHour(field), models.IntegerField()) * 60 + Cast(ExtractMinute(field), models.IntegerField())


def _days(first, last):
    if first == last:
        return Weekday(first).label
    return _("%(first)s to %(last)s") % {"first": Weekday(first).label, "last": Weekday(last).label}


class VenueQuerySet(models.QuerySet):
    """Adjectives for venues."""

    def public(self):
        """Without the venues whose place is shown to nobody without need (R40)."""
        return self.filter(is_hidden=False)

    def manageable_by(self, user):
        """Those of the municipalities where this user keeps the venues (R41)."""
        return self.filter(municipality__in=Municipality.objects.managed_by(user).order_by())

    def visible_to(self, user):
        """Public ones; hidden ones only for coordinators and for group workers of that municipality (R40)."""
        if user.role_names & {RoleName.COORDINATOR}:
            return self
        if user.role_names & {RoleName.GROUP_WORKER}:
            return self.filter(Q(is_hidden=False) | Q(municipality__in=user.work_areas.values("municipality")))
        return self.public()


class Venue(models.Model):
    """A place where groups meet. ``changed_at`` moves whenever rooms, hours or closures change."""

    name = models.CharField(_("name"), max_length=120)
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="venues", verbose_name=_("municipality")
    )
    neighbourhood = models.ForeignKey(
        Neighbourhood,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="venues",
        verbose_name=_("neighbourhood"),
    )
    address = models.CharField(_("address"), max_length=200, blank=True)
    is_hidden = models.BooleanField(
        _("hidden"),
        default=False,
        help_text=_("Only coordinators, group workers of the municipality and the group itself see name and address."),
    )
    note = models.TextField(_("note"), blank=True, max_length=1000)
    changed_at = models.DateTimeField(_("changed at"), default=timezone.now, db_index=True, editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )

    objects = VenueQuerySet.as_manager()

    class Meta:
        ordering = ("municipality__name", "name", "pk")
        verbose_name = _("venue")
        verbose_name_plural = _("venues")
        constraints = [models.UniqueConstraint(name="venue_name_once", fields=["municipality", "name"])]

    def __str__(self):
        return f"{self.name} ({self.municipality.name})"

    @property
    def public_name(self):
        """The name for lists, mail and calendars: never that of a hidden venue (R40)."""
        return _("location known to the participants") if self.is_hidden else self.name

    @property
    def hours_by_day(self):
        """Opening hours as lines to read; following days with the same hours share one ("Monday to Friday")."""
        windows = {day: [] for day in Weekday.values}
        for window in self.opening_hours.all():
            windows[window.weekday].append(window)
        lines = []
        for day, rows in windows.items():
            hours = [(row.opens_at, row.closes_at) for row in rows]
            if lines and lines[-1]["last"] == day - 1 and lines[-1]["hours"] == hours:
                lines[-1]["last"] = day
            elif rows:
                lines.append({"first": day, "last": day, "hours": hours, "windows": rows})
        return [{"days": _days(line["first"], line["last"]), "windows": line["windows"]} for line in lines]

    def is_open(self, starts_at, ends_at):
        """Whether one opening window holds the whole period (aware moments; hours are local time).

        Reads ``opening_hours`` as prefetched. A period that passes midnight is never inside opening hours.
        """
        start, end = starts_at.astimezone(LOCAL_ZONE), ends_at.astimezone(LOCAL_ZONE)
        if start.date() != end.date():
            return False
        return any(
            window.weekday == start.weekday() and window.opens_at <= start.time() and end.time() <= window.closes_at
            for window in self.opening_hours.all()
        )


class Room(models.Model):
    """A room of a venue; only active rooms are offered."""

    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="rooms", verbose_name=_("venue"))
    name = models.CharField(_("name"), max_length=80)
    capacity = models.PositiveSmallIntegerField(_("places"), validators=[MinValueValidator(1), MaxValueValidator(500)])
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ("venue__name", "name", "pk")
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        constraints = [
            models.UniqueConstraint(name="room_name_once", fields=["venue", "name"]),
            models.CheckConstraint(name="room_has_places", condition=Q(capacity__gte=1)),
        ]

    def __str__(self):
        return f"{self.name}, {self.venue.name}"

    @property
    def public_name(self):
        """Room and venue for lists, mail and calendars: never those of a hidden venue (R40)."""
        return self.venue.public_name if self.venue.is_hidden else str(self)


class OpeningHours(models.Model):
    """A window on a weekday, in local time (Europe/Amsterdam)."""

    venue = models.ForeignKey(Venue, on_delete=models.CASCADE, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField(_("day"), choices=Weekday.choices)
    opens_at = models.TimeField(_("opens"))
    closes_at = models.TimeField(_("closes"))

    class Meta:
        ordering = ("venue", "weekday", "opens_at")
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        constraints = [
            models.CheckConstraint(name="opening_weekday_known", condition=Q(weekday__lte=6)),
            models.CheckConstraint(name="opening_ends_after_start", condition=Q(closes_at__gt=F("opens_at"))),
            ExclusionConstraint(
                name="opening_windows_apart",
                expressions=[
                    ("venue", RangeOperators.EQUAL),
                    ("weekday", RangeOperators.EQUAL),
                    (
                        Func(_minute_of_day("opens_at"), _minute_of_day("closes_at"), function="int4range"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self):
        return f"{self.get_weekday_display()} {self.opens_at:%H:%M}–{self.closes_at:%H:%M}"


class RoomBookingQuerySet(models.QuerySet):
    """Adjectives for bookings."""

    def overlapping(self, starts_at, ends_at):
        """Bookings that share a moment with [starts_at, ends_at)."""
        return self.filter(period__overlap=(starts_at, ends_at))

    def upcoming(self, now):
        """Not over yet."""
        return self.filter(period__endswith__gt=now)

    def closures(self):
        """Only the periods in which a room is closed."""
        return self.filter(kind=RoomBookingKind.CLOSURE)


class RoomBooking(models.Model):
    """A room is taken for a period: one table and one constraint for sessions, talks and closures alike (R20)."""

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="bookings", verbose_name=_("room"))
    period = DateTimeRangeField(_("period"))
    kind = models.CharField(_("kind"), max_length=7, choices=RoomBookingKind.choices)
    note = models.CharField(_("note"), max_length=200, blank=True, help_text=_("No names of participants."))

    objects = RoomBookingQuerySet.as_manager()

    class Meta:
        ordering = ("period", "pk")
        verbose_name = _("room booking")
        verbose_name_plural = _("room bookings")
        constraints = [
            ExclusionConstraint(
                name="room_booked_once",
                expressions=[("room", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(name="room_booking_kind_known", condition=Q(kind__in=RoomBookingKind.values)),
            models.CheckConstraint(
                name="room_booking_bounded",
                condition=Q(
                    period__isempty=False, period__lower_inf=False, period__upper_inf=False, period__lower_inc=True
                ),
            ),
        ]

    def __str__(self):
        return f"{self.room_id}: {self.period.lower} – {self.period.upper}"
