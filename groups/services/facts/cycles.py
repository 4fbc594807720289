"""A list's live cycles: which take newcomers, which rhythm goes on, and how fast people sign up; in one statement."""

import datetime as dt
from dataclasses import dataclass

from groups.engine import OpenCycle, Rhythm
from groups.enums import CycleState, EntryPolicy, SessionState
from groups.services.statements import Statement

RATE_WEEKS = 12

# One row for each live cycle of the list, or one with nulls; and for each that somebody waiting goes on from, also if
# it is over or another list's: people take their rhythm along when areas are joined (R11, R28).
_CYCLES = Statement(
    "cycles",
    """
SELECT rate.is_known, rate.joined, y.id, y.state, y.start_time, y.starts_on, y.lead_id, y.co_lead_id, y.room_id,
       y.end_time,
       v.neighbourhood_id AS area, y.waitlist_id = %(waitlist)s AS is_own, y.continues_id,
       least(y.soft_maximum, r.capacity - 1 - (y.co_lead_id IS NOT NULL)::int) AS places,
       next.id IS NOT NULL AS is_continued, s.numbers, s.dates, s.states,
       ARRAY(SELECT q.client_id FROM groups_participation q
             WHERE q.cycle_id = y.id AND q.state IN ('invited', 'confirmed')) AS people,
       (SELECT count(*) FROM groups_participation q
        WHERE q.cycle_id = y.id AND q.state IN ('invited', 'confirmed') AND q.outcome = ''
          AND NOT EXISTS (SELECT FROM groups_waitlistentry e WHERE e.continues_id = q.id)) AS undecided
FROM (SELECT EXISTS (SELECT FROM groups_waitlistentry e
                     WHERE e.waitlist_id = %(waitlist)s AND e.joined_at < %(since)s) AS is_known,
             (SELECT count(*) FROM groups_waitlistentry e WHERE e.waitlist_id = %(waitlist)s
              AND e.joined_at >= %(since)s AND e.state <> 'left' AND e.continues_id IS NULL) AS joined) rate
LEFT JOIN (
    SELECT id FROM groups_cycle WHERE waitlist_id = %(waitlist)s AND state IN ('formed', 'running') UNION
    SELECT q.cycle_id FROM groups_waitlistentry e JOIN groups_participation q ON q.id = e.continues_id
    WHERE e.waitlist_id = %(waitlist)s AND e.state = 'waiting') ids ON true
LEFT JOIN groups_cycle y ON y.id = ids.id AND y.state <> 'cancelled'
LEFT JOIN neighbourhoods_room r ON r.id = y.room_id
LEFT JOIN neighbourhoods_venue v ON v.id = r.venue_id
LEFT JOIN groups_cycle next ON next.continues_id = y.id AND next.state <> 'cancelled'
LEFT JOIN LATERAL (
    SELECT array_agg(t.number ORDER BY t.date) AS numbers, array_agg(t.date ORDER BY t.date) AS dates,
           array_agg(t.state ORDER BY t.date) AS states
    FROM groups_session t WHERE t.cycle_id = y.id AND t.state <> 'cancelled') s ON true
ORDER BY y.id
""",
)
CYCLES_OF_EACH = _CYCLES.for_each(waitlist="bigint")


@dataclass(frozen=True)
class Cycles:
    """open take newcomers (R12, R22), rhythms can go on (R28); joined_per_week is None while the list is young."""

    open: tuple[OpenCycle, ...]
    rhythms: tuple[Rhythm, ...]
    live: frozenset[int]
    joined_per_week: float | None


def load_cycles(waitlist, today, now):
    return cycles_of(_CYCLES.rows(waitlist=waitlist.pk, since=rate_since(now)), waitlist, today)


def rate_since(now):
    """From when on it is counted how fast people sign up."""
    return now - dt.timedelta(weeks=RATE_WEEKS)


def cycles_of(rows, waitlist, today):
    """As load_cycles(), of rows that were fetched for this list."""
    rate = rows[0]["joined"] / RATE_WEEKS if rows[0]["is_known"] else None
    rows = [row for row in rows if row["id"] is not None]
    undecided = {row["id"]: row["undecided"] for row in rows if row["state"] != CycleState.FINISHED}
    found = (_open_cycle(row, waitlist.offer, today, undecided) for row in rows if row["is_own"])
    return Cycles(
        open=tuple(cycle for cycle in found if cycle is not None),
        rhythms=tuple(_rhythm(row, undecided) for row in rows if _has_rhythm(row)),
        live=frozenset(undecided),
        joined_per_week=rate,
    )


def _open_cycle(row, offer, today, undecided):
    """The cycle with the first session a newcomer could come to, or None if it takes nobody (R12, R22)."""
    entry = _first_to_come_to(row, offer, today)
    if entry is None:
        return None
    number, day = entry
    return OpenCycle(
        id=row["id"],
        weekday=day.weekday(),
        start=row["start_time"],
        first_date=day,
        seats=max(0, row["places"] - len(row["people"])),
        people=frozenset(row["people"]),
        dates=tuple(planned for _number, planned, _state in _planned(row) if planned >= day),
        end=row["end_time"],
        area=row["area"],
        enters_at=number,
        continues=row["continues_id"],
        reserved=undecided.get(row["continues_id"], 0),
    )


def _first_to_come_to(row, offer, today):
    """(number, day): session 1 until it is there (R12); after that the next one, as the entry policy says (R22)."""
    if row["state"] == CycleState.FORMED and row["starts_on"] > today:
        return 1, row["starts_on"]
    if row["state"] == CycleState.FINISHED or offer.entry_policy == EntryPolicy.CLOSED:
        return None
    entry = next(((number, day) for number, day, _state in _planned(row) if day > today), None)
    is_late = offer.entry_policy == EntryPolicy.UNTIL_SESSION and entry and entry[0] > (offer.entry_until_session or 1)
    return None if is_late else entry


def _planned(row):
    sessions = zip(row["numbers"] or (), row["dates"] or (), row["states"] or (), strict=True)
    return [session for session in sessions if session[2] == SessionState.PLANNED]


def _has_rhythm(row):
    """One that runs, or just ended with people who go on."""
    return row["state"] != CycleState.FORMED and row["dates"]


def _rhythm(row, undecided):
    return Rhythm(
        cycle=row["id"],
        start=row["start_time"],
        last_date=row["dates"][-1],
        lead=row["lead_id"],
        co_lead=row["co_lead_id"],
        place=row["room_id"],
        weekday=row["starts_on"].weekday(),
        undecided=undecided.get(row["id"], 0),
        is_continued=row["is_continued"],
    )
