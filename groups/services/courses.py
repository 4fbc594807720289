"""Courses and the days on which they are given: the coordinator makes, changes and cancels them (R38)."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.validators import ProhibitNullCharactersValidator
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format

from accounts.enums import RoleName
from accounts.periods import local_moment
from groups.enums import CompetenceKind
from groups.exceptions import NotAllowed
from groups.models import Course, CourseDay
from groups.permissions import can_manage_training
from groups.seats import PROFESSIONALS
from groups.training_messages import COURSE_CANCELLED, COURSE_CHANGED
from notifications.services import notify_all, prepare

COURSE_FIELDS = ("name", "about", "grants", "offer", "for_role", "valid_months", "cycles_beside", "is_active")
DAY_FIELDS = ("date", "start_time", "end_time", "place", "places")
_TOLD = ("date", "start_time", "end_time", "place")
_refuse_null = ProhibitNullCharactersValidator()


def add_course(*, values, by):
    """values: {name of COURSE_FIELDS: value}. NotAllowed: course_name_taken, role_cannot_lead, role_cannot_sit."""
    return _save_course(Course(), values, by)


def change_course(*, course, values, by):
    """As add_course. Who completed it keeps what it gave them."""
    return _save_course(Course.objects.get(pk=course.pk), values, by)


@transaction.atomic
def add_day(*, course, values, by, today):
    """values: {name of DAY_FIELDS: value}. NotAllowed: course_closed, day_not_ahead."""
    _check(by)
    if not Course.objects.filter(pk=course.pk, is_active=True).exists():
        raise NotAllowed("course_closed")
    _check_ahead(values, today)
    return _save_day(CourseDay(course=course), values)


@transaction.atomic
def change_day(*, day, values, by, now, today):
    """Another day, time, place or number of places; who has a place hears of it.

    NotAllowed: day_cancelled, day_is_over, day_not_ahead, fewer_than_enrolled.
    """
    _check(by)
    day = lock_day(day)
    refuse_over(day, now)
    _check_ahead(values, today)
    if values["places"] < day.enrolments.count():
        raise NotAllowed("fewer_than_enrolled")
    before = [getattr(day, name) for name in _TOLD]
    day = _save_day(day, values)
    if before != [getattr(day, name) for name in _TOLD]:
        tell_day(text=COURSE_CHANGED, day=day, users=_enrolled(day), now=now)
    return day


@transaction.atomic
def cancel_day(*, day, by, now):
    """It is not given; who has a place hears of it. Twice is once. NotAllowed: day_is_over."""
    _check(by)
    day = lock_day(day)
    if day.cancelled_at is not None:
        return day
    refuse_over(day, now)
    day.cancelled_at = now
    day.save(update_fields=["cancelled_at"])
    tell_day(text=COURSE_CANCELLED, day=day, users=_enrolled(day), now=now)
    return day


def lock_day(day):
    """One change of a day and of who has a place on it at a time."""
    return CourseDay.objects.select_for_update(of=("self",)).select_related("course__offer").get(pk=day.pk)


def refuse_over(day, now):
    """A day that was cancelled or has begun takes no change and nobody any more."""
    if day.cancelled_at is not None:
        raise NotAllowed("day_cancelled")
    if local_moment(day.date, day.start_time) <= now:
        raise NotAllowed("day_is_over")


def tell_day(*, text, day, users, now):
    """One mail to each of them: which course, when and where, and the way to the courses."""
    with translation.override("nl"):
        values = {
            "cursus": day.course.name,
            "wanneer": f"{date_format(day.date, 'l j F')} om {day.start_time:%H:%M} uur",
            "plek": day.place or "hoort u nog",
            "link": settings.SITE_URL + reverse("groups:courses"),
        }
    key = f"{text.code}:{day.pk}:{int(now.timestamp())}"
    notify_all(
        [
            prepare(text=text, values=values, to=user.email, recipient=user, dedupe_key=f"{key}:{user.pk}", now=now)
            for user in users
            if user.is_active
        ]
    )


def _enrolled(day):
    return [row.user for row in day.enrolments.select_related("user")]


def _check(by):
    if not can_manage_training(by):
        raise PermissionDenied


def _check_ahead(values, today):
    if values["date"] < today:
        raise NotAllowed("day_not_ahead")


def _save_course(course, values, by):
    _check(by)
    for name in COURSE_FIELDS:
        setattr(course, name, values[name].strip() if isinstance(values[name], str) else values[name])
    for text in (course.name, course.about):
        _refuse_null(text)
    check_role(course.grants, {course.for_role})
    try:
        with transaction.atomic():
            course.save()
    except IntegrityError as error:
        if not error.__cause__.diag.constraint_name.startswith("groups_course_name"):
            raise
        raise NotAllowed("course_name_taken") from error
    return course


def check_role(kind, roles):
    """R14: leading is for group workers and social workers, co-leading for the social team too."""
    if not roles & {*PROFESSIONALS, RoleName.TEAM_MEMBER}:
        raise NotAllowed("role_cannot_sit")
    if kind == CompetenceKind.LEAD and not roles & set(PROFESSIONALS):
        raise NotAllowed("role_cannot_lead")


def _save_day(day, values):
    for name in DAY_FIELDS:
        setattr(day, name, values[name].strip() if isinstance(values[name], str) else values[name])
    _refuse_null(day.place)
    day.save()
    return day
