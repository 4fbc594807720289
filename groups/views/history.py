"""Everything that happened: to a list, a cycle, a person; when, by whom or by which rule, with its pages."""

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.periods import short_day
from accounts.permissions import allow, is_logged_in
from clients.enums import AccessAction
from clients.models import Client
from clients.permissions import can_place
from clients.services import log_refusal, open_file
from groups.enums import HistoryCode
from groups.happened import author_text, history_text
from groups.permissions import can_handle_entries, can_see_participants, can_see_schedule, can_see_waitlists
from groups.person import history_of_person, openable, places_of
from groups.queries import all_history_of, cycle_detail, waitlist_detail
from groups.views.waitlists import history_rows

ROWS_A_PAGE = 50
PLACED = (HistoryCode.ENTRY_PLACED, HistoryCode.CYCLE_JOINED, HistoryCode.CYCLE_ENTERED)


@allow(can_see_waitlists)
@require_safe
def waitlist_history(request, pk):
    """All that happened on one list."""
    row = get_object_or_404(waitlist_detail(request.user), pk=pk)
    page = _page(request, all_history_of(request.user, waitlist=row))
    rows = history_rows(page, sees_names=can_handle_entries(request.user))
    return _show(request, rows, page, eyebrow=str(row), back=reverse("groups:waitlist", args=[pk]))


@allow(can_see_schedule)
@require_safe
def cycle_history(request, pk):
    """All that happened in one cycle."""
    row = get_object_or_404(cycle_detail(request.user), pk=pk)
    page = _page(request, all_history_of(request.user, cycle=row))
    rows = history_rows(page, sees_names=can_see_participants(request.user))
    eyebrow = f"{row.offer} · {row.catchment} · {short_day(row.starts_on)}"
    return _show(request, rows, page, eyebrow=eyebrow, back=reverse("groups:cycle", args=[pk]))


def _page(request, rows):
    return Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("pagina"))


def _show(request, rows, page, *, eyebrow, back):
    context = {"history": rows, "page": page, "eyebrow": eyebrow, "back_url": back}
    return render(request, "groups/history.html", context)


@allow(is_logged_in)
@require_safe
def person_history(request, public_id):
    """R41: for who places, and may open this file; each look is noted as a reading of it."""
    found = Client.objects.visible_to(request.user).filter(public_id=public_id).first()
    if found is None or not can_place(request.user):
        log_refusal(public_id=public_id, by=request.user, now=timezone.now())
        raise Http404
    client = open_file(client=found, by=request.user, action=AccessAction.READ, now=timezone.now())
    places = places_of(client, request.user)
    page = _page(request, history_of_person(client, request.user, places))
    context = {"client": client, "page": page, "rows": _person_rows(page, places, request.user)}
    return render(request, "groups/person_history.html", context)


def _person_rows(page, places, user):
    by_cycle = {place.cycle_id: place for place in places}
    lists, cycles = openable(list(page), user)
    return [
        {
            "row": row,
            "text": history_text(row),
            "more": _more(row, by_cycle.get(row.cycle_id)),
            "by": author_text(row),
            "opens_list": row.waitlist_id in lists,
            "opens_cycle": row.cycle_id in cycles,
        }
        for row in page
    ]


INVITED = {True: gettext_lazy("invited by mail"), False: gettext_lazy("to be invited by a worker")}


def _more(row, place):
    """What the rows themselves keep beside the history, for who may open the file."""
    entry = row.entry
    if row.code == HistoryCode.ENTRY_JOINED:
        since = _("waits since %(day)s") % {"day": short_day(entry.waiting_since)}
        return f"{_('judged: fits')}; {since}" if entry.judged_at else since
    if row.code == HistoryCode.ENTRY_PRIORITY:
        return entry.priority_words
    if row.code == HistoryCode.OUTCOME_CHOSEN and place is not None:
        return place.outcome_reason
    if row.code in PLACED and place is not None:
        return str(INVITED[place.is_mailed])
    return ""
