"""R14: who takes a seat over, the best first; one plan spreads the load and keeps the caps."""

import datetime as dt
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groups.engine import Busy
from groups.engine.substitutes import CO_LEAD, LEAD, Vacancy, fill, held_back, rank, why_not
from tests.groups.plain import FOREVER, MONDAY, lead, second

DAY, WEEKS = dt.timedelta(days=1), dt.timedelta(weeks=1)
NINE, ELEVEN = dt.time(9), dt.time(11)
WIETSKE, FATIMA, JORIS, SAMIRA = 1, 2, 3, 4


def vacancy(*, sessions=1, first=MONDAY + WEEKS, **fields):
    moments = tuple((first + number * WEEKS, NINE, ELEVEN) for number in range(sessions))
    values = {"cycle": 10, "seat": LEAD, "moments": moments, "away": WIETSKE, "beside": FATIMA}
    values["insiders"] = frozenset({WIETSKE, FATIMA})
    return Vacancy(**(values | fields))


def ids(candidates):
    return [candidate.id for candidate in candidates]


def busy(day, start=NINE, end=ELEVEN):
    return (Busy(dt.datetime.combine(day, start), dt.datetime.combine(day, end)),)


def test_the_least_loaded_leader_stands_in_and_never_who_falls_away():
    crew = (lead(WIETSKE), second(FATIMA), lead(JORIS, cycles=2), lead(SAMIRA, cycles=1))
    assert ids(rank(vacancy(), crew)) == [SAMIRA, JORIS]


def test_of_equals_the_one_with_fewer_hours_that_week():
    week = (MONDAY + WEEKS).isocalendar()[:2]
    crew = (lead(JORIS, minutes_by_week={week: 240}), lead(SAMIRA, minutes_by_week={week: 120}))
    assert ids(rank(vacancy(), crew)) == [SAMIRA, JORIS]


def test_the_second_leader_who_may_lead_goes_first_when_somebody_can_sit_second():
    fatima = second(FATIMA, lead_until=FOREVER, cycles=2)
    first = rank(vacancy(), (fatima, lead(JORIS)))[0]
    assert (first.id, first.moves_up) == (FATIMA, True)
    # Joris alone could sit beside her; without him nobody could, and the group needs two.
    assert rank(vacancy(), (fatima,)) == ()
    assert ids(rank(vacancy(needs_second=False), (fatima,))) == [FATIMA]


def test_a_second_leader_without_the_competence_to_lead_does_not_move_up():
    assert ids(rank(vacancy(), (second(FATIMA), lead(JORIS)))) == [JORIS]


def test_the_second_seat_goes_to_the_neighbourhoods_own_team_first():
    empty = vacancy(seat=CO_LEAD, away=FATIMA, beside=WIETSKE)
    near, far, colleague = second(5, cycles=2), second(6, co_lead_rank=1), lead(JORIS, co_lead_rank=2)
    assert ids(rank(empty, (lead(WIETSKE), second(FATIMA), colleague, far, near))) == [5, 6, JORIS]


def test_two_worker_offers_want_a_professional_in_the_second_seat():
    empty = vacancy(seat=CO_LEAD, away=FATIMA, beside=WIETSKE, two_workers=True)
    assert ids(rank(empty, (second(5), second(6, is_social_worker=True)))) == [6]


@pytest.mark.parametrize(
    ("worker", "code"),
    [
        (lead(WIETSKE), "falls_away"),
        (second(5), "not_competent"),
        (lead(JORIS, lead_until=MONDAY + WEEKS), "not_competent"),
        (lead(JORIS, busy=busy(MONDAY + WEEKS)), "taken_then"),
        (lead(JORIS, busy=busy(MONDAY + WEEKS, ELEVEN, dt.time(13))), None),
        (lead(JORIS, exceptions={MONDAY + WEEKS: ()}), "not_that_day"),
        (lead(JORIS, exceptions={MONDAY + WEEKS: ((ELEVEN, dt.time(17)),)}), "not_that_day"),
        (lead(JORIS, exceptions={MONDAY + WEEKS: ((NINE, ELEVEN),)}), None),
        (lead(JORIS, cycles=3, max_cycles=3), "calendar_full"),
        (
            lead(JORIS, minutes_by_week={(MONDAY + WEEKS).isocalendar()[:2]: 660}, max_minutes_week=720),
            "calendar_full",
        ),
    ],
)
def test_why_somebody_cannot_stand_in(worker, code):
    reason = why_not(worker, vacancy())
    assert (reason.code if reason else None) == code


def test_the_competence_must_outlast_the_last_session_of_the_period():
    ends = lead(JORIS, lead_until=MONDAY + 3 * WEEKS)
    assert ids(rank(vacancy(sessions=2), (ends,))) == [JORIS]
    assert rank(vacancy(sessions=3), (ends,)) == ()


