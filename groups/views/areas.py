"""R11: what a list that fills too slowly could become, and the coordinator's steps, each with its consequences."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.permissions import allow
from groups.enums import LIVE_CYCLES, EntryState
from groups.forms.areas import AreaForm
from groups.models import Cycle, WaitlistEntry
from groups.permissions import can_join_areas
from groups.proposals import joinings, widening
from groups.queries import waitlist_detail
from groups.services.areas import join_areas, split_area, widen_list
from groups.views.steps import posted, step_page, take_step
from neighbourhoods.models import Catchment


@allow(can_join_areas)
@require_safe
def wider(request, pk):
    """The proposals with their numbers; and the areas that were joined into this one."""
    row = get_object_or_404(waitlist_detail(request.user), pk=pk)
    context = {
        "waitlist": row,
        "joinings": joinings(row),
        "widening": widening(row),
        "joined": _light(row.catchment.joined).order_by("name", "pk"),
        "host": row.catchment.joined_into,
    }
    return render(request, "groups/wider.html", context)


@allow(can_join_areas)
def area_join(request, pk, into):
    """The area of this list served together with another one of the municipality."""
    row = get_object_or_404(waitlist_detail(request.user), pk=pk)
    host = get_object_or_404(_light(Catchment.objects), pk=into)
    area = row.catchment

    def act(reason):
        join_areas(catchment=area, into=host, reason=reason, by=request.user, now=timezone.now())

    names = {"area": area.name, "host": host.name}
    page = {
        "title": _("Serve areas together"),
        "lead": _("%(area)s together with %(host)s?") % names,
        "action": _("Yes, serve together"),
        "consequences": _consequences_of_joining(area, names),
    }
    return _step(request, row, act, page, done=_("%(area)s is served together with %(host)s now.") % names)


def _consequences_of_joining(area, names):
    people = WaitlistEntry.objects.filter(waitlist__catchment=area, state=EntryState.WAITING).count()
    cycles = Cycle.objects.filter(waitlist__catchment=area, state__in=LIVE_CYCLES).count()
    formed = ngettext(
        "%(count)s group that was formed goes on as planned.",
        "%(count)s groups that were formed go on as planned.",
        cycles,
    )
    return [
        _goes_over(people, names["host"]),
        _("This holds for every group in %(area)s, not only for this one; the minimum of %(host)s's lists counts.")
        % names,
        _("Who is referred from %(area)s later comes on the lists of %(host)s.") % names,
        *([formed % {"count": cycles}] if cycles else []),
        _("Who does not want a group in the own neighbourhood no longer counts there, if that is now this area."),
        _("You can undo this: then who lives in %(area)s and still waits goes back.") % names,
    ]


def _goes_over(count, where):
    return ngettext(
        "%(count)s person who waits goes to the list of %(where)s, with the waiting time kept.",
        "%(count)s people who wait go to the lists of %(where)s, with the waiting time kept.",
        count,
    ) % {"count": count, "where": where}


@allow(can_join_areas)
def area_split(request, pk, area):
    """An area that was joined into that of this list is served by itself again."""
    row = get_object_or_404(waitlist_detail(request.user), pk=pk)
    joined = get_object_or_404(_light(Catchment.objects.filter(joined_into=row.catchment_id)), pk=area)

    def act(reason):
        split_area(catchment=joined, reason=reason, by=request.user, now=timezone.now())

    names = {"area": joined.name, "host": row.catchment.name}
    page = {
        "title": _("Split areas"),
        "lead": _("%(area)s by itself again?") % names,
        "action": _("Yes, split"),
        "consequences": [
            _("Who lives in %(area)s and still waits goes back to its lists, with the waiting time kept.") % names,
            _("Who lives elsewhere stays on the lists of %(host)s.") % names,
            _("Groups that were formed go on as planned."),
        ],
    }
    return _step(request, row, act, page, done=_("%(area)s is served by itself again.") % names)


@allow(can_join_areas)
def list_widen(request, pk):
    """Everybody on this list to the municipality's list."""
    row = get_object_or_404(waitlist_detail(request.user), pk=pk)

    def act(reason):
        widen_list(waitlist=row, reason=reason, by=request.user, now=timezone.now())

    municipality = row.catchment.municipality.name if row.catchment.municipality else ""
    page = {
        "title": _("To the municipality's list"),
        "lead": _("Everybody on this list to that of the whole of %(municipality)s?") % {"municipality": municipality},
        "action": _("Yes, move them"),
        "consequences": [
            _goes_over(row.waiting_count, municipality),
            _("They may be invited to a group further from home, anywhere in the municipality."),
            _("Who is referred later comes on this list again."),
            _("This cannot be undone for all at once."),
        ],
    }
    return _step(request, row, act, page, done=_("They wait on the municipality's list now."))


def _step(request, waitlist, act, page, *, done):
    back = ("groups:wider", waitlist.pk)
    form = AreaForm(posted(request), today=timezone.localdate())
    taken = take_step(
        request, form, lambda: act(form.cleaned_data["reason"]), done=done, to=("groups:waitlist", waitlist.pk)
    )
    return taken or step_page(request, form, back=reverse(back[0], args=back[1:]), eyebrow=str(waitlist), **page)


def _light(catchments):
    return catchments.select_related("municipality").defer("municipality__polygon", "municipality__figures")
