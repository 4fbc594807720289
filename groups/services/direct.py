"""Straight from intake into a group (R3): only where the engine itself would give the place, so nobody is passed."""

import datetime as dt
from dataclasses import dataclass, replace

from groups.engine import Person
from groups.engine.compose import fill_open_cycles, why_not_then
from groups.engine.decision import Reason
from groups.engine.facts import Busy
from groups.engine.placeable import in_order, why_not_placeable
from groups.enums import COUNTING_PARTICIPATIONS, LIVE_CYCLES, TalkMoment
from groups.exceptions import NotAllowed
from groups.models import Participation, Session
from groups.services.facts import load_facts, load_known
from groups.services.forming import join_cycle

LAST = 2**62  # behind everybody who waits as long


@dataclass(frozen=True)
class DirectPlace:
    """A place that somebody would get now: the first day they would come to; or the reasons why there is none."""

    first_date: dt.date | None = None
    reasons: tuple[Reason, ...] = ()


def find_direct_place(*, waitlist, person, now):
    """What place_directly() would do for this Person of person_for(), who does not wait here yet; writes nothing."""
    facts = load_facts(waitlist=waitlist, now=now)
    cycle = _cycle_for(person, replace(facts, people=(*facts.people, person)))
    if cycle is not None:
        return DirectPlace(first_date=cycle.first_date)
    return DirectPlace(reasons=_why_not(person, facts))


def place_directly(*, entry, now):
    """Give somebody who just joined the list a place at once, after all who come first by the engine's own order.

    Within the transaction that holds the list's lock. NotAllowed with why there is no place (R17). Returns the cycle.
    """
    waitlist = entry.waitlist
    known = load_known(waitlist=waitlist, now=now)
    facts, found = known.facts, None
    placeable = in_order(p for p in facts.people if not why_not_placeable(p, facts.rules))
    for join in fill_open_cycles(placeable, facts) if facts.rules.is_active else ():
        cycle = join_cycle(waitlist=waitlist, waiting=known.waiting, join=join, now=now)
        found = cycle if entry.pk in join.people else found
    if found is None:
        reason = _why_not(known.waiting[entry.pk].person, facts)[0]
        raise NotAllowed(reason.code, **reason.args)
    return found


def is_talk_first(offer):
    """Whether the acquaintance talk must be held before there can be a place (R8)."""
    return offer.talk_moment == TalkMoment.BEFORE_PLACEMENT


def person_for(
    *, client, waitlist, waiting_since, today, problem_kind, parts, refuses, has_consent, has_fit_exception
):
    """This client as the engine would be told, judged and talked with, while not on the list yet.

    parts: {(weekday, DayPart)}, empty is any time. refuses: not in the own neighbourhood (R18).
    """
    seats = Participation.objects.filter(client=client, cycle__waitlist__offer=waitlist.offer_id)
    live = seats.filter(state__in=COUNTING_PARTICIPATIONS, cycle__state__in=LIVE_CYCLES)
    first, second = client.exclusions_as_first.values_list("other"), client.exclusions_as_second.values_list("client")
    return Person(
        id=LAST,
        waiting_since=waiting_since,
        client=client.pk,
        has_consent=has_consent,
        age=client.age_on(today),
        sex=client.sex,
        has_fit_exception=has_fit_exception,
        is_placed_elsewhere=live.exists(),
        refuses_here=refuses and waitlist.catchment_id == client.neighbourhood.catchment_id,
        kind=problem_kind and problem_kind.pk,
        is_psychosocial=bool(problem_kind and problem_kind.is_psychosocial),
        excluded=frozenset(pk for (pk,) in first.union(second)),
        declined_cycles=frozenset(seats.values_list("cycle", flat=True)),
        parts=frozenset((day, str(part)) for day, part in parts) or None,
        busy=_busy(client),
        avoids=client.neighbourhood_id if refuses else None,
    )


def _busy(client):
    planned = Session.objects.planned().filter(
        cycle__participations__client=client, cycle__participations__state__in=COUNTING_PARTICIPATIONS
    )
    times = planned.order_by("date").values_list("date", "start_time", "end_time")
    return tuple(Busy(dt.datetime.combine(day, start), dt.datetime.combine(day, end)) for day, start, end in times)


def _cycle_for(person, facts):
    placeable = in_order(p for p in facts.people if not why_not_placeable(p, facts.rules))
    joins = fill_open_cycles(placeable, facts) if facts.rules.is_active else ()
    joined = next((join.cycle for join in joins if person.id in join.people), None)
    return next((cycle for cycle in facts.open_cycles if cycle.id == joined), None)


def _why_not(person, facts):
    """At least one reason: of the person, of the hours of the groups there are, or that there is no free place."""
    if not facts.rules.is_active:
        return (Reason("offer_inactive"),)
    failures = why_not_placeable(person, facts.rules)
    if failures:
        return failures
    then = [why_not_then(person, facts, cycle) for cycle in facts.open_cycles if cycle.seats > 0]
    return (then[0],) if then and all(then) else (Reason("no_place_now"),)
