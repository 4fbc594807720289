"""When somebody would begin, by the engine's own word: facts in, a date or a spread or a reason out."""

import datetime as dt
import random
from dataclasses import replace

import pytest

from groups.engine import OpenCycle, decide
from groups.engine.changes import add_newcomers
from groups.engine.forecast import EARLY, LATE, Forecast, _weeks, forecast
from tests.groups.plain import MONDAY, facts, lead, people, person, rules

ME = 9


def joined(**fields):
    """The facts of a list that this person has just joined."""
    me = fields.pop("me", person(ME, days=0))
    told = facts(**fields)
    return replace(told, people=(*told.people, me))


def test_who_completes_the_group_hears_the_day_the_engine_would_start_on():
    told = joined(people=people(2))
    assert forecast(told, ME) == Forecast("starts", on=decide(told).start.slot.dates[0])


def test_who_joins_a_formed_group_hears_its_first_day():
    cycle = OpenCycle(id=4, weekday=1, start=dt.time(10), first_date=MONDAY + dt.timedelta(days=15), seats=2)
    told = joined(people=(), open_cycles=(cycle,))
    assert decide(told).joins[0].people == (ME,)
    assert forecast(told, ME) == Forecast("joins", on=cycle.first_date)


def test_a_full_group_is_not_promised():
    cycle = OpenCycle(id=4, weekday=1, start=dt.time(10), first_date=MONDAY + dt.timedelta(days=15), seats=0)
    told = joined(people=(), open_cycles=(cycle,), joined_per_week=1.0)
    assert forecast(told, ME).code == "expected"


def test_a_list_on_manual_says_that_somebody_must_press_start():
    told = joined(people=people(2), rules=rules(is_manual=True))
    assert forecast(told, ME) == Forecast("by_click", on=decide(told).prepared[0].slot.dates[0])


def test_while_people_are_missing_the_spread_follows_the_rate_of_the_list():
    slow, fast = (forecast(joined(people=people(1), joined_per_week=rate), ME) for rate in (0.25, 2.0))
    assert slow.code == fast.code == "expected"
    assert fast.on < fast.until < slow.until
    assert fast.on >= MONDAY + dt.timedelta(days=7)  # never before the lead time


@pytest.mark.parametrize(("rate", "missing"), [(0.25, 1), (0.5, 2), (1.5, 3)])
def test_the_spread_holds_the_real_start_four_times_out_of_five(rate, missing):
    told = joined(people=people(3 - missing - 1) if missing < 3 else (), joined_per_week=rate, rules=rules())
    told = told if missing < 3 else replace(told, rules=rules(minimum=4), people=(person(ME, days=0),))
    found = forecast(told, ME)
    chance, inside = random.Random(5), 0
    for _ in range(400):
        wait = sum(chance.expovariate(rate) for _ in range(missing))
        then = replace(add_newcomers(told, missing), today=MONDAY + dt.timedelta(days=round(7 * wait)))
        inside += found.on <= decide(then).start.slot.dates[0] <= found.until
    assert 0.72 <= inside / 400 <= 0.88


def test_what_the_spread_says_is_what_happens_when_the_missing_come_on_those_days():
    told = joined(people=people(1), joined_per_week=0.5)
    found = forecast(told, ME)
    for odds, day in ((EARLY, found.on), (LATE, found.until)):
        then = replace(told, today=MONDAY + dt.timedelta(days=round(7 * _weeks(1, 0.5, odds))))
        assert decide(add_newcomers(then, 1)).start.slot.dates[0] == day


def test_who_only_needs_a_talk_may_bring_the_start_nearer():
    talked = rules(talk_first=True)
    waiting = (person(1), person(2, talk_held=False))
    found = forecast(joined(people=waiting, rules=talked, joined_per_week=0.25), ME)
    assert found.on == decide(joined(people=(person(1), person(2)), rules=talked)).start.slot.dates[0]


@pytest.mark.parametrize(
    ("rate", "code"), [(None, "forecast_young_list"), (0.0, "forecast_no_signups"), (0.05, "forecast_too_long")]
)
def test_without_a_rate_to_go_by_nothing_is_promised(rate, code):
    found = forecast(joined(people=people(1), joined_per_week=rate), ME)
    assert (found.code, found.why.code) == ("unknown", code)


def test_a_list_that_something_else_holds_up_says_what():
    told = joined(people=people(2), places=())
    assert forecast(told, ME) == Forecast("unknown", why=decide(told).reasons[0])
    nobody = joined(people=people(2), workers=())
    assert forecast(nobody, ME).why.code == "no_leader_here"


def test_more_people_help_nobody_where_there_is_no_room():
    found = forecast(joined(people=people(1), places=(), joined_per_week=2.0), ME)
    assert (found.code, found.why.code) == ("unknown", "no_room")


def test_basic_needs_and_a_list_without_minimum_say_so():
    on_hold = joined(me=person(ME, days=0, is_on_hold=True))
    assert forecast(on_hold, ME).why.code == "on_hold"
    assert forecast(joined(rules=rules(minimum=None)), ME).why.code == "no_minimum"


def test_who_does_not_fit_in_this_group_is_not_told_its_date():
    told = joined(people=people(3, parts=["tue evening"]), me=person(ME, days=0, parts=["wed morning"]))
    assert decide(told).start is not None
    assert forecast(replace(told, joined_per_week=1.0), ME).on > decide(told).start.slot.dates[0]


def test_a_leader_who_is_taken_by_the_first_group_is_not_there_for_the_second():
    told = joined(people=people(3, parts=["tue evening"]), me=person(ME, days=0, parts=["wed morning"]))
    busy = replace(told, workers=(lead(max_cycles=1), *told.workers[1:]), joined_per_week=1.0)
    assert forecast(busy, ME).code == "unknown"
