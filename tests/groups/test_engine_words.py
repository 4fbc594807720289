"""Every code the engine can give has words in both languages, for the list, the person and what would help (R19)."""

import ast
import re
from pathlib import Path

import pytest
from django.utils import translation

from groups import engine
from groups.engine.rhythm import LACKING
from groups.helping import change_text
from groups.wording import reason_text

WHEN = {"weekday": 1, "part": "evening", "date": "2027-01-12", "time": "19:30"}
ARGS = {
    "need_more": {"needed": 1, "minimum": 3},
    "too_slow": {"weeks": 20, "level": "neighbourhood"},
    "no_leader": {"before": "2027-01-12", **WHEN},
    "no_co_lead": WHEN,
    "no_room": WHEN,
    "no_team_and_room": {"before": "2027-01-12"},
    "no_common_time": {"people": 2, **WHEN},
    "offer_incomplete": {"missing": ["sessions"]},
    "too_young": {"age_from": 18},
    "too_old": {"age_to": 70},
    "audience": {"audience": "women"},
    "not_available_then": {"weekday": 1, "part": "evening"},
    "ready_by_click": {"people": 3, **WHEN},
    "continues": {"people": 3, "going_on": 1},
    "rhythm_blocked": {"going_on": 2, **WHEN},
    "rhythm_no_leader": {"going_on": 2, **WHEN},
    "rhythm_no_co_lead": {"going_on": 2, **WHEN},
    "rhythm_no_room": {"going_on": 2, **WHEN},
    "rhythm_no_team_or_room": {"going_on": 2, **WHEN},
    "rhythm_needs_more": {"going_on": 2, "needed": 1, "minimum": 3, **WHEN},
}
PEOPLE = {code: {"people": 3} for code in ("longest_waiters", "same_kind", "psychosocial_together", "mixed_kinds")}
COUNTED = ("awaiting_judgement", "on_hold", "no_consent", "talk_first", "other")
CHANGES = {
    "with_talks": {"count": 2},
    "with_consents": {"count": 2},
    "with_releases": {"count": 2},
    "with_judgements": {"count": 2},
    "with_times": {"count": 2},
    "with_leader": {"hours": True},
    "with_second": {"hours": False},
    "with_room": {"people": 5, "hours": False},
    "with_newcomers": {"count": 2, "then": True},
    "with_minimum": {"minimum": 2},
}


def codes_in_the_engine():
    """Every first argument of Reason("…") in the engine's files, and those put together from a table."""
    for path in sorted(Path(engine.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            is_reason = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Reason"
            if is_reason and isinstance(node.args[0], ast.Constant):
                yield node.args[0].value
    yield from (
        "no_room",
        "no_co_lead",
        *(code for _without, code in LACKING.values()),
        *(f"people_{code}" for code in COUNTED),
    )


CODES = sorted(set(codes_in_the_engine()) - {"with_both"})


def test_the_walk_finds_the_codes():
    assert {"need_more", "no_leader_here", "not_together", "same_kind", "too_slow"} <= set(CODES)
    assert len(CODES) > 30


def args_of(code):
    if code.startswith("people_"):
        return {"count": 2}
    return ARGS.get(code) or PEOPLE.get(code) or {}


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("code", CODES)
def test_every_reason_has_words(code, language):
    with translation.override(language):
        words = reason_text({"code": code, "args": args_of(code)})
    assert len(words) > 5
    assert "%(" not in words
    assert code not in words


def test_every_change_the_engine_tells_has_words_here():
    source = (Path(engine.__file__).parent / "unblock.py").read_text()
    told = set(re.findall(r'"(with_[a-z]+)"', source)) - {"with_both"}
    assert told == set(CHANGES)


@pytest.mark.parametrize("code", CHANGES)
def test_every_change_is_a_sentence(code):
    with translation.override("en"):
        words = change_text([{"code": code, "args": WHEN | CHANGES[code]}], WHEN)
    assert words.startswith("With ")
    assert words.endswith("this group starts on Tue 12 Jan at 19:30.")
    assert "%(" not in words


def test_two_changes_are_one_sentence():
    steps = [
        {"code": "with_newcomers", "args": WHEN | {"count": 1, "then": False}},
        {"code": "with_leader", "args": WHEN | {"hours": True}},
    ]
    with translation.override("en"):
        words = change_text(steps, WHEN)
    assert words == (
        "With 1 more participant and with a leader who works on Tuesday evening too, "
        "this group starts on Tue 12 Jan at 19:30."
    )
