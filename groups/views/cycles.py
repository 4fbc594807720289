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
from groups.discretion import is_reached_with_care, known_reason, place_is_secret, shown_place
from groups.enums import COUNTING_PARTICIPATIONS, LIVE_CYCLES, CycleState, ParticipationState, TalkMoment
from groups.forms.cycles import CancelCycleForm, CycleForm, DecideForm
from groups.happened import started_text
from groups.notifications import must_be_told
from groups.permissions import can_form_cycles, can_reschedule, can_see_participants, can_see_schedule
from groups.queries import (
    cycle_detail,
    formed_with,
    history_of,
    may_know_place,
    openable_clients,
    participants_of,
    sessions_of,
    waiting_people,
    waitlist_detail,
)
from groups.seats import has_news_of_leader, seat_signals, signal_text
from groups.services.by_hand import form_by_hand, propose_slots
from groups.services.cycles import cancel_cycle, move_cycle, start_smaller
from groups.time_words import moment_text
from groups.views.steps import posted, step_page, take_step
from groups.views.waitlists import history_rows
from groups.wording import reason_text, sentence

LOOKED_AT, PROPOSED = 40, 6
ANSWER_TONES = {
    ParticipationState.INVITED: "wait",
    ParticipationState.CONFIRMED: "ok",
    ParticipationState.DECLINED: "stop",
    ParticipationState.STOPPED: "stop",
    ParticipationState.RETURNED: "neutral",
    ParticipationState.FINISHED: "ok",
}


@allow(can_see_schedule)
@require_safe
def cycle(request, pk):
    """The whole of one cycle; names only for who places or leads (R41)."""
    row = get_object_or_404(cycle_detail(request.user), pk=pk)
    sessions = list(sessions_of(row))
    people = people_rows(row, request.user, sessions)
    is_over = row.state == CycleState.FINISHED
    coming = [p for p in people if p["counts"] or (is_over and p["has_finished"])]
    context = {
        **_rights(request.user, row),
        **_plan(row, sessions),
        "cycle": row,
        "secret_place": _secret_place(request.user, row),
        "reason": sentence(reason_text(known_reason(row.reason, request.user))) if row.reason else "",
        "needs_decision": row.needs_decision(today=timezone.localdate()),
        "counts": answer_counts(row),
        "coming": coming,
        "unnamed": row.taken - len(coming),
        "gone": [person for person in people if person not in coming],
        "next_round": row.continued_by.exclude(state=CycleState.CANCELLED).first(),
        "history": history_rows(history_of(request.user, cycle=row), sees_names=can_see_participants(request.user)),
    }
    return render(request, "groups/cycle_detail.html", context)


def _plan(cycle, sessions):
    """The sessions with their place, and what is wrong with a seat (R14)."""
    return {
        "place": shown_place(cycle.offer, cycle.room),
        "signals": signal_rows(cycle, sessions),
        "strip": [_strip_box(session) for session in sessions],
        "sessions": [(session, shown_place(cycle.offer, session.room)) for session in sessions],
    }


def _strip_box(session):
    return {"number": session.held_number, "starts_at": session.starts_at, "state": session.state}


def signal_rows(cycle, sessions):
    """What is wrong with a seat, in words, each with the days it is about (R14)."""
    return [(signal, signal_text(signal)) for signal in seat_signals(cycle, sessions)]


def _rights(user, cycle):
    return {
        "may_change": cycle.state in LIVE_CYCLES and can_reschedule(user, cycle),
        "sees_names": can_see_participants(user),
    }


def _secret_place(user, cycle):
    """R40: the hidden place in words, on demand, for who leads there or may know the venue; else nothing."""
    if not place_is_secret(cycle.offer, cycle.room):
        return ""
    leads = user.pk in (cycle.lead_id, cycle.co_lead_id) or cycle.sessions.planned().filter(staff__user=user).exists()
    return f"{cycle.room}, {cycle.room.venue.address}" if leads or may_know_place(user, cycle.room.venue) else ""


def answer_counts(cycle):
    """How many were invited and what they said, without a name."""
    states = list(cycle.participations.order_by("pk").values_list("state", flat=True))
    wanted = (ParticipationState.CONFIRMED, ParticipationState.INVITED, ParticipationState.DECLINED)
    return [(state, states.count(state), ANSWER_TONES[state]) for state in wanted]


def people_rows(cycle, user, sessions):
    """Who takes part, with their answer and what is still to do for each."""
    days = {session.number: session.date for session in sessions}
    rows = list(participants_of(cycle, user))
    openable = openable_clients(user, [row.client_id for row in rows])
    today = timezone.localdate()
    has_news = cycle.state in LIVE_CYCLES and has_news_of_leader(cycle, today=today)
    return [
        {
            **_answer(row),
            "may_open": row.client_id in openable,
            "entered_on": days.get(row.enters_at) if row.enters_at > 1 else None,
            "may_answer": _is_to_come(row, cycle, days, today),
            "with_care": is_reached_with_care(row.client.contact),
            **_to_tell(row, cycle, has_news=has_news, is_to_come=_is_to_come(row, cycle, days, today), today=today),
            "needs_talk": _needs_talk(row, cycle, days, today),
        }
        for row in rows
    ]


def _answer(row):
    return {
        "participation": row,
        "counts": row.state in COUNTING_PARTICIPATIONS,
        "has_finished": row.state == ParticipationState.FINISHED,
        "is_open": row.state == ParticipationState.INVITED,
        "tone": ANSWER_TONES[row.state],
    }


def _to_tell(row, cycle, *, has_news, is_to_come, today):
    """Why this person is to be called: no answer yet (R21), or somebody else leads and no mail told them (R14)."""
    no_answer = row.state == ParticipationState.INVITED and row.call_from <= today and is_to_come
    counts = row.state in COUNTING_PARTICIPATIONS
    return {"call": no_answer, "tell_leader": counts and has_news and must_be_told(cycle.offer, row.client)}


def _needs_talk(participation, cycle, days, today):
    """R8, before the first session: for who enters a running group too (R22), and not again for who goes on (R28)."""
    is_new = cycle.state == CycleState.FORMED or _is_to_come(participation, cycle, days, today)
    if cycle.offer.talk_moment != TalkMoment.BEFORE_FIRST_SESSION or not is_new:
        return False
    entry = participation.entry
    return participation.talk_held_on is None and entry.talk_held_on is None and entry.continues_id is None


def _is_to_come(participation, cycle, days, today):
    """Whether this person's first session is still to come (R21, R22)."""
    if participation.enters_at > 1:
        return cycle.state in LIVE_CYCLES and today <= days.get(participation.enters_at, today)
    return cycle.state == CycleState.FORMED and today <= cycle.starts_on


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
