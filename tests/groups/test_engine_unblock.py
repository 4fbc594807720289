"""R19: what would unblock a list; every change that is told is made here by hand, and then the engine does start."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groups.engine import Busy, OpenCycle, Reason, Window, decide
from groups.engine.placeable import in_order, why_not_placeable
from tests.groups.plain import MONDAY, facts, lead, people, person, room, rules, second

DAYTIME = tuple(Window(day, dt.time(9), dt.time(17)) for day in range(5))
ON_FRIDAY_EVENING = tuple(person(number, days=50 - number, parts=["fri evening"]) for number in (1, 2, 3))
THEN = {"weekday": 4, "part": "evening", "date": "2026-09-18", "time": "17:00"}
MONDAY_NINE = {"weekday": 0, "part": "morning", "date": "2026-09-14", "time": "09:00"}
SETTLED = {
    "with_talks": ("talk_first", {"talk_held": True}),
    "with_consents": ("no_consent", {"has_consent": True}),
    "with_releases": ("on_hold", {"is_on_hold": False}),
    "with_judgements": ("awaiting_judgement", {"is_judged": True}),
}


def helps(case):
    decision = decide(case)
    assert decision.start is None
    return decision.unblocks


def told(case):
    return [reason.code for reason in helps(case)]


def make_change(case, reason):
    """What the words ask for, done to the facts: nothing but code and arguments is read."""
    code, args = reason.code, reason.args
    if code == "with_both":
        for step in args["steps"]:
            when = {name: args[name] for name in ("weekday", "part", "date", "time")}
            case = make_change(case, Reason(step["code"], when | step["args"]))
        return case
    if code in SETTLED:
        failing, fields = SETTLED[code]
        only = [p for p in in_order(case.people) if [r.code for r in why_not_placeable(p, case.rules)] == [failing]]
        return changed_people(case, only[: args["count"]], **fields)
    return {
        "with_times": more_times,
        "with_newcomers": newcomers,
        "with_minimum": lambda case, args: replace(case, rules=replace(case.rules, minimum=args["minimum"])),
        "with_leader": lambda case, args: more_workers(case, lead(90, windows=(window(case, args),))),
        "with_second": lambda case, args: more_workers(
            case, second(91, windows=(window(case, args),), is_social_worker=True)
        ),
        "with_room": lambda case, args: replace(
            case, places=(*case.places, room(92, capacity=args["people"], windows=(window(case, args),)))
        ),
    }[code](case, args)


def changed_people(case, chosen, **fields):
    ids = {p.id for p in chosen}
    return replace(case, people=tuple(replace(p, **fields) if p.id in ids else p for p in case.people))


def window(case, args):
    start = dt.time.fromisoformat(args["time"])
    end = (dt.datetime.combine(MONDAY, start) + dt.timedelta(minutes=case.rules.minutes)).time()
    return Window(args["weekday"], start, end)


def more_workers(case, worker):
    return replace(case, workers=(*case.workers, worker))


def more_times(case, args):
    """The longest waiting of those who do not come then."""
    when = (args["weekday"], args["part"])
    able = in_order(p for p in case.people if not why_not_placeable(p, case.rules))
    others = [p for p in able if p.parts is not None and when not in p.parts][: args["count"]]
    ids = {p.id for p in others}
    return replace(case, people=tuple(replace(p, parts=p.parts | {when}) if p.id in ids else p for p in case.people))


def newcomers(case, args):
    parts = frozenset({(args["weekday"], args["part"])}) if args["then"] else None
    new = (person(900 + n, days=0) for n in range(args["count"]))
    return replace(case, people=(*case.people, *(replace(p, parts=parts) for p in new)))


# --- each kind


def test_one_too_few_starts_with_one_more_or_with_a_lower_minimum():
    assert helps(facts(people=people(2))) == (
        Reason("with_newcomers", {"count": 1, "then": False, **MONDAY_NINE}),
        Reason("with_minimum", {"minimum": 2, **MONDAY_NINE}),
    )


@pytest.mark.parametrize(
    ("failing", "settled", "code"),
    [
        ({"talk_held": False}, rules(talk_first=True), "with_talks"),
        ({"has_consent": False}, rules(), "with_consents"),
        ({"is_on_hold": True}, rules(), "with_releases"),
        ({"is_judged": False}, rules(), "with_judgements"),
    ],
)
def test_who_only_lacks_one_step_is_counted_with_that_step(failing, settled, code):
    case = facts(people=(*people(1), *(person(n, **failing) for n in (7, 8, 9))), rules=settled)
    assert Reason(code, {"count": 2, **MONDAY_NINE}) in helps(case)


def test_who_lacks_two_steps_is_not_helped_by_one():
    case = facts(people=(*people(2), person(8, is_judged=False, has_consent=False)))
    assert told(case) == ["with_newcomers", "with_minimum"]


def test_what_nobody_can_settle_is_no_help():
    """R18: neither who refuses the own neighbourhood nor who has a place already is ever counted."""
    case = facts(people=(*people(2), person(8, refuses_here=True), person(9, is_placed_elsewhere=True)))
    assert told(case) == ["with_newcomers", "with_minimum"]


def test_a_leader_on_friday_evening():
    case = facts(people=ON_FRIDAY_EVENING, workers=(lead(windows=DAYTIME), second()))
    assert helps(case)[0] == Reason("with_leader", {"hours": True, **THEN})


def test_leaders_with_a_full_calendar_are_not_asked_for_more_hours():
    case = facts(people=ON_FRIDAY_EVENING, workers=(lead(cycles=2, max_cycles=2), second()))
    assert Reason("with_leader", {"hours": False, **THEN}) in helps(case)


def test_a_second_leader():
    assert helps(facts(workers=(lead(),)))[0] == Reason("with_second", {"hours": False, **MONDAY_NINE})


def test_a_room_for_at_least_the_minimum_and_its_leaders():
    assert Reason("with_room", {"people": 5, "hours": False, **MONDAY_NINE}) in helps(facts(places=()))


def test_longer_opening_hours_where_a_room_is_only_closed():
    case = facts(people=ON_FRIDAY_EVENING, places=(room(windows=DAYTIME),))
    assert helps(case)[0] == Reason("with_room", {"people": 5, "hours": True, **THEN})


def test_one_who_can_come_at_another_time_too():
    group = (*(person(n, days=50 - n, parts=["wed evening"]) for n in (1, 2)), person(3, parts=["thu morning"]))
    wednesday = {"weekday": 2, "part": "evening", "date": "2026-09-16", "time": "17:00"}
    assert helps(facts(people=group))[:2] == (
        Reason("with_times", {"count": 1, **wednesday}),
        Reason("with_newcomers", {"count": 1, "then": True, **wednesday}),
    )


def test_a_list_without_a_minimum_is_told_with_which_it_would_start():
    assert helps(facts(rules=rules(minimum=None))) == (Reason("with_minimum", {"minimum": 3, **MONDAY_NINE}),)


def test_the_minimum_is_never_lowered_to_one():
    assert told(facts(people=people(1))) == ["with_newcomers"]


def test_the_largest_minimum_that_works_is_told():
    assert Reason("with_minimum", {"minimum": 4, **MONDAY_NINE}) in helps(
        facts(people=people(4), rules=rules(minimum=7))
    )


def test_a_lower_minimum_fits_into_a_smaller_room():
    case = facts(places=(room(capacity=4),))
    assert Reason("with_minimum", {"minimum": 2, **MONDAY_NINE}) in helps(case)


def test_two_together_only_where_nothing_helps_by_itself():
    case = facts(people=people(2), places=(), rules=rules(minimum=3))
    (pair,) = helps(case)
    steps = [
        {"code": "with_minimum", "args": {"minimum": 2}},
        {"code": "with_room", "args": {"people": 4, "hours": False}},
    ]
    newcomer = [
        {"code": "with_newcomers", "args": {"count": 1, "then": False}},
        {"code": "with_room", "args": {"people": 5, "hours": False}},
    ]
    assert pair.args["steps"] in (steps, newcomer)
    assert decide(make_change(case, pair)).start is not None


def test_a_leader_and_a_room_together():
    (pair,) = helps(facts(workers=(second(),), places=()))
    assert [step["code"] for step in pair.args["steps"]] == ["with_leader", "with_room"]


def test_three_things_missing_is_no_small_change():
    assert helps(facts(workers=(), places=())) == ()


@pytest.mark.parametrize(
    "case",
    [
        facts(people=()),
        facts(rules=rules(is_active=False)),
        facts(rules=rules(sessions=None)),
        facts(rules=rules(may_run_in_neighbourhood=False)),
    ],
)
def test_where_nobody_waits_or_no_group_can_run_nothing_is_told(case):
    assert helps(case) == ()


def test_who_joins_a_formed_cycle_is_not_counted_for_the_next_one():
    """Newcomers would fill the coming cycle first, so they start nothing here."""
    cycle = OpenCycle(1, 0, dt.time(9), dt.date(2026, 9, 14), seats=9)
    case = facts(people=(person(1), person(2, declined_cycles=frozenset({1}))), open_cycles=(cycle,))
    assert "with_newcomers" not in told(case)


def test_people_who_exclude_each_other_are_not_told_of():
    """R18: one more person helps, as for any list; nothing says why."""
    case = facts(people=(person(1, excluded=frozenset({102})), person(2), person(3)))
    assert helps(case)[0] == Reason("with_newcomers", {"count": 1, "then": False, **MONDAY_NINE})


def test_what_one_does_today_stands_before_what_the_coordinator_sets():
    case = facts(
        rules=rules(talk_first=True),
        people=(*people(2), person(7, talk_held=False), person(8, is_judged=False)),
    )
    assert told(case) == ["with_talks", "with_judgements", "with_newcomers", "with_minimum"]


# --- whatever the facts

PARTS = st.frozensets(
    st.tuples(st.sampled_from(range(5)), st.sampled_from(["morning", "afternoon", "evening"])), min_size=1, max_size=4
)
STATES = st.fixed_dictionaries(
    {
        "is_judged": st.sampled_from([True, True, True, False]),
        "is_on_hold": st.sampled_from([False, False, False, True]),
        "has_consent": st.sampled_from([True, True, True, False]),
        "talk_held": st.sampled_from([True, True, False]),
        "parts": st.none() | PARTS,
        "excluded": st.frozensets(st.integers(101, 107), max_size=1),
        "refuses_here": st.sampled_from([False, False, False, True]),
    }
)
WINDOWS = st.lists(
    st.builds(
        Window,
        st.sampled_from(range(5)),
        st.sampled_from([dt.time(9), dt.time(13), dt.time(17)]),
        st.sampled_from([dt.time(19), dt.time(22)]),
    ),
    max_size=2,
).map(tuple)
LEAVE = st.lists(
    st.integers(0, 60).map(
        lambda day: Busy(*(dt.datetime.combine(MONDAY + dt.timedelta(day + n), dt.time()) for n in (0, 3)))
    ),
    max_size=2,
).map(tuple)


@st.composite
def worlds(draw):
    group = tuple(
        replace(person(number, days=60 - number), **state)
        for number, state in enumerate(draw(st.lists(STATES, min_size=1, max_size=7)), start=1)
    )
    workers = tuple(
        make(number, windows=draw(WINDOWS), busy=draw(LEAVE), max_cycles=draw(st.sampled_from([9, 9, 0])))
        for number, make in enumerate([lead, lead, second, second][draw(st.integers(0, 3)) :], start=1)
    )
    rooms = tuple(
        room(number, capacity=draw(st.sampled_from([4, 5, 8, 14])), windows=draw(WINDOWS), busy=draw(LEAVE))
        for number in range(1, draw(st.integers(0, 2)) + 1)
    )
    settled = rules(
        minimum=draw(st.sampled_from([None, 2, 3, 3, 4, 6])),
        second_seat=draw(st.booleans()),
        talk_first=draw(st.booleans()),
    )
    return facts(people=group, workers=workers, places=rooms, rules=settled)


@settings(max_examples=150, deadline=None)
@given(worlds())
def test_every_change_that_is_told_starts_a_group_then(case):
    decision = decide(case)
    assert len(decision.unblocks) <= 4
    if decision.start is not None:
        assert decision.unblocks == ()
    for reason in decision.unblocks:
        start = decide(make_change(case, reason)).start
        assert start is not None, reason
        assert start.slot.dates[0].isoformat() == reason.args["date"], reason
        assert start.slot.start.strftime("%H:%M") == reason.args["time"], reason


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_no_smaller_number_of_people_would_do(case):
    for reason in decide(case).unblocks:
        if reason.args.get("count", 1) > 1 and reason.code != "with_times":
            fewer = Reason(reason.code, reason.args | {"count": reason.args["count"] - 1})
            assert decide(make_change(case, fewer)).start is None, reason


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_a_lower_minimum_is_told_whenever_it_would_do(case):
    decision = decide(case)
    told_codes = [reason.code for reason in decision.unblocks]
    if decision.start is None and case.rules.minimum == 3 and "with_both" in told_codes:
        lower = replace(case, rules=replace(case.rules, minimum=2))
        assert decide(lower).start is None
