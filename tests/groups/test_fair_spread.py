"""R14: many automatic starts share the load, caps hold, and substitution passes neither."""

import datetime as dt
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from groups.engine import Busy, decide
from groups.engine.compose import after
from groups.enums import CycleState, Seat
from groups.models import Cycle, SessionStaff
from groups.services.absence import TAKE_OVER, Choice, find_gaps, report_absence
from tests.factories.groups import NOW, make_entry, make_offer, make_team_and_room, make_waitlist, make_worker, sweep
from tests.factories.neighbourhoods import local, make_municipality, make_neighbourhood, make_room
from tests.groups.plain import MONDAY, facts, lead, room, second

pytestmark = pytest.mark.django_db
LEADERS = 4


# --- in the engine


def start_many(count, **fields):
    """Groups started one after another on the same facts, each with what the last one took."""
    known, slots = facts(**fields), []
    for _number in range(count):
        start = decide(known).start
        if start is None:
            break
        slots.append(start.slot)
        known = after(known, start)
    return slots


@pytest.mark.parametrize("count", [4, 7, 12, 22])
def test_equally_available_leaders_differ_by_one_cycle_at_most(count):
    crew = (*(lead(number) for number in range(1, 5)), *(second(number) for number in range(11, 17)))
    slots = start_many(count, workers=crew, places=tuple(room(number) for number in range(1, 9)))
    assert len(slots) == count
    for seat, ids in ((lambda slot: slot.lead, range(1, 5)), (lambda slot: slot.co_lead, range(11, 17))):
        carried = Counter(map(seat, slots))
        assert max(carried[pk] for pk in ids) - min(carried[pk] for pk in ids) <= 1


def test_who_carried_less_before_catches_up_first():
    crew = (lead(1, cycles=3), lead(2, cycles=1), lead(3), *(second(number) for number in range(11, 17)))
    slots = start_many(5, workers=crew)
    carried = Counter({1: 3, 2: 1}) + Counter(slot.lead for slot in slots)
    assert carried == {1: 3, 2: 3, 3: 3}


@settings(max_examples=25, deadline=None)
@given(
    caps=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4)), min_size=2, max_size=4),
    count=st.integers(1, 9),
)
def test_no_start_passes_a_cap(caps, count):
    crew = tuple(
        lead(number, max_cycles=cycles, max_minutes_week=120 * hours) for number, (cycles, hours) in enumerate(caps, 1)
    )
    slots = start_many(
        count, workers=(*crew, *(second(number) for number in range(11, 16))), places=(room(1), room(2))
    )
    weeks = Counter((slot.lead, day.isocalendar()[:2]) for slot in slots for day in slot.dates)
    carried = Counter(slot.lead for slot in slots)
    for worker in crew:
        assert carried[worker.id] <= worker.max_cycles
        assert all(120 * n <= worker.max_minutes_week for (who, _week), n in weeks.items() if who == worker.id)


def test_the_rest_go_on_when_somebody_is_away_for_a_week():
    """Unequal availability may cost one cycle more, never a start."""
    monday = dt.datetime.combine(MONDAY + dt.timedelta(weeks=1), dt.time())
    away = (Busy(monday, monday + dt.timedelta(weeks=1)),)
    crew = (lead(1, busy=away), lead(2), lead(3), *(second(number) for number in range(11, 17)))
    slots = start_many(9, workers=crew, places=tuple(room(number) for number in range(1, 9)))
    assert len(slots) == 9


# --- in the database, with real sweeps and a substitution after it


def town(lists, **worker_fields):
    """`lists` lists ready to start in one municipality, with LEADERS leaders, second leaders and rooms enough.

    Their offers have a weekday each, so that not all leaders are taken at one hour.
    """
    municipality = make_municipality()
    offers = [make_offer(fixed_weekday=weekday) for weekday in range(5)]
    crew = [make_worker(f"Leider{n}", lead=True, municipality=municipality, **worker_fields) for n in range(LEADERS)]
    for number in range(lists):
        neighbourhood = make_neighbourhood(f"Buurt {number}", municipality)
        waitlist = make_waitlist(offers[number % 5], neighbourhood=neighbourhood)
        make_worker(catchment=waitlist.catchment)
        make_room(name_of_venue=f"Huis {number}", neighbourhood=neighbourhood, now=NOW)
        for _person in range(3):
            make_entry(waitlist)
    return crew


def carried_by(crew):
    counts = Counter(Cycle.objects.live().order_by().values_list("lead", flat=True))
    return [counts[user.pk] for user in crew]


def assert_caps_hold():
    for user in User.objects.order_by("pk"):
        led = Cycle.objects.live().filter(lead=user).count() + Cycle.objects.live().filter(co_lead=user).count()
        assert led <= user.max_cycles
        weeks = Counter()
        for place in SessionStaff.objects.filter(user=user).select_related("session").order_by("pk"):
            length = place.session.ends_at - place.session.starts_at
            weeks[place.session.date.isocalendar()[:2]] += length.total_seconds() / 3600
        assert all(hours <= user.max_group_hours_week for hours in weeks.values())


def test_ten_starts_in_one_town_are_spread_and_stay_so_after_somebody_falls_ill():
    crew = town(10, max_cycles=5)
    sweep()
    assert sorted(carried_by(crew)) == [2, 2, 3, 3]
    assert_caps_hold()
    ill = crew[0]
    period = {"starts_at": local(2026, 9, 14), "ends_at": local(2026, 9, 19)}
    gaps = find_gaps(user=ill, now=NOW, **period)
    by_id = {user.pk: user for user in crew}
    taken = Counter(gap.filling.proposed for gap in gaps)
    assert len(gaps) >= 2
    assert None not in taken
    assert max(taken.values()) == 1  # no colleague gets two while another gets none
    choices = {gap.session.pk: Choice(TAKE_OVER, by_id[gap.filling.proposed]) for gap in gaps}
    report_absence(user=ill, choices=choices, by=ill, now=NOW, **period)
    assert not SessionStaff.objects.filter(user=ill, session__date__range=("2026-09-14", "2026-09-18")).exists()
    assert_caps_hold()


def test_full_calendars_stop_starts_and_substitutions_alike():
    crew = town(6, max_cycles=1)
    sweep()
    assert carried_by(crew) == [1] * LEADERS
    assert Cycle.objects.filter(state=CycleState.FORMED).count() == LEADERS
    gaps = find_gaps(user=crew[0], starts_at=local(2026, 9, 14), ends_at=local(2026, 9, 19), now=NOW)
    assert [(gap.seat, gap.filling.proposed) for gap in gaps] == [(Seat.LEAD, None)]
    assert len(gaps[0].filling.held_back) >= 1


def test_hours_a_week_stop_starts_before_cycles_do():
    crew = town(6, max_cycles=9, max_group_hours_week=2)
    sweep()
    assert_caps_hold()
    assert max(carried_by(crew)) >= 1


def test_a_leader_who_may_not_be_there_is_still_needed_somewhere_else():
    """A leader with a list of her own far away takes no share of another municipality's starts."""
    far = make_worker("Ver", lead=True, municipality=make_municipality("Castricum", "GM0383"))
    waitlist = make_waitlist()
    make_team_and_room(waitlist)
    for _person in range(3):
        make_entry(waitlist)
    sweep()
    assert carried_by([far]) == [0]
