"""Who takes part in a cycle, as its pages show them: short names, attendance, what was decided (R25, R28, R41)."""

from django.db.models import Exists, OuterRef, Prefetch
from django.utils.translation import gettext_lazy

from clients.models import Client
from groups.discretion import is_reached_with_care, shown_name
from groups.enums import (
    COUNTING_PARTICIPATIONS,
    LIVE_CYCLES,
    STAYED,
    AttendanceState,
    CycleState,
    ParticipationState,
    SessionState,
    TalkMoment,
)
from groups.models import Attendance, OnwardStep, Participation
from groups.notifications import must_be_told
from groups.own_round import is_asked, own_sessions
from groups.permissions import can_see_participants

ANSWER_TONES = {
    ParticipationState.INVITED: "wait",
    ParticipationState.CONFIRMED: "ok",
    ParticipationState.DECLINED: "stop",
    ParticipationState.STOPPED: "stop",
    ParticipationState.RETURNED: "neutral",
    ParticipationState.FINISHED: "ok",
}

# What a box of the strip shows besides the four that somebody notes.
BEFORE, TO_COME, NOT_NOTED = "before", "to-come", "not-noted"
# A sign beside each colour, and its words.
SIGNS = {
    AttendanceState.PRESENT: ("✓", AttendanceState.PRESENT.label),
    AttendanceState.LATE: ("~", AttendanceState.LATE.label),
    AttendanceState.EXCUSED: ("a", AttendanceState.EXCUSED.label),
    AttendanceState.ABSENT: ("×", AttendanceState.ABSENT.label),
    BEFORE: ("", gettext_lazy("not of their own sessions")),
    TO_COME: ("", gettext_lazy("still to come")),
    NOT_NOTED: ("?", gettext_lazy("not noted")),
}


def people_of(cycle, user):
    """Participations with client, entry, attendance and onward step, for who may see names; the first invited first.

    With `may_open`: whether this user may open the client's file. Three statements however many they are (R41).
    """
    if not can_see_participants(user):
        return Participation.objects.none()
    steps = OnwardStep.objects.select_related("provision", "offer").order_by("pk")
    rows = cycle.participations.visible_to(user).select_related(
        "client__contact", "client__key", "client__neighbourhood", "entry", "answered_by", "decided_by"
    )
    return (
        rows.annotate(may_open=Exists(Client.objects.visible_to(user).filter(pk=OuterRef("client"))))
        .prefetch_related(
            Prefetch("attendance", queryset=Attendance.objects.order_by("session")),
            Prefetch("onward_steps", queryset=steps),
        )
        .order_by("entry__waiting_since", "pk")
    )


def attendance_strip(participation, sessions):
    """One box for each session that is held: number, state, sign and text. state: as noted, or BEFORE they came,
    TO_COME or NOT_NOTED. Reads `attendance`, and sessions with `held_number`."""
    noted = {row.session_id: row.state for row in participation.attendance.all()}
    mine = {session.pk for session in own_sessions(participation, sessions)}
    held = [session for session in sessions if session.state != SessionState.CANCELLED]
    return [_box(session, _state(session, noted, mine)) for session in held]


def _box(session, state):
    sign, text = SIGNS[state]
    return {"number": session.held_number, "state": str(state), "sign": sign, "text": text}


def _state(session, noted, mine):
    if session.pk in noted:
        return AttendanceState(noted[session.pk])
    if session.pk not in mine:
        return BEFORE
    return NOT_NOTED if session.state == SessionState.HELD else TO_COME


def people_rows(cycle, user, sessions, *, now, today):
    """Who takes part, with their answer, attendance and outcome, and what is still to do for each.

    cycle: of cycle_page(). Statements as people_of().
    """
    days = {session.number: session.date for session in sessions}
    return [_row(row, cycle, sessions, days, now, today) for row in people_of(cycle, user)]


def _row(row, cycle, sessions, days, now, today):
    to_come = _is_to_come(row, cycle, days, today)
    no_answer = row.state == ParticipationState.INVITED and row.call_from <= today and to_come
    counts = row.state in COUNTING_PARTICIPATIONS
    has_news = counts and cycle.has_news and cycle.state in LIVE_CYCLES
    step = next(iter(row.onward_steps.all()), None)
    return {
        "participation": row,
        "counts": counts,
        "has_finished": row.state == ParticipationState.FINISHED,
        "is_open": row.state == ParticipationState.INVITED,
        "tone": ANSWER_TONES[row.state],
        "entered_on": days.get(row.enters_at) if row.enters_at > 1 else None,
        "may_answer": to_come,
        "with_care": is_reached_with_care(row.client.contact),
        "call": no_answer,
        "tell_leader": has_news and must_be_told(cycle.offer, row.client),
        "needs_talk": _needs_talk(row, cycle, to_come),
        "strip": attendance_strip(row, sessions) if cycle.state != CycleState.FORMED else [],
        "to_decide": row.state in STAYED and not row.outcome and is_asked(row, sessions, now=now),
        "step": step,
        "onward_to": onward_to(row, step),
    }


def onward_to(row, step):
    """The group that somebody goes on to; a sensitive one by name only for who may open the file (R40)."""
    if step is None or step.offer is None:
        return ""
    return step.offer.name if row.may_open else shown_name(step.offer)


def _needs_talk(participation, cycle, to_come):
    """R8, before the first session: for who enters a running group too (R22), and not again for who goes on (R28)."""
    is_new = cycle.state == CycleState.FORMED or to_come
    if cycle.offer.talk_moment != TalkMoment.BEFORE_FIRST_SESSION or not is_new:
        return False
    entry = participation.entry
    return participation.talk_held_on is None and entry.talk_held_on is None and entry.continues_id is None


def _is_to_come(participation, cycle, days, today):
    """Whether this person's first session is still to come (R21, R22)."""
    if participation.enters_at > 1:
        return cycle.state in LIVE_CYCLES and today <= days.get(participation.enters_at, today)
    return cycle.state == CycleState.FORMED and today <= cycle.starts_on
