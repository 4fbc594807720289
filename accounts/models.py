"""People who work with Socius, what they may do, and their time."""

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, IntegerRangeField, RangeOperators
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.db.models.functions import Cast, Extract, Lower
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.enums import BookingKind, RoleName, Weekday


class UserQuerySet(models.QuerySet):
    def with_role(self, *names):
        """Active people who hold at least one of these roles."""
        holders = RoleAssignment.objects.filter(role__in=names).values("user")
        return self.filter(pk__in=holders, is_active=True)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def create_user(self, email, password=None, **fields):
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)


class User(AbstractUser):
    username = None
    email = models.EmailField(_("e-mail address"), unique=True)
    max_cycles = models.PositiveSmallIntegerField(_("cycles at once, at most"), default=3)
    max_group_hours_week = models.PositiveSmallIntegerField(_("group hours a week, at most"), default=12)
    hears_news_by_mail = models.BooleanField(_("news of my referrals by mail"), default=True)
    gets_digest = models.BooleanField(_("the weekly overview by mail"), default=True)
    access_version = models.PositiveIntegerField(default=0, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = UserManager()

    class Meta:
        ordering = ["first_name", "last_name", "pk"]
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self):
        return self.full_name or f"#{self.pk}"

    @property
    def full_name(self):
        return self.get_full_name()

    @property
    def short_name(self):
        """Fatima B., Joris de V.: what lists show."""
        *prefix, last = self.last_name.split() or [""]
        return " ".join(part for part in [self.first_name, *prefix, last and f"{last[0]}."] if part)

    @cached_property
    def role_names(self):
        return frozenset(assignment.role for assignment in self.role_assignments.all())

    def _get_session_auth_hash(self, secret=None):
        """Sessions end when the password changes (Django's way) and when access changes (S5)."""
        return salted_hmac(
            "accounts.models.User.get_session_auth_hash",
            f"{self.password}:{self.access_version}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()


class RoleAssignment(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_assignments")
    role = models.CharField(max_length=20, choices=RoleName)

    class Meta:
        ordering = ["user_id", "role"]
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], name="role_once"),
            models.CheckConstraint(condition=models.Q(role__in=RoleName.values), name="role_known"),
        ]
        indexes = [models.Index(fields=["role", "user"], name="role_holders")]

    def __str__(self):
        return f"{self.user_id}: {self.role}"


def _seconds(field):
    return Cast(Extract(field, "epoch"), models.IntegerField())


class WeeklyAvailability(models.Model):
    """A window, in local time, in which somebody usually can be given a session."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="weekly_availability")
    weekday = models.PositiveSmallIntegerField(_("day"), choices=Weekday)
    starts_at = models.TimeField(_("from"))
    ends_at = models.TimeField(_("until"))

    class Meta:
        ordering = ["user_id", "weekday", "starts_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(weekday__lte=6), name="availability_weekday"),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="availability_ends_after_start"
            ),
            ExclusionConstraint(
                name="availability_no_overlap",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("weekday", RangeOperators.EQUAL),
                    (
                        models.Func(
                            _seconds("starts_at"),
                            _seconds("ends_at"),
                            function="int4range",
                            output_field=IntegerRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self):
        return f"{self.user_id}: {self.weekday} {self.starts_at:%H:%M}-{self.ends_at:%H:%M}"


class AvailabilityException(models.Model):
    """One local day on which somebody's weekly hours do not hold: other hours, or without times not at all (R20)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="availability_exceptions")
    date = models.DateField(_("day"))
    starts_at = models.TimeField(_("from"), null=True, blank=True)
    ends_at = models.TimeField(_("until"), null=True, blank=True)

    class Meta:
        ordering = ["user_id", "date", "starts_at"]
        constraints = [
            models.UniqueConstraint(
                name="availability_exception_once", fields=["user", "date", "starts_at"], nulls_distinct=False
            ),
            models.CheckConstraint(
                name="availability_exception_times",
                condition=models.Q(starts_at__isnull=True, ends_at__isnull=True)
                | models.Q(starts_at__isnull=False, ends_at__gt=models.F("starts_at")),
            ),
        ]

    def __str__(self):
        return f"{self.user_id}: {self.date}"


class WorkerBookingQuerySet(models.QuerySet):
    def overlapping(self, starts_at, ends_at):
        """Bookings that share at least a moment with [starts_at, ends_at)."""
        return self.filter(period__overlap=(starts_at, ends_at)).order_by("period")

    def leave(self):
        return self.filter(kind=BookingKind.LEAVE)


class WorkerBooking(models.Model):
    """One row per period in which a person is taken, whatever for. Nobody is taken twice, ever (R20)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="bookings")
    period = DateTimeRangeField()
    kind = models.CharField(max_length=10, choices=BookingKind)
    note = models.CharField(_("note"), max_length=200, blank=True, validators=[ProhibitNullCharactersValidator()])

    objects = WorkerBookingQuerySet.as_manager()

    class Meta:
        ordering = ["period", "pk"]
        constraints = [
            ExclusionConstraint(
                name="worker_booked_once",
                expressions=[("user", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=models.Q(period__isempty=False, period__lower_inf=False, period__upper_inf=False),
                name="booking_has_begin_and_end",
            ),
            models.CheckConstraint(condition=models.Q(kind__in=BookingKind.values), name="booking_kind_known"),
        ]

    def __str__(self):
        return f"{self.user_id}: {self.kind} {self.period}"

    @property
    def starts_at(self):
        return self.period.lower

    @property
    def ends_at(self):
        return self.period.upper


class CalendarFeed(models.Model):
    """Somebody's own calendar as an address to subscribe to. Only a hash of the address is kept."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="calendar_feed")
    token_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the random token, in hex.")
    created_at = models.DateTimeField()
    read_on = models.DateField(null=True, blank=True, help_text="The last local day on which it was read.")

    class Meta:
        ordering = ["user_id"]

    def __str__(self):
        return f"calendar of {self.user_id}"
