"""One cycle: its sessions, team, people and history; forming it by hand, deciding on it, ending it (R12, R21)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.permissions import allow
from groups.cycle_people import ANSWER_TONES, people_rows
from groups.cycle_queries import ANSWERS, cycle_page, sessions_with_reports
from groups.discretion import known_reason, known_reasons, place_is_secret, shown_place
from groups.entering import entering_text
from groups.enums import LIVE_CYCLES, CycleState, SessionState
from groups.forms.cycles import CancelCycleForm, CycleForm, DecideForm
from groups.happened import started_text
from groups.marks import cycle_marks
from groups.models import StartReason
from groups.permissions import (
    can_change_session,
    can_form_cycles,
    can_plan_talks,
    can_reschedule,
    can_see_participants,
    can_see_passed_over,
    can_see_schedule,
)
from groups.queries import (
    cycle_detail,
    formed_with,
    history_of,
    may_know_place,
    waiting_people,
    waitlist_detail,
)
from groups.scale import scale_of_cycle
from groups.seats import seat_signals, signal_text
from groups.services.by_hand import form_by_hand, propose_slots
from groups.services.cycles import cancel_cycle, move_cycle, start_smaller
from groups.time_words import moment_text
from groups.views.steps import posted, step_page, take_step
from groups.views.waitlists import history_rows
from groups.wording import reason_text, sentence

LOOKED_AT, PROPOSED = 40, 6


@allow(can_see_schedule)
@require_safe
def cycle(request, pk):
    """The whole of one cycle; names only for who places or leads (R41)."""
    now, user = timezone.now(), request.user
    today = timezone.localdate(now)
    row = get_object_or_404(cycle_page(user, today=today), pk=pk)
    sessions = list(sessions_with_reports(row))
    people = people_rows(row, user, sessions, now=now, today=today)
    coming = [p for p in people if p["counts"] or p["has_finished"]]
    context = {
        **_rights(user, row, sessions),
        **_plan(row, sessions, now),
        **_people(row, people, coming),
        **_words(row, user, sessions, today),
        "cycle": row,
        "secret_place": _secret_place(user, row),
        "needs_decision": row.needs_decision(today=today),
        "slopes": scale_of_cycle(row, user),
        "marks": cycle_marks(row),
        "history": history_rows(history_of(user, cycle=row), sees_names=can_see_participants(user)),
    }
    return render(request, "groups/cycle_detail.html", context)


def _reason(cycle, user):
    """As this reader may know it; what a group worker wrote of a choice is opened for who places alone (R41)."""
    known = known_reason(cycle.reason, user)
    if known["code"] != "by_hand" or not can_see_passed_over(user):
        return known
    written = StartReason.objects.filter(notes__cycle=cycle).select_related("notes__key").first()
    return known | {"args": known["args"] | {"why": written.why}} if written else known


def _words(cycle, user, sessions, today):
    """Why it is so, who may still enter, and what those who go on wait for."""
    return {
        "reason": sentence(reason_text(_reason(cycle, user))) if cycle.reason else "",
        "entering": entering_text(cycle, sessions, today=today),
        "going_on": _going_on(cycle, user),
    }


def _plan(cycle, sessions, now):
    """The sessions with their place, and what is wrong with a seat (R14)."""
    return {
        "place": shown_place(cycle.offer, cycle.room),
        "signals": signal_rows(cycle, sessions),
        "strip": [_strip_box(session, now) for session in sessions],
        "sessions": [(session, shown_place(cycle.offer, session.room), _state(session, now)) for session in sessions],
    }


def _state(session, now):
    """How far a session is: what its strip and its row say (R25)."""
    if session.state == SessionState.CANCELLED or session.starts_at > now:
        return str(session.state)
    return "closed" if session.is_closed else "to_close"


def _strip_box(session, now):
    url = reverse("groups:session", args=[session.pk]) if session.state != SessionState.CANCELLED else ""
    state = _state(session, now)
    return {"number": session.held_number, "starts_at": session.starts_at, "state": state, "url": url}


def _people(cycle, people, coming):
    """Who takes part or took part to the end, who does not any more, and how many stand outside one's area (R41)."""
    hidden = cycle.taken - len([person for person in people if person["counts"]])
    if cycle.state == CycleState.FINISHED:
        hidden = cycle.taken - len(coming)
    return {
        "counts": [(state, getattr(cycle, f"said_{state}"), ANSWER_TONES[state]) for state in ANSWERS],
        "coming": coming,
        "unnamed": max(0, hidden),
        "gone": [person for person in people if person not in coming],
        "to_decide": sum(person["to_decide"] for person in people),
    }


def signal_rows(cycle, sessions):
    """What is wrong with a seat, in words, each with the days it is about (R14)."""
    return [(signal, signal_text(signal)) for signal in seat_signals(cycle, sessions)]


def _changeable(user, cycle, sessions):
    """Sessions that this user may move, cancel or give another room (R14)."""
    if cycle.state not in LIVE_CYCLES:
        return set()
    return {session.pk for session in sessions if can_change_session(user, session)}


def _rights(user, cycle, sessions):
    stands_in = any(place.user_id == user.pk for session in sessions for place in session.staff.all())
    leads = user.pk in (cycle.lead_id, cycle.co_lead_id) or stands_in
    has_begun = cycle.state in (CycleState.RUNNING, CycleState.FINISHED)
    return {
        "has_begun": has_begun,
        "may_change": cycle.state in LIVE_CYCLES and can_reschedule(user, cycle),
        "changeable": _changeable(user, cycle, sessions),
        "may_decide": leads and has_begun and can_see_participants(user),
        "may_plan_talks": cycle.offer.talks_count > 0 and can_plan_talks(user, cycle),
        "sees_names": can_see_participants(user),
    }


