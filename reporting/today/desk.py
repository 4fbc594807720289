"""Today for the desk: whom to call, whom to plan anew, who waits longest; and a social worker's intakes of today."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.periods import short_moment
from intake.queries.planning import (
    called_off_by_us,
    not_come,
    own_intakes,
    plan_rows,
    to_call,
    to_plan,
    without_outcome,
)
from reporting.cards import Button, Figure, Line, Part, Task, Urgency
from reporting.today.shared import referrals_panel

LINES = 4
# More than these nobody settles in a day, and a page stays a page.
MOST = 100


def build_desk(user, *, now):
    today, waiting = timezone.localdate(now), to_plan(user)
    count, rows = waiting.count(), plan_rows(waiting[:LINES], today=today)
    ours = plan_rows(called_off_by_us(waiting)[:MOST], today=today)
    missed = plan_rows(not_come(waiting)[:MOST], today=today)
    tasks = [
        *_calls(list(to_call(user)[:MOST])),
        *([_anew(ours)] if ours else []),
        *([_missed(missed)] if missed else []),
        *_unsettled(list(without_outcome(user, now=now)[:MOST])),
        *([_plan(rows, count)] if rows else []),
    ]
    days = rows[0].days if rows else None
    url = reverse("intake:desk_queue")
    return Part(
        tasks=tasks,
        panels=[referrals_panel(user)],
        figures=[
            Figure(count, _("wait for an intake"), url, tone="wait" if rows else "ok"),
            Figure("–" if days is None else days, _("days, who waits longest"), url),
        ],
        button=Button(reverse("intake:desk_week"), _("The week of intakes"), "calendar-check"),
    )


def intake_tasks(user, *, now):
    """A social worker's own intakes: those of today, with the way to the form, and those without an outcome."""
    today, over = own_intakes(user, now=now)
    return [*(_intake(appointment) for appointment in today), *_unsettled(over[:MOST])]


def _intake(appointment):
    client = appointment.referral.client
    where = appointment.room.public_name if appointment.room else appointment.get_way_display()
    return Task(
        title=_("Intake with %(name)s at %(time)s")
        % {"name": client.short_name, "time": f"{timezone.localtime(appointment.starts_at):%H:%M}"},
        meta=str(where),
        why=_("The form is ready: the question, and what the referrer wants."),
        url=reverse("intake:judge", args=[appointment.referral_id]),
        action=_("Open the intake"),
        icon="chat-heart",
        tone="info",
        urgency=Urgency.NOW,
    )


def _calls(appointments):
    if not appointments:
        return []
    return [
        Task(
            title=ngettext("Call %(count)s client", "Call %(count)s clients", len(appointments))
            % {"count": len(appointments)},
            why=_("No mail could tell them safely about their intake. Read first how to reach them."),
            lines=tuple(_line(appointment) for appointment in appointments[:LINES]),
            url=reverse("intake:desk_appointment", args=[appointments[0].pk]),
            action=_("Call the first"),
            icon="telephone",
            tone="warn",
            urgency=Urgency.NOW,
        )
    ]


def _line(appointment):
    return Line(
        text=f"{appointment.referral.client.short_name}, {short_moment(appointment.starts_at)}",
        url=reverse("intake:desk_appointment", args=[appointment.pk]),
        note=str(appointment.get_state_display()),
    )


def _anew(rows):
    return Task(
        title=ngettext("Plan %(count)s intake anew", "Plan %(count)s intakes anew", len(rows)) % {"count": len(rows)},
        why=_("We called these off: a colleague is away, or a slot was changed."),
        lines=tuple(_waiting(row) for row in rows[:LINES]),
        url=reverse("intake:desk_book", args=[rows[0].referral.pk]),
        action=_("Plan the first"),
        icon="calendar-x",
        tone="warn",
        urgency=Urgency.NOW,
    )


def _missed(rows):
    return Task(
        title=ngettext("%(count)s client did not come", "%(count)s clients did not come", len(rows))
        % {"count": len(rows)},
        why=_("Ask what would help, and plan a new time."),
        lines=tuple(_waiting(row) for row in rows[:LINES]),
        url=reverse("intake:desk_book", args=[rows[0].referral.pk]),
        action=_("Plan the first"),
        icon="person-x",
        urgency=Urgency.TODAY,
    )


def _unsettled(appointments):
    if not appointments:
        return []
    return [
        Task(
            title=ngettext(
                "Note whether %(count)s client came", "Note whether %(count)s clients came", len(appointments)
            )
            % {"count": len(appointments)},
            why=_("These intakes are over. Who did not come gets a new time."),
            lines=tuple(_line(appointment) for appointment in appointments[:LINES]),
            url=reverse("intake:desk_appointment", args=[appointments[0].pk]),
            action=_("Note the first"),
            icon="clipboard-check",
            urgency=Urgency.TODAY,
        )
    ]


def _plan(rows, count):
    first = rows[0]
    return Task(
        title=ngettext("%(count)s person waits for an intake", "%(count)s people wait for an intake", count)
        % {"count": count},
        why=_("The longest waiting first: %(name)s, %(days)s.")
        % {
            "name": first.client.short_name,
            "days": ngettext("%(count)s day", "%(count)s days", first.days) % {"count": first.days},
        },
        lines=tuple(_waiting(row) for row in rows[:LINES]),
        url=reverse("intake:desk_book", args=[first.referral.pk]),
        action=_("Plan the first"),
        icon="hourglass-split",
        urgency=Urgency.TODAY,
    )


def _waiting(row):
    days = ngettext("%(count)s day", "%(count)s days", row.days) % {"count": row.days}
    return Line(
        text=f"{row.client.short_name}, {row.client.neighbourhood}",
        url=reverse("intake:desk_book", args=[row.referral.pk]),
        note=days,
    )
