"""Who waits for what, and why nothing starts yet (R19). A coordinator sees counts and reasons, no names (R41)."""

from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.permissions import allow, is_coordinator
from groups.advice import advice_on
from groups.contacts import clock_of
from groups.discretion import known_reasons
from groups.enums import TalkMoment
from groups.happened import author_text, history_text
from groups.helping import unblocking
from groups.permissions import can_form_cycles, can_handle_entries, can_see_waitlists, can_set_mode
from groups.queries import (
    ListState,
    cycles_of,
    history_of,
    joined_list,
    list_state,
    openable_clients,
    waiting_people,
    waitlist_detail,
    waitlist_filters,
    waitlists_page,
)
from groups.waiting import proposal_for, why_they_wait
from groups.wording import reason_text, sentence

LOOKING = gettext_lazy("Enough people: leaders, a room and a date are being looked for now.")


@allow(can_see_waitlists)
@require_safe
def waitlists(request):
    """All lists one works with, narrowed by municipality, offer and state; those nobody waits on only when asked."""
    chosen = {name: request.GET.get(name, "") for name in ("municipality", "offer", "state")}
    now = timezone.now()
    rows = waitlists_page(request.user, now=now, **chosen)
    municipalities, offers = waitlist_filters(request.user)
    context = {
        "rows": [_row(waitlist, request.user, now) for waitlist in rows],
        "municipalities": municipalities,
        "offers": offers,
        "states": ListState,
        "chosen": chosen,
        "is_narrowed": any(chosen.values()),
    }
    return render(request, "groups/waitlist_list.html", context)


def _row(waitlist, user, now):
    since, state = waitlist.waiting_since, list_state(waitlist, now=now)
    reasons = (
        [str(LOOKING)]
        if state == ListState.READY
        else [sentence(reason_text(reason)) for reason in known_reasons(waitlist.reasons, user)]
    )
    return {
        "waitlist": waitlist,
        "state": state,
        "reason": reasons[0] if reasons else "",
        "others": len(reasons) - 1,
        "longest": (timezone.localdate(now) - since).days if since else None,
    }


@allow(can_see_waitlists)
@require_safe
def waitlist(request, pk):
    """One list: how full, why not yet, what helps, who waits, what came of it, what happened."""
    return show_waitlist(request, get_object_or_404(waitlist_detail(request.user), pk=pk))


def show_waitlist(request, row, *, notice=None, status=200):
    """The page of a list; `notice` is why a click on it did not start what it showed (R23)."""
    user, now = request.user, timezone.now()
    state, entries = list_state(row, now=now), list(waiting_people(row, user))
    proposal, is_ready = proposal_for(row, entries, user, now=now), state == ListState.READY
    reasons = [] if is_ready else known_reasons(row.reasons, user)
    people = people_rows(row, entries, user, why_they_wait(row, entries, reasons, proposal) if entries else {})
    context = {
        **_rights(user),
        **_what_helps(row, user, people, is_told=is_ready or proposal is not None),
        "waitlist": row,
        "state": state,
        "looking": LOOKING,
        "longest": (timezone.localdate(now) - row.waiting_since).days if row.waiting_since else None,
        "proposal": proposal,
        "notice": notice,
        "people": people,
        "unnamed": row.waiting_count - len(people),
        **_around(row),
        "history": history_rows(history_of(user, waitlist=row), sees_names=can_handle_entries(user)),
    }
    return render(request, "groups/waitlist_detail.html", context, status=status)


def _around(waitlist):
    """What came of the list, and where its people went if the area was joined with another."""
    return {"cycles": cycles_of(waitlist), "joined_list": joined_list(waitlist)}


def _rights(user):
    return {
        "sees_names": can_handle_entries(user),
        "may_form": can_form_cycles(user),
        "sets_minimum": is_coordinator(user),
        "sets_mode": can_set_mode(user),
    }


def _what_helps(waitlist, user, people, *, is_told):
    """Why nothing starts and what would help; nothing of it where that is told already."""
    if is_told:
        return {"advice": [], "unblocking": []}
    openable = [row["entry"] for row in people if row["may_open"]]
    return {"advice": advice_on(waitlist.reasons, user), "unblocking": unblocking(waitlist, user, openable)}


def people_rows(waitlist, entries, user, why):
    """Who waits, in order, each with days, and why they do not count yet or, when they count, why they wait (R19)."""
    openable = openable_clients(user, [entry.client_id for entry in entries])
    talk_first = waitlist.offer.talk_moment == TalkMoment.BEFORE_PLACEMENT
    today = timezone.localdate()
    return [
        {
            "entry": entry,
            "days": entry.days_waiting(today),
            "reasons": [reason_text(reason) for reason in entry.reasons],
            "why": why[entry.pk],
            "may_open": entry.client_id in openable,
            "clock": clock_of(entry, today=today),
            "needs_talk": talk_first and entry.talk_held_on is None,
        }
        for entry in entries
    ]


def history_rows(rows, *, sees_names):
    """[(when, what, about whom, by whom)]; a name only for who may see it."""
    return [
        {
            "at": row.at,
            "text": history_text(row),
            "who": row.entry.client.short_name if sees_names and row.may_name else "",
            "number": row.session_number,
            "by": author_text(row),
        }
        for row in rows
    ]
