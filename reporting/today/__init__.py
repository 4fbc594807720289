"""Today: what needs this person now, in order, from every role they hold. Figures come second."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import RoleName
from intake.permissions import can_refer
from reporting.cards import Button, Figure, Panel, Task
from reporting.today import coordinator, desk, group_worker, others, social_worker, team_member
from reporting.today.competences import expiring_tasks
from reporting.today.shared import drafts_task, likeness_task

# In this order somebody with several roles sees them.
BUILDERS = {
    RoleName.GROUP_WORKER: group_worker.build,
    RoleName.SOCIAL_WORKER: social_worker.build,
    RoleName.TEAM_MEMBER: team_member.build,
    RoleName.COORDINATOR: coordinator.build,
    RoleName.DESK: desk.build_desk,
    RoleName.REFERRER: others.build_referrer,
    RoleName.ADMINISTRATOR: others.build_administrator,
}
NOON, EVENING = 12, 18


@dataclass(frozen=True)
class Today:
    greeting: str
    lead: str
    tasks: tuple[Task, ...]
    panels: tuple[Panel, ...]
    figures: tuple[Figure, ...]
    buttons: tuple[Button, ...]
    has_role: bool


def build_today(user, *, now):
    """Everything one person's Today shows, as of `now` (aware)."""
    parts = [BUILDERS[role](user, now=now) for role in BUILDERS if role in user.role_names]
    tasks = dict.fromkeys(task for part in parts for task in part.tasks)
    tasks |= dict.fromkeys(expiring_tasks(user, now=now))
    if can_refer(user):
        tasks |= dict.fromkeys([*likeness_task(user), *drafts_task(user)])
    panels = {}
    for panel in (panel for part in parts for panel in part.panels):
        panels.setdefault(panel.key, panel)
    buttons = dict.fromkeys(part.button for part in parts if part.button)
    return Today(
        greeting=_greeting(user, now),
        lead=_lead(len(tasks), bool(parts)),
        tasks=tuple(sorted(tasks, key=lambda task: task.urgency)),
        panels=tuple(panels.values()),
        figures=tuple(dict.fromkeys(figure for part in parts for figure in part.figures)),
        buttons=tuple(buttons),
        has_role=bool(parts),
    )


def _greeting(user, now):
    hour = timezone.localtime(now).hour
    if hour < NOON:
        words = _("Good morning, %(name)s")
    elif hour < EVENING:
        words = _("Good afternoon, %(name)s")
    else:
        words = _("Good evening, %(name)s")
    return words % {"name": user.first_name}


def _lead(count, has_role):
    if not has_role:
        return _("Good that you are here.")
    if count == 0:
        return _("Nothing is waiting for you. Time for a good talk, or for coffee.")
    return ngettext(
        "One thing needs you. The rest is taken care of.",
        "%(count)d things need you, the most urgent first. The rest is taken care of.",
        count,
    ) % {"count": count}
