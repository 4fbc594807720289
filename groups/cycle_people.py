"""Who takes part in a cycle, as its pages show them: short names, attendance, what was decided (R25, R28, R41)."""

from django.db.models import Exists, OuterRef, Prefetch
from django.utils.translation import gettext_lazy

from clients.models import Client
from groups.enums import AttendanceState, SessionState
from groups.models import Attendance, OnwardStep, Participation
from groups.own_round import own_sessions
from groups.permissions import can_see_participants

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
