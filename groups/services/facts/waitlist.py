"""All facts of one waitlist together, and those about the list itself."""

import datetime as dt
from collections import defaultdict

from django.utils import timezone

from clients.enums import DAY_PART_BOUNDS
from groups.calendar import blocked_dates
from groups.engine import Facts, OpenCycle, Rules
from groups.enums import CycleState, EntryState, TalkMoment
from groups.models import Participation, WaitlistEntry
from groups.services.facts.people import load_people
from groups.services.facts.places import load_places
from groups.services.facts.workers import load_workers

HORIZON_WEEKS = 12
RATE_WEEKS = 12


def load_facts(*, waitlist, now):
    """Facts as of `now` (aware). Costs the same number of statements however many people wait."""
    today = timezone.localdate(now)
    rules = load_rules(waitlist)
    people = load_people(waitlist, today)
    return Facts(
        today=today,
        rules=rules,
        people=people,
        workers=load_workers(waitlist, today),
        places=load_places(waitlist, today),
        open_cycles=load_open_cycles(waitlist, today),
        blocked_dates=blocked_dates(
            today=today,
            weeks=HORIZON_WEEKS + 2 * (rules.sessions or 0) + 10,
            skips_school_holidays=waitlist.offer.skips_school_holidays,
        ),
        day_parts=tuple((part.value, start, end) for part, (start, end) in DAY_PART_BOUNDS.items()),
        horizon_weeks=HORIZON_WEEKS,
        joined_per_week=_joined_per_week(waitlist, now),
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
        fixed_weekday=offer.fixed_weekday,
        fixed_start=offer.fixed_start_time,
        fixed_part=offer.fixed_day_part,
    )


def load_open_cycles(waitlist, today):
    """Formed cycles before their first session: they take newcomers up to the soft maximum (R12)."""
    cycles = list(
        waitlist.cycles.filter(state=CycleState.FORMED, starts_on__gt=today).select_related("room").order_by("pk")
    )
    people = defaultdict(set)
    rows = Participation.objects.filter(cycle__in=cycles).counting().values_list("cycle", "client")
    for cycle, client in rows.order_by("pk"):
        people[cycle].add(client)
    return tuple(
        OpenCycle(
            id=cycle.pk,
            weekday=cycle.starts_on.weekday(),
            start=cycle.start_time,
            first_date=cycle.starts_on,
            seats=max(0, cycle.places - len(people[cycle.pk])),
            people=frozenset(people[cycle.pk]),
        )
        for cycle in cycles
    )


def _joined_per_week(waitlist, now):
    """Sign-ups a week over the last twelve; None while the list is younger than that (R11)."""
    since = now - dt.timedelta(weeks=RATE_WEEKS)
    joined = WaitlistEntry.objects.filter(waitlist=waitlist)
    if not joined.filter(joined_at__lt=since).exists():
        return None
    return joined.exclude(state=EntryState.LEFT).filter(joined_at__gte=since).count() / RATE_WEEKS
