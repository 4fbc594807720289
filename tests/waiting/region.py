"""The five municipalities with an offer, leaders and rooms, written once; and the same as plain values.

The leaders are invented: so many that a minimum of three keeps nearly all of them busy. Rooms are the demo's.
"""

import datetime as dt
from functools import cache

from accounts.enums import RoleName
from groups.calendar import public_holidays
from groups.catalogue import load_catalogue
from groups.enums import EntryPolicy
from groups.models import GroupOffer
from groups.services.facts import load_facts
from groups.services.waitlists import waitlist_for
from neighbourhoods.enums import CatchmentLevel
from neighbourhoods.models import Catchment, Municipality, Neighbourhood, SocialTeam
from neighbourhoods.services import load_cbs, load_demo_venues
from tests.factories.groups import make_worker
from tests.factories.neighbourhoods import local
from tests.waiting.world import DAYS_BETWEEN_SIGN_UPS, Area, Hall, Staff, World

FIRST_DAY = dt.date(2026, 1, 5)
OFFER = "krachtcentrale"
HALF_HOUR = 30
YEARS = 4
# Where each group worker works. Beside them every social team has three members who co-lead.
LEAD_AREAS = (
    *[("Velsen",)] * 3,
    ("Velsen", "Beverwijk"),
    *[("Beverwijk", "Heemskerk")] * 3,
    ("Heemskerk",),
    ("Heemskerk", "Uitgeest"),
    ("Castricum", "Uitgeest"),
    *[("Castricum",)] * 2,
)
MEMBERS_PER_TEAM = 3
CAPS = {"max_cycles": 3, "max_group_hours_week": 8}
DAY, AFTERNOON, EVENING = (dt.time(9), dt.time(17)), (dt.time(12), dt.time(17)), (dt.time(19), dt.time(22))
# Weeks that leaders have, dealt out in turn: (weekdays, hours) and the evenings.
WEEKS = (
    ((0, 1, 3, 4), DAY, (1, 3)),
    ((0, 1, 2, 3), DAY, (0, 2)),
    ((1, 2, 4), AFTERNOON, (1, 2)),
    ((0, 2, 3, 4), DAY, (0, 3)),
)


def make_region():
    """Write everything that is there before the first sign-up; returns the World of it."""
    load_cbs()
    load_catalogue()
    now = local(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, 5)
    load_demo_venues(now=now)
    places = {place.name: place for place in Municipality.objects.all()}
    for number, names in enumerate(LEAD_AREAS):
        user = make_worker(f"Leider{number}", lead=True, windows=_week(number), **CAPS)
        for name in names:
            user.work_areas.create(municipality=places[name])
    for number, team in enumerate(SocialTeam.objects.order_by("code")):
        for member in range(MEMBERS_PER_TEAM):
            user = make_worker(f"Lid{number}{member}", role=RoleName.TEAM_MEMBER, windows=_week(member), **CAPS)
            team.memberships.create(user=user)
    return read_world()


def _week(number):
    days, hours, evenings = WEEKS[number % len(WEEKS)]
    return [(day, *hours) for day in days] + [(day, *EVENING) for day in evenings]


def set_policy(*, minimum, entry):
    """The offer's own settings decide the rest."""
    GroupOffer.objects.filter(slug=OFFER).update(
        minimum=minimum, entry_policy=EntryPolicy.EVERY_SESSION if entry == "open" else EntryPolicy.CLOSED
    )


def waitlists():
    """The offer's list in each neighbourhood catchment, made if need be; in the order of the World's areas."""
    offer = GroupOffer.objects.get(slug=OFFER)
    catchments = Catchment.objects.filter(level=CatchmentLevel.NEIGHBOURHOOD).order_by("code")
    return [waitlist_for(offer=offer, catchment=catchment) for catchment in catchments]


def read_world():
    """What the engine is told of leaders and rooms, for every list, as plain values."""
    now = local(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, 5)
    lists = waitlists()
    facts = [load_facts(waitlist=waitlist, now=now) for waitlist in lists]
    staff = {worker.id: worker for row in facts for worker in row.workers}
    halls = {place.id: place for row in facts for place in row.places}
    staff_at = {pk: index for index, pk in enumerate(sorted(staff))}
    hall_at = {pk: index for index, pk in enumerate(sorted(halls))}
    return World(
        first_day=FIRST_DAY,
        staff=tuple(_staff(staff[pk]) for pk in sorted(staff)),
        halls=tuple(Hall(halls[pk].capacity, _windows(halls[pk])) for pk in sorted(halls)),
        areas=tuple(
            _area(waitlist.catchment, row, staff_at, hall_at) for waitlist, row in zip(lists, facts, strict=True)
        ),
        blocked=_blocked_days(),
        sessions=facts[0].rules.sessions,
        half_hours=facts[0].rules.minutes // HALF_HOUR,
        soft_maximum=facts[0].rules.soft_maximum,
        hard_maximum=facts[0].rules.hard_maximum,
        lead_days=facts[0].rules.lead_days,
    )


def _blocked_days():
    """R20: public holidays; the offer does not skip school holidays."""
    days = [day for year in range(FIRST_DAY.year, FIRST_DAY.year + YEARS) for day in public_holidays(year)]
    return frozenset((day - FIRST_DAY).days for day in days if day >= FIRST_DAY)


def _staff(worker):
    return Staff(
        windows=_windows(worker),
        may_lead=worker.lead_until is not None,
        max_cycles=worker.max_cycles,
        max_minutes_week=worker.max_minutes_week,
    )


def _area(catchment, facts, staff_at, hall_at):
    members = list(Neighbourhood.objects.filter(catchment=catchment).values_list("inhabitants", flat=True))
    return Area(
        name=str(catchment.name),
        municipality=catchment.municipality.name,
        neighbourhoods=len(members),
        rate=sum(members) * sign_ups_per_inhabitant(),
        leads=tuple(staff_at[worker.id] for worker in facts.workers if worker.lead_until),
        seconds=tuple((staff_at[worker.id], worker.co_lead_rank) for worker in facts.workers),
        halls=tuple((hall_at[place.id], place.rank) for place in facts.places),
    )


@cache
def sign_ups_per_inhabitant():
    """A day; so that a neighbourhood has one in two weeks on average, and large ones more."""
    everybody = list(Neighbourhood.objects.values_list("inhabitants", flat=True))
    return len(everybody) / DAYS_BETWEEN_SIGN_UPS / sum(everybody)


def _windows(thing):
    return tuple(
        (window.weekday, _half_hours(window.start), _half_hours(window.end, up=False)) for window in thing.windows
    )


def _half_hours(time, *, up=True):
    minutes = time.hour * 60 + time.minute
    return -(-minutes // HALF_HOUR) if up else minutes // HALF_HOUR
