"""Who may lead or co-lead, and what each carries already, in one statement (R14)."""

import datetime as dt
from collections import defaultdict

from django.conf import settings

from accounts.enums import BookingKind, RoleName
from groups.engine import Worker
from groups.services.facts.rows import busy, midnight, windows
from groups.services.statements import Statement
from neighbourhoods.enums import CatchmentLevel

PROFESSIONALS = {RoleName.GROUP_WORKER, RoleName.SOCIAL_WORKER}

# Whose work area or team lies in the catchment's municipality; anybody for the region. A join, because a condition
# "no municipality, or one of these" would make PostgreSQL walk through all the country's users.
_ANYBODY = "accounts_user u"
_HERE = """(
    SELECT w.user_id FROM neighbourhoods_workarea w WHERE w.municipality_id = %(municipality)s UNION
    SELECT m.user_id FROM neighbourhoods_teammembership m
    JOIN neighbourhoods_socialteam t ON t.id = m.team_id WHERE t.municipality_id = %(municipality)s) here
JOIN accounts_user u ON u.id = here.user_id"""
_WORKERS = """
SELECT u.id, u.max_cycles, u.max_group_hours_week, may.lead_until, may.co_lead_until,
       ARRAY(SELECT r.role FROM accounts_roleassignment r WHERE r.user_id = u.id) AS roles,
       EXISTS (SELECT FROM neighbourhoods_teammembership m
               JOIN neighbourhoods_socialteam_catchments s ON s.socialteam_id = m.team_id
               WHERE m.user_id = u.id AND s.catchment_id = %(catchment)s) AS is_teammate,
       ARRAY(SELECT y.id FROM groups_cycle y WHERE (y.lead_id = u.id OR y.co_lead_id = u.id)
             AND y.state IN ('formed', 'running')) AS leads,
       hours.weekdays, hours.starts AS opens, hours.ends AS closes,
       other.days, other.starts AS other_starts, other.ends AS other_ends,
       taken.starts, taken.ends, taken.kinds
FROM {here}
CROSS JOIN LATERAL (
    SELECT max(coalesce(c.expires_on, 'infinity')) FILTER (WHERE c.kind = 'lead') AS lead_until,
           max(coalesce(c.expires_on, 'infinity')) FILTER (WHERE c.kind = 'co_lead') AS co_lead_until
    FROM groups_competence c
    WHERE c.user_id = u.id AND c.granted_on <= %(today)s AND (c.offer_id IS NULL OR c.offer_id = %(offer)s)
      AND (c.expires_on IS NULL OR c.expires_on > %(today)s)) may
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(a.weekday ORDER BY a.id), '{}') AS weekdays,
           coalesce(array_agg(a.starts_at ORDER BY a.id), '{}') AS starts,
           coalesce(array_agg(a.ends_at ORDER BY a.id), '{}') AS ends
    FROM accounts_weeklyavailability a WHERE a.user_id = u.id) hours
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(x.date ORDER BY x.id), '{}') AS days,
           coalesce(array_agg(x.starts_at ORDER BY x.id), '{}') AS starts,
           coalesce(array_agg(x.ends_at ORDER BY x.id), '{}') AS ends
    FROM accounts_availabilityexception x WHERE x.user_id = u.id AND x.date >= %(today)s) other
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(lower(b.period) AT TIME ZONE %(zone)s::text ORDER BY b.id), '{}') AS starts,
           coalesce(array_agg(upper(b.period) AT TIME ZONE %(zone)s::text ORDER BY b.id), '{}') AS ends,
           coalesce(array_agg(b.kind ORDER BY b.id), '{}') AS kinds
    FROM (SELECT id, period, kind FROM accounts_workerbooking WHERE user_id = u.id UNION ALL
          SELECT id, period, 'room' FROM neighbourhoods_roombooking WHERE room_id = %(room)s) b
    WHERE b.period && tstzrange(%(since)s, NULL)) taken
WHERE u.is_active AND (may.lead_until IS NOT NULL OR may.co_lead_until IS NOT NULL)
  AND (%(only)s::bigint[] IS NULL OR u.id = ANY(%(only)s))
ORDER BY u.id
"""
_ANYWHERE = Statement("workers_anywhere", _WORKERS.replace("{here}", _ANYBODY))
_IN_MUNICIPALITY = Statement("workers", _WORKERS.replace("{here}", _HERE))
ANYWHERE_OF_EACH = _ANYWHERE.for_each(catchment="bigint", offer="bigint")
IN_MUNICIPALITY_OF_EACH = _IN_MUNICIPALITY.for_each(catchment="bigint", municipality="text", offer="bigint")


def load_workers(waitlist, today, *, only=None, room=None):
    """Who may lead or co-lead this offer in this catchment (R14); `only` limits it to these user ids.

    With a room (its primary key) they count as taken whenever it is: whether they could meet in it.
    """
    catchment = waitlist.catchment
    statement = _ANYWHERE if catchment.level == CatchmentLevel.REGION else _IN_MUNICIPALITY
    rows = statement.rows(
        catchment=catchment.pk,
        municipality=catchment.municipality_id,
        offer=waitlist.offer_id,
        only=None if only is None else list(only),
        room=room,
        today=today,
        since=midnight(today),
        zone=settings.TIME_ZONE,
    )
    return workers_of(rows)


def workers_of(rows):
    """The workers of rows that were fetched for one list."""
    return tuple(_worker(row) for row in rows)


def _worker(row):
    is_professional = not PROFESSIONALS.isdisjoint(row["roles"])
    return Worker(
        id=row["id"],
        windows=windows(row["weekdays"], row["opens"], row["closes"]),
        busy=busy(row["starts"], row["ends"]),
        lead_until=row["lead_until"] if is_professional else None,
        co_lead_until=row["co_lead_until"],
        is_social_worker=is_professional,
        co_lead_rank=_rank(row),
        cycles=len(row["leads"]),
        leads=frozenset(row["leads"]),
        exceptions=_exceptions(row),
        max_cycles=row["max_cycles"],
        minutes_by_week=_minutes_by_week(row),
        max_minutes_week=row["max_group_hours_week"] * 60,
    )


def _rank(row):
    """R14: the second seat goes to a member of this neighbourhood's team, then another team's, then a colleague."""
    if row["is_teammate"]:
        return 0
    return 1 if RoleName.TEAM_MEMBER in row["roles"] else 2


def _minutes_by_week(row):
    minutes = defaultdict(int)
    for start, end, kind in zip(row["starts"], row["ends"], row["kinds"], strict=True):
        if kind == BookingKind.SESSION:
            minutes[start.date().isocalendar()[:2]] += (end - start) // dt.timedelta(minutes=1)
    return minutes


def _exceptions(row):
    """Days with other hours than the weekly ones; none at all where no times stand (R20)."""
    hours = defaultdict(tuple)
    for day, start, end in zip(row["days"], row["other_starts"], row["other_ends"], strict=True):
        hours[day] += () if start is None else ((start, end),)
    return dict(hours)
