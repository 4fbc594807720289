"""Who waits on a list, with what R10b asks of each, in one statement."""

import json
from dataclasses import dataclass

from clients.enums import ConsentPurpose
from clients.models import Client, ContactPreference
from groups.engine import Person
from groups.services.facts.rows import busy
from groups.services.statements import Statement
from neighbourhoods.enums import CatchmentLevel

_PEOPLE = Statement(
    "people",
    """
SELECT e.id AS entry, e.client_id AS client, e.waiting_since, e.has_priority, e.is_on_hold, e.sessions_left,
       e.judged_at IS NOT NULL AS is_judged, e.talk_held_on IS NOT NULL AS talk_held,
       e.fit_exception <> '' AS has_fit_exception, e.reasons::text AS reasons,
       e.problem_kind_id AS kind, coalesce(k.is_psychosocial, false) AS is_psychosocial,
       c.public_id, c.birth_date, c.sex, c.email, before.cycle_id AS continues,
       coalesce(p.may_mail, false) AS may_mail, coalesce(p.is_sensitive, false) AS is_sensitive,
       p.mail_fails_since,
       c.refuses_own_neighbourhood AND n.catchment_id = %(catchment)s AS refuses_here,
       CASE WHEN c.refuses_own_neighbourhood THEN n.code END AS avoids, taken.starts, taken.ends,
       EXISTS (SELECT FROM clients_consent g WHERE g.client_id = c.id AND g.purpose = %(purpose)s
               AND g.withdrawn_on IS NULL) AS has_consent,
       ARRAY(SELECT x.other_id FROM clients_exclusion x WHERE x.client_id = c.id UNION ALL
             SELECT x.client_id FROM clients_exclusion x WHERE x.other_id = c.id) AS excluded,
       ARRAY(SELECT a.weekday FROM clients_clientavailability a WHERE a.client_id = c.id ORDER BY a.id) AS weekdays,
       ARRAY(SELECT a.part FROM clients_clientavailability a WHERE a.client_id = c.id ORDER BY a.id) AS parts,
       seats.cycles, seats.is_placed
FROM groups_waitlistentry e
JOIN clients_client c ON c.id = e.client_id
JOIN neighbourhoods_neighbourhood n ON n.code = c.neighbourhood_id
LEFT JOIN clients_contactpreference p ON p.client_id = c.id
LEFT JOIN groups_problemkind k ON k.code = e.problem_kind_id
LEFT JOIN groups_participation before ON before.id = e.continues_id
CROSS JOIN LATERAL (
    SELECT array_agg(q.cycle_id) AS cycles,
           bool_or(q.state IN ('invited', 'confirmed') AND y.state IN ('formed', 'running')
                   AND y.id IS DISTINCT FROM before.cycle_id) AS is_placed
    FROM groups_participation q
    JOIN groups_cycle y ON y.id = q.cycle_id
    WHERE q.client_id = c.id
      AND (SELECT w.offer_id FROM groups_waitlist w WHERE w.id = y.waitlist_id) = %(offer)s) seats
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(t.date + t.start_time ORDER BY t.id), '{}') AS starts,
           coalesce(array_agg(t.date + t.end_time ORDER BY t.id), '{}') AS ends
    FROM groups_participation q
    JOIN groups_session t ON t.cycle_id = q.cycle_id AND t.state = 'planned' AND t.number >= q.enters_at
    WHERE q.client_id = c.id AND q.state IN ('invited', 'confirmed')) taken
WHERE e.waitlist_id = %(waitlist)s AND e.state = 'waiting'
ORDER BY e.has_priority DESC, e.waiting_since, e.id
""",
)
PEOPLE_OF_EACH = _PEOPLE.for_each(waitlist="bigint", offer="bigint", catchment="bigint")


@dataclass(frozen=True)
class Waiting:
    """Somebody waiting: what the engine is told, how they may be told, and the reasons that stand stored."""

    person: Person
    client: Client
    reasons: list


def load_waiting(waitlist, today):
    """Everyone waiting on this list, in order (R17): {entry id: Waiting}."""
    rows = _PEOPLE.rows(
        waitlist=waitlist.pk,
        offer=waitlist.offer_id,
        catchment=waitlist.catchment_id,
        purpose=ConsentPurpose.REGISTRATION,
    )
    return waiting_of(rows, waitlist, today)


def waiting_of(rows, waitlist, today):
    """As load_waiting(), of rows that were fetched for this list."""
    is_local = waitlist.catchment.level == CatchmentLevel.NEIGHBOURHOOD
    waiting = {}
    for row in rows:
        client = Client(pk=row["client"], public_id=row["public_id"], email=row["email"], birth_date=row["birth_date"])
        contact = {name: row[name] for name in ("may_mail", "is_sensitive", "mail_fails_since")}
        client.contact = ContactPreference(**contact)
        person = _person(row, client.age_on(today), refuses_here=is_local and row["refuses_here"])
        waiting[row["entry"]] = Waiting(person, client, json.loads(row["reasons"]))
    return waiting


def _person(row, age, *, refuses_here):
    return Person(
        id=row["entry"],
        waiting_since=row["waiting_since"],
        client=row["client"],
        has_priority=row["has_priority"],
        is_judged=row["is_judged"],
        is_on_hold=row["is_on_hold"],
        has_consent=row["has_consent"],
        talk_held=row["talk_held"],
        age=age,
        sex=row["sex"],
        has_fit_exception=row["has_fit_exception"],
        is_placed_elsewhere=bool(row["is_placed"]),
        refuses_here=refuses_here,
        kind=row["kind"],
        is_psychosocial=row["is_psychosocial"],
        excluded=frozenset(row["excluded"]),
        declined_cycles=frozenset(row["cycles"] or ()),
        parts=frozenset(zip(row["weekdays"], row["parts"], strict=True)) or None,
        busy=busy(row["starts"], row["ends"]),
        avoids=row["avoids"],
        continues=row["continues"],
        sessions_left=row["sessions_left"],
    )
