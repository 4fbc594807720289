"""What cycles ask of who leads them: decide before the first session (R21), after the last (R28), and a mark (R30)."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reporting.cards import Task, Urgency
from reporting.queries.rounds import cycles_that_ask
from reporting.today.shared import cycle_meta
from reporting.wording import day_text


def round_tasks(user, *, today, formed=True):
    """[Task]; with `formed`, of cycles that have not begun too. One statement."""
    cycles = cycles_that_ask(user, today=today, formed=formed)
    tasks = [_decide(cycle, user) for cycle in cycles if cycle.needs_decision(today=today)]
    tasks += [_after(cycle, user) for cycle in cycles if cycle.is_mine and cycle.undecided]
    return tasks + [_mark(cycle, user) for cycle in cycles if cycle.is_mine and cycle.asks_mark]


def _decide(cycle, user):
    return Task(
        title=_("Decide: start smaller, move a week or cancel"),
        meta=cycle_meta(cycle, user),
        why=ngettext(
            "%(taken)s participant is left, the minimum is %(minimum)s. The first session is %(day)s.",
            "%(taken)s participants are left, the minimum is %(minimum)s. The first session is %(day)s.",
            cycle.taken,
        )
        % {"taken": cycle.taken, "minimum": cycle.minimum, "day": day_text(cycle.starts_on)},
        url=reverse("groups:cycle_decide", args=[cycle.pk]),
        action=_("Decide"),
        icon="signpost-split",
        tone="warn",
        urgency=Urgency.NOW,
    )


def _after(cycle, user):
    words = ngettext(
        "Decide with %(count)s person how to go on", "Decide with %(count)s people how to go on", cycle.undecided
    )
    return Task(
        title=words % {"count": cycle.undecided},
        meta=cycle_meta(cycle, user),
        why=_("They had their last session. Who goes on keeps the same day and time."),
        url=reverse("groups:after_five", args=[cycle.pk]),
        action=_("Decide together"),
        icon="signpost-split",
        tone="wait",
        urgency=Urgency.TODAY,
    )


def _mark(cycle, user):
    return Task(
        title=_("Which mark do you give this way of working?"),
        meta=cycle_meta(cycle, user),
        why=_("The cycle is finished. From 1 to 10, with a why; marks of participants on paper go there too."),
        url=reverse("groups:cycle_marks", args=[cycle.pk]),
        action=_("Give a mark"),
        icon="star",
        tone="info",
        urgency=Urgency.SOON,
    )
