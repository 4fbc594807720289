"""Courses that grant the competence to lead or co-lead (R38, R14)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.enums import RoleName
from groups.enums import CompetenceEvent, CompetenceKind, CourseResult
from groups.models.offers import GroupOffer


class Course(models.Model):
    """What is taught, and which competence who completes it gets, for how many months."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    about = models.TextField(_("what is taught"), blank=True, max_length=2000)
    grants = models.CharField(_("gives the right to"), max_length=10, choices=CompetenceKind.choices)
    offer = models.ForeignKey(
        GroupOffer, null=True, blank=True, on_delete=models.PROTECT, related_name="courses", help_text="Empty: all."
    )
    for_role = models.CharField(max_length=20, help_text="accounts.enums.RoleName: whom it trains.")
    valid_months = models.PositiveSmallIntegerField(_("valid for, months"), null=True, blank=True)
    cycles_beside = models.PositiveSmallIntegerField(
        _("cycles beside an experienced leader first"), default=0, help_text="R38: finished cycles as second leader."
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="course_valid_months", condition=Q(valid_months__gte=1, valid_months__lte=120)
            ),
            models.CheckConstraint(name="course_grants_known", condition=Q(grants__in=CompetenceKind.values)),
        ]

    def __str__(self):
        return self.name

    @property
    def role_label(self):
        return RoleName(self.for_role).label


class CourseDay(models.Model):
    """One time that a course is given."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="days")
    date = models.DateField(_("day"))
    start_time = models.TimeField(_("from"))
    end_time = models.TimeField(_("until"))
    place = models.CharField(_("place"), max_length=120, blank=True)
    places = models.PositiveSmallIntegerField(_("places"))
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["date", "start_time", "pk"]
        constraints = [
            models.CheckConstraint(name="course_day_times", condition=Q(end_time__gt=F("start_time"))),
            models.CheckConstraint(name="course_day_places", condition=Q(places__gte=1)),
        ]

    def __str__(self):
        return f"{self.course_id} {self.date}"


class Enrolment(models.Model):
    """Somebody's place in a course, and whether they were there; being there grants the competence (R38)."""

    day = models.ForeignKey(CourseDay, on_delete=models.CASCADE, related_name="enrolments")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="enrolments")
    enrolled_at = models.DateTimeField()
    result = models.CharField(max_length=10, choices=CourseResult.choices, blank=True)
    noted_at = models.DateTimeField(null=True, blank=True)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["day_id", "pk"]
        constraints = [
            models.UniqueConstraint(name="enrolment_once", fields=["day", "user"]),
            models.CheckConstraint(
                name="enrolment_result_by_somebody",
                condition=Q(result="", noted_at__isnull=True) | (~Q(result="") & Q(noted_at__isnull=False)),
            ),
        ]

    def __str__(self):
        return f"{self.day_id}: {self.user_id}"


class CompetenceChange(models.Model):
    """Who may lead or co-lead since when, until when and why: kept when the right itself is gone (R14, R38)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="competence_changes")
    kind = models.CharField(max_length=10, choices=CompetenceKind.choices)
    offer = models.ForeignKey(GroupOffer, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    event = models.CharField(max_length=10, choices=CompetenceEvent.choices)
    expires_on = models.DateField(null=True, blank=True, help_text="As it was from here on; empty: for good.")
    reason = models.CharField(max_length=500, blank=True)
    enrolment = models.OneToOneField(
        Enrolment,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="gave",
        help_text="The course that gave it: one course gives once, also after somebody took the right away.",
    )
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(name="competence_change_known", condition=Q(event__in=CompetenceEvent.values))
        ]

    def __str__(self):
        return f"{self.user_id}: {self.kind} {self.event}"
