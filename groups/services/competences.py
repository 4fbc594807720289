"""Who may lead or co-lead: granted by hand or by a course, extended, ended; told in time before it ends (R14, R38)."""

import calendar
import datetime as dt
import logging

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.validators import ProhibitNullCharactersValidator
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format

from accounts.models import User
from groups.enums import CompetenceEvent
from groups.exceptions import NotAllowed
from groups.models import Competence, CompetenceChange, Enrolment
from groups.permissions import can_manage_training
from groups.services.capacity import make_lists_of_worker_due
from groups.services.courses import check_role
from groups.services.staff import limit_competence, withdraw_competence
from groups.training import URGENT_DAYS, WARN_DAYS, competence_text, expiring, finished_beside, ready_enrolments
from groups.training_messages import COMPETENCE_EXPIRES
from notifications.models import Notification
from notifications.services import notify_all, prepare

logger = logging.getLogger(__name__)
_refuse_null = ProhibitNullCharactersValidator()


@transaction.atomic
def grant_competence(*, user, kind, offer, expires_on, reason, by, now):
    """From today on this person may lead or co-lead, this offer or (None) all; until expires_on, or for good.

    One that still holds is extended, never shortened. Lists that waited for such a leader are decided again.
    NotAllowed: reason_missing, day_not_ahead, not_here_any_more, role_cannot_lead, role_cannot_sit, has_it_already.
    """
    _check(by, reason)
    today = timezone.localdate(now)
    if expires_on is not None and expires_on <= today:
        raise NotAllowed("day_not_ahead")
    user = _lock(user)
    if not user.is_active:
        raise NotAllowed("not_here_any_more")
    check_role(kind, user.role_names)
    competence, event = _put(user, kind, offer, today, expires_on)
    if event is None:
        raise NotAllowed("has_it_already")
    _note(competence, event, at=now, by=by, reason=reason)
    make_lists_of_worker_due(user, now=now)
    return competence


@transaction.atomic
def end_competence(*, competence, expires_on, reason, by, now):
    """Not any more from this day on, or (None) from now on. Running cycles are not torn apart.

    NotAllowed: reason_missing, competence_gone, before_granted, day_not_ahead, ends_earlier, competence_needed with
    the days of the sessions that need it.
    """
    _check(by, reason)
    user = _lock(competence.user)
    competence = Competence.objects.filter(pk=competence.pk).first()
    if competence is None:
        raise NotAllowed("competence_gone")
    competence.user = user
    if expires_on is None:
        withdraw_competence(competence=competence, by=by, now=now)
        competence.expires_on = timezone.localdate(now)
        _note(competence, CompetenceEvent.WITHDRAWN, at=now, by=by, reason=reason)
        return
    if expires_on <= timezone.localdate(now):
        raise NotAllowed("day_not_ahead")
    if competence.expires_on is not None and expires_on > competence.expires_on:
        raise NotAllowed("ends_earlier")
    limit_competence(competence=competence, expires_on=expires_on, by=by, now=now)
    _note(competence, CompetenceEvent.LIMITED, at=now, by=by, reason=reason)


@transaction.atomic
def give_by_course(*, enrolment, by, now):
    """What a completed course gives, once; True when it was given now. Not yet for who did not work beside an
    experienced leader as long as the course asks (R38), nor for who has another role by now.
    """
    user, course = _lock(enrolment.user), enrolment.day.course
    if CompetenceChange.objects.filter(enrolment=enrolment).exists():
        return False
    if not user.is_active or course.for_role not in user.role_names:
        return False
    if finished_beside(user) < course.cycles_beside:
        return False
    since = timezone.localdate(now) if course.cycles_beside else enrolment.day.date
    until = None if course.valid_months is None else _months_after(since, course.valid_months)
    competence, event = _put(user, course.grants, course.offer, since, until)
    _note(competence, event or CompetenceEvent.EXTENDED, at=now, by=by, enrolment=enrolment)
    make_lists_of_worker_due(user, now=now)
    return True


def settle_training(*, now):
    """What time does: competences that waited for finished cycles are given, and who loses one soon is told. Safe
    twice.
    """
    for pk in list(ready_enrolments().values_list("pk", flat=True)):
        _settle(pk, now)
    _warn(now)


def _settle(pk, now):
    """Each in its own transaction; one that fails is logged by number and never stops the others."""
    try:
        enrolment = Enrolment.objects.select_related("user", "day__course__offer").get(pk=pk)
        give_by_course(enrolment=enrolment, by=None, now=now)
    except Exception:
        logger.exception("enrolment %s could not be settled", pk)


def _warn(now):
    """One mail sixty and one fourteen days before; who is found late gets the last one only."""
    today = timezone.localdate(now)
    rows = {_warning_key(row, today): row for row in expiring(today=today)}
    told = Notification.objects.filter(dedupe_key__in=rows).values_list("dedupe_key", flat=True)
    new = rows.keys() - set(told.order_by())
    notify_all([_warning(row, key, now) for key, row in rows.items() if key in new])


def _warning_key(competence, today):
    days = URGENT_DAYS if (competence.expires_on - today).days <= URGENT_DAYS else WARN_DAYS
    return f"{COMPETENCE_EXPIRES.code}:{competence.pk}:{competence.expires_on}:{days}"


def _warning(competence, key, now):
    with translation.override("nl"):
        values = {
            "datum": date_format(competence.expires_on, "j F Y"),
            "bevoegdheid": competence_text(competence, shared=True),
            "link": settings.SITE_URL + reverse("groups:courses"),
        }
    user = competence.user
    return prepare(text=COMPETENCE_EXPIRES, values=values, to=user.email, recipient=user, dedupe_key=key, now=now)


def _check(by, reason):
    if not can_manage_training(by):
        raise PermissionDenied
    if not reason.strip():
        raise NotAllowed("reason_missing")
    _refuse_null(reason)


def _lock(user):
    """The user, locked: sessions are given to people under the same lock."""
    return User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)


def _put(user, kind, offer, since, until):
    """(the competence as it is from now on, what became of it); None when it holds as long already."""
    row = Competence.objects.filter(user=user, kind=kind, offer=offer).first()
    if row is None:
        row = Competence(user=user, kind=kind, offer=offer, granted_on=since, expires_on=until)
        event = CompetenceEvent.GRANTED
    elif row.expires_on is not None and row.expires_on <= since:
        row.granted_on, row.expires_on, event = since, until, CompetenceEvent.GRANTED
    elif row.expires_on is not None and (until is None or until > row.expires_on):
        row.expires_on, event = until, CompetenceEvent.EXTENDED
    else:
        return row, None
    row.save()
    return row, event


def _note(competence, event, *, at, by, reason="", enrolment=None):
    CompetenceChange.objects.create(
        user=competence.user,
        kind=competence.kind,
        offer=competence.offer,
        event=event,
        expires_on=competence.expires_on,
        reason=reason.strip(),
        enrolment=enrolment,
        at=at,
        by=by,
    )


def _months_after(day, months):
    """The same day so many months later; the last of the month where there is no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    last = calendar.monthrange(day.year + years, month + 1)[1]
    return dt.date(day.year + years, month + 1, min(day.day, last))
