"""A group worker's Today: who to call, what to decide, whom to meet, and which lists can be helped on."""

from itertools import groupby

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from groups.discretion import is_reached_with_care
from reporting.cards import Button, Line, Task, Urgency
from reporting.queries import today as queries
from reporting.today import contact
from reporting.today.rounds import round_tasks
from reporting.today.shared import blocked_panel, cycle_meta, ready_task, sessions_part, split_prepared
from reporting.wording import day_text, list_name, names

MOST_NAMES = 8


def build(user, *, now):
    today = timezone.localdate(now)
    part = sessions_part(user, today=today)
    part.tasks += round_tasks(user, today=today)
    calls = list(queries.calls_to_make(user, today=today))
    part.tasks += _per_cycle([row for row in calls if not _takes_care(row)], user, _call)
    part.tasks += _per_cycle([row for row in calls if _takes_care(row)], user, _reach)
    part.tasks += _per_cycle(queries.failed_mail_participations(user, now=now), user, _not_arrived)
    part.tasks += _per_cycle(queries.talks_before_first_session(user), user, _talk_before_session)
    part.tasks += contact.first_contacts(user, today=today)
    part.tasks += _talks_before_placement(user)
    part.tasks += contact.long_silent(user, now=now)
    part.tasks += contact.follow_ups(user, now=now)
    prepared, blocked = split_prepared(queries.blocked_lists(user))
    part.tasks += [ready_task(waitlist, user) for waitlist in prepared]
    part.panels.append(blocked_panel(blocked, user, today=today))
    part.button = Button(reverse("groups:schedule"), _("My schedule"), "calendar-week")
    return part


def _per_cycle(participations, user, make_task):
    """One task for each cycle, one's own first; who enters late has another first day, so another task (R22)."""
    ordered = sorted(participations, key=lambda row: (row.cycle.lead_id != user.pk, row.first_on, row.cycle_id))
    by_cycle = groupby(ordered, key=lambda row: (row.cycle, row.first_on))
    return [make_task(cycle, list(rows), user) for (cycle, _day), rows in by_cycle]


def _call(cycle, rows, user):
    return Task(
        title=ngettext("Call %(names)s", "Call these %(count)s: %(names)s", len(rows))
        % {"count": len(rows), "names": _names(rows)},
        meta=cycle_meta(cycle, user),
        why=_("Invited, and no answer yet. The first session is %(day)s.") % {"day": day_text(rows[0].first_on)},
        icon="telephone",
        urgency=Urgency.NOW if cycle.lead_id == user.pk else Urgency.TODAY,
        **_settled_by(rows, "groups:participation_answer", _("Fill in the answer"), _group_button(cycle)),
    )


def _takes_care(row):
    return is_reached_with_care(row.client.contact)


def _reach(cycle, rows, user):
    """R40: nobody is called who must not be; the file says how, and opening it is noted."""
    lines = [Line(row.client.short_name, _file(row)) for row in rows if row.may_open][:MOST_NAMES]
    if len(rows) == 1 and lines:
        settled = {"url": lines[0].url, "action": _("Open the file")}
    else:
        settled = {**_group_button(cycle), "lines": tuple(lines), "lines_label": _("Open the file") if lines else ""}
    return Task(
        title=_("Reach %(names)s safely: look in the file") % {"names": _names(rows)},
        meta=cycle_meta(cycle, user),
        why=_("Invited, and no answer yet. The first session is %(day)s.") % {"day": day_text(rows[0].first_on)},
        icon="shield-exclamation",
        tone="warn",
        urgency=Urgency.NOW if cycle.lead_id == user.pk else Urgency.TODAY,
        **settled,
    )


def _file(row):
    return reverse("clients:file", args=[row.client.public_id])


def _with_care(why, rows):
    """The reason for a task that asks for contact, and a warning where that takes care (R40)."""
    if not any(map(_takes_care, rows)):
        return why
    return why + " " + _("Take care how you make contact: look in the file first.")


def _group_button(cycle):
    return {"url": reverse("groups:cycle", args=[cycle.pk]), "action": _("Open the group")}


def _settled_by(rows, page, action, button):
    """One person: the button settles it. Several: each has a link, and the button opens where they stand together."""
    if len(rows) == 1:
        return {"url": reverse(page, args=[rows[0].pk]), "action": action}
    lines = tuple(Line(row.client.short_name, reverse(page, args=[row.pk])) for row in rows[:MOST_NAMES])
    return {**button, "lines": lines, "lines_label": action}


def _not_arrived(cycle, rows, user):
    return Task(
        title=_("A message to %(names)s did not arrive") % {"names": _names(rows)},
        meta=cycle_meta(cycle, user),
        why=_with_care(_("Reach them another way, and check the e-mail address."), rows),
        icon="envelope-exclamation",
        tone="warn",
        urgency=Urgency.TODAY,
        **_group_button(cycle),
    )


def _talk_before_session(cycle, rows, user):
    return Task(
        title=ngettext("Meet %(names)s", "Meet %(names)s", len(rows)) % {"names": _names(rows)},
        meta=cycle_meta(cycle, user),
        why=_with_care(
            _("Acquaintance talk, before the first session on %(day)s.") % {"day": day_text(rows[0].first_on)}, rows
        ),
        icon="chat-heart",
        tone="info",
        **_settled_by(rows, "groups:participation_talk", _("Talk held"), _group_button(cycle)),
    )


def _talks_before_placement(user):
    """R8: who was spoken to and still has no talk; the first contact itself is a task with its own clock (R7)."""
    ordered = sorted(queries.talks_before_placement(user), key=lambda entry: entry.waitlist_id)
    return [_first_talk(waitlist, list(rows)) for waitlist, rows in groupby(ordered, key=lambda row: row.waitlist)]


def _first_talk(waitlist, entries):
    button = {"url": reverse("groups:waitlist", args=[waitlist.pk]), "action": _("Open the waitlist")}
    return Task(
        title=_("Plan a talk with %(names)s") % {"names": _names(entries)},
        meta=list_name(waitlist),
        why=_with_care(_("Acquaintance talk; after it they can be placed."), entries),
        icon="chat-heart",
        **_settled_by(entries, "groups:entry_talk", _("Talk held"), button),
    )


def _names(rows):
    """Short names, as many as one reads."""
    shown = [row.client for row in rows[:MOST_NAMES]]
    rest = len(rows) - len(shown)
    return names(shown) + (f" +{rest}" if rest else "")
