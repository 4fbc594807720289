"""A social worker's Today: whom to judge, whose hold ends, whom to ask after."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from intake.queries import proposals, questions_to_offer, queue_for, queue_rows
from reporting.cards import Button, Figure, Line, Task, Urgency
from reporting.today import contact
from reporting.today.desk import intake_tasks
from reporting.today.shared import MOST_ROWS, sessions_part
from reporting.wording import day_text

LINES = 4


def build(user, *, now):
    today = timezone.localdate(now)
    part = sessions_part(user, today=today)
    rows = queue_rows(queue_for(user).prefetch_related(None), today=today)
    part.tasks += intake_tasks(user, now=now)
    part.tasks += [_judge(rows)] if rows else []
    part.tasks += contact.long_silent(user, now=now)
    part.tasks += contact.follow_ups(user, now=now)
    part.tasks += _open_questions(user, today)
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
    return Line(
        text=f"{row.referral.client.short_name}, {row.referral.client.neighbourhood}",
        url=reverse("intake:judge", args=[row.referral.pk]),
        note=_clock_text(row),
        tone="warn" if row.is_over else "",
    )


def _clock_text(row):
    """R7: until when somebody speaks with them, or when that happened."""
    if row.contacted_at is not None:
        return _("spoken to on %(day)s") % {"day": day_text(timezone.localtime(row.contacted_at))}
    words = _("first contact was due %(day)s") if row.is_over else _("first contact by %(day)s")
    return words % {"day": day_text(row.due_on)}


def _days(count):
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": count}


def _open_questions(user, today):
    """R8b: what fits by now, one task for each offer; and whom to look at again."""
    questions = list(questions_to_offer(user))
    tasks = [_fits_now(offer, found) for offer, found in proposals(questions, today=today)[:MOST_ROWS]]
    due = [row for row in questions if row.review_by_id == user.pk and row.review_on <= today]
    return tasks + [_look_again(question) for question in due[:MOST_ROWS]]


def _fits_now(offer, questions):
    words = ngettext(
        "%(count)s open question fits %(offer)s now", "%(count)s open questions fit %(offer)s now", len(questions)
    )
    return Task(
        title=words % {"count": len(questions), "offer": offer.name},
        why=_("There was no offer for them before. One click puts somebody on the list, with their own waiting time."),
        lines=tuple(_question_line(question) for question in questions[:LINES]),
        url=reverse("intake:open_questions"),
        action=_("Look at the open questions"),
        icon="question-circle",
        urgency=Urgency.TODAY,
    )


def _question_line(question):
    return Line(
        text=f"{question.client.short_name}, {question.client.neighbourhood}",
        url=reverse("intake:open_question", args=[question.pk]),
        note=_("since %(day)s") % {"day": day_text(question.received_on)},
    )


def _look_again(question):
    return Task(
        title=_("Look again at the open question of %(name)s") % {"name": question.client.short_name},
        why=_("There was no fitting group. You would look again on %(day)s.") % {"day": day_text(question.review_on)},
        url=reverse("intake:open_question", args=[question.pk]),
        action=_("Look"),
        icon="question-circle",
        tone="info",
    )


def _figures(rows):
    over = sum(row.is_over for row in rows)
    url = reverse("intake:queue")
    return [
        Figure(len(rows), _("to judge"), url, tone="wait" if rows else "ok"),
        Figure(over, _("over the five working days"), url, tone="warn" if over else "ok"),
    ]
