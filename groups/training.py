"""What the pages of courses and competences read, each list in a constant number of statements (R14, R38)."""

import datetime as dt

from django.db.models import Case, Count, Exists, F, OuterRef, Prefetch, Q, Subquery, TextChoices, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import RoleName
from accounts.models import RoleAssignment, User
from accounts.periods import short_day
from groups.discretion import shown_name
from groups.enums import CompetenceKind, CourseResult, CycleState, Seat
from groups.models import Competence, Course, CourseDay, Cycle, Enrolment
from groups.seats import PROFESSIONALS

# R14: how long before its end a competence is a task; the last days it is urgent.
WARN_DAYS, URGENT_DAYS = 60, 14
SITTERS = (*PROFESSIONALS, RoleName.TEAM_MEMBER)


class CompetenceFilter(TextChoices):
    """Which competences the coordinator looks at."""

    VALID = "valid", gettext_lazy("valid")
    SOON = "soon", gettext_lazy("expires soon")
    EXPIRED = "expired", gettext_lazy("expired")


# --- competences -----------------------------------------------------------------------------------------------------


def competence_text(competence, *, shared=False):
    """What somebody may and where: "leader, all groups"; `shared` keeps the name of a closed group out (R40)."""
    seat = Seat.LEAD if competence.kind == CompetenceKind.LEAD else Seat.CO_LEAD
    if competence.offer is None:
        where = _("all groups")
    else:
        where = shown_name(competence.offer) if shared else competence.offer.name
    return f"{seat.label}, {where}"


def competences_page(*, today, kind="", offer="", state=""):
    """Of who works here, by name, each with `is_expired` and `is_soon`; what is over stands at the bottom."""
    over = Q(expires_on__lte=today)
    soon = Q(expires_on__gt=today, expires_on__lte=today + dt.timedelta(days=WARN_DAYS))
    rows = Competence.objects.filter(user__is_active=True).select_related("user", "offer")
    rows = rows.annotate(
        is_expired=Case(When(over, then=Value(True)), default=Value(False)),
        is_soon=Case(When(soon, then=Value(True)), default=Value(False)),
    )
    if kind in CompetenceKind.values:
        rows = rows.filter(kind=kind)
    if offer:
        rows = rows.filter(Q(offer=None) | Q(offer__slug=offer))
    wanted = {CompetenceFilter.EXPIRED: over, CompetenceFilter.SOON: soon, CompetenceFilter.VALID: ~over}
    if state in wanted:
        rows = rows.filter(wanted[state] | Q(expires_on=None) if state == CompetenceFilter.VALID else wanted[state])
    by_offer = F("offer__name").asc(nulls_first=True)
    return rows.order_by("is_expired", "user__first_name", "user__last_name", "user", "kind", by_offer, "pk")


def expiring(*, today, user=None):
    """Competences that end within WARN_DAYS and that nothing of the same person covers, the first to end on top."""
    until = today + dt.timedelta(days=WARN_DAYS)
    rows = Competence.objects.filter(user__is_active=True, expires_on__gt=today, expires_on__lte=until)
    other = Competence.objects.filter(user=OuterRef("user")).exclude(pk=OuterRef("pk"))
    longer = Q(expires_on=None) | Q(expires_on__gt=OuterRef("expires_on"))
    leads = Q(kind=CompetenceKind.LEAD, user__in=_professionals())
    covers = other.filter(
        longer, Q(kind=OuterRef("kind")) | leads, Q(offer=None) | Q(offer=OuterRef("offer")), granted_on__lte=until
    )
    rows = rows.exclude(Exists(covers.order_by())).select_related("user", "offer")
    return (rows if user is None else rows.filter(user=user)).order_by("expires_on", "user__first_name", "pk")


def _professionals():
    return RoleAssignment.objects.filter(role__in=PROFESSIONALS).order_by().values("user")


def finished_beside(user):
    """R38: cycles that this person finished as second leader."""
    return Cycle.objects.filter(co_lead=user, state=CycleState.FINISHED).count()


# --- courses ---------------------------------------------------------------------------------------------------------


def with_taken(days):
    return days.annotate(taken=Count("enrolments"))


def courses_page(user, *, now, today):
    """Courses that are given, each with `coming` days: `taken`, and `is_mine` when this user has a place."""
    mine = Exists(Enrolment.objects.filter(day=OuterRef("pk"), user=user).order_by())
    coming = CourseDay.objects.filter(date__gte=today, cancelled_at=None).order_by("date", "start_time", "pk")
    days = Prefetch("days", with_taken(coming.annotate(is_mine=mine)), to_attr="coming")
    return Course.objects.select_related("offer").prefetch_related(days).order_by("-is_active", "name")


def days_of(course):
    """All days of a course with `taken`, the next ones first."""
    return with_taken(course.days.all()).order_by("-date", "-start_time", "-pk")


def people_of(day):
    """Who has a place on this day, by name, with `beside`: the cycles they finished as second leader."""
    rows = day.enrolments.annotate(beside=_beside()).select_related("user", "gave")
    return rows.order_by("user__first_name", "user__last_name", "pk")


def to_enrol(day):
    """Who has the role for this course and no place on this day yet."""
    there = Enrolment.objects.filter(day=day).order_by().values("user")
    return User.objects.with_role(day.course.for_role).exclude(pk__in=there).order_by("first_name", "last_name", "pk")


def waiting_enrolments():
    """Completed courses whose competence was not given yet, with `beside`: the cycles finished as second leader."""
    rows = Enrolment.objects.filter(result=CourseResult.COMPLETED, gave=None, user__is_active=True)
    return rows.annotate(beside=_beside()).select_related("day__course__offer").order_by("pk")


def _beside():
    cycles = Cycle.objects.filter(co_lead=OuterRef("user"), state=CycleState.FINISHED).order_by().values("co_lead")
    return Coalesce(Subquery(cycles.annotate(count=Count("pk")).values("count")), 0)


def ready_enrolments():
    """Those of them who worked beside an experienced leader as long as the course asks (R38)."""
    return waiting_enrolments().filter(beside__gte=F("day__course__cycles_beside"))


def enrolments_of(user):
    """Somebody's own courses, the latest on top."""
    return user.enrolments.select_related("day__course").order_by("-day__date", "-pk")


def waits_words(beside, course):
    """Why a completed course gave no competence yet."""
    return _("completed; the competence follows after %(wanted)s finished cycles as second leader, now %(beside)s") % {
        "wanted": course.cycles_beside,
        "beside": beside,
    }


def until_words(day):
    """Until when a competence holds."""
    return _("for good") if day is None else _("until %(day)s") % {"day": f"{short_day(day)} {day.year}"}
