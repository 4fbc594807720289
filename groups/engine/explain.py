"""R19: why a list does not start, and what would let it, found by dropping one demand at a time."""

import datetime as dt
from collections import Counter

from groups.engine.compose import compose
from groups.engine.decision import Reason
from groups.engine.openings import LEADER, ROOM, SECOND
from groups.engine.placeable import in_order, suits

# R11: a list that at its present rate needs more weeks than these to reach its minimum proposes a wider one. Two
# months: a round of five sessions with its lead time, and longer than most people go on waiting.
SLOW_WEEKS = 8
# R18: what only those who place may know is never counted by name in a list's reason.
_SPOKEN_OF = ("awaiting_judgement", "on_hold", "no_consent", "talk_first")


def why_no_start(placeable, failing, facts, openings):
    """Reasons in the order somebody can act on them; never empty. `openings` are those of these facts."""
    if len(placeable) < facts.rules.minimum:
        return (
            Reason("need_more", {"needed": facts.rules.minimum - len(placeable), "minimum": facts.rules.minimum}),
            *_not_counted(failing),
            *_too_slow(placeable, facts),
        )
    return (_what_stands_in_the_way(placeable, facts, openings), *_not_counted(failing))


def _not_counted(failing):
    counts = Counter(reasons[0].code for reasons in failing.values())
    named = [Reason(f"people_{code}", {"count": counts.pop(code)}) for code in _SPOKEN_OF if counts.get(code)]
    rest = sum(counts.values())
    return (*named, *([Reason("people_other", {"count": rest})] if rest else []))


def _too_slow(placeable, facts):
    """R11: a list that at its present rate will not fill in time proposes a wider one."""
    if facts.joined_per_week is None:
        return ()
    missing = facts.rules.minimum - len(placeable)
    weeks = missing / facts.joined_per_week if facts.joined_per_week > 0 else None
    if weeks is not None and weeks <= SLOW_WEEKS:
        return ()
    return (Reason("too_slow", {"weeks": None if weeks is None else round(weeks), "level": facts.rules.level}),)


def _what_stands_in_the_way(placeable, facts, openings):
    """One demand that, met, would let it start; else that no time suits enough people, or that several are missing."""
    for missing, code in ((ROOM, "no_room"), (SECOND, "no_co_lead")):
        start = compose(placeable, openings.lacking(missing), facts)
        if start is not None:
            return Reason(code, _when(start.slot, facts))
    before = (facts.today + dt.timedelta(weeks=facts.horizon_weeks)).isoformat()
    if not any(w.lead_until for w in facts.workers):
        return Reason("no_leader_here")
    start = compose(placeable, openings.lacking(LEADER), facts)
    if start is not None:
        return Reason("no_leader", {"before": before, **_when(start.slot, facts)})
    if next(openings.lacking(), None) is not None:
        return _people_do_not_meet(placeable, facts, openings)
    return Reason("no_team_and_room", {"before": before})


def _when(slot, facts):
    return {
        "weekday": slot.weekday,
        "part": facts.part_of(slot.start),
        "date": slot.dates[0].isoformat(),
        "time": slot.start.strftime("%H:%M"),
    }


def _people_do_not_meet(placeable, facts, openings):
    """Team and room exist, but no time suits enough people: name the part of the week that comes closest.

    If a time does suit enough of them, some may not sit together (R18); that is said without saying who.
    """
    best, counted = None, 0
    for slot in openings.lacking():
        count = sum(suits(person, facts, slot.weekday, slot.start) for person in in_order(placeable))
        if count > counted:
            best, counted = slot, count
    if counted >= facts.rules.minimum:
        return Reason("not_all_together")
    if best is None:
        return Reason("no_common_time", {"people": 0})
    return Reason("no_common_time", {"people": counted, **_when(best, facts)})
