"""R28: what becomes of who goes on, in the engine's own words: from when, where and with whom, or what is missing.

Nothing is written: it is what the engine would do, were it asked now.
"""

import datetime as dt
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.periods import short_day
from groups.discretion import known_reason
from groups.engine import Person, Reason, Rhythm, decide
from groups.engine.decide import place
from groups.enums import SessionState
from groups.wording import reason_text, sentence

BEHIND = 2**61  # numbers that no entry has, for who would go on


@dataclass(frozen=True)
class NextRound:
    """What would come of it: `starts_on` and how it is; or the `reason` why it waits."""

    going_on: int
    newcomers: int = 0
    starts_on: dt.date | None = None
    start_time: dt.time | None = None
    same_time: bool = False
    same_place: bool = False
    same_lead: bool = False
    by_click: bool = False
    reason: Reason | None = None


def foresee_next_round(facts, cycle, sessions, *, going, decided):
    """The NextRound if these participations went on too, beside those who wait for it already.

    facts: load_facts() of the cycle's list. sessions: of the cycle, in order. decided: how many who were undecided
    are decided then. None when nobody goes on.
    """
    waiting = sum(person.continues == cycle.pk for person in facts.people)
    if not waiting and not going:
        return None
    known = {person.client for person in facts.people if person.continues == cycle.pk}
    new = [row for row in going if row.client_id not in known]
    facts = replace(
        facts,
        people=(*facts.people, *(_person(row, n, facts.today) for n, row in enumerate(new))),
        rhythms=_with_rhythm(facts.rhythms, cycle, sessions, decided),
    )
    ours = {person.id for person in facts.people if person.continues == cycle.pk}
    _joins, _rest, starts, reasons = place(facts)
    # In its rhythm; and long after its last session, as a new beginning.
    start = next((start for start in starts if ours & set(start.people)), None)
    if start is None:
        why = next(iter(reasons or decide(facts).reasons), Reason("nobody_waits"))
        return NextRound(len(ours), reason=why)
    return _found(start, cycle, ours, facts)


def _found(start, cycle, ours, facts):
    going, slot = ours & set(start.people), start.slot
    same_time = (slot.weekday, slot.start) == (cycle.starts_on.weekday(), cycle.start_time)
    return NextRound(
        going_on=len(going),
        newcomers=len(start.people) - len(going),
        starts_on=slot.dates[0],
        start_time=slot.start,
        same_time=same_time,
        same_place=same_time and slot.place == cycle.room_id,
        same_lead=slot.lead == cycle.lead_id,
        by_click=facts.rules.is_manual,
    )


def _person(row, number, today):
    """Somebody who was judged, talked with and sat in this group: only how it goes on is open."""
    return Person(
        id=BEHIND + number,
        waiting_since=today,
        client=row.client_id,
        has_priority=True,
        has_fit_exception=True,
        age=row.client.age_on(today),
        sex=row.client.sex,
        continues=row.cycle_id,
    )


def _with_rhythm(rhythms, cycle, sessions, decided):
    """The rhythm of this cycle with only those as undecided who will be; made where nobody waits to go on yet."""
    held = [session for session in sessions if session.state != SessionState.CANCELLED]
    if not held:
        return rhythms
    own = Rhythm(
        cycle=cycle.pk,
        start=cycle.start_time,
        last_date=held[-1].date,
        lead=cycle.lead_id,
        co_lead=cycle.co_lead_id,
        place=cycle.room_id,
        weekday=cycle.starts_on.weekday(),
    )
    own = next((rhythm for rhythm in rhythms if rhythm.cycle == cycle.pk), own)
    own = replace(own, undecided=max(0, own.undecided - decided))
    return (*(rhythm for rhythm in rhythms if rhythm.cycle != cycle.pk), own)


def next_round_text(found, user):
    """A NextRound as one sentence; `user` reads it and may know so much of the reasons (R18)."""
    going = ngettext("%(count)s goes on", "%(count)s go on", found.going_on) % {"count": found.going_on}
    if found.starts_on is None:
        return sentence(_going(going, reason_text(known_reason(found.reason.as_data(), user))))
    when = _("from %(day)s, %(time)s") % {"day": short_day(found.starts_on), "time": f"{found.start_time:%H:%M}"}
    words = [f"{going}: {when}", _where(found)]
    if not found.same_lead:
        words.append(_("with another leader"))
    if found.newcomers:
        new = ngettext("with %(count)s newcomer", "with %(count)s newcomers", found.newcomers)
        words.append(new % {"count": found.newcomers})
    if found.by_click:
        words.append(_("as soon as a group worker presses start"))
    return sentence(", ".join(words))


def _where(found):
    if found.same_place:
        return _("same place and time")
    return _("same time, another room") if found.same_time else _("another day or time than now")


def _going(going, why):
    """Reasons about a rhythm say themselves how many go on."""
    return why if why.startswith(going) else f"{going}: {why}"
