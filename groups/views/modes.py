"""R23: the coordinator puts a list, or all lists of an area, on manual, and back on automatic."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.permissions import allow
from groups.exceptions import NotAllowed
from groups.forms.modes import ModeForm
from groups.permissions import can_set_mode
from groups.queries import history_of, lists_in, waitlist_detail
from groups.services.modes import set_area_mode, set_list_mode
from groups.views.steps import posted
from groups.views.waitlists import history_rows
from groups.wording import reason_text, sentence
from neighbourhoods.models import Catchment


@allow(can_set_mode)
def waitlist_mode(request, pk):
    """One list on manual, or automatic again."""
    waitlist = get_object_or_404(waitlist_detail(request.user), pk=pk)
    page = {
        "waitlist": waitlist,
        "area": waitlist.catchment,
        "title": _("Automatic or manual"),
        "eyebrow": str(waitlist),
        "history": {"waitlist": waitlist},
        "back": ("groups:waitlist", waitlist.pk),
    }
    return _mode(request, waitlist, set_list_mode, page, waitlist=waitlist)


@allow(can_set_mode)
def area_mode(request, pk):
    """All lists of an area, also those that are still to come."""
    area = get_object_or_404(Catchment.objects.select_related("municipality").defer("municipality__polygon"), pk=pk)
    page = {
        "waitlist": None,
        "area": area,
        "title": _("The whole area: automatic or manual"),
        "eyebrow": str(area),
        "lists": lists_in(area),
        "history": {"catchment": area},
        "back": ("groups:area_mode", area.pk),
    }
    return _mode(request, area, set_area_mode, page, catchment=area)


def _mode(request, thing, service, page, **what):
    form = ModeForm(posted(request), is_manual=thing.is_manual, today=timezone.localdate())
    if form.is_valid():
        data = form.cleaned_data
        try:
            service(**what, manual=data["manual"], reason=data["reason"], by=request.user, now=timezone.now())
        except NotAllowed as refusal:
            messages.info(request, sentence(reason_text(refusal.reason)))
        else:
            messages.success(request, _done(data["manual"]))
        return redirect(*page["back"])
    page["history"] = history_rows(history_of(request.user, code="mode_changed", **page["history"]), sees_names=False)
    context = page | {"form": form, "is_manual": thing.is_manual, "consequences": _consequences(thing.is_manual)}
    return render(request, "groups/mode.html", context, status=422 if form.errors else 200)


def _done(manual):
    if manual:
        return _("On manual: from now on nothing starts here without a click.")
    return _("Automatic again. Within 15 seconds Socius looks whether a group can start.")


def _consequences(is_manual):
    if is_manual:
        return [
            _("As soon as enough people can be placed, a group starts by itself again, and invitations go out."),
            _("Socius looks at once whether a group can start."),
        ]
    return [
        _("Nothing starts by itself any more. Socius goes on looking for people, leaders, a room and a date."),
        _("When all is there, the group is prepared; a group worker starts it with one click."),
        _("Whoever waits, waits until that click. The reason you give is kept with your name."),
    ]
