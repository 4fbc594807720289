"""What Today says of contact: whom to speak to first, whom again, and what comes back until settled (R7, R10)."""

import datetime as dt
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.enums import FollowUpAbout
from clients.models.contacts import MISSES_BEFORE_LETTER
from groups.contacts import first_contact_due
from groups.discretion import is_reached_with_care
from groups.enums import LeaveReason
from reporting.cards import Line, Task, Urgency
from reporting.queries import contact as queries
from reporting.wording import day_text, list_name

LINES = 6
MOST_TASKS = 5


def contact_url(client):
    """Where a contact is noted; afterwards one comes back to Today."""
    return (
        reverse("clients:contact_add", args=[client.public_id]) + "?" + urlencode({"next": reverse("reporting:today")})
    )


def first_contacts(user, *, today):
    """R7: one task with who is over the clock, and one with who is still in time."""
    rows = list(queries.first_contacts(user)[: LINES * 8])
    late = [row for row in rows if first_contact_due(row.waiting_since) < today]
    soon = [row for row in rows if first_contact_due(row.waiting_since) >= today]
    return [_first_contact(part, today, is_over=part is late) for part in (late, soon) if part]


def _first_contact(rows, today, *, is_over):
    words = _("was due on %(day)s") if is_over else _("by %(day)s at the latest")
    due = [first_contact_due(row.waiting_since) for row in rows]
    if is_over:
        title = ngettext(
            "%(count)s person still waits for a first talk", "%(count)s people still wait for a first talk", len(rows)
        )
        why = _("The first contact is over its time. Speak to them, the longest waiting first.")
    else:
        title = ngettext("Speak to %(count)s new person", "Speak to %(count)s new people", len(rows))
        why = _("First contact by %(day)s at the latest.") % {"day": day_text(min(due))}
    return Task(
        title=title % {"count": len(rows)},
        why=_with_care(why, rows),
        lines=tuple(
            _line(row, words % {"day": day_text(day)}, "warn" if is_over else "")
            for row, day in list(zip(rows, due, strict=True))[:LINES]
        ),
        url=contact_url(rows[0].client),
        action=_("Note the contact"),
        icon="telephone-forward",
        tone="warn" if is_over else "wait",
        urgency=Urgency.NOW if is_over else Urgency.TODAY if min(due) <= today else Urgency.SOON,
    )


def _line(row, note, tone=""):
    text = f"{row.client.short_name}, {list_name(row.waitlist)}"
    return Line(text=text, url=contact_url(row.client), note=note, tone=tone)


def _with_care(why, rows):
    if not any(is_reached_with_care(row.client.contact) for row in rows):
        return why
    return why + " " + _("Take care how you make contact: look in the file first.")


def long_silent(user, *, now):
    """R10: who waits and heard nothing for a whole rhythm, as one task."""
    rows = list(queries.long_silent(user, now=now)[: LINES * 8])
    if not rows:
        return []
    words = _("last spoken to on %(day)s")
    return [
        Task(
            title=ngettext(
                "%(count)s person waits and has not heard from us for long",
                "%(count)s people wait and have not heard from us for long",
                len(rows),
            )
            % {"count": len(rows)},
            why=_with_care(_("Tell them how far it is, and ask how they are."), rows),
            lines=tuple(
                _line(row, words % {"day": day_text(timezone.localtime(row.known_since))}) for row in rows[:LINES]
            ),
            url=contact_url(rows[0].client),
            action=_("Note the contact"),
            icon="telephone-forward",
            urgency=Urgency.SOON,
        )
    ]


def follow_ups(user, *, now):
    """R10: what is due, each until it is settled; the rest as one task that opens the list."""
    today = timezone.localdate(now)
    rows = list(queries.follow_ups(user, now=now, today=today)[: MOST_TASKS * 10])
    tasks = [_follow_up(row, today) for row in rows[:MOST_TASKS]]
    rest = len(rows) - len(tasks)
    return [*tasks, _rest(rest)] if rest else tasks


def _rest(count):
    return Task(
        title=ngettext("And %(count)s more to follow up", "And %(count)s more to follow up", count) % {"count": count},
        url=reverse("clients:follow_ups"),
        action=_("All follow-ups"),
        icon="heart",
        urgency=Urgency.TODAY,
    )


