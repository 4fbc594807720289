"""R13, R16 and R17 on random lists: three or four groups' worth, kinds, exclusions, availability and priorities."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from groups.engine import decide
from groups.engine.placeable import in_order
from tests.groups.plain import facts, lead, person, room, rules, second

TEAMS = tuple(lead(number) for number in range(1, 6)) + tuple(second(number) for number in range(11, 16))
ROOMS = tuple(room(number, capacity=20) for number in range(1, 6))
KINDS = st.sampled_from([None, "debt", "grief", "divorce", "housing"])
PARTS = st.frozensets(
    st.tuples(st.sampled_from(range(3)), st.sampled_from(["morning", "afternoon", "evening"])), min_size=2, max_size=6
)
TEMPERS = st.fixed_dictionaries(
    {
        "kind": KINDS,
        "has_priority": st.sampled_from([False] * 7 + [True]),
        "parts": st.none() | PARTS,
        "excluded": st.sampled_from([frozenset()] * 5 + [frozenset({number}) for number in range(101, 110)]),
    }
)


@st.composite
def lists(draw, *, most=44, picky=True):
    """People of all tempers; without `picky`, nobody has hours, exclusions or a kind."""
    tempers = draw(st.lists(TEMPERS if picky else st.just({}), min_size=1, max_size=most))
    days = draw(st.lists(st.integers(0, 60), min_size=len(tempers), max_size=len(tempers)))
    group = tuple(
        replace(
            person(number, days=day),
            is_psychosocial=temper.get("kind") in ("grief", "divorce"),
            **{name: value for name, value in temper.items() if name != "excluded"},
            excluded=temper.get("excluded", frozenset()) - {100 + number},
        )
        for number, (temper, day) in enumerate(zip(tempers, days, strict=True), start=1)
    )
    minimum = draw(st.integers(2, 6))
    soft = draw(st.integers(minimum, 12))
    sizes = rules(minimum=minimum, soft_maximum=soft, hard_maximum=soft + draw(st.integers(0, 2)))
    teams = draw(st.integers(1, 5))
    workers = tuple(replace(w, max_cycles=1) for w in (*TEAMS[:teams], *TEAMS[5 : 5 + teams]))
    return facts(people=group, rules=sizes, workers=workers, places=ROOMS)


def in_conflict(one, other):
    return one.client in other.excluded or other.client in one.excluded


@settings(max_examples=40, deadline=None)
@given(lists())
def test_nobody_placeable_who_waited_longer_is_passed_without_a_reason(case):
    """R17: whoever stands before the last one taken is in this start, in an earlier one, or passed with a reason."""
    gone, ordered = set(), in_order(case.people)
    for start in decide(case).starts:
        passed = {item.person for item in start.passed}
        last = max(ordered.index(p) for p in ordered if p.id in start.people)
        before = {p.id for p in ordered[:last]} - gone - set(start.people)
        assert before == passed
        gone |= set(start.people)


@settings(max_examples=40, deadline=None)
@given(lists())
def test_every_reason_for_passing_somebody_is_true(case):
    people = {p.id: p for p in case.people}
    for start in decide(case).starts:
        seated = [people[number] for number in start.people]
        for item in start.passed:
            who, code = people[item.person], item.reason.code
            when = (start.slot.weekday, case.part_of(start.slot.start))
            if code == "not_available_then":
                assert who.parts is not None
                assert when not in who.parts
            elif code == "not_together":
                assert any(in_conflict(who, other) for other in seated)
            else:
                assert code == "other_kind"
                assert who.parts is None or when in who.parts
                assert any(who.kind != other.kind for other in seated)


@settings(max_examples=40, deadline=None)
@given(lists())
def test_a_group_is_lawful_in_itself(case):
    """R13, R16, R18: sizes, exclusions, hours; nobody in two groups; the same facts give the same decision."""
    decision = decide(case)
    people = {p.id: p for p in case.people}
    placed = [number for start in decision.starts for number in start.people]
    assert len(placed) == len(set(placed))
    for start in decision.starts:
        assert case.rules.minimum <= len(start.people) <= case.rules.hard_maximum
        seated = [people[number] for number in start.people]
        assert not [1 for one in seated for other in seated if one is not other and in_conflict(one, other)]
        when = (start.slot.weekday, case.part_of(start.slot.start))
        assert all(p.parts is None or when in p.parts for p in seated)
        assert list(start.people) == [p.id for p in in_order(seated)]
    assert decide(case) == decision
    assert decide(replace(case, people=case.people[::-1])) == decision


@settings(max_examples=40, deadline=None)
@given(lists())
def test_the_longest_waiter_is_in_the_first_start_unless_their_hours_or_somebody_they_must_not_meet_prevent_it(case):
    """R13: composition never makes the longest waiter wait for a second start while a group with them is possible."""
    decision = decide(case)
    if not decision.starts:
        return
    first = in_order(case.people)[0]
    if first.id in decision.starts[0].people:
        return
    alone = [p for p in case.people if p is first or not in_conflict(p, first)]
    compatible = [p for p in alone if p.parts is None or first.parts is None or p.parts & first.parts]
    with_them = replace(case, people=tuple(compatible))
    start = decide(with_them).start
    assert start is None or first.id not in start.people


@settings(max_examples=40, deadline=None)
@given(lists(picky=False))
def test_where_anybody_can_sit_with_anybody_the_split_is_even_and_leaves_nobody_needlessly(case):
    """R16: groups started at once differ by one at most."""
    starts = decide(case).starts
    sizes = [len(start.people) for start in starts]
    waiting = len(case.people)
    if waiting >= case.rules.minimum:
        assert starts
    if sizes and sum(sizes) == waiting:
        assert max(sizes) - min(sizes) <= 1
    ordered = [p.id for p in in_order(case.people)]
    placed = [number for start in starts for number in start.people]
    assert placed == ordered[: len(placed)], "in order: the longest waiters in the first group"
    teams = len(case.workers) // 2
    if sum(sizes) < waiting and len(starts) < teams:
        left = waiting - sum(sizes)
        full = all(size >= case.rules.soft_maximum for size in sizes)
        assert left < case.rules.minimum or full, "a further group, or fuller ones, were possible"
