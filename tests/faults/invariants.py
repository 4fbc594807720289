"""What must hold after whatever happened (F8), asked of the rows in SQL that shares nothing with the engine's code.

Each question gives one row for each thing that is wrong; `broken()` gives those that have any.
"""

COUNTS = "('invited', 'confirmed')"
LIVE = "('formed', 'running')"

ALWAYS = {
    "a placed entry without a place, or with two": """
        SELECT e.id FROM groups_waitlistentry e WHERE e.state = 'placed' AND 1 <> (
            SELECT count(*) FROM groups_participation p JOIN groups_cycle c ON c.id = p.cycle_id
            WHERE p.entry_id = e.id AND (p.state IN ('finished', 'stopped')
                OR p.state IN ('invited', 'confirmed') AND c.state <> 'cancelled'))""",
    "somebody counts in a live cycle and is not placed": f"""
        SELECT p.id FROM groups_participation p JOIN groups_cycle c ON c.id = p.cycle_id
        JOIN groups_waitlistentry e ON e.id = p.entry_id
        WHERE p.state IN {COUNTS} AND c.state IN {LIVE} AND (e.state <> 'placed' OR e.client_id <> p.client_id)""",
    "somebody counts in a cancelled cycle": f"""
        SELECT p.id FROM groups_participation p JOIN groups_cycle c ON c.id = p.cycle_id
        WHERE p.state IN {COUNTS} AND c.state = 'cancelled'""",
    "somebody in two live cycles of one offer, and not because the one continues the other": f"""
        SELECT p.client_id FROM groups_participation p JOIN groups_cycle c ON c.id = p.cycle_id
        JOIN groups_waitlist w ON w.id = c.waitlist_id JOIN groups_participation q ON q.client_id = p.client_id
        AND q.id > p.id JOIN groups_cycle d ON d.id = q.cycle_id JOIN groups_waitlist v ON v.id = d.waitlist_id
        JOIN groups_waitlistentry e ON e.id = q.entry_id
        WHERE p.state IN {COUNTS} AND c.state IN {LIVE} AND q.state IN {COUNTS} AND d.state IN {LIVE}
        AND w.offer_id = v.offer_id AND e.continues_id IS DISTINCT FROM p.id""",
    "somebody left without a reason": "SELECT id FROM groups_waitlistentry WHERE state = 'left' AND leave_reason = ''",
    "a person taken twice": """
        SELECT a.id FROM accounts_workerbooking a JOIN accounts_workerbooking b
        ON a.user_id = b.user_id AND a.id < b.id AND a.period && b.period""",
    "a room taken twice": """
        SELECT a.id FROM neighbourhoods_roombooking a JOIN neighbourhoods_roombooking b
        ON a.room_id = b.room_id AND a.id < b.id AND a.period && b.period""",
    "an excluded pair together": f"""
        SELECT x.id FROM clients_exclusion x JOIN groups_participation p ON p.client_id = x.client_id
        JOIN groups_participation q ON q.client_id = x.other_id AND q.cycle_id = p.cycle_id
        JOIN groups_cycle c ON c.id = p.cycle_id
        WHERE c.state IN {LIVE} AND p.state IN {COUNTS} AND q.state IN {COUNTS}
        AND x.recorded_at < greatest(p.invited_at, q.invited_at)""",
    "a cycle above its hard maximum": f"""
        SELECT c.id FROM groups_cycle c WHERE c.state IN {LIVE} AND c.hard_maximum < (
            SELECT count(*) FROM groups_participation p WHERE p.cycle_id = c.id AND p.state IN {COUNTS})""",
    "more people than the room of a planned session holds": f"""
        SELECT s.id FROM groups_session s JOIN groups_cycle c ON c.id = s.cycle_id
        JOIN neighbourhoods_room r ON r.id = s.room_id
        WHERE s.state = 'planned' AND c.state IN {LIVE} AND r.capacity < (
            SELECT count(*) FROM groups_participation p WHERE p.cycle_id = c.id AND p.state IN {COUNTS})
            + (SELECT count(*) FROM groups_sessionstaff t WHERE t.session_id = s.id)""",
    "formed with fewer than its minimum": """
        SELECT c.id FROM groups_cycle c WHERE c.minimum > (
            SELECT count(*) FROM groups_participation p WHERE p.cycle_id = c.id AND p.invited_at = c.formed_at)""",
    "a planned session without an experienced lead": """
        SELECT s.id FROM groups_session s WHERE s.state = 'planned' AND NOT EXISTS (
            SELECT FROM groups_sessionstaff t JOIN groups_competence k ON k.user_id = t.user_id
            JOIN accounts_roleassignment r ON r.user_id = t.user_id
            WHERE t.session_id = s.id AND t.seat = 'lead' AND k.kind = 'lead'
            AND r.role IN ('group_worker', 'social_worker')
            AND k.granted_on <= s.date AND (k.expires_on IS NULL OR k.expires_on > s.date))""",
    "a planned session without the second seat that the offer wants": """
        SELECT s.id FROM groups_session s JOIN groups_cycle c ON c.id = s.cycle_id
        JOIN groups_waitlist w ON w.id = c.waitlist_id JOIN groups_groupoffer o ON o.id = w.offer_id
        WHERE s.state = 'planned' AND o.second_seat_required AND NOT EXISTS (
            SELECT FROM groups_sessionstaff t WHERE t.session_id = s.id AND t.seat = 'co_lead')""",
    "a generation that is not the number of cycles": """
        SELECT w.id FROM groups_waitlist w
        WHERE w.generation <> (SELECT count(*) FROM groups_cycle c WHERE c.waitlist_id = w.id)""",
    "a planned session whose room is not booked then": """
        SELECT s.id FROM groups_session s LEFT JOIN neighbourhoods_roombooking b ON b.id = s.room_booking_id
        WHERE s.state = 'planned' AND (b.id IS NULL OR b.room_id <> s.room_id OR b.kind <> 'session'
        OR b.period <> tstzrange((s.date + s.start_time) AT TIME ZONE 'Europe/Amsterdam',
            (s.date + s.end_time) AT TIME ZONE 'Europe/Amsterdam'))""",
    "a planned session whose leader is not booked then": """
        SELECT s.id FROM groups_session s JOIN groups_sessionstaff t ON t.session_id = s.id
        JOIN accounts_workerbooking b ON b.id = t.booking_id
        WHERE s.state = 'planned' AND (b.user_id <> t.user_id OR b.kind <> 'session'
        OR b.period <> tstzrange((s.date + s.start_time) AT TIME ZONE 'Europe/Amsterdam',
            (s.date + s.end_time) AT TIME ZONE 'Europe/Amsterdam'))""",
    "a room booked for no session": """
        SELECT b.id FROM neighbourhoods_roombooking b LEFT JOIN groups_session s ON s.room_booking_id = b.id
        WHERE b.kind = 'session' AND (s.id IS NULL OR s.state = 'cancelled')""",
    "a leader booked for no session": """
        SELECT b.id FROM accounts_workerbooking b LEFT JOIN groups_sessionstaff t ON t.booking_id = b.id
        LEFT JOIN groups_session s ON s.id = t.session_id
        WHERE b.kind = 'session' AND (s.id IS NULL OR s.state = 'cancelled')""",
    "sessions out of order": """
        SELECT s.id FROM groups_session s JOIN groups_session t ON t.cycle_id = s.cycle_id AND t.number > s.number
        WHERE t.date <= s.date AND s.state <> 'cancelled' AND t.state <> 'cancelled'""",
    "a cycle that is over with sessions planned": f"""
        SELECT c.id FROM groups_cycle c WHERE c.state NOT IN {LIVE} AND EXISTS (
            SELECT FROM groups_session s WHERE s.cycle_id = c.id AND s.state = 'planned')""",
    "a formed cycle that begins on another day than its first session": """
        SELECT c.id FROM groups_cycle c WHERE c.state = 'formed' AND c.starts_on IS DISTINCT FROM (
            SELECT min(s.date) FROM groups_session s WHERE s.cycle_id = c.id AND s.state = 'planned')""",
    "people wait on a list that nobody will look at": """
        SELECT w.id FROM groups_waitlist w WHERE w.due_at IS NULL AND EXISTS (
            SELECT FROM groups_waitlistentry e WHERE e.waitlist_id = w.id AND e.state = 'waiting')""",
}

