"""R22 and R28 as plain values: entering what runs, and keeping a rhythm."""

import datetime as dt
from dataclasses import replace

import pytest

from groups.engine import Busy, OpenCycle, Rhythm, decide
from tests.groups.plain import MONDAY, codes, facts, lead, people, person, room, rules, second

WEEK = dt.timedelta(weeks=1)
LAST = MONDAY + WEEK  # the last session of the cycle that people go on from
EVENING = dt.time(19)
EARLIER = 7  # that cycle


def going(count, **fields):
    """People who go on from EARLIER; they head the list."""
    values = {"has_priority": True, "continues": EARLIER}
    return people(count, **(values | fields))


def newcomers(count, **fields):
    return tuple(person(20 + number, days=30 - number, **fields) for number in range(1, count + 1))


def rhythm(**fields):
    values = {"cycle": EARLIER, "start": EVENING, "last_date": LAST, "lead": 1, "co_lead": 2, "place": 1}
    return Rhythm(**(values | fields))


def world(*groups, **fields):
    values = {"rhythms": (rhythm(),), "live_cycles": frozenset({EARLIER}), "people": sum(groups, ())}
    return facts(**(values | fields))


def test_the_next_cycle_keeps_day_hour_team_and_room():
    """Others would come first by load and place: the own ones are taken."""
    workers = (lead(3), second(4), lead(1, cycles=2, leads=frozenset({EARLIER})), second(2, cycles=2))
    places = (room(5), room(1, rank=1))
    [start] = decide(world(going(3), workers=workers, places=places)).starts
    assert start.slot.dates == tuple(LAST + WEEK * number for number in range(1, 6))
    assert (start.slot.start, start.slot.lead, start.slot.co_lead, start.slot.place) == (EVENING, 1, 2, 1)
    assert (start.continues, start.reason.code) == (EARLIER, "continues")


def test_a_blocked_week_makes_the_only_gap():
    [start] = decide(world(going(3), blocked_dates=frozenset({LAST + WEEK}))).starts
    assert start.slot.dates[0] == LAST + WEEK * 2


def test_who_goes_on_needs_no_lead_time_and_newcomers_do():
    """Decided the evening before: three go on tomorrow; with two, a newcomer is needed, and so a week's pause."""
    tomorrow = rhythm(last_date=MONDAY - dt.timedelta(days=6))
    [start] = decide(world(going(3), newcomers(1), rhythms=(tomorrow,))).starts
    assert (start.slot.dates[0], start.people) == (MONDAY + dt.timedelta(days=1), (1, 2, 3))
    [start] = decide(world(going(2), newcomers(1), rhythms=(tomorrow,))).starts
    assert (start.slot.dates[0], start.people) == (MONDAY + dt.timedelta(days=8), (1, 2, 21))


def test_a_leader_at_the_cap_may_follow_up_the_own_cycle_and_no_other():
    mine, other = lead(1, cycles=1, max_cycles=1, leads=frozenset({EARLIER})), lead(3, cycles=1, max_cycles=1)
    assert decide(world(going(3), workers=(mine, other, second(2)))).start.slot.lead == 1
    assert not decide(facts(workers=(mine, other, second(2)))).starts


def test_somebody_else_leads_when_the_own_leader_is_taken():
    day = LAST + WEEK * 2
    taken = (Busy(dt.datetime.combine(day, dt.time(18)), dt.datetime.combine(day, dt.time(20))),)
    workers = (lead(1, busy=taken), lead(3), second(2))
    assert decide(world(going(3), workers=workers)).start.slot.lead == 3


def test_newcomers_fill_up_and_leave_a_seat_for_each_who_has_not_decided():
    small = rules(soft_maximum=5, hard_maximum=5)
    found = world(going(2), newcomers(2), rules=small, rhythms=(rhythm(undecided=2),))
    assert decide(found).start.people == (1, 2, 21)
    assert decide(replace(found, rhythms=(rhythm(),))).start.people == (1, 2, 21, 22)


def test_newcomers_who_fill_a_group_themselves_start_too():
    decision = decide(world(going(1), newcomers(3)))
    assert [(start.continues, start.people) for start in decision.starts] == [(EARLIER, (1, 21, 22, 23))]
    decision = decide(world(going(1), newcomers(3, parts=["tue morning"])))
    assert [(start.continues, start.people) for start in decision.starts] == [(None, (21, 22, 23))]


def test_who_goes_on_is_not_in_another_group_while_the_own_one_lives():
    decision = decide(world(going(3, parts=["tue morning"])))
    assert not decision.starts
    assert codes(decision) == ["rhythm_needs_more"]
    assert decision.placeable == 3


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"people": going(2)}, "rhythm_needs_more"),
        ({"people": going(3), "workers": (lead(),)}, "rhythm_no_team_or_room"),
        ({"people": going(3), "places": ()}, "rhythm_no_team_or_room"),
        (
            {"people": going(3), "blocked_dates": frozenset(LAST + WEEK * n for n in range(1, 20))},
            "rhythm_blocked",
        ),
    ],
)
def test_a_rhythm_that_cannot_be_kept_says_why(fields, code):
    decision = decide(world(**fields))
    assert codes(decision) == [code]
    assert decision.reasons[0].args["going_on"] == len(fields["people"])


def test_a_rhythm_ends_when_three_of_its_days_went_by():
    """After that who goes on is first of the list, and a group may be at any time."""
    over = rhythm(last_date=MONDAY - WEEK * 3)
    found = world(going(2), newcomers(1), rhythms=(over,), live_cycles=frozenset())
    [start] = decide(found).starts
    assert (start.continues, start.people, start.slot.start) == (None, (1, 2, 21), dt.time(9))
    [start] = decide(replace(found, rhythms=(rhythm(last_date=MONDAY - WEEK * 2),))).starts
    assert (start.continues, start.slot.start) == (EARLIER, EVENING)


def test_excluded_people_are_kept_apart_in_the_next_round_too():
    """R18."""
    first, *others = going(3)
    found = world((replace(first, excluded=frozenset({others[0].client})), *others), newcomers(1))
    start = decide(found).start
    assert not {1, 2} <= set(start.people)


def test_the_same_facts_give_the_same_decision_in_any_order():
    found = world(going(2), newcomers(3))
    assert decide(found) == decide(replace(found, people=found.people[::-1], workers=found.workers[::-1]))


class TestOpenCycles:
    """R12 and R22: who gets the seats of a cycle that takes newcomers."""

    def running(self, **fields):
        values = {"id": 9, "weekday": 0, "start": EVENING, "first_date": LAST, "seats": 2, "enters_at": 3}
        return OpenCycle(**(values | fields))

    def test_newcomers_enter_at_the_next_session_before_a_new_group_is_formed(self):
        decision = decide(facts(people=people(4), open_cycles=(self.running(),)))
        [join] = decision.joins
        assert (join.cycle, join.people, join.enters_at) == (9, (1, 2), 3)
        assert not decision.starts

    def test_who_goes_on_takes_the_kept_seats_and_newcomers_the_others(self):
        following = self.running(seats=3, continues=EARLIER, reserved=1)
        found = world(newcomers(3), going(1), open_cycles=(following,), rhythms=())
        [join] = decide(found).joins
        assert join.people == (1, 21)

    def test_who_goes_on_enters_no_cycle_but_the_next_while_the_own_one_lives(self):
        found = world(going(1), open_cycles=(self.running(),), rhythms=())
        assert not decide(found).joins
        assert decide(replace(found, live_cycles=frozenset())).joins
