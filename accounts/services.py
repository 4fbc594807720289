"""What happens to people and their time. Every write with a rule goes through here."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import ProhibitNullCharactersValidator, validate_email
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.enums import BookingKind, RoleName
from accounts.exceptions import BookingClash
from accounts.models import AvailabilityException, RoleAssignment, User, WeeklyAvailability
from accounts.periods import local_moment, local_period
from accounts.permissions import can_administer, can_manage_time_of

# Who may lead a group, and who may sit in one at all: losing the last of either takes seats away (R14).
LEADERS = {RoleName.GROUP_WORKER, RoleName.SOCIAL_WORKER}
HELPERS = {*LEADERS, RoleName.TEAM_MEMBER}

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
def set_roles(*, user, roles, by, now):
    """Exactly these roles from now on. Sessions of this user end, so that no old access lives on (S5).

    BookingClash while they are still to lead sessions that the new roles no longer let them lead (R14).
    """
    if not can_administer(by):
        raise PermissionDenied
    user = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    if set(roles) == user.role_names:
        return user
    if any(user.role_names & kind and not set(roles) & kind for kind in (LEADERS, HELPERS)):
        _refuse_while_booked(user, now)
    user.role_assignments.exclude(role__in=roles).delete()
    _assign_roles(user, set(roles) - user.role_names)
    User.objects.filter(pk=user.pk).update(access_version=F("access_version") + 1)
    return User.objects.get(pk=user.pk)


def choose_messages(*, user, by, **choices):
    """What somebody is mailed about: hears_news_by_mail, gets_digest (R9, R37). Everybody for themselves."""
    if by != user:
        raise PermissionDenied
    unknown = set(choices) - {"hears_news_by_mail", "gets_digest"}
    if unknown:
        raise TypeError(f"nobody chooses {', '.join(sorted(unknown))}")
    if choices:
        User.objects.filter(pk=user.pk).update(**choices)


@transaction.atomic
def deactivate_user(*, user, by, now):
    """Nobody logs in with this account any more; what it did stays readable. Twice is once.

    BookingClash lists the sessions and talks still planned with them: those need a substitute first (R14). `by` is
    None on the command line, where whoever can type it can do anything.
    """
    if by is not None and not can_administer(by):
        raise PermissionDenied
    user = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    _refuse_while_booked(user, now)
    if user.is_active:
        user.is_active, user.access_version = False, F("access_version") + 1
        user.save(update_fields=["is_active", "access_version"])
    return User.objects.get(pk=user.pk)


def _refuse_while_booked(user, now):
    planned = user.bookings.filter(period__endswith__gt=now).exclude(kind=BookingKind.LEAVE).order_by("period")
    if planned.exists():
        raise BookingClash(user, planned)


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
    for day, start, end in windows:
        if day not in range(7):
            raise ValidationError(_("A week has no such day."), code="weekday")
        if end <= start:
            raise ValidationError(_("The end must be later than the start."), code="end_before_start")
    for (day, _start, end), (next_day, next_start, _end) in zip(windows, windows[1:], strict=False):
        if day == next_day and next_start < end:
            raise ValidationError(_("Two times on the same day overlap."), code="overlap")


@transaction.atomic
def set_day_hours(*, user, date, windows, by, today, keep_booked=False):
    """On this local day these windows [(start, end)] hold instead of the weekly ones; none: not that day (R20).

    Replaces what was said of the day before. What is booked stays booked. Because somebody who says "not on Tuesday"
    and forgot Tuesday's session would leave a group alone, BookingClash lists what falls outside the new hours, and
    nothing is written; with `keep_booked` they will be there all the same. ValidationError (code): in_the_past,
    end_before_start, overlap, on_leave.
    """
    if not can_manage_time_of(by, user):
        raise PermissionDenied
    if date < today:
        raise ValidationError(_("This day has passed."), code="in_the_past")
    windows = sorted(windows)
    _check_windows([(date.weekday(), *hours) for hours in windows])
    User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    _refuse_within_leave(user, date, windows)
    outside = [] if keep_booked else _booked_outside(user, date, windows)
    if outside:
        raise BookingClash(user, outside)
    user.availability_exceptions.filter(date=date).delete()
    return AvailabilityException.objects.bulk_create(
        AvailabilityException(user=user, date=date, starts_at=start, ends_at=end)
        for start, end in windows or [(None, None)]
    )


def _refuse_within_leave(user, date, windows):
    """Hours that leave covers would open nothing: leave is taken back first."""
    leave = list(user.bookings.leave().overlapping(*local_period(date, date)))
    for start, end in windows:
        opens, closes = local_moment(date, start), local_moment(date, end)
        if any(booking.starts_at <= opens and closes <= booking.ends_at for booking in leave):
            raise ValidationError(_("You have leave then. Take the leave back first."), code="on_leave")


def _booked_outside(user, date, windows):
    """What is booked on this day and lies in none of these windows; leave asks nobody to be there."""
    hours = [(local_moment(date, start), local_moment(date, end)) for start, end in windows]
    return [
        booking
        for booking in user.bookings.overlapping(*local_period(date, date)).exclude(kind=BookingKind.LEAVE)
        if not any(start <= booking.starts_at and booking.ends_at <= end for start, end in hours)
    ]


@transaction.atomic
def remove_day_hours(*, user, date, by):
    """The weekly times hold on this day again; twice is once. Whether there was anything to remove."""
    if not can_manage_time_of(by, user):
        raise PermissionDenied
    removed, _rows = user.availability_exceptions.filter(date=date).delete()
    return removed > 0


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