def _follow_up(row, today):
    misses = row.about == FollowUpAbout.CONTACT and row.misses
    is_mail = row.about == FollowUpAbout.MAIL_RETURNED
    title = _("Try %(name)s again") if misses else _("Ask how %(name)s is doing")
    title = _("A message to %(name)s did not arrive") if is_mail else title
    contact = (_("Note the contact"), contact_url(row.client))
    settle = (_("Settle it, or ask again later"), reverse("clients:follow_up", args=[row.pk]))
    (action, url), other = (contact, settle) if row.about == FollowUpAbout.CONTACT else (settle, contact)
    return Task(
        title=title % {"name": row.client.short_name},
        meta=follow_up_meta(row),
        why=_with_care(" ".join([*_whys(row, today), *_misses(row)]), [row]),
        lines=(*_hold_lines(row), Line(*other)),
        url=url,
        action=action,
        icon="envelope-exclamation" if is_mail else "heart",
        tone="warn" if row.due_on < today else "wait",
        urgency=Urgency.TODAY,
    )


def _hold_lines(row):
    """R5: the hold itself is ended, or made longer, where the place on the list is."""
    entry = row.key.removeprefix("entry:")
    if row.about != FollowUpAbout.HOLD or not entry.isdigit():
        return []
    return [
        Line(_("Counts again"), reverse("groups:entry_release", args=[entry])),
        Line(_("Not yet: keep on hold longer"), reverse("groups:entry_hold", args=[entry])),
    ]


def follow_up_meta(row):
    """R10: from whom it was taken over, when that person is not there."""
    if not row.fell or row.for_user is None:
        return ""
    return _("taken over from %(name)s, who is not there") % {"name": row.for_user.short_name}


def _whys(row, today):
    reason = row.args.get("reason", "")
    words = {
        FollowUpAbout.CONTACT: _why_contact(row),
        FollowUpAbout.LEFT_LIST: _("Left the waitlist (%(reason)s).")
        % {"reason": LeaveReason(reason).label if reason in LeaveReason.values else "–"},
        FollowUpAbout.HOLD: _("On hold: basic needs first. Does the person count again?"),
        FollowUpAbout.NO_SHOW: _("Did not come, and was not heard of."),
        FollowUpAbout.INDIVIDUAL_HELP: _why_help(row),
        FollowUpAbout.ONWARD: _("After the round, another group was chosen together: %(offer)s. Does it fit?")
        % {"offer": row.args.get("offer", "–")},
        FollowUpAbout.MAIL_RETURNED: _("Reach them another way, and check the e-mail address."),
        FollowUpAbout.MISSED_SESSIONS: _(
            "Missed two sessions in a row without word. Ask how it is, and whether they still come."
        ),
        FollowUpAbout.CHANGED: _("Who referred them says that something changed. Read it at the referral."),
    }
    due = _("Due since %(day)s.") if row.due_on < today else _("Due today.")
    later = (
        ngettext("Put off %(count)s time.", "Put off %(count)s times.", row.snoozed_count)
        % {"count": row.snoozed_count}
        if row.snoozed_count
        else ""
    )
    return [text for text in (words[row.about], due % {"day": day_text(row.due_on)}, later) if text]


def _why_contact(row):
    """What was agreed, or an individual talk of which no mail can tell (R29, R40)."""
    if row.args.get("talk") == "planned":
        return _("Tell about the individual talk on %(day)s.") % {"day": _talk_day(row)}
    if row.args.get("talk") == "cancelled":
        return _("Tell that the individual talk on %(day)s does not take place.") % {"day": _talk_day(row)}
    return _("You agreed on a next contact.")


def _talk_day(row):
    return day_text(dt.date.fromisoformat(row.args["on"]))


def _why_help(row):
    """R28: chosen together after a round, it is still to begin; otherwise it runs."""
    if row.args.get("after") == "round":
        return _("After the round, individual help was chosen together. It is still to be arranged.")
    return _("Gets individual help. Is a group something now?")


def _misses(row):
    """R40: after three attempts in vain another way is told, as far as it is safe."""
    if row.misses == 0:
        return []
    if row.misses < MISSES_BEFORE_LETTER:
        return [
            ngettext("Not reached %(count)s time.", "Not reached %(count)s times.", row.misses) % {"count": row.misses}
        ]
    return [another_way(row.client.contact, has_referrer=row.has_referrer) % {"count": row.misses}]


def another_way(contact, *, has_referrer):
    """What to try when calling leads nowhere: nothing that could be dangerous (R40)."""
    if contact.is_sensitive:
        return _("Not reached %(count)s times: the file says how to reach this person safely.")
    if contact.may_letter and has_referrer:
        return _("Not reached %(count)s times: send a letter or ask the referrer.")
    if contact.may_letter:
        return _("Not reached %(count)s times: send a letter.")
    if has_referrer:
        return _("Not reached %(count)s times: ask the referrer.")
    return _("Not reached %(count)s times: discuss with a colleague how to go on.")
