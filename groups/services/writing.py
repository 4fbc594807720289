"""The two statements that write a start, however many people: the cycle with all its bookings; then its people.

They are set-based because one statement for each table costs more than everything else in a start together. What
they write is complete or not there: a missing column fails the tests, a taken person or room fails the statement.
"""

import json

from accounts.periods import local_moment
from groups.services.statements import Statement

_CYCLE = Statement(
    "write_cycle",
    """
WITH days AS (
    SELECT day, tstzrange(starts_at, ends_at) AS period, number
    FROM unnest(%(dates)s::date[], %(starts)s::timestamptz[], %(ends)s::timestamptz[])
         WITH ORDINALITY AS d(day, starts_at, ends_at, number)),
seats AS (SELECT * FROM unnest(%(users)s::bigint[], %(seats)s::text[]) AS s(user_id, seat)),
counted AS (UPDATE groups_waitlist SET generation = %(number)s::int WHERE id = %(waitlist)s::bigint),
cycle AS (
    INSERT INTO groups_cycle (waitlist_id, number, state, origin, reason, minimum, soft_maximum, hard_maximum, lead_id,
        co_lead_id, room_id, starts_on, start_time, end_time, answer_deadline, is_accepted_small, formed_at,
        formed_by_id, continues_id)
    VALUES (%(waitlist)s::bigint, %(number)s::int, 'formed', %(origin)s, %(reason)s, %(minimum)s, %(soft)s, %(hard)s,
        %(lead)s::bigint, %(co_lead)s::bigint, %(room)s::bigint, %(starts_on)s, %(start)s::time, %(end)s::time,
        %(deadline)s, false, %(now)s::timestamptz, %(by)s::bigint, %(continues)s::bigint)
    RETURNING id),
room_taken AS (
    INSERT INTO neighbourhoods_roombooking (room_id, period, kind, note)
    SELECT %(room)s::bigint, period, 'session', '' FROM days ORDER BY number RETURNING id, period),
session AS (
    INSERT INTO groups_session (cycle_id, number, state, date, start_time, end_time, room_id, room_booking_id,
        cancel_reason)
    SELECT cycle.id, number, 'planned', day, %(start)s::time, %(end)s::time, %(room)s::bigint, room_taken.id, ''
    FROM cycle, days JOIN room_taken USING (period) ORDER BY number RETURNING id, number),
worker_taken AS (
    INSERT INTO accounts_workerbooking (user_id, period, kind, note)
    SELECT user_id, period, 'session', '' FROM days, seats ORDER BY number, seat RETURNING id, user_id, period),
staffed AS (
    INSERT INTO groups_sessionstaff (session_id, user_id, seat, booking_id)
    SELECT session.id, user_id, seat, worker_taken.id
    FROM session JOIN days USING (number) JOIN worker_taken USING (period) JOIN seats USING (user_id))
SELECT id FROM cycle
""",
)

