"""What ends within weeks: one's own right to lead or co-lead, and for the coordinator everybody's (R14, R38)."""

import datetime as dt

from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.periods import short_day
from groups.permissions import can_keep_time, can_manage_training
from groups.training import URGENT_DAYS, competence_text, expiring
from reporting.cards import Line, Task, Urgency

MOST_NAMES = 8


def expiring_tasks(user, *, now):
    """[Task]: what nothing else of the same person covers. One statement for a worker, one for a coordinator."""
    today = timezone.localdate(now)
    rows = list(expiring(today=today, user=user)) if can_keep_time(user) else []
    tasks = [_own(row, today) for row in rows]
    others = list(expiring(today=today)) if can_manage_training(user) else []
    return tasks + ([_others(others, today)] if others else [])


def _urgency(first, today):
    is_near = first.expires_on <= today + dt.timedelta(days=URGENT_DAYS)
    return {"tone": "warn", "urgency": Urgency.TODAY} if is_near else {"tone": "info", "urgency": Urgency.SOON}


def _own(row, today):
    return Task(
        title=_("Your competence ends on %(day)s") % {"day": short_day(row.expires_on)},
        meta=capfirst(competence_text(row, shared=True)),
        why=_("After that no group can be planned with you in that seat. A course, or the coordinator, extends it."),
        url=reverse("groups:courses"),
        action=_("Look at the courses"),
        icon="patch-check",
        **_urgency(row, today),
    )


def _others(rows, today):
    grant = reverse("groups:competence_grant")
    lines = [
        Line(
            f"{row.user.short_name}: {competence_text(row, shared=True)}",
            f"{grant}?collega={row.user_id}&soort={row.kind}",
            short_day(row.expires_on),
        )
        for row in rows[:MOST_NAMES]
    ]
    words = ngettext("%(count)s competence expires soon", "%(count)s competences expire soon", len(rows))
    return Task(
        title=words % {"count": len(rows)},
        why=_("Without it no new group is planned with this colleague. Extend it, or plan a course."),
        lines=tuple(lines),
        url=reverse("groups:competences") + "?state=soon",
        action=_("Look"),
        icon="patch-check",
        **_urgency(rows[0], today),
    )
