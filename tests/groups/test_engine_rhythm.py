"""R22 and R28 as plain values: entering what runs, and keeping a rhythm."""

import datetime as dt
from dataclasses import replace

import pytest

from groups.engine import Busy, OpenCycle, Rhythm, Window, decide
from tests.groups.plain import MONDAY, codes, facts, lead, people, person, room, rules, second

WEEK = dt.timedelta(weeks=1)
LAST = MONDAY + WEEK  # the last session of the cycle that people go on from
EVENING = dt.time(19)
EARLIER = 7  # that cycle
FEW = rules(minimum=2, soft_maximum=3, hard_maximum=5)


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


@pytest.mark.parametrize(
    ("count", "new", "chosen"),
    [
        (4, 2, (1, 2, 3, 4)),
        (5, 0, (1, 2, 3, 4, 5)),
        (6, 0, (1, 2, 3, 4, 5)),
        (2, 2, (1, 2, 21)),
    ],
)
def test_all_who_go_on_do_up_to_the_hard_maximum_and_newcomers_up_to_the_soft_one(count, new, chosen):
    start = decide(world(going(count), newcomers(new), rules=FEW)).start
    assert (start.people, start.continues) == (chosen, rhythm().cycle)


@pytest.mark.parametrize(("count", "place"), [(3, 1), (4, 2), (5, 2), (6, 2)])
def test_the_room_holds_all_who_go_on(count, place):
    """Their own room is left only when it is too small for them and two leaders."""
    places = room(1, capacity=5), room(2, capacity=7), room(3, capacity=30)
    start = decide(world(going(count), rules=FEW, places=places)).start
    assert (start.slot.place, len(start.people)) == (place, min(count, 5))


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
        ({"people": going(3), "workers": (lead(),)}, "rhythm_no_co_lead"),
        ({"people": going(3), "workers": (second(),)}, "rhythm_no_leader"),
        ({"people": going(3), "places": ()}, "rhythm_no_room"),
        ({"people": going(3), "places": (), "workers": ()}, "rhythm_no_team_or_room"),
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


def helps(**fields):
    return [(reason.code, reason.args) for reason in decide(world(**fields)).unblocks]


NEXT = {"weekday": 0, "part": "evening", "date": "2026-09-21", "time": "19:00"}


def test_what_helps_a_rhythm_that_is_short_of_people():
    """Two go on and three are needed: a newcomer at that hour, a talk, or a minimum of two; each really does it."""
    first = people(1, talk_held=False)[0]
    found = helps(people=(*going(2), replace(first, id=9)), rules=rules(talk_first=True))
    assert found[0] == ("with_talks", {"count": 1} | NEXT)
    found = dict(helps(people=going(2)))
    assert found["with_newcomers"] == {"count": 1, "then": True} | NEXT
    assert found["with_minimum"] == {"minimum": 2} | NEXT


def test_who_waits_and_could_come_after_all_helps_a_rhythm():
    found = dict(helps(people=(*going(2), *newcomers(1, parts=["mon morning"]))))
    assert found["with_times"] == {"count": 1} | NEXT


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"workers": (lead(),)}, "with_second"),
        ({"workers": (second(),)}, "with_leader"),
        ({"places": ()}, "with_room"),
    ],
)
def test_what_helps_a_rhythm_without_team_or_room(fields, code):
    [(found, args)] = helps(people=going(3), **fields)
    assert (found, args["date"], args["time"]) == (code, NEXT["date"], NEXT["time"])


def test_a_leader_who_works_other_hours_is_asked_first():
    """Wider hours of somebody there are, before one leader more."""
    morning = lead(3, windows=(Window(0, dt.time(9), dt.time(12)),))
    [(code, args)] = helps(people=going(3), workers=(second(), morning))
    assert (code, args["hours"]) == ("with_leader", True)


def test_a_room_that_helps_holds_all_who_go_on():
    [(code, args)] = helps(people=going(7), places=())
    assert (code, args["people"]) == ("with_room", 9)


def test_a_rhythm_kept_back_by_exclusions_does_not_count_heads():
    """R18: three go on, three are needed, two may not sit together: no number is told that would say so."""
    first, *others = going(3)
    decision = decide(world((replace(first, excluded=frozenset({others[0].client})), *others)))
    assert codes(decision) == ["not_all_together"]


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