# R17, of what happened since a step began: who is still waiting, waited longer than somebody who was placed, could
# have been placed, and has no stored reason why not. Asked after each step, when nothing else has changed since.
PASSED_WITHOUT_REASON = f"""
    SELECT longer.id FROM groups_participation p JOIN groups_cycle c ON c.id = p.cycle_id
    JOIN groups_waitlistentry placed ON placed.id = p.entry_id
    JOIN groups_waitlistentry longer ON longer.waitlist_id = c.waitlist_id AND longer.state = 'waiting'
    JOIN clients_client client ON client.id = longer.client_id
    JOIN groups_waitlist w ON w.id = longer.waitlist_id JOIN neighbourhoods_catchment a ON a.id = w.catchment_id
    LEFT JOIN neighbourhoods_neighbourhood home ON home.code = client.neighbourhood_id
    WHERE p.invited_at = %(now)s AND (NOT longer.has_priority, longer.waiting_since, longer.id)
        < (NOT placed.has_priority, placed.waiting_since, placed.id)
    AND longer.judged_at IS NOT NULL AND NOT longer.is_on_hold
    AND longer.continues_id IS NULL -- who goes on waits for the next cycle of their own rhythm (R28)
    AND EXISTS (SELECT FROM clients_consent k WHERE k.client_id = client.id AND k.purpose = 'registration'
        AND k.withdrawn_on IS NULL)
    AND NOT (client.refuses_own_neighbourhood AND a.level = 'neighbourhood' AND home.catchment_id = a.id)
    AND NOT EXISTS (SELECT FROM groups_participation q JOIN groups_cycle d ON d.id = q.cycle_id
        JOIN groups_waitlist v ON v.id = d.waitlist_id WHERE q.client_id = client.id AND v.offer_id = w.offer_id
        AND (d.id = c.id OR (q.state IN {COUNTS} AND d.state IN {LIVE})))
    AND NOT EXISTS (SELECT FROM groups_historyentry h WHERE h.entry_id = longer.id AND h.cycle_id = c.id
        AND h.code = 'entry_passed' AND h.args->'reason' <> 'null')"""