def _secret_place(user, cycle):
    """R40: the hidden place in words, on demand, for who leads there or may know the venue; else nothing."""
    if not place_is_secret(cycle.offer, cycle.room):
        return ""
    leads = user.pk in (cycle.lead_id, cycle.co_lead_id) or cycle.sessions.planned().filter(staff__user=user).exists()
    return f"{cycle.room}, {cycle.room.venue.address}" if leads or may_know_place(user, cycle.room.venue) else ""


def _going_on(cycle, user):
    """R28: what those who go on wait for, as the engine said it of the list last; "" once the next round is there."""
    if cycle.next_round_pk or not cycle.going_on:
        return ""
    going = ngettext("%(count)s goes on", "%(count)s go on", cycle.going_on) % {"count": cycle.going_on}
    texts = [reason_text(reason) for reason in known_reasons(cycle.waitlist.reasons, user)]
    return "; ".join(text if text.startswith(going) else f"{going}: {text}" for text in texts[:1]) or going


@allow(can_form_cycles)
def cycle_form(request, pk):
    """A cycle by hand, on a proposed moment or one's own; nothing typed is lost when it cannot be (R20)."""
    waitlist = get_object_or_404(waitlist_detail(request.user), pk=pk)
    now, people = timezone.now(), waiting_people(waitlist, request.user)
    form = CycleForm(
        posted(request),
        waitlist=waitlist,
        placeable=people.filter(reasons=[]),
        proposals=best_proposals(propose_slots(waitlist=waitlist, now=now, limit=LOOKED_AT)),
        today=timezone.localdate(now),
    )
    if form.is_valid():
        with form.explaining():
            formed = form_by_hand(waitlist=waitlist, by=request.user, now=now, **form.plan())
            messages.success(request, _("The cycle is formed; the invitations go out now."))
            return redirect("groups:cycle", formed.pk)
    if "entries" in form.errors and (formed := formed_with(waitlist, form.chosen_ids())):
        messages.info(request, started_text(formed))
        return redirect("groups:cycle", formed.pk)
    others = [(entry, [reason_text(why) for why in entry.reasons]) for entry in people.exclude(reasons=[])]
    context = {"waitlist": waitlist, "form": form, "others": others}
    return render(request, "groups/cycle_form.html", context, status=422 if form.errors else 200)


def best_proposals(proposals):
    """Of all slots looked at, those that suit most people, in order of time."""
    best = sorted(proposals, key=lambda pair: (-pair[1], pair[0].dates[0], pair[0].start))[:PROPOSED]
    return sorted(best, key=lambda pair: (pair[0].dates[0], pair[0].start))


def cycle_to_change(request, pk):
    """The cycle for who may reschedule it; 404 for a stranger, 403 for who only co-leads."""
    row = get_object_or_404(cycle_detail(request.user), pk=pk)
    if not can_reschedule(request.user, row):
        raise PermissionDenied
    return row


@allow(can_see_schedule)
def decide(request, pk):
    """R21, in one press: start smaller or move a week; cancelling has a page of its own."""
    row = cycle_to_change(request, pk)
    to = ("groups:cycle", row.pk)
    if not row.needs_decision(today=timezone.localdate()):
        messages.info(request, _("This cycle needs no decision now."))
        return redirect(*to)
    form = DecideForm(posted(request), today=timezone.localdate())

    def act():
        step = {"cycle": row, "by": request.user, "now": timezone.now()}
        if form.cleaned_data["decision"] == DecideForm.SMALLER:
            start_smaller(**step)
        else:
            move_cycle(weeks=1, **step)

    done = _("Decided. Everyone concerned hears of it.")
    status = 422 if form.is_bound else 200
    context = {"cycle": row, "form": form}
    return take_step(request, form, act, done=done, to=to) or render(
        request, "groups/cycle_decide.html", context, status=status
    )


@allow(can_see_schedule)
def cancel(request, pk):
    """Everyone goes back to the waitlist with their own waiting time (R17, R21)."""
    row = cycle_to_change(request, pk)
    to = ("groups:cycle", row.pk)
    if row.state not in LIVE_CYCLES:
        return over_already(request, row)
    form = CancelCycleForm(posted(request), today=timezone.localdate())

    def act():
        cancel_cycle(cycle=row, by=request.user, now=timezone.now(), **form.cleaned_data)

    return take_step(request, form, act, done=_("The cycle is cancelled."), to=to) or step_page(
        request,
        form,
        title=_("Cancel this cycle?"),
        action=_("Cancel the cycle"),
        lead=cycle_lead(row),
        eyebrow=str(row.offer),
        back=reverse(to[0], args=to[1:]),
        consequences=_cancel_consequences(row),
        tone="stop",
    )


def over_already(request, cycle):
    """Back to the cycle: there is nothing left to change."""
    messages.info(request, _("This cycle is over already."))
    return redirect("groups:cycle", cycle.pk)


def cycle_lead(cycle):
    """The cycle in words: its first session and where it draws from."""
    return f"{moment_text(cycle.starts_on, cycle.start_time, cycle.end_time)} · {cycle.catchment}"


def _cancel_consequences(cycle):
    people = ngettext(
        "%(count)s person goes back to the waitlist and keeps the waiting time.",
        "%(count)s people go back to the waitlist and keep their waiting time.",
        cycle.taken,
    ) % {"count": cycle.taken}
    return [
        people,
        _("Whoever may be mailed gets a message now; call the others."),
        _("Room and leaders are free again for all sessions to come."),
        _("The waitlist is looked at again at once: a new cycle can come of it."),
    ]
