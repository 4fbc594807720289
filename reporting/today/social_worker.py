"""A social worker's Today: whom to judge, whose hold ends, whom to ask after."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from intake.queries import queue_for, queue_rows
from reporting.cards import Button, Figure, Line, Task, Urgency
from reporting.queries import today as queries
from reporting.today.shared import MOST_ROWS, sessions_part
from reporting.wording import day_text, list_name

LINES = 4


def build(user, *, now):
    today = timezone.localdate(now)
    part = sessions_part(user, today=today)
    rows = queue_rows(queue_for(user).prefetch_related(None), today=today)
    part.tasks += [_judge(rows)] if rows else []
    part.tasks += [_end_of_hold(entry) for entry in queries.holds_to_review(user, today=today)[:MOST_ROWS]]
    part.tasks += [_follow_up(entry) for entry in queries.follow_ups(user, today=today)[:MOST_ROWS]]
    part.figures = _figures(rows)
    part.button = Button(reverse("intake:queue"), _("All referrals to judge"), "inbox")
    return part


def _judge(rows):
    first, over = rows[0], sum(row.is_over for row in rows)
    return Task(
        title=ngettext(
            "%(count)s referral waits for your judgement", "%(count)s referrals wait for your judgement", len(rows)
        )
        % {"count": len(rows)},
        why=_("The longest waiting first: %(name)s, %(days)s.")
        % {"name": first.referral.client.short_name, "days": _days(first.days)},
        lines=tuple(_queue_line(row) for row in rows[:LINES]),
        url=reverse("intake:judge", args=[first.referral.pk]),
        action=_("Judge the first"),
        icon="inbox",
        tone="warn" if over else "wait",
        urgency=Urgency.NOW if over else Urgency.TODAY,
    )


def _queue_line(row):
    words = _("first contact was due %(day)s") if row.is_over else _("first contact by %(day)s")
    return Line(
        text=f"{row.referral.client.short_name}, {row.referral.client.neighbourhood}",
        url=reverse("intake:judge", args=[row.referral.pk]),
        note=words % {"day": day_text(row.due_on)},
        tone="warn" if row.is_over else "",
    )


def _days(count):
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": count}


def _end_of_hold(entry):
    return Task(
        title=_("Ask how %(name)s is doing") % {"name": entry.client.short_name},
        meta=list_name(entry.waitlist),
        why=_("On hold until %(day)s: basic needs first. Does the person count again?")
        % {"day": day_text(entry.hold_until)},
        lines=(Line(_("Not yet: keep on hold longer"), reverse("groups:entry_hold", args=[entry.pk])),),
        url=reverse("groups:entry_release", args=[entry.pk]),
        action=_("Counts again"),
        icon="pause-circle",
        urgency=Urgency.TODAY,
    )


def _follow_up(entry):
    return Task(
        title=_("Ask after %(name)s") % {"name": entry.client.short_name},
        meta=list_name(entry.waitlist),
        why=_("Left the waitlist (%(reason)s). You would get in touch again around %(day)s.")
        % {"reason": entry.get_leave_reason_display(), "day": day_text(entry.follow_up_on)},
        url=reverse("clients:file", args=[entry.client.public_id]),
        action=_("Open the file"),
        icon="heart",
        tone="info",
    )


def _figures(rows):
    over = sum(row.is_over for row in rows)
    url = reverse("intake:queue")
    return [
        Figure(len(rows), _("to judge"), url, tone="wait" if rows else "ok"),
        Figure(over, _("over the five working days"), url, tone="warn" if over else "ok"),
    ]
