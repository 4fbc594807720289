"""A social-team member's Today: who could still join near by, groups with places, news of one's own referrals."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from groups.discretion import shown_name
from groups.models import Cycle
from reporting.cards import Button, Panel, Task
from reporting.queries import today as queries
from reporting.today.rounds import round_tasks
from reporting.today.shared import MOST_ROWS, referrals_panel, sessions_part
from reporting.wording import area_name, list_name

MOST_TASKS = 3


def build(user, *, now):
    today = timezone.localdate(now)
    part = sessions_part(user, today=today)
    part.tasks += round_tasks(user, today=today, formed=False)
    part.tasks += [_know_somebody(waitlist) for waitlist in queries.lists_nearly_full(user)[:MOST_TASKS]]
    part.panels = [referrals_panel(user), _places_panel(user, today), *part.panels]
    part.button = Button(reverse("intake:refer"), _("Refer"), "person-plus")
    return part


def _know_somebody(waitlist):
    return Task(
        title=_("Do you know somebody for %(offer)s?") % {"offer": shown_name(waitlist.offer)},
        meta=list_name(waitlist),
        why=ngettext(
            "%(needed)s more participant needed, then the group starts.",
            "%(needed)s more participants needed, then the group starts.",
            waitlist.still_needed,
        )
        % {"needed": waitlist.still_needed},
        url=reverse("intake:refer"),
        action=_("Refer"),
        icon="person-plus",
    )


@dataclass(frozen=True)
class PlaceRow:
    cycle: Cycle
    offer: str
    area: str
    url: str
    places: int


def _places_panel(user, today):
    cycles = queries.groups_with_places(user, today=today)[:MOST_ROWS]
    rows = tuple(
        PlaceRow(
            cycle=cycle,
            offer=shown_name(cycle.waitlist.offer),
            area=area_name(cycle.waitlist.catchment),
            url=reverse("groups:offer", args=[cycle.waitlist.offer.slug]),
            places=cycle.soft_maximum - cycle.taken,
        )
        for cycle in cycles
    )
    return Panel(
        key="places",
        title=_("Groups near your residents with places"),
        icon="people",
        template="reporting/_row_places.html",
        rows=rows,
        empty=_("No group with places starts soon. A referral brings the next one nearer."),
        more_url=reverse("reporting:digest"),
        more_text=_("Groups this week"),
    )
