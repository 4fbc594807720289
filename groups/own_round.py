"""A person's own count of sessions, read from one cycle: which is their last, and whether it has come (R22, R28).

sessions: those of the cycle in order of their numbers, each with `number`, `state`, `starts_at`; participations with
their `entry`. Nothing is looked up.
"""

from groups.enums import STAYED, CycleState, SessionState


def right_of(participation, total):
    """How many sessions are theirs: those of their series; of a whole cycle, all `total` it has."""
    own = participation.enters_at > 1 or participation.entry.sessions_left is not None
    return participation.sessions_right if own and participation.sessions_right else total


def own_sessions(participation, sessions):
    """The sessions of this cycle that are this person's: from where they entered, as many as they have a right to."""
    held = [session for session in sessions if session.state != SessionState.CANCELLED]
    mine = [session for session in held if session.number >= participation.enters_at]
    return mine[: right_of(participation, len(held))]


def last_session(participation, sessions):
    """The one that completes their series; None when this cycle does not hold it: they go on for the rest (R22)."""
    mine = own_sessions(participation, sessions)
    held = sum(session.state != SessionState.CANCELLED for session in sessions)
    return mine[-1] if mine and len(mine) >= right_of(participation, held) else None


def is_asked(participation, sessions, *, now):
    """Whether it is time to decide together how to go on: their own last session has begun, or is held."""
    last = last_session(participation, sessions)
    return last is not None and (last.state == SessionState.HELD or last.starts_at <= now)


def may_decide(participation, cycle, sessions, *, now):
    """As is_asked(); and once the cycle is over, also for whom the rest of their series is kept."""
    took_part = participation.state in STAYED or participation.outcome
    return bool(took_part) and (is_asked(participation, sessions, now=now) or cycle.state == CycleState.FINISHED)