def test_several_sessions_in_one_week_count_together():
    twice = vacancy(moments=((MONDAY + WEEKS, NINE, ELEVEN), (MONDAY + WEEKS + DAY, NINE, ELEVEN)))
    assert why_not(lead(JORIS, max_minutes_week=240), twice) is None
    assert why_not(lead(JORIS, max_minutes_week=239), twice).code == "calendar_full"


def test_who_leads_this_cycle_already_has_no_further_cycle_by_it():
    full = lead(WIETSKE, cycles=3, max_cycles=3)
    assert ids(rank(vacancy(away=JORIS), (full,))) == [WIETSKE]


def test_outside_weekly_times_one_is_asked_first_and_never_proposed():
    evening_only = lead(JORIS, windows=())
    (candidate,) = rank(vacancy(), (evening_only,))
    assert candidate.asks_first
    (filling,) = fill([vacancy()], {10: (evening_only,)})
    assert (filling.proposed, ids(filling.candidates)) == (None, [JORIS])


def test_who_is_only_held_back_by_a_full_calendar_is_named():
    full, taken = lead(JORIS, cycles=3, max_cycles=3), lead(SAMIRA, busy=busy(MONDAY + WEEKS))
    assert held_back(vacancy(), (full, taken, second(5))) == (JORIS,)


def test_one_face_for_a_whole_cycle_rather_than_the_least_loaded_each_time():
    """Samira carries less but is taken in the second week; Joris can come all three times."""
    crew = (lead(JORIS, cycles=1), lead(SAMIRA, busy=busy(MONDAY + 2 * WEEKS)))
    singles = [vacancy(first=MONDAY + number * WEEKS) for number in (1, 2, 3)]
    assert [filling.proposed for filling in fill(singles, {10: crew})] == [JORIS] * 3


def test_where_nobody_can_take_all_each_session_gets_its_best():
    crew = (lead(JORIS, busy=busy(MONDAY + WEEKS)), lead(SAMIRA, busy=busy(MONDAY + 2 * WEEKS)))
    singles = [vacancy(first=MONDAY + number * WEEKS) for number in (1, 2)]
    assert [filling.proposed for filling in fill(singles, {10: crew})] == [SAMIRA, JORIS]


def test_who_moves_up_gets_somebody_beside_them_in_the_same_proposal():
    crew = (second(FATIMA, lead_until=FOREVER), second(5), lead(JORIS))
    (filling,) = fill([vacancy()], {10: crew})
    assert (filling.proposed, filling.second) == (FATIMA, 5)


def test_one_plan_spreads_its_load_and_does_not_take_anybody_twice_at_once():
    """Two cycles at the same hour, two more at other hours; four leaders carry one each."""
    crew = tuple(lead(number) for number in (3, 4, 5, 6))
    first = MONDAY + WEEKS
    same = [vacancy(cycle=10, beside=None), vacancy(cycle=11, beside=None)]
    later = [vacancy(cycle=12, beside=None, first=first + DAY), vacancy(cycle=13, beside=None, first=first + 2 * DAY)]
    fillings = fill([*same, *later], dict.fromkeys((10, 11, 12, 13), crew))
    assert sorted(filling.proposed for filling in fillings) == [3, 4, 5, 6]


def test_one_plan_never_passes_a_cap():
    crew = (lead(JORIS, cycles=2, max_cycles=3), lead(SAMIRA, cycles=2, max_cycles=3))
    vacancies = [vacancy(cycle=number, beside=None, first=MONDAY + number * DAY) for number in (7, 8, 9)]
    proposed = [filling.proposed for filling in fill(vacancies, dict.fromkeys((7, 8, 9), crew))]
    assert proposed == [JORIS, SAMIRA, None]


@settings(max_examples=60, deadline=None)
@given(
    loads=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=5),
    days=st.lists(st.integers(0, 9), min_size=1, max_size=8),
)
def test_whatever_falls_away_caps_hold_and_nobody_is_in_two_places(loads, days):
    crew = tuple(
        lead(number + 2, cycles=cycles, max_cycles=3, max_minutes_week=120 * (hours + 1))
        for number, (cycles, hours) in enumerate(loads)
    )
    vacancies = [
        replace(vacancy(first=MONDAY + WEEKS + day * DAY), cycle=number, beside=None, insiders=frozenset())
        for number, day in enumerate(days)
    ]
    fillings = fill(vacancies, dict.fromkeys(range(len(days)), crew))
    taken = [(filling.proposed, filling.vacancy) for filling in fillings if filling.proposed]
    assert len({(who, one.moments) for who, one in taken}) == len(taken)
    new_cycles = Counter(who for who, _one in taken)
    weeks = Counter((who, one.last_date.isocalendar()[:2]) for who, one in taken)
    for worker in crew:
        assert not new_cycles[worker.id] or worker.cycles + new_cycles[worker.id] <= worker.max_cycles
        assert all(120 * n <= worker.max_minutes_week for (who, _week), n in weeks.items() if who == worker.id)
