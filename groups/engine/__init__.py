"""The start engine: plain values in, plain values out. No database, no clock; services feed and obey it."""

from groups.engine.decide import decide
from groups.engine.decision import Decision, Join, Passed, Reason, Slot, Start
from groups.engine.facts import Busy, Facts, OpenCycle, Person, Place, Rhythm, Rules, Window, Worker
from groups.engine.propose import propose

__all__ = [
    "Busy",
    "Decision",
    "Facts",
    "Join",
    "OpenCycle",
    "Passed",
    "Person",
    "Place",
    "Reason",
    "Rhythm",
    "Rules",
    "Slot",
    "Start",
    "Window",
    "Worker",
    "decide",
    "propose",
]
