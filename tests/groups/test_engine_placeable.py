"""R10b: placeable is one predicate, with one reason per failure."""

import pytest

from groups.engine import Reason, decide
from groups.engine.placeable import in_order, why_not_placeable
from tests.groups.plain import facts, people, person, rules

ADULTS = rules(age_from=18, age_to=70)


def test_who_fails_nothing_is_placeable():
    assert why_not_placeable(person(), rules()) == ()


@pytest.mark.parametrize(
    ("failing", "settings", "reason"),
    [
        ({"is_judged": False}, rules(), Reason("awaiting_judgement")),
        ({"is_on_hold": True}, rules(), Reason("on_hold")),
        ({"has_consent": False}, rules(), Reason("no_consent")),
        ({"talk_held": False}, rules(talk_first=True), Reason("talk_first")),
        ({"age": 17}, ADULTS, Reason("too_young", {"age_from": 18})),
        ({"age": 71}, ADULTS, Reason("too_old", {"age_to": 70})),
        ({"age": None}, ADULTS, Reason("age_unknown")),
        ({"sex": "male"}, rules(audience="women"), Reason("audience", {"audience": "women"})),
        ({"sex": "female"}, rules(audience="men"), Reason("audience", {"audience": "men"})),
        ({"sex": "unknown"}, rules(audience="women"), Reason("audience", {"audience": "women"})),
        ({"is_placed_elsewhere": True}, rules(), Reason("already_placed")),
        ({"refuses_here": True}, rules(), Reason("not_here")),
    ],
)
def test_each_failure_has_its_reason_and_costs_the_start(failing, settings, reason):
    assert why_not_placeable(person(**failing), settings) == (reason,)
    fine = person(1, sex={"women": "female", "men": "male"}.get(settings.audience, "unknown"))
    assert why_not_placeable(fine, settings) == ()
    others = tuple(person(number, sex=fine.sex) for number in (1, 2))
    decision = decide(facts(rules=settings, people=(*others, person(3, **failing))))
    assert decision.start is None
    assert decision.person_reasons == {3: (reason,)}
    assert decision.placeable == 2
    assert decide(facts(rules=settings, people=(*others, person(3, sex=fine.sex)))).start is not None


@pytest.mark.parametrize(
    ("failing", "settings"),
    [
        ({"is_judged": False}, rules(needs_judgement=False)),
        ({"talk_held": False}, rules(talk_first=False)),
        ({"age": None}, rules()),
        ({"age": 17}, rules()),
        ({"age": 18}, ADULTS),
        ({"age": 70}, ADULTS),
        ({"age": 17, "has_fit_exception": True}, ADULTS),
        ({"sex": "male", "has_fit_exception": True}, rules(audience="women")),
    ],
)
def test_what_the_offer_does_not_ask_is_no_reason(failing, settings):
    assert why_not_placeable(person(**failing), settings) == ()


def test_all_failures_are_told_at_once():
    reasons = why_not_placeable(person(is_judged=False, is_on_hold=True, has_consent=False), rules())
    assert [reason.code for reason in reasons] == ["awaiting_judgement", "on_hold", "no_consent"]


def test_an_exception_covers_age_and_sex_only():
    refused = person(age=17, has_fit_exception=True, has_consent=False)
    assert [reason.code for reason in why_not_placeable(refused, ADULTS)] == ["no_consent"]


def test_order_is_priority_then_longest_waiting_then_who_came_first():
    first, second, third = person(7, days=30), person(8, days=30), person(9, days=40)
    urgent = person(10, days=1, has_priority=True)
    assert [p.id for p in in_order([second, first, urgent, third])] == [10, 9, 7, 8]


def test_people_on_hold_are_known_and_not_counted():
    decision = decide(facts(people=(*people(2), person(3, is_on_hold=True), person(4, is_on_hold=True))))
    assert [reason.as_data() for reason in decision.reasons] == [
        {"code": "need_more", "args": {"needed": 1, "minimum": 3}},
        {"code": "people_on_hold", "args": {"count": 2}},
    ]
