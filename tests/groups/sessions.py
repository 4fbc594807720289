"""A cycle in its first session, and what somebody noted: shared by the tests of the page of a session."""

from groups.models import Attendance
from groups.noting import Typed, Typings
from groups.services.cycles import settle_cycles
from groups.services.noting import note_session
from tests.factories.groups import fresh, make_cycle


def begun(n=3, **fields):
    """(cycle, its first session, a moment in it)."""
    cycle = make_cycle(n, **fields)
    session = cycle.sessions.get(number=1)
    settle_cycles(now=session.starts_at)
    return fresh(cycle), fresh(session), session.starts_at


def places_of(cycle):
    return list(cycle.participations.order_by("pk"))


def tapped(*pairs, seen=""):
    """Typings of (participation, state) pairs; `seen` is what the screen showed of each."""
    return Typings(attendance={place.pk: Typed(state, seen) for place, state in pairs})


def states_of(session):
    """{participation number: state}"""
    return dict(Attendance.objects.filter(session=session).values_list("participation", "state"))


def close_with(cycle, number, *pairs, by=None):
    """Session `number` is over and closed: these states, and everybody else was there. The moment of closing."""
    session = cycle.sessions.get(number=number)
    now = session.ends_at
    settle_cycles(now=now)
    typed = tapped(*pairs)
    typed.everybody = True
    noted = note_session(session=session, by=by or cycle.lead, now=now, typed=typed, close=True)
    assert noted.is_closed, noted
    return now
