"""What a run came to, as figures."""

import statistics
from dataclasses import dataclass

FOLLOW_UP = 12  # weeks: who signed up later than so long before the end is not counted, their wait is not over
CHARGE = 60  # days of waiting that one lost person counts for


@dataclass(frozen=True)
class Life:
    """Days of one person: signed up, first session (or None), left before it (or None)."""

    day: int
    first: int | None
    left: int | None


@dataclass(frozen=True)
class Run:
    """cycles: (first day, participants, soft maximum, leader hours) of each that began."""

    policy: str
    weeks: int
    people: tuple[Life, ...]
    cycles: tuple
    renewals: int


def figures(run):
    """Waits in days, over who signed up early enough to know; the rest over the whole run."""
    end = run.weeks * 7
    counted = [life for life in run.people if life.day < end - FOLLOW_UP * 7] if run.weeks > 2 * FOLLOW_UP else run.people
    waits = sorted(life.first - life.day for life in counted if life.first is not None)
    lost = [life for life in counted if life.first is None and life.left is not None]
    days = sum((life.first if life.first is not None else life.left or end) - life.day for life in counted)
    cost = days + CHARGE * len(lost)
    return {
        "people": len(run.people),
        "counted": len(counted),
        "median_wait": statistics.median(waits) if waits else None,
        "p90_wait": waits[int(len(waits) * 0.9)] if waits else None,
        "placed": len(waits),
        "lost": len(lost),
        "lost_share": round(len(lost) / len(counted), 4),
        "still_waiting": len(counted) - len(waits) - len(lost),
        "person_days": days,
        "cost_per_person": round(cost / len(counted), 2),
        "starts": len(run.cycles),
        "participants": round(statistics.mean(row[1] for row in run.cycles), 2) if run.cycles else None,
        "occupancy": round(sum(row[1] for row in run.cycles) / sum(row[2] for row in run.cycles), 3) if run.cycles else None,
        "leader_hours": round(sum(row[3] for row in run.cycles)),
        "renewals": run.renewals,
    }
