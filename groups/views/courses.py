"""Courses: to enrol for who works here; to make, plan and note for the coordinator (R38)."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.periods import local_moment
from accounts.permissions import allow
from groups.enums import CourseResult
from groups.exceptions import NotAllowed
from groups.forms.refusals import RefusableForm
from groups.forms.training import CourseDayForm, CourseForm, EnrolForm, ResultsForm
from groups.models import Course, CourseDay, Enrolment
from groups.permissions import can_keep_time, can_manage_training, can_train
from groups.services.courses import add_course, add_day, cancel_day, change_course, change_day
from groups.services.enrolments import enrol, give_up_place, note_results
from groups.time_words import moment_text
from groups.training import courses_page, days_of, people_of, waits_words
from groups.views.steps import posted, step_page, take_step
from groups.wording import reason_text, sentence


@allow(can_train)
@require_safe
def courses(request):
    """What is given when, with the places left; a course that is not given any more only for the coordinator."""
    now, manages = timezone.now(), can_manage_training(request.user)
    rows = courses_page(request.user, now=now, today=timezone.localdate(now))
    context = {
        "courses": [_shown(row, request.user, now) for row in rows if row.is_active or manages],
        "manages": manages,
        "is_trained": can_keep_time(request.user),
    }
    return render(request, "groups/courses.html", context)


def _shown(course, user, now):
    fits = course.for_role in user.role_names
    has_place = any(day.is_mine for day in course.coming)
    days = [
        {
            "day": day,
            "free": day.places - day.taken,
            "has_begun": local_moment(day.date, day.start_time) <= now,
            "may_enrol": course.is_active and fits and not has_place and day.taken < day.places,
        }
        for day in course.coming
    ]
    return {"course": course, "fits": fits, "days": days}


@allow(can_manage_training)
@require_safe
def course(request, pk):
    row = get_object_or_404(Course.objects.select_related("offer"), pk=pk)
    return render(request, "groups/course.html", {"course": row, "days": days_of(row)})


@allow(can_manage_training)
def course_add(request):
    form = CourseForm(posted(request), today=timezone.localdate())
    if form.is_valid():
        with form.explaining():
            made = add_course(values=form.values(), by=request.user)
            messages.success(request, _("The course is added. Now plan a day."))
            return redirect("groups:course", made.pk)
    return _edit_page(request, form, _("New course"), reverse("groups:courses"))


@allow(can_manage_training)
def course_edit(request, pk):
    row = get_object_or_404(Course, pk=pk)
    form = CourseForm(posted(request), course=row, today=timezone.localdate())
    if form.is_valid():
        with form.explaining():
            change_course(course=row, values=form.values(), by=request.user)
            messages.success(request, _("Saved."))
            return redirect("groups:course", pk)
    return _edit_page(request, form, _("Change the course"), reverse("groups:course", args=[pk]), row.name)


@allow(can_manage_training)
def course_day_add(request, pk):
    row, today = get_object_or_404(Course, pk=pk), timezone.localdate()
    form = CourseDayForm(posted(request), today=today)
    if form.is_valid():
        with form.explaining():
            day = add_day(course=row, values=form.values(), by=request.user, today=today)
            messages.success(request, _("The day is planned."))
            return redirect("groups:course_day", day.pk)
    return _edit_page(request, form, _("Plan a course day"), reverse("groups:course", args=[pk]), row.name)


@allow(can_manage_training)
def course_day_edit(request, pk):
    day, now = _day(pk), timezone.now()
    form = CourseDayForm(posted(request), day=day, today=timezone.localdate(now))
    if form.is_valid():
        with form.explaining():
            today = timezone.localdate(now)
            change_day(day=day, values=form.values(), by=request.user, now=now, today=today)
            messages.success(request, _("Saved. Who has a place hears of it by mail."))
            return redirect("groups:course_day", pk)
    return _edit_page(request, form, _("Change this day"), reverse("groups:course_day", args=[pk]), day.course.name)


def _edit_page(request, form, title, back, eyebrow=""):
    context = {"form": form, "title": title, "back_url": back, "eyebrow": eyebrow}
    return render(request, "groups/edit.html", context, status=422 if form.errors else 200)


@allow(can_manage_training)
def course_day_cancel(request, pk):
    day, form = _day(pk), RefusableForm(posted(request), today=timezone.localdate())

    def act():
        cancel_day(day=day, by=request.user, now=timezone.now())

    to = ("groups:course_day", pk)
    return take_step(request, form, act, done=_("The course day is cancelled."), to=to) or step_page(
        request,
        form,
        title=_("Cancel this course day?"),
        action=_("Cancel the course day"),
        lead=_when(day),
        eyebrow=day.course.name,
        back=reverse(to[0], args=[pk]),
        consequences=[_("Who has a place hears of it by mail.")],
        tone="stop",
    )


@allow(can_manage_training)
def course_day(request, pk):
    """Who comes; afterwards who was there."""
    day, people = _day(pk), list(people_of(_day(pk)))
    form = ResultsForm(posted(request), people=people, today=timezone.localdate())
    if form.is_valid():
        with form.explaining():
            note_results(day=day, results=form.results(), by=request.user, now=timezone.now())
            messages.success(request, _("Noted."))
            return redirect("groups:course_day", pk)
    return _day_page(request, day, people, form)


@allow(can_manage_training)
@require_POST
def course_day_enrol(request, pk):
    """The coordinator gives somebody a place."""
    day = _day(pk)
    form = EnrolForm(request.POST, day=day, today=timezone.localdate())
    if form.is_valid():
        with form.explaining():
            enrol(day=day, user=form.cleaned_data["user"], by=request.user, now=timezone.now())
            messages.success(request, _("Enrolled. This colleague hears of it by mail."))
            return redirect("groups:course_day", pk)
    people = list(people_of(day))
    return _day_page(request, day, people, ResultsForm(people=people, today=timezone.localdate()), form)


def _day_page(request, day, people, form, enrol_form=None):
    now, today = timezone.now(), timezone.localdate()
    context = {
        "day": day,
        "when": _when(day),
        "form": form,
        "people": [(person, form[f"p{person.pk}"], _waits(person, day)) for person in people],
        "free": day.places - len(people),
        "is_coming": day.cancelled_at is None and local_moment(day.date, day.start_time) > now,
        "is_over": local_moment(day.date, day.end_time) <= now,
        "enrol_form": enrol_form or EnrolForm(day=day, today=today),
    }
    has_errors = form.errors or context["enrol_form"].errors
    return render(request, "groups/course_day.html", context, status=422 if has_errors else 200)


def _waits(person, day):
    """Why a completed course gave nothing yet."""
    is_waiting = person.result == CourseResult.COMPLETED and not hasattr(person, "gave")
    return waits_words(person.beside, day.course) if is_waiting else ""


@allow(can_manage_training)
@require_POST
def course_place_remove(request, pk):
    """The coordinator takes a place back, before the day."""
    place = get_object_or_404(Enrolment.objects.select_related("day", "user"), pk=pk)
    _say(request, lambda: _give_up(request, place.day, place.user), _("The place is free again."))
    return redirect("groups:course_day", place.day_id)


@allow(can_keep_time)
@require_POST
def course_enrol(request, pk):
    """A place for oneself."""
    day = _day(pk)

    def act():
        enrol(day=day, user=request.user, by=request.user, now=timezone.now())

    _say(request, act, _("You have a place in this course."))
    return redirect("groups:courses")


@allow(can_keep_time)
@require_POST
def course_leave(request, pk):
    """Oneself gives the place back, before the day."""
    day = _day(pk)
    _say(request, lambda: _give_up(request, day, request.user), _("You have no place in this course any more."))
    return redirect("groups:courses")


def _give_up(request, day, user):
    give_up_place(day=day, user=user, by=request.user, now=timezone.now())


def _say(request, act, done):
    """One click without a form: what the service refuses stands on top of the page."""
    try:
        act()
        messages.success(request, done)
    except NotAllowed as refusal:
        messages.error(request, sentence(reason_text(refusal.reason)))


def _day(pk):
    return get_object_or_404(CourseDay.objects.select_related("course__offer"), pk=pk)


def _when(day):
    place = f", {day.place}" if day.place else ""
    return moment_text(day.date, day.start_time, day.end_time) + place
