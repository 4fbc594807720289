"""A coordinator's Today: offers to fill in, lists that only a minimum helps on, mail that failed, what started."""

import datetime as dt
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.periods import local_moment
from groups.discretion import shown_name
from groups.models import Cycle, Waitlist
from groups.wording import sentence
from reporting.cards import Button, Figure, Line, Panel, Part, Task, Urgency
from reporting.queries import contact, overview
from reporting.queries import today as queries
from reporting.queries.letters import letters_waiting
from reporting.today.shared import MOST_ROWS, blocked_panel, ready_task, split_prepared
from reporting.wording import area_name, is_for_coordinator, is_incomplete, list_name, reason_sentences, waits_text

MOST_TASKS = 3
MOST_AREAS = 10


def build(user, *, now):
    today = timezone.localdate(now)
    prepared, blocked = split_prepared(queries.blocked_lists(user))
    mine = _once_an_offer([waitlist for waitlist in blocked if is_for_coordinator(waitlist)])
    formed = list(queries.cycles_formed_since(user, _monday(today)))
    part = Part(
        tasks=[
            *(ready_task(waitlist, user) for waitlist in prepared),
            *(_own_task(waitlist, today) for waitlist in mine[:MOST_TASKS]),
        ],
        panels=[
            blocked_panel([waitlist for waitlist in blocked if waitlist not in mine[:MOST_TASKS]], user, today=today),
            _formed_panel(formed),
            _out_of_sight_panel(today),
        ],
        figures=_figures(user, today, formed),
        button=Button(reverse("reporting:overview"), _("Overview"), "bar-chart"),
    )
    failed = queries.failed_mail_count(now=now)
    part.tasks += [failed_mail(failed)] if failed else []
    letters = letters_waiting(now=now)
    part.tasks += [_unprinted(letters)] if letters else []
    return part


def _monday(today):
    return local_moment(today - dt.timedelta(days=today.weekday()), dt.time())


def _once_an_offer(waitlists):
    """An offer that is not filled in holds up all its lists: one task is enough."""
    rows = {(row.offer_id, 0 if is_incomplete(row) else row.pk): row for row in reversed(waitlists)}
    return [row for row in waitlists if row in rows.values()]


def _own_task(waitlist, today):
    return _fill_in(waitlist, today) if is_incomplete(waitlist) else _minimum(waitlist, today)


def _fill_in(waitlist, today):
    return Task(
        title=_("Fill in: number and length of the sessions"),
        meta=list_name(waitlist),
        why=" ".join([sentence(waits_text(waitlist, today)), *reason_sentences(waitlist.reasons[:1])]),
        url=reverse("reporting:offer", args=[waitlist.offer.slug]),
        action=_("Fill in"),
        icon="sliders",
        urgency=Urgency.TODAY,
    )


def _minimum(waitlist, today):
    words = _("Set a minimum for %(list)s") if waitlist.minimum is None else _("Look at the minimum of %(list)s")
    return Task(
        title=words % {"list": list_name(waitlist)},
        why=" ".join([sentence(waits_text(waitlist, today)), *reason_sentences(waitlist.reasons[:1])]),
        url=reverse("reporting:minimum", args=[waitlist.pk]),
        action=_("Set") if waitlist.minimum is None else _("Change"),
        icon="sliders",
        urgency=Urgency.TODAY,
    )


def failed_mail(count):
    """R40: how many, never to whom."""
    return Task(
        title=ngettext("%(count)s message did not arrive", "%(count)s messages did not arrive", count)
        % {"count": count},
        why=_("In the last two weeks. The group worker of each participant sees whom to reach another way."),
        icon="envelope-exclamation",
        tone="warn",
        urgency=Urgency.TODAY,
    )


def _unprinted(places):
    """R41: where, never for whom. Where no desk works, nobody else sees them."""
    count = sum(number for _place, number in places)
    return Task(
        title=ngettext("%(count)s letter waits to be printed", "%(count)s letters wait to be printed", count)
        % {"count": count},
        why=_("For more than a day. The desk that works there can print them."),
        lines=tuple(Line(text=place, note=str(number)) for place, number in places[:MOST_TASKS]),
        icon="printer",
        tone="warn",
        urgency=Urgency.TODAY,
    )


@dataclass(frozen=True)
class FormedRow:
    cycle: Cycle
    offer: str
    area: str
    url: str


def _formed_panel(cycles):
    rows = tuple(
        FormedRow(
            cycle=cycle,
            offer=shown_name(cycle.waitlist.offer),
            area=area_name(cycle.waitlist.catchment),
            url=reverse("groups:cycle", args=[cycle.pk]),
        )
        for cycle in cycles[:MOST_ROWS]
    )
    return Panel(
        key="formed",
        title=_("Groups formed this week"),
        icon="flower1",
        template="reporting/_row_formed.html",
        rows=rows,
        empty=_("No group was formed this week yet."),
        more_url=reverse("groups:schedule"),
        more_text=_("The schedule"),
    )


@dataclass(frozen=True)
class OutOfSightRow:
    """R7, R10: how many in one neighbourhood, never who."""

    area: str
    words: str


def _out_of_sight_panel(today):
    rows = tuple(
        OutOfSightRow(area=str(place), words=", ".join(filter(None, [_over(place.over), _late(place.late)])))
        for place in contact.neighbourhoods_out_of_sight(today=today)[:MOST_AREAS]
    )
    return Panel(
        key="out_of_sight",
        title=_("Nobody out of sight"),
        icon="telephone",
        template="reporting/_row_out_of_sight.html",
        rows=rows,
        empty=_("Everybody was spoken to in time, and nothing is left to follow up."),
    )


def _over(count):
    words = ngettext(
        "%(count)s waits too long for a first talk", "%(count)s wait too long for a first talk", count or 0
    )
    return words % {"count": count} if count else ""


def _late(count):
    words = ngettext("%(count)s follow-up is overdue", "%(count)s follow-ups are overdue", count or 0)
    return words % {"count": count} if count else ""


def _figures(user, today, formed):
    lists = Waitlist.objects.visible_to(user)
    waiting, longest = overview.waiting_totals(lists, today=today)
    lost = overview.lost_count(lists, today=today)
    url = reverse("reporting:overview")
    return [
        Figure(waiting, _("people waiting"), url, tone="wait" if waiting else "ok"),
        Figure("–" if longest is None else longest, _("days, who waits longest"), url),
        Figure(len(formed), _("groups formed this week"), url, tone="ok" if formed else "neutral"),
        Figure(lost, _("lost while waiting"), url, _("in 90 days"), tone="warn" if lost else "ok"),
    ]