# And the reasons are true: these two can be checked against other rows.
PASSED_FOR_A_REASON_THAT_IS_NOT_SO = f"""
    SELECT h.id FROM groups_historyentry h JOIN groups_waitlistentry e ON e.id = h.entry_id
    JOIN groups_cycle c ON c.id = h.cycle_id WHERE h.code = 'entry_passed' AND h.at = %(now)s AND (
        (h.args->'reason'->>'code' = 'not_available_then' AND (
            NOT EXISTS (SELECT FROM clients_clientavailability k WHERE k.client_id = e.client_id)
            OR EXISTS (SELECT FROM clients_clientavailability k WHERE k.client_id = e.client_id
                AND k.weekday = extract(isodow FROM c.starts_on) - 1 AND k.part = CASE
                WHEN c.start_time < '12:00' THEN 'morning' WHEN c.start_time < '17:00' THEN 'afternoon'
                ELSE 'evening' END)))
        OR (h.args->'reason'->>'code' = 'not_together' AND NOT EXISTS (
            SELECT FROM clients_exclusion x JOIN groups_participation p
            ON (x.client_id, x.other_id) IN ((e.client_id, p.client_id), (p.client_id, e.client_id))
            WHERE p.cycle_id = c.id AND p.state IN {COUNTS})))"""

STEPS = {
    "somebody who waited longer was passed without a stored reason": PASSED_WITHOUT_REASON,
    "somebody was passed for a reason that is not so": PASSED_FOR_A_REASON_THAT_IS_NOT_SO,
}
TOTALS = """
    SELECT count(*), count(*) FILTER (WHERE state IN ('waiting', 'placed', 'left')),
        count(*) FILTER (WHERE EXISTS (SELECT FROM groups_historyentry h WHERE h.entry_id = e.id
            AND h.code IN ('entry_joined', 'entry_renewed'))),
        count(*) FILTER (WHERE EXISTS (SELECT FROM groups_historyentry h WHERE h.entry_id = e.id
            AND h.code = 'entry_joined'))
    FROM groups_waitlistentry e"""


def prepare(cursor):
    """Once for a connection: planning these costs more than answering them."""
    cursor.execute("SELECT FROM pg_prepared_statements WHERE name = 'invariants'")
    if cursor.fetchone() is not None:
        cursor.execute("DEALLOCATE invariants")
    cursor.execute(f"PREPARE invariants AS {_all_in_one(ALWAYS)}")


def broken(cursor, *, now, joined):
    """{what is wrong: numbers of the rows}; `joined` is how many were put on a list, `now` the moment of this step."""
    cursor.execute("EXECUTE invariants")
    found = _named(ALWAYS, cursor.fetchall())
    cursor.execute("SELECT count(*) FROM groups_participation WHERE invited_at = %s", [now])
    if cursor.fetchone()[0]:
        cursor.execute(_all_in_one(STEPS), {"now": now})
        found |= _named(STEPS, cursor.fetchall())
    cursor.execute(TOTALS)
    ever, accounted, told_of, by_hand = cursor.fetchone()
    if not (ever == accounted == told_of and by_hand == joined):
        found["waiting + placed + left is not who ever joined"] = [ever, accounted, told_of, by_hand, joined]
    return found


def _all_in_one(questions):
    parts = [f"SELECT {number}, id FROM ({query}) AS rows(id)" for number, query in enumerate(questions.values())]
    return " UNION ALL ".join(parts)


def _named(questions, rows):
    names, found = list(questions), {}
    for number, row in rows:
        found.setdefault(names[number], []).append(row)
    return found
