"""A person's goal in own words, and the answer to the scale question (R8, R24, R27). Callers ask the rights."""

from groups.enums import HistoryCode
from groups.exceptions import NotAllowed
from groups.models import Goal, ScalePoint
from groups.services.history import record

SCALE = range(11)


def note_goal(*, participation, text, by, now, cycle):
    """The goal of this person; empty takes it away. The caller holds the waitlist's lock: the key stays (R43)."""
    text = text.strip()
    goal = Goal.objects.select_related("participation__client__key").filter(participation=participation).first()
    if not text:
        Goal.objects.filter(participation=participation).delete()
        return None
    goal = goal or Goal(participation=participation)
    goal.text, goal.noted_at, goal.noted_by = text, now, by
    goal.clean_fields(exclude={"participation", "noted_by"})
    goal.save()
    _record(HistoryCode.GOAL_NOTED, participation, cycle, by, now)
    return goal


def note_score(*, participation, session, score, by, now):
    """0 is the worst moment, 10 the goal reached; empty takes it away. NotAllowed: scale_whole_number."""
    if score == "":
        ScalePoint.objects.filter(participation=participation, session=session).delete()
        return None
    if type(score) is not int or score not in SCALE:
        raise NotAllowed("scale_whole_number")
    found = {"participation": participation, "session": session}
    point, _made = ScalePoint.objects.update_or_create(
        **found, defaults={"score": score, "noted_at": now, "noted_by": by}
    )
    _record(HistoryCode.SCALE_NOTED, participation, session.cycle, by, now, session=session)
    return point


def _record(code, participation, cycle, by, now, **subjects):
    """That it was noted; what, is nobody's business but the person's and their leaders'."""
    subjects |= {"cycle": cycle, "waitlist": cycle.waitlist, "entry": participation.entry}
    record(code, at=now, by=by, **subjects)
