"""The one mover: every change of a state goes through here and leaves a history row."""

from accounts.models import WorkerBooking
from clients.enums import FollowUpAbout
from clients.sealing import seal_fields
from clients.services import settle_by_rule
from groups.enums import (
    COUNTING_PARTICIPATIONS,
    CYCLE_MOVES,
    ENTRY_MOVES,
    PARTICIPATION_MOVES,
    SESSION_MOVES,
    TALK_MOVES,
    HistoryCode,
    TalkState,
)
from groups.exceptions import IllegalMove
from groups.models import Cycle, HistoryEntry, IndividualTalk, Participation, Session, WaitlistEntry
from groups.services.history import history_row, record

_TABLES = {
    WaitlistEntry: ENTRY_MOVES,
    Cycle: CYCLE_MOVES,
    Session: SESSION_MOVES,
    Participation: PARTICIPATION_MOVES,
    IndividualTalk: TALK_MOVES,
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
    row = record(code, at=now, by=by, rule=rule, **_subjects(thing), **(args or {}))
    _release_talks([thing], now)
    return row


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
    _release_talks(things, now)


def _release_talks(things, now):
    """Who has no place any more has no individual talks to come, and the colleague is free again (R29)."""
    left = [
        thing for thing in things if isinstance(thing, Participation) and thing.state not in COUNTING_PARTICIPATIONS
    ]
    if not left:
        return
    talks = IndividualTalk.objects.filter(participation__in=left, state=TalkState.PLANNED)
    talks = talks.filter(booking__period__startswith__gt=now).order_by("pk")
    talks = list(
        talks.select_related("participation__cycle__waitlist", "participation__entry", "participation__client")
    )
    bookings = [talk.booking_id for talk in talks]
    move_all(talks, TalkState.CANCELLED, code=HistoryCode.TALK_CANCELLED, now=now, rule="R29", booking=None)
    if bookings:
        WorkerBooking.objects.filter(pk__in=bookings).delete()
    for talk in talks:  # nobody needs to call about it any more
        about = {"client": talk.participation.client, "about": FollowUpAbout.CONTACT, "key": f"talk:{talk.pk}"}
        settle_by_rule(now=now, by=None, **about)


def check_move(thing, to):
    if to not in _TABLES[type(thing)][thing.state]:
        raise IllegalMove(f"{type(thing).__name__}: {thing.state} to {to}")


def _subjects(thing):
    if isinstance(thing, WaitlistEntry):
        return {"waitlist": thing.waitlist, "entry": thing}
    if isinstance(thing, Participation):
        return {"cycle": thing.cycle, "entry": thing.entry, "waitlist": thing.cycle.waitlist}
    if isinstance(thing, IndividualTalk):
        return _subjects(thing.participation)
    if isinstance(thing, Session):
        return {"cycle": thing.cycle, "session": thing}
    return {"cycle": thing, "waitlist": thing.waitlist}
