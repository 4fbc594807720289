"""All facts of one waitlist together, and those about the list itself."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone

from clients.enums import DAY_PART_BOUNDS
from groups.calendar import blocked_dates
from groups.engine import Facts, Rules
from groups.enums import TalkMoment
from groups.services.facts.cycles import load_cycles
from groups.services.facts.people import Waiting, load_waiting
from groups.services.facts.places import load_places_and_rooms
from groups.services.facts.workers import load_workers
from neighbourhoods.models import Room

HORIZON_WEEKS = 12


@dataclass(frozen=True)
class Known:
    """What is known of one list: the engine's facts, who waits with how they may be told, and the rooms by name."""

    facts: Facts
    waiting: dict[int, Waiting]
    rooms: dict[int, Callable[[], Room]]


def load_facts(*, waitlist, now):
    """What the engine is told, as of `now` (aware); see load_known."""
    return load_known(waitlist=waitlist, now=now).facts


def load_known(*, waitlist, now):
    """Everything about one list as of `now` (aware), in four statements however many people wait."""
    today = timezone.localdate(now)
    rules = load_rules(waitlist)
    waiting = load_waiting(waitlist, today)
    cycles = load_cycles(waitlist, today, now)
    places, rooms = load_places_and_rooms(waitlist, today)
    facts = facts_of(waitlist, today, rules, waiting, cycles, places, load_workers(waitlist, today))
    return Known(facts, waiting, rooms)


def facts_of(waitlist, today, rules, waiting, cycles, places, workers):
    """All that was loaded of one list, as the engine is told."""
    return Facts(
        today=today,
        rules=rules,
        people=tuple(row.person for row in waiting.values()),
        workers=workers,
        places=places,
        open_cycles=cycles.open,
        rhythms=cycles.rhythms,
        live_cycles=cycles.live,
        joined_per_week=cycles.joined_per_week,
        blocked_dates=blocked_dates(
            today=today,
            weeks=HORIZON_WEEKS + 2 * (rules.sessions or 0) + 10,
            skips_school_holidays=waitlist.offer.skips_school_holidays,
        ),
        day_parts=tuple((part.value, start, end) for part, (start, end) in DAY_PART_BOUNDS.items()),
        horizon_weeks=HORIZON_WEEKS,
    )


def load_rules(waitlist):
    """The offer's settings with this list's own minimum and maxima (R11)."""
    offer = waitlist.offer
    soft = waitlist.soft_maximum or waitlist.hard_maximum
    return Rules(
        minimum=waitlist.minimum,
        soft_maximum=soft or waitlist.minimum,
        hard_maximum=waitlist.hard_maximum or soft or waitlist.minimum,
        sessions=offer.sessions_count,
        minutes=offer.session_minutes,
        lead_days=offer.lead_time_days,
        needs_judgement=offer.needs_judgement,
        talk_first=offer.talk_moment == TalkMoment.BEFORE_PLACEMENT,
        audience=offer.audience,
        age_from=offer.age_from,
        age_to=offer.age_to,
        second_seat=offer.second_seat_required,
        two_workers=offer.two_workers_required,
        level=waitlist.catchment.level,
        may_run_in_neighbourhood=offer.may_run_in_neighbourhood,
        is_active=offer.is_active,
        is_manual=waitlist.is_manual or waitlist.catchment.is_manual,
        fixed_weekday=offer.fixed_weekday,
        fixed_start=offer.fixed_start_time,
        fixed_part=offer.fixed_day_part,
    )
