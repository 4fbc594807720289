"""The fast model of waiting: nobody is lost sight of, the same seed gives the same run, and a bound is a bound."""

import datetime as dt

import pytest

from tests.waiting.bounds import foresight_bound
from tests.waiting.calendar import may_start
from tests.waiting.model import Model
from tests.waiting.plain import make_world
from tests.waiting.policies import Policy, variants
from tests.waiting.report import conserved, figures, table
from tests.waiting.world import World, make_sign_ups

WEEKS = 30


def run(policy, *, world=None, weeks=WEEKS, seed=1):
    world = world or make_world()
    return Model(world, make_sign_ups(world, seed=seed, weeks=weeks), policy, weeks=weeks).run()


def cost(policy, world, weeks, seed):
    return figures(run(policy, world=world, weeks=weeks, seed=seed), follow_up=0)["cost_a_person"]


@pytest.mark.parametrize("policy", list(variants(3)), ids=lambda policy: policy.label)
def test_who_signed_up_has_begun_has_left_or_waits(policy):
    outcome = run(policy)
    assert conserved(outcome)
    assert all(life.first is None or life.left is None for life in outcome.people)
    assert all(life.first is None or life.first > life.day for life in outcome.people)
    assert all(people <= 12 for _day, people, _maximum, _hours in outcome.cycles)
    assert all(people >= 3 for _day, people, _maximum, _hours in outcome.cycles)


def test_one_seed_is_one_run_and_another_seed_another():
    assert run(Policy(3)) == run(Policy(3))
    assert run(Policy(3)) != run(Policy(3), seed=2)


def test_every_policy_meets_the_same_people():
    assert [life.day for life in run(Policy(3)).people] == [life.day for life in run(Policy(8)).people]


def test_a_lower_minimum_shortens_the_wait_and_loses_fewer():
    few, some, many = (figures(run(Policy(minimum), weeks=60)) for minimum in (3, 5, 8))
    assert few["median_wait"] < some["median_wait"] < many["median_wait"]
    assert few["lost"] < some["lost"] < many["lost"]
    assert few["starts"] > some["starts"] > many["starts"]


def test_open_entry_shortens_the_wait():
    closed, opened = (run(Policy(3, open_entry=entry), weeks=60) for entry in (False, True))
    assert conserved(opened)
    assert figures(opened)["median_wait"] < figures(closed)["median_wait"]
    assert figures(opened)["lost"] < figures(closed)["lost"]


def test_fixed_dates_make_people_wait_longer():
    free, fixed = (figures(run(Policy(3, fixed_dates=dates), weeks=60)) for dates in (False, True))
    assert fixed["median_wait"] > 2 * free["median_wait"]


def test_fixed_dates_are_the_first_whole_weeks_of_the_quarters():
    days = [dt.date(2026, 1, 12) + dt.timedelta(days=number) for number in range(365)]
    first_sessions = [day + dt.timedelta(weeks=1) for day in days if may_start(day)]
    assert {day for day in first_sessions if day.weekday() == 0} == {
        dt.date(2026, 4, 6),
        dt.date(2026, 7, 6),
        dt.date(2026, 10, 5),
        dt.date(2027, 1, 4),
    }
    assert len(first_sessions) == 4 * 5


def test_no_leader_and_no_hall_is_taken_twice():
    world = make_world(rate=0.5)
    model = Model(world, make_sign_ups(world, seed=1, weeks=WEEKS), Policy(3), weeks=WEEKS)
    model.run()
    taken = set()
    for group in model.groups:
        for thing in (f"worker {group.lead}", f"worker {group.second}", f"hall {group.hall}"):
            for day in group.days:
                hours = {(thing, day, half_hour) for half_hour in range(group.start, group.start + world.half_hours)}
                assert not hours & taken
                taken |= hours
    assert len(model.groups) > 10


def test_fewer_leaders_make_people_wait():
    people_wait = [
        figures(run(Policy(3), world=make_world(rate=0.5, leaders=leaders, max_cycles=2)))["cost_a_person"]
        for leaders in (3, 1)
    ]
    assert people_wait[0] < people_wait[1]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("minimum", [2, 3])
def test_no_policy_beats_the_bound_with_foresight(seed, minimum):
    world, weeks = make_world(), 8
    people = make_sign_ups(world, seed=seed, weeks=weeks)
    whole = foresight_bound(world, people, minimum=minimum, weeks=weeks, seconds=20)
    loose = foresight_bound(world, people, minimum=minimum, weeks=weeks, whole=False)
    policies = [Policy(minimum), Policy(minimum, anchor=False), Policy(minimum, look_ahead=5)]
    best = min(cost(policy, world, weeks, seed) for policy in policies) * len(people)
    assert loose["cost"] <= whole["cost"] + 1e-6
    assert whole["cost"] <= best + 0.01 * len(people)  # costs are rounded to hundredths of a day a person


def test_the_region_survives_being_written_down():
    world = make_world()
    assert World.from_json(world.to_json()) == world


def test_the_table_has_a_line_for_each_run():
    rows = [{"what": "model", "policy": "minimum 3"} | figures(run(Policy(3)))]
    assert len(table(rows).splitlines()) == 2
