"""R12 and R17: who starts, who joins, and that nobody is passed without a reason."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groups.engine import OpenCycle, Reason, decide
from groups.engine.placeable import in_order, suits, why_not_placeable
from tests.groups.plain import MONDAY, codes, facts, lead, people, person, room, rules, second

WEEK = dt.timedelta(weeks=1)


def open_cycle(number=1, *, seats=7, sitting=(), weeks=1, **fields):
    values = {"weekday": 0, "start": dt.time(9), "first_date": MONDAY + weeks * WEEK}
    return OpenCycle(id=number, seats=seats, people=frozenset(sitting), **(values | fields))


def test_starts_at_the_minimum_and_not_below():
    assert decide(facts(people=people(2))).start is None
    assert decide(facts(people=people(3))).start.people == (1, 2, 3)


def test_a_list_keeps_to_its_own_minimum():
    assert decide(facts(rules=rules(minimum=4), people=people(3))).start is None
    assert decide(facts(rules=rules(minimum=2), people=people(2))).start.people == (1, 2)
    assert decide(facts(rules=rules(minimum=1), people=people(1))).start.people == (1,)


def test_everybody_comes_along_up_to_the_soft_maximum():
    assert decide(facts(people=people(10), places=(room(capacity=20),))).start.people == tuple(range(1, 11))


def test_start_says_why():
    start = decide(facts(people=people(4))).start
    assert start.reason == Reason("longest_waiters", {"people": 4})


def test_a_newcomer_joins_the_formed_cycle_before_anybody_waits_for_a_next_one():
    decision = decide(facts(people=people(4), open_cycles=(open_cycle(5),)))
    assert [(join.cycle, join.people) for join in decision.joins] == [(5, (1, 2, 3, 4))]
    assert decision.start is None
    assert codes(decision) == ["need_more"]


def test_one_newcomer_joins_too():
    decision = decide(facts(people=people(1), open_cycles=(open_cycle(),)))
    assert decision.joins[0].people == (1,)


def test_a_full_cycle_takes_nobody_and_the_rest_start_their_own():
    decision = decide(facts(people=people(5), open_cycles=(open_cycle(seats=2),)))
    assert decision.joins[0].people == (1, 2)
    assert decision.start.people == (3, 4, 5)


def test_the_earliest_cycle_fills_first():
    decision = decide(facts(people=people(2), open_cycles=(open_cycle(1, weeks=3, seats=1), open_cycle(2, seats=1))))
    assert [(join.cycle, join.people) for join in decision.joins] == [(2, (1,)), (1, (2,))]


def test_who_declined_a_cycle_is_not_put_back_into_it():
    declined = person(1, days=90, declined_cycles=frozenset({5}))
    decision = decide(facts(people=(declined, person(2)), open_cycles=(open_cycle(5, seats=1),)))
    assert decision.joins[0].people == (2,)


def test_who_cannot_come_then_is_passed_and_it_says_so():
    evening = person(1, days=90, parts=["tue evening"])
    join = decide(facts(people=(evening, person(2)), open_cycles=(open_cycle(),))).joins[0]
    assert join.people == (2,)
    assert [(p.person, p.reason.code, p.reason.args) for p in join.passed] == [
        (1, "not_available_then", {"weekday": 0, "part": "morning"})
    ]


def test_who_is_passed_by_the_one_who_fills_the_last_seat_is_told_why():
    waiting = (person(1, days=30, parts=["tue morning"]), person(2, days=20))
    monday = lead(windows=lead().windows[:1])
    decision = decide(
        facts(people=waiting, rules=rules(minimum=1), workers=(monday, second()), places=(room(capacity=3),))
    )
    assert decision.start.people == (2,)
    assert [(item.person, item.reason.code) for item in decision.start.passed] == [(1, "not_available_then")]


def test_excluded_people_never_sit_together():
    """Person 1 must never be with client 102, who is person 2; the one who waited longer goes first (R18)."""
    group = (person(1, days=90, excluded=frozenset({102})), *people(5)[1:])
    start = decide(facts(people=group)).start
    assert start.people == (1, 3, 4, 5)
    assert [(p.person, p.reason) for p in start.passed] == [(2, Reason("not_together"))]


def test_exclusion_holds_whoever_recorded_it():
    group = (person(1, days=90), person(2, days=80, excluded=frozenset({101})), *people(5)[2:])
    assert decide(facts(people=group)).start.people == (1, 3, 4, 5)


def test_exclusion_holds_against_who_already_sits_in_a_formed_cycle():
    group = (person(1, days=90, excluded=frozenset({999})), person(2))
    join = decide(facts(people=group, open_cycles=(open_cycle(sitting=[999]),))).joins[0]
    assert join.people == (2,)
    assert [(p.person, p.reason.code) for p in join.passed] == [(1, "not_together")]


def test_the_group_is_built_around_the_longest_waiter():
    """Three others could start on Monday; the longest waiter can only come on Friday, so Friday it is."""
    group = (person(1, days=90, parts=["fri morning"]), *people(4)[1:])
    start = decide(facts(people=group)).start
    assert start.slot.dates[0].weekday() == 4
    assert start.people == (1, 2, 3, 4)


def test_who_nobody_can_meet_does_not_hold_up_the_others():
    """The longest waiter can only come on Sunday: the others start, and it is stored why he was passed."""
    group = (person(1, days=90, parts=["fri evening"]), *people(4)[1:])
    evening_less = tuple(window for window in lead().windows if window.weekday < 4)
    start = decide(facts(people=group, workers=(lead(windows=evening_less), second()))).start
    assert start.people == (2, 3, 4)
    assert [(p.person, p.reason.code) for p in start.passed] == [(1, "not_available_then")]


def test_among_the_times_of_the_first_day_most_people_win():
    """All three can come on Monday; a fourth only in the evening: the evening takes all four."""
    group = (*people(3), person(4, days=1, parts=["mon evening"]))
    start = decide(facts(people=group)).start
    assert start.slot.dates[0] == MONDAY + WEEK
    assert start.slot.start == dt.time(17)
    assert start.people == (1, 2, 3, 4)


def test_priority_goes_first_and_the_others_are_not_wronged():
    group = (*people(10), person(11, days=1, has_priority=True))
    start = decide(facts(people=group, places=(room(capacity=20),))).start
    assert 11 in start.people
    assert 10 not in start.people
    assert start.passed == ()


def test_theme_groups_never_start_in_a_neighbourhood():
    """R15."""
    here = rules(level="neighbourhood", may_run_in_neighbourhood=False)
    decision = decide(facts(rules=here))
    assert decision.start is None
    assert codes(decision) == ["theme_not_in_neighbourhood"]
    for level in ("municipality", "region"):
        assert decide(facts(rules=rules(level=level, may_run_in_neighbourhood=False))).start is not None


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (rules(minimum=None), Reason("no_minimum")),
        (rules(is_active=False), Reason("offer_inactive")),
        (rules(sessions=None), Reason("offer_incomplete", {"missing": ["sessions"]})),
        (rules(sessions=None, minutes=None), Reason("offer_incomplete", {"missing": ["sessions", "minutes"]})),
    ],
)
def test_what_is_not_settled_never_starts_by_itself(settings, reason):
    decision = decide(facts(rules=settings))
    assert decision.start is None
    assert decision.reasons == (reason,)


def test_same_facts_same_decision():
    group = people(6)
    assert decide(facts(people=group)) == decide(facts(people=tuple(reversed(group))))


PARTS = st.none() | st.frozensets(
    st.tuples(st.integers(0, 4), st.sampled_from(["morning", "afternoon", "evening"])), min_size=1, max_size=4
)


@st.composite
def waiting_people(draw):
    count = draw(st.integers(0, 9))
    return tuple(
        replace(
            person(number, days=draw(st.integers(0, 40))),
            has_priority=draw(st.integers(0, 9)) == 0,
            is_on_hold=draw(st.integers(0, 5)) == 0,
            is_judged=draw(st.integers(0, 5)) > 0,
            excluded=draw(st.frozensets(st.integers(101, 109).filter(lambda c, n=number: c != 100 + n), max_size=1)),
            parts=draw(PARTS),
        )
        for number in range(1, count + 1)
    )


@st.composite
def any_facts(draw):
    days = draw(st.sets(st.integers(0, 4), min_size=1))
    windows = tuple(window for window in lead().windows if window.weekday in days)
    cycles = st.builds(
        open_cycle,
        st.integers(1, 3),
        seats=st.integers(0, 3),
        weekday=st.integers(0, 4),
        start=st.sampled_from([dt.time(9), dt.time(13), dt.time(19)]),
        weeks=st.integers(1, 3),
        sitting=st.frozensets(st.integers(101, 115), max_size=2),
    )
    return facts(
        people=draw(waiting_people()),
        rules=rules(minimum=draw(st.integers(1, 4)), soft_maximum=draw(st.integers(4, 6))),
        workers=(lead(windows=windows), second()) if draw(st.integers(0, 4)) else (second(),),
        places=(room(capacity=draw(st.integers(3, 10))),),
        open_cycles=tuple({cycle.id: cycle for cycle in draw(st.lists(cycles, max_size=2))}.values()),
        horizon_weeks=2,
    )


@settings(max_examples=400, deadline=None)
@given(any_facts())
def test_no_newcomer_ever_passes_somebody_without_a_true_stored_reason(case):
    """R17 for joins and starts; R18; sizes; and R19: what does not start always says why."""
    decision = decide(case)
    by_id = {p.id: p for p in case.people}
    able = in_order(p for p in case.people if not why_not_placeable(p, case.rules))
    placed = [number for join in decision.joins for number in join.people]
    placed += [number for start in decision.starts for number in start.people]
    assert len(placed) == len(set(placed))
    assert set(placed) <= {p.id for p in able}
    cycles = {cycle.id: cycle for cycle in case.open_cycles}
    gone = set()
    for join in sorted(decision.joins, key=lambda join: (cycles[join.cycle].first_date, join.cycle)):
        cycle = cycles[join.cycle]
        assert len(join.people) <= cycle.seats
        queue = [p for p in able if p.id not in gone and cycle.id not in p.declined_cycles]
        check_group(
            case, queue, [by_id[n] for n in join.people], join.passed, cycle.weekday, cycle.start, cycle.people
        )
        gone |= set(join.people)
    for start in decision.starts:
        most = case.rules.hard_maximum if len(decision.starts) == 1 else case.rules.soft_maximum
        assert case.rules.minimum <= len(start.people) <= most
        assert len(start.people) + 2 <= start.slot.capacity
        queue = [p for p in able if p.id not in gone]
        group = [by_id[number] for number in start.people]
        check_group(case, queue, group, start.passed, start.slot.weekday, start.slot.start, frozenset())
        gone |= set(start.people)
    assert bool(decision.start) != bool(decision.reasons)


def check_group(case, queue, group, passed, weekday, start, sitting):
    """In order, all suit, no excluded pair, and each one passed has a reason that is true."""
    assert [p.id for p in group] == [p.id for p in queue if p in group]
    assert all(suits(p, case, weekday, start) for p in group)
    clients = {p.client for p in group} | sitting
    assert not any(p.excluded & clients for p in group)
    last = max(queue.index(p) for p in group)
    skipped = [p for p in queue[:last] if p not in group]
    assert [p.id for p in skipped] == [item.person for item in passed]
    for somebody, item in zip(skipped, passed, strict=True):
        if item.reason.code == "not_available_then":
            assert not suits(somebody, case, weekday, start)
        else:
            assert item.reason.code == "not_together"
            near = [p for p in group if somebody.client in p.excluded or p.client in somebody.excluded]
            assert near or somebody.excluded & sitting


@settings(max_examples=200, deadline=None)
@given(any_facts())
def test_deciding_again_places_nobody_more(case):
    """After the joins and the start, the rest has nobody who could still have joined the same open cycles."""
    decision = decide(case)
    taken = {number for join in decision.joins for number in join.people}
    left = [p for p in case.people if p.id not in taken and not why_not_placeable(p, case.rules)]
    sitting = {join.cycle: join.people for join in decision.joins}
    for cycle in case.open_cycles:
        group = sitting.get(cycle.id, ())
        if len(group) >= cycle.seats:
            continue
        clients = {p.client for p in case.people if p.id in group} | cycle.people
        for somebody in left:
            fits = suits(somebody, case, cycle.weekday, cycle.start)
            apart = somebody.excluded & clients or any(
                somebody.client in p.excluded for p in case.people if p.client in clients
            )
            assert not fits or apart
