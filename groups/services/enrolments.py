"""Places in a course, and afterwards who was there; being there gives the competence (R38)."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import User
from accounts.periods import local_moment
from groups.enums import CourseResult
from groups.exceptions import NotAllowed
from groups.models import Enrolment
from groups.permissions import can_manage_training
from groups.services.competences import give_by_course
from groups.services.courses import lock_day, refuse_over, tell_day
from groups.training_messages import COURSE_PLACE


@transaction.atomic
def enrol(*, day, user, by, now):
    """A place for this person, by themselves or by the coordinator; whom the coordinator enrols hears of it.

    NotAllowed: day_cancelled, day_is_over, course_closed, not_here_any_more, wrong_role, enrolled_already,
    course_full.
    """
    _check(user, by)
    day = lock_day(day)
    refuse_over(day, now)
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)  # one course at a time
    _check_person(day, user, now)
    if day.enrolments.count() >= day.places:
        raise NotAllowed("course_full")
    enrolment = Enrolment.objects.create(day=day, user=user, enrolled_at=now)
    if by != user:
        tell_day(text=COURSE_PLACE, day=day, users=[user], now=now)
    return enrolment


@transaction.atomic
def give_up_place(*, day, user, by, now):
    """Somebody else can have this place; who has none has given it up. NotAllowed: day_cancelled, day_is_over."""
    _check(user, by)
    day = lock_day(day)
    refuse_over(day, now)
    day.enrolments.filter(user=user).delete()


@transaction.atomic
def note_results(*, day, results, by, now):
    """Who was there: {key of an enrolment: CourseResult}. Who completed it may lead or co-lead, at once or once they
    worked beside an experienced leader as long as the course asks.

    The same twice is once. NotAllowed: day_cancelled, day_not_over; result_counts when a competence came of it
    already.
    """
    if not can_manage_training(by):
        raise PermissionDenied
    day = lock_day(day)
    if day.cancelled_at is not None:
        raise NotAllowed("day_cancelled")
    if local_moment(day.date, day.end_time) > now:
        raise NotAllowed("day_not_over")
    for enrolment in day.enrolments.select_for_update(of=("self",)).order_by("pk"):
        result = results.get(enrolment.pk, "")
        if result and result != enrolment.result:
            _note(enrolment, CourseResult(result), by, now)


def _note(enrolment, result, by, now):
    if hasattr(enrolment, "gave"):
        raise NotAllowed("result_counts")
    enrolment.result, enrolment.noted_at, enrolment.noted_by = result, now, by
    enrolment.save(update_fields=["result", "noted_at", "noted_by"])
    if result == CourseResult.COMPLETED:
        give_by_course(enrolment=enrolment, by=by, now=now)


def _check(user, by):
    if by != user and not can_manage_training(by):
        raise PermissionDenied


def _check_person(day, user, now):
    course = day.course
    if not course.is_active:
        raise NotAllowed("course_closed")
    user = User.objects.get(pk=user.pk)
    if not user.is_active:
        raise NotAllowed("not_here_any_more")
    if course.for_role not in user.role_names:
        raise NotAllowed("wrong_role")
    places = Enrolment.objects.filter(user=user, day__course=course, day__cancelled_at=None, result="")
    if any(local_moment(row.day.date, row.day.start_time) > now for row in places.select_related("day")):
        raise NotAllowed("enrolled_already")
