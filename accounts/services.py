"""What happens to people and their time. Every write with a rule goes through here."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import ProhibitNullCharactersValidator, validate_email
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.enums import BookingKind, RoleName
from accounts.exceptions import BookingClash
from accounts.models import RoleAssignment, User, WeeklyAvailability
from accounts.permissions import can_administer, can_manage_time_of

refuse_null_characters = ProhibitNullCharactersValidator()


@transaction.atomic
def make_user(*, email, first_name, last_name, roles, password=None):
    """A user with these roles; without a password they set one by 'forgotten password' (unusable until then).

    ValidationError for an impossible or already used e-mail address or an unknown role.
    """
    validate_email(email)
    for text in (first_name, last_name):
        refuse_null_characters(text)
    if User.objects.filter(email__iexact=email.strip()).exists():
        raise ValidationError(_("This e-mail address is already in use."))
    user = User.objects.create_user(email, password, first_name=first_name, last_name=last_name)
    _assign_roles(user, roles)
    return user


@transaction.atomic
def set_roles(*, user, roles, by):
    """Exactly these roles from now on. Sessions of this user end, so that no old access lives on (S5)."""
    if not can_administer(by):
        raise PermissionDenied
    user = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    if set(roles) == user.role_names:
        return user
    user.role_assignments.exclude(role__in=roles).delete()
    _assign_roles(user, set(roles) - user.role_names)
    User.objects.filter(pk=user.pk).update(access_version=F("access_version") + 1)
    return User.objects.get(pk=user.pk)


def _assign_roles(user, roles):
    unknown = set(roles) - set(RoleName.values)
    if unknown:
        raise ValidationError(_("Unknown role: %(roles)s.") % {"roles": ", ".join(sorted(unknown))})
    RoleAssignment.objects.bulk_create(RoleAssignment(user=user, role=role) for role in sorted(set(roles)))


@transaction.atomic
def set_weekly_availability(*, user, windows, by):
    """Replaces the weekly windows [(weekday 0-6, start, end)] in local time; ValidationError if they cannot be."""
    if not can_manage_time_of(by, user):
        raise PermissionDenied
    windows = sorted(windows)
    _check_windows(windows)
    User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    user.weekly_availability.all().delete()
    return WeeklyAvailability.objects.bulk_create(
        WeeklyAvailability(user=user, weekday=weekday, starts_at=start, ends_at=end) for weekday, start, end in windows
    )


def _check_windows(windows):
    for weekday, start, end in windows:
        if weekday not in range(7):
            raise ValidationError(_("A week has no such day."), code="weekday")
        if end <= start:
            raise ValidationError(_("The end must be later than the start."), code="end_before_start")
    for (weekday, _start, end), (next_weekday, next_start, _end) in zip(windows, windows[1:], strict=False):
        if weekday == next_weekday and next_start < end:
            raise ValidationError(_("Two times on the same day overlap."), code="overlap")


def book_worker(*, user, starts_at, ends_at, kind, note=""):
    """Takes this person for [starts_at, ends_at); BookingClash if taken, be it a moment ago (R20)."""
    refuse_null_characters(note)
    if ends_at <= starts_at:
        raise ValidationError(_("The end must be later than the start."), code="end_before_start")
    clashes = list(user.bookings.overlapping(starts_at, ends_at))
    if clashes:
        raise BookingClash(user, clashes)
    return _insert_booking(user, starts_at, ends_at, kind, note)


def _insert_booking(user, starts_at, ends_at, kind, note):
    """The database has the last word: who looked at the same moment as somebody else is told here."""
    try:
        with transaction.atomic():
            # Two inserts that want each other's period would wait for each other for ever: one at a time a person.
            User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
            return user.bookings.create(period=DateTimeTZRange(starts_at, ends_at), kind=kind, note=note)
    except IntegrityError as error:
        if error.__cause__.diag.constraint_name != "worker_booked_once":
            raise
        raise BookingClash(user, user.bookings.overlapping(starts_at, ends_at)) from error


def record_leave(*, user, starts_at, ends_at, by, note=""):
    """Leave as a booking; BookingClash lists the sessions, talks or other leave in the way."""
    if not can_manage_time_of(by, user):
        raise PermissionDenied
    return book_worker(user=user, starts_at=starts_at, ends_at=ends_at, kind=BookingKind.LEAVE, note=note)


def remove_leave(*, booking, by):
    """Takes leave back. Only leave: what a session or a talk has booked goes with that session or talk."""
    if not can_manage_time_of(by, booking.user):
        raise PermissionDenied
    if booking.kind != BookingKind.LEAVE:
        raise ValueError("only leave can be removed")
    booking.delete()
