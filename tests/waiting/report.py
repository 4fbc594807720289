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


def run_from_json(values):
    people = tuple(Life(**life) for life in values["people"])
    return Run(**(values | {"people": people, "cycles": tuple(tuple(row) for row in values["cycles"])}))


def figures(run, *, follow_up=FOLLOW_UP):
    """Waits in days, over who signed up early enough to know; the rest over the whole run."""
    end = run.weeks * 7
    last = end - follow_up * 7 if run.weeks > 2 * FOLLOW_UP else end
    counted = [life for life in run.people if life.day < last]
    waits = sorted(life.first - life.day for life in counted if life.first is not None)
    lost = sum(life.first is None and life.left is not None for life in counted)
    days = sum(days_waited(life, end) for life in counted)
    people = max(1, len(counted))
    return {
        "people": len(run.people),
        "counted": len(counted),
        "median_wait": statistics.median(waits) if waits else None,
        "p90_wait": waits[int(len(waits) * 0.9)] if waits else None,
        "placed": len(waits),
        "lost": lost,
        "lost_share": round(lost / people, 4),
        "still_waiting": len(counted) - len(waits) - lost,
        "days_a_person": round(days / people, 2),
        "cost_a_person": round((days + CHARGE * lost) / people, 2),
        "renewals": run.renewals,
    } | _of_cycles(run.cycles)


def days_waited(life, end):
    """From sign-up to the first session, to giving up, or to the end of the run."""
    until = next((day for day in (life.first, life.left) if day is not None), end)
    return until - life.day


def _of_cycles(cycles):
    return {
        "starts": len(cycles),
        "participants": round(sum(row[1] for row in cycles) / len(cycles), 2) if cycles else None,
        "occupancy": round(sum(row[1] for row in cycles) / sum(row[2] for row in cycles), 3) if cycles else None,
        "leader_hours": round(sum(row[3] for row in cycles)),
    }


def conserved(run):
    """Everybody who signed up has begun, has given up, or waits on (R10)."""
    placed = sum(life.first is not None for life in run.people)
    lost = sum(life.first is None and life.left is not None for life in run.people)
    waiting = sum(life.first is None and life.left is None for life in run.people)
    return placed + lost + waiting == len(run.people)


def spread(rows):
    """The mean of each figure over several seeds, and how far its extremes lie apart."""
    known = {name: [row[name] for row in rows if row[name] is not None] for name in rows[0]}
    known = {name: values for name, values in known.items() if values and isinstance(values[0], int | float)}
    mean = {name: round(statistics.mean(values), 3) for name, values in known.items()}
    apart = {
        name: [min(known[name]), max(known[name])]
        for name in ("median_wait", "lost_share", "cost_a_person")
        if known.get(name)
    }
    return mean | {"spread": apart, "seeds": len(rows)}


COLUMNS = (
    ("what", "{}", 17),
    ("policy", "{}", 44),
    ("median_wait", "{:.1f}", 7),
    ("p90_wait", "{:.0f}", 5),
    ("lost", "{:.0f}", 6),
    ("lost_share", "{:.1%}", 7),
    ("cost_a_person", "{:.1f}", 6),
    ("starts", "{:.0f}", 7),
    ("participants", "{:.1f}", 6),
    ("occupancy", "{:.0%}", 6),
    ("leader_hours", "{:.0f}", 8),
)
HEADS = ("", "policy", "median", "p90", "lost", "share", "cost", "starts", "group", "full", "hours")


def table(rows):
    """For people: waits in days, cost in days a person, occupancy as a share of the soft maximum."""
    lines = [[_cell(row.get(name), form) for name, form, _width in COLUMNS] for row in rows]
    return "\n".join(
        "  ".join(cell.ljust(width) if number < 2 else cell.rjust(width) for number, (cell, width) in enumerate(cells))
        for cells in (zip(line, (width for _n, _f, width in COLUMNS), strict=True) for line in (HEADS, *lines))
    )


def _cell(value, form):
    return "" if value is None else form.format(value)
