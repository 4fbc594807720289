"""R13 (who goes together) and R16 (more people than one group holds)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groups.engine import decide
from tests.groups.plain import facts, lead, people, person, room, rules, second

TEAMS = tuple(lead(number) for number in (1, 2, 3, 4)) + tuple(second(number) for number in (11, 12, 13, 14))
ROOMS = tuple(room(number, capacity=20) for number in (1, 2, 3, 4))


def many(group, **fields):
    """Facts with four teams and four rooms, so that only people and rules decide."""
    return facts(people=tuple(group), **({"workers": TEAMS, "places": ROOMS} | fields))


def kinds(*names, psychosocial=("grief",)):
    """One person for each kind, in waiting order."""
    return [
        person(number, days=100 - number, kind=name, is_psychosocial=name in psychosocial)
        for number, name in enumerate(names, start=1)
    ]


def groups(decision):
    return [start.people for start in decision.starts]


@pytest.mark.parametrize(
    ("waiting", "sizes"),
    [(3, [3]), (10, [10]), (11, [6, 5]), (13, [7, 6]), (20, [10, 10]), (21, [7, 7, 7]), (31, [8, 8, 8, 7])],
)
def test_more_than_one_groups_worth_is_split_evenly(waiting, sizes):
    decision = decide(many(people(waiting)))
    assert [len(group) for group in groups(decision)] == sizes
    assert sorted(sum(groups(decision), ())) == list(range(1, waiting + 1))


def test_no_split_leaves_a_group_below_the_minimum():
    decision = decide(many(people(11), rules=rules(minimum=6)))
    assert [len(group) for group in groups(decision)] == [11]


def test_the_longest_waiters_are_in_the_first_group():
    assert groups(decide(many(people(13))))[0] == (1, 2, 3, 4, 5, 6, 7)


@pytest.mark.parametrize(("waiting", "taken"), [(11, 11), (12, 12), (13, 10)])
def test_without_a_second_team_one_group_takes_up_to_the_hard_maximum(waiting, taken):
    decision = decide(facts(people=people(waiting), workers=(lead(max_cycles=1), second()), places=ROOMS))
    assert groups(decision) == [tuple(range(1, taken + 1))]


def test_groups_that_start_at_once_share_neither_team_nor_room_at_one_time():
    starts = decide(many(people(40))).starts
    assert len(starts) == 4
    seats = [(start.slot.dates, start.slot.start, who) for start in starts for who in _who(start)]
    assert len(seats) == len(set(seats))


def _who(start):
    return (("worker", start.slot.lead), ("worker", start.slot.co_lead), ("room", start.slot.place))


def test_one_team_leads_both_groups_at_different_times():
    first, other = decide(facts(people=people(13), places=ROOMS)).starts
    assert (first.slot.lead, other.slot.lead) == (1, 1)
    assert (first.slot.dates, first.slot.start) != (other.slot.dates, other.slot.start)


def test_a_lead_at_the_cap_does_not_lead_the_second_group():
    one_cycle = (lead(max_cycles=1), second())
    decision = decide(facts(people=people(13), workers=one_cycle, places=ROOMS))
    assert groups(decision) == [tuple(range(1, 11))]


def test_people_with_the_longest_waiters_kind_go_together():
    group = kinds(*["debt", "grief"] * 7)
    decision = decide(many(group))
    assert groups(decision) == [(1, 3, 5, 7, 9, 11, 13), (2, 4, 6, 8, 10, 12, 14)]
    assert [start.reason.code for start in decision.starts] == ["same_kind", "same_kind"]


def test_who_waited_longer_and_has_another_kind_is_passed_with_that_reason():
    start = decide(many(kinds(*["debt", "grief"] * 7))).starts[0]
    assert {passed.person for passed in start.passed} == {2, 4, 6, 8, 10, 12}
    assert {passed.reason.code for passed in start.passed} == {"other_kind"}


def test_a_kind_that_does_not_fill_a_group_goes_with_the_psychosocial_ones():
    group = kinds("debt", *["grief", "divorce"] * 4, "housing", "debt", "housing", psychosocial=("grief", "divorce"))
    first = decide(many(group, rules=rules(soft_maximum=8))).starts[0]
    assert 1 in first.people, "the longest waiter never waits for a second start"
    assert set(first.people) <= {1, *range(2, 10)}


def test_when_all_fit_nobody_is_left_out_for_their_kind():
    decision = decide(many(kinds("debt", "grief", "debt", "debt")))
    assert groups(decision) == [(1, 2, 3, 4)]
    assert decision.start.reason.code == "mixed_kinds"


def test_psychosocial_people_together_are_named_so():
    decision = decide(many(kinds("grief", "divorce", "grief", psychosocial=("grief", "divorce"))))
    assert decision.start.reason.code == "psychosocial_together"


KINDS = st.sampled_from([None, "debt", "grief", "divorce", "housing"])


@settings(max_examples=200, deadline=None)
@given(st.lists(KINDS, min_size=1, max_size=34), st.integers(1, 6), st.integers(6, 12))
def test_composition_keeps_its_promises(names, minimum, soft):
    group = kinds(*names, psychosocial=("grief", "divorce"))
    decision = decide(many(group, rules=rules(minimum=minimum, soft_maximum=soft, hard_maximum=soft + 2)))
    placed = sum(groups(decision), ())
    assert len(placed) == len(set(placed)), "nobody is in two groups"
    assert all(minimum <= len(one) <= soft + 2 for one in groups(decision))
    if len(names) >= minimum:
        assert placed[0] == 1 or 1 in groups(decision)[0], "the longest waiter is in the first group"
    passed = {item.person: item.reason.code for start in decision.starts for item in start.passed}
    for start in decision.starts:
        last = max(start.people)
        skipped = {p.id for p in group if p.id < last} - set(placed[: placed.index(last)]) - set(start.people)
        later = skipped - set(passed)
        assert not later, "whoever is passed is told why"
