"""The one mover: every change of a state goes through here and leaves a history row."""

from clients.sealing import seal_fields
from groups.enums import CYCLE_MOVES, ENTRY_MOVES, PARTICIPATION_MOVES, SESSION_MOVES
from groups.exceptions import IllegalMove
from groups.models import Cycle, HistoryEntry, Participation, Session, WaitlistEntry
from groups.services.history import history_row, record

_TABLES = {
    WaitlistEntry: ENTRY_MOVES,
    Cycle: CYCLE_MOVES,
    Session: SESSION_MOVES,
    Participation: PARTICIPATION_MOVES,
}


def move(thing, to, *, code, now, by=None, rule="", args=None, **fields):
    """Bring an entry, participation, cycle or session into another state, with the fields that go with it.

    Raises IllegalMove when the transition table does not know the step or the row was moved meanwhile.
    """
    check_move(thing, to)
    rows = type(thing).objects.filter(pk=thing.pk, state=thing.state)
    changed = rows.update(state=to, **seal_fields(thing, fields))
    if not changed:
        raise IllegalMove(f"{type(thing).__name__} {thing.pk} was moved meanwhile")
    for name, value in {"state": to, **fields}.items():
        setattr(thing, name, value)
    return record(code, at=now, by=by, rule=rule, **_subjects(thing), **(args or {}))


def move_all(things, to, *, code, now, by=None, rule="", args=None, **fields):
    """As move(), for several rows of one kind in two statements; all or IllegalMove. Order is kept in the history."""
    if not things:
        return
    kind = type(things[0])
    for thing in things:
        check_move(thing, to)
    states = {thing.state for thing in things}
    changed = kind.objects.filter(pk__in=[thing.pk for thing in things], state__in=states).update(state=to, **fields)
    if changed != len(things):
        raise IllegalMove(f"{len(things) - changed} of {kind.__name__} were moved meanwhile")
    for thing in things:
        for name, value in {"state": to, **fields}.items():
            setattr(thing, name, value)
    HistoryEntry.objects.bulk_create(
        history_row(code, at=now, by=by, rule=rule, **_subjects(thing), **(args or {})) for thing in things
    )


def check_move(thing, to):
    if to not in _TABLES[type(thing)][thing.state]:
        raise IllegalMove(f"{type(thing).__name__}: {thing.state} to {to}")


def _subjects(thing):
    if isinstance(thing, WaitlistEntry):
        return {"waitlist": thing.waitlist, "entry": thing}
    if isinstance(thing, Participation):
        return {"cycle": thing.cycle, "entry": thing.entry, "waitlist": thing.cycle.waitlist}
    if isinstance(thing, Session):
        return {"cycle": thing.cycle, "session": thing}
    return {"cycle": thing, "waitlist": thing.waitlist}
