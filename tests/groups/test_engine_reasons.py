"""R19: a list that does not start says why; take away what it names, and it starts."""

import datetime as dt
from dataclasses import replace

import pytest

from groups.engine import Busy, Reason, Window, decide
from tests.groups.plain import MONDAY, WEEK, codes, facts, lead, people, person, room, rules, second

FRIDAY_EVENING = (Window(4, dt.time(19), dt.time(22)),)
DAYTIME = tuple(Window(day, dt.time(9), dt.time(17)) for day in range(5))
ON_FRIDAY_EVENING = tuple(person(number, days=50 - number, parts=["fri evening"]) for number in (1, 2, 3))
BEFORE = (MONDAY + dt.timedelta(weeks=12)).isoformat()


def first_reason(case):
    decision = decide(case)
    assert decision.start is None
    return decision.reasons[0]


def test_an_empty_list_says_so():
    assert decide(facts(people=())).reasons == (Reason("nobody_waits"),)


@pytest.mark.parametrize("count", [1, 2, 4])
def test_too_few_says_how_many_and_that_many_more_start_it(count):
    case = facts(people=people(count), rules=rules(minimum=5))
    reason = first_reason(case)
    assert reason == Reason("need_more", {"needed": 5 - count, "minimum": 5})
    assert decide(replace(case, people=people(count + reason.args["needed"]))).start is not None


@pytest.mark.parametrize(
    ("failing", "settings", "told"),
    [
        ({"is_judged": False}, rules(), "people_awaiting_judgement"),
        ({"is_on_hold": True}, rules(), "people_on_hold"),
        ({"has_consent": False}, rules(), "people_no_consent"),
        ({"talk_held": False}, rules(talk_first=True), "people_talk_first"),
        ({"refuses_here": True}, rules(), "people_other"),
        ({"is_placed_elsewhere": True}, rules(), "people_other"),
    ],
)
def test_who_does_not_count_yet_is_told_as_a_count(failing, settings, told):
    decision = decide(facts(rules=settings, people=(*people(2), person(8, **failing), person(9, **failing))))
    assert codes(decision) == ["need_more", told]
    assert decision.reasons[1].args == {"count": 2}


def test_wishes_about_neighbours_are_never_told_by_name():
    """R18: only those who place may know, so a list's reason speaks of 'others'."""
    decision = decide(facts(people=(*people(2), person(8, refuses_here=True), person(9, age=None))))
    assert "not_here" not in str(decision.reasons)


def test_no_room_names_the_time_and_a_room_then_starts_it():
    case = facts(people=ON_FRIDAY_EVENING, places=(room(windows=DAYTIME),))
    assert first_reason(case) == Reason(
        "no_room", {"weekday": 4, "part": "evening", "date": "2026-09-18", "time": "17:00"}
    )
    start = decide(replace(case, places=(*case.places, room(2, windows=WEEK)))).start
    assert (start.slot.dates[0].isoformat(), start.slot.start) == ("2026-09-18", dt.time(17))


def test_no_leader_names_the_date_and_a_leader_then_starts_it():
    case = facts(people=ON_FRIDAY_EVENING, workers=(lead(windows=DAYTIME), second()))
    reason = first_reason(case)
    assert reason.code == "no_leader"
    assert reason.args == {"before": BEFORE, "weekday": 4, "part": "evening", "date": "2026-09-18", "time": "17:00"}
    assert decide(replace(case, workers=(lead(windows=WEEK), second()))).start is not None


def test_no_leader_because_of_leave_or_a_full_calendar():
    leave = (Busy(dt.datetime.combine(MONDAY, dt.time()), dt.datetime.combine(dt.date(2027, 3, 1), dt.time())),)
    for worker in (lead(busy=leave), lead(cycles=3, max_cycles=3), lead(max_minutes_week=60)):
        assert first_reason(facts(workers=(worker, second()))).code == "no_leader"


def test_nobody_who_may_lead_here():
    assert first_reason(facts(workers=(second(),))) == Reason("no_leader_here")


def test_no_second_leader_and_one_then_starts_it():
    case = facts(workers=(lead(),))
    assert first_reason(case).code == "no_co_lead"
    assert decide(replace(case, workers=(lead(), second()))).start is not None


def test_second_professional_missing_where_two_are_needed():
    case = facts(rules=rules(two_workers=True))
    assert first_reason(case).code == "no_co_lead"
    assert decide(replace(case, workers=(lead(), second(is_social_worker=True)))).start is not None


def test_several_things_missing_at_once_are_told_as_such():
    """The lead has Mondays, the second Tuesdays, the room is open on Wednesdays: no single thing would help."""
    one_day_each = facts(
        workers=(lead(windows=DAYTIME[:1]), second(windows=DAYTIME[1:2])), places=(room(windows=DAYTIME[2:3]),)
    )
    assert first_reason(one_day_each) == Reason("no_team_and_room", {"before": BEFORE})


def test_people_who_can_never_meet_are_told_so_and_a_common_time_starts_it():
    apart = tuple(person(n, days=50 - n, parts=[f"{day} morning"]) for n, day in enumerate(("mon", "tue", "wed"), 1))
    case = facts(people=apart)
    reason = first_reason(case)
    assert (reason.code, reason.args["people"], reason.args["part"]) == ("no_common_time", 1, "morning")
    together = tuple(replace(p, parts=apart[0].parts) for p in apart)
    assert decide(replace(case, people=together)).start is not None


def test_the_time_that_comes_closest_is_named():
    group = (*(person(n, days=50 - n, parts=["wed evening"]) for n in (1, 2)), person(3, parts=["thu morning"]))
    reason = first_reason(facts(people=group))
    assert (reason.args["people"], reason.args["weekday"], reason.args["part"]) == (2, 2, "evening")


def test_who_cannot_sit_together_is_told_without_saying_who():
    """R18: any time would do, so "no common time" would be untrue; the true reason names nobody."""
    group = (person(1, excluded=frozenset({102})), person(2), person(3))
    decision = decide(facts(people=group))
    assert decision.start is None
    assert decision.reasons == (Reason("not_all_together"),)
    assert decide(facts(people=(*group, person(4)))).start.people == (1, 3, 4)


def test_a_room_too_small_is_a_missing_room():
    case = facts(places=(room(capacity=4),))
    assert first_reason(case).code == "no_room"
    assert decide(replace(case, places=(room(capacity=5),))).start is not None


@pytest.mark.parametrize(
    ("rate", "expected"), [(None, None), (1.0, None), (0.05, {"weeks": 20}), (0.0, {"weeks": None})]
)
def test_a_list_that_fills_too_slowly_proposes_a_wider_one(rate, expected):
    decision = decide(facts(people=people(2), joined_per_week=rate))
    slow = [reason.args for reason in decision.reasons if reason.code == "too_slow"]
    assert slow == ([] if expected is None else [expected | {"level": "neighbourhood"}])


def test_people_on_hold_are_told_beside_what_stands_in_the_way():
    decision = decide(facts(people=(*people(3), person(9, is_on_hold=True)), workers=(lead(),)))
    assert codes(decision) == ["no_co_lead", "people_on_hold"]
