"""Who may still enter a cycle, and until when, in words (R12, R21, R22). Counts only: no names."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.periods import short_day
from groups.enums import CycleState, EntryPolicy, SessionState


def entering_text(cycle, sessions, *, today):
    """One sentence; "" once the cycle is over. cycle with `taken`; sessions in order, with `held_number`."""
    if cycle.state == CycleState.FORMED and today < cycle.starts_on:
        return _("%(places)s Newcomers come in by themselves, in order, until the first session on %(day)s.") % {
            "places": _places(cycle),
            "day": short_day(cycle.starts_on),
        }
    if cycle.state not in (CycleState.FORMED, CycleState.RUNNING):
        return ""
    last = last_entry(cycle.offer, sessions, today=today)
    if last is None:
        return _("Nobody enters any more: newcomers wait for the next group.")
    words = _("%(places)s Newcomers enter at the next session, until session %(number)s on %(day)s.")
    return words % {"places": _places(cycle), "number": last.held_number, "day": short_day(last.date)}


def last_entry(offer, sessions, *, today):
    """The last session at which somebody can enter this running cycle; None when that is over (R22)."""
    if offer.entry_policy == EntryPolicy.CLOSED:
        return None
    until = offer.entry_until_session or 1 if offer.entry_policy == EntryPolicy.UNTIL_SESSION else None
    coming = [session for session in sessions if session.state == SessionState.PLANNED and session.date > today]
    return next((s for s in reversed(coming) if until is None or s.number <= until), None)


def _places(cycle):
    free = max(0, cycle.places - cycle.taken)
    return ngettext("%(count)s place is free.", "%(count)s places are free.", free) % {"count": free}
