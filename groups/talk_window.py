"""Where individual talks belong: after a certain session and before the last one (R29)."""

from groups.enums import SessionState


def talk_window(offer, sessions):
    """(from, until) as moments, for sessions of one cycle; None while the cycle has not the sessions for it."""
    held = [session for session in sessions if session.state != SessionState.CANCELLED]
    held.sort(key=lambda session: session.number)
    after = offer.talks_after_session
    if not offer.talks_count or after is None or len(held) <= after:
        return None
    return held[after - 1].ends_at, held[-1].starts_at


def is_in_window(talk, window):
    """Whether an IndividualTalk lies within it."""
    return window is not None and window[0] <= talk.starts_at and talk.ends_at <= window[1]