# Counted for each person, not EXISTS and no join with lists: PostgreSQL would turn those into one join with everybody
# who takes part anywhere, or with all the lists of the offer.
_PEOPLE = Statement(
    "write_people",
    """
WITH people AS (
    SELECT * FROM unnest(%(entries)s::bigint[], %(clients)s::bigint[], %(keys)s::text[], %(states)s::text[],
        %(mailed)s::bool[], %(call_from)s::date[], %(rights)s::smallint[])
    WITH ORDINALITY AS p(entry, client, key, state, is_mailed, call_from, sessions_right, place)),
placed AS (
    UPDATE groups_waitlistentry e SET state = 'placed', reasons = '[]'
    WHERE e.id = ANY(%(entries)s) AND e.state = 'waiting' AND 0 = (
        SELECT count(*) FROM groups_participation q
        JOIN groups_session t ON t.cycle_id = q.cycle_id AND t.state = 'planned' AND t.number >= q.enters_at
        JOIN groups_session mine ON mine.cycle_id = %(cycle)s::bigint AND mine.state = 'planned' AND mine.date = t.date
             AND mine.number >= %(enters_at)s::smallint
             AND mine.start_time < t.end_time AND t.start_time < mine.end_time
        WHERE q.client_id = e.client_id AND q.state IN ('invited', 'confirmed'))
    AND 0 = (
        SELECT count(*) FROM groups_participation q
        JOIN groups_cycle y ON y.id = q.cycle_id AND y.state IN ('formed', 'running')
        WHERE q.client_id = e.client_id AND q.state IN ('invited', 'confirmed')
          AND (SELECT w.offer_id FROM groups_waitlist w WHERE w.id = y.waitlist_id) = %(offer)s::bigint
          AND q.id IS DISTINCT FROM e.continues_id)
    RETURNING id),
seated AS (
    INSERT INTO groups_participation (public_id, cycle_id, client_id, entry_id, state, invited_at, is_mailed,
        call_from, enters_at, sessions_right, outcome, outcome_reason)
    SELECT key::uuid, %(cycle)s::bigint, client, entry, state, %(now)s::timestamptz, is_mailed, call_from,
        %(enters_at)s::smallint, nullif(sessions_right, 0), '', ''
    FROM people ORDER BY place),
told AS (
    INSERT INTO groups_historyentry (at, code, args, rule, by_id, waitlist_id, entry_id, cycle_id)
    SELECT %(now)s::timestamptz, code, args::jsonb, rule, %(by)s::bigint, %(waitlist)s::bigint, nullif(entry, 0),
        %(cycle)s::bigint
    FROM unnest(%(codes)s::text[], %(args)s::text[], %(rules)s::text[], %(about)s::bigint[])
         WITH ORDINALITY AS h(code, args, rule, entry, place) ORDER BY place),
involved AS (
    INSERT INTO clients_involvement (client_id, user_id, kind, started_at)
    SELECT client, user_id, kind, %(now)s::timestamptz
    FROM people, unnest(%(users)s::bigint[], %(kinds)s::text[]) AS s(user_id, kind) ORDER BY place, kind
    ON CONFLICT DO NOTHING)
SELECT count(*) FROM placed
""",
)


def write_cycle(*, slot, seats, **columns):
    """The cycle, the list's generation, its sessions, and a booking for the room and each (user, seat) of seats.

    Returns the cycle's primary key. IntegrityError when the team, the room or the generation is taken.
    """
    users, kinds = zip(*seats, strict=True)
    return _CYCLE.value(
        dates=list(slot.dates),
        starts=[local_moment(day, slot.start) for day in slot.dates],
        ends=[local_moment(day, slot.end) for day in slot.dates],
        start=slot.start,
        end=slot.end,
        starts_on=slot.dates[0],
        room=slot.place,
        users=list(users),
        seats=[str(kind) for kind in kinds],
        **columns | {"reason": json.dumps(columns["reason"])},
    )


def write_people(*, cycle, participations, history, involved, enters_at, now, by):
    """Entries placed, a participation each, the history, and the leaders involved (R41): (user, kind) pairs.

    history: (code, args, rule, entry or None). Returns how many still waited and are in no group of this offer, nor in
    any at that time; the caller, who holds the clients, gives up if that is not everybody.
    """
    users, kinds = zip(*involved, strict=True)
    codes, args, rules, about = zip(*history, strict=True)
    return _PEOPLE.value(
        cycle=cycle.pk,
        waitlist=cycle.waitlist_id,
        offer=cycle.waitlist.offer_id,
        entries=[p.entry_id for p in participations],
        clients=[p.client_id for p in participations],
        keys=[str(p.public_id) for p in participations],
        states=[str(p.state) for p in participations],
        mailed=[p.is_mailed for p in participations],
        call_from=[p.call_from for p in participations],
        rights=[p.sessions_right or 0 for p in participations],
        enters_at=enters_at,
        codes=[str(code) for code in codes],
        args=[json.dumps(value) for value in args],
        rules=list(rules),
        about=[entry or 0 for entry in about],
        users=list(users),
        kinds=[str(kind) for kind in kinds],
        now=now,
        by=by and by.pk,
    )
