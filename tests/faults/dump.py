"""What came of each list, so that two runs over copies of one database can be compared."""

# Lists of this municipality take leaders and rooms from under each other: who comes first chooses first, so the date,
# the team and the room are theirs to differ in. All else, and everything of the other lists, must be the same.
COMPETING_IN = "GM9999"

EVERY_LIST = """
SELECT area.code, area.municipality_id = %(competing_in)s, jsonb_build_object(
    'generation', list.generation,
    'looked_at_again', list.due_at IS NOT NULL,
    'reasons', list.reasons,
    'entries', (SELECT jsonb_agg(jsonb_build_array(client.email, entry.state) ORDER BY client.email, entry.state)
        FROM groups_waitlistentry entry JOIN clients_client client ON client.id = entry.client_id
        WHERE entry.waitlist_id = list.id),
    'people', (SELECT jsonb_agg(jsonb_build_array(cycle.number, client.email, part.state, part.is_mailed)
            ORDER BY cycle.number, client.email)
        FROM groups_participation part JOIN groups_cycle cycle ON cycle.id = part.cycle_id
        JOIN clients_client client ON client.id = part.client_id WHERE cycle.waitlist_id = list.id),
    'cycles', (SELECT jsonb_agg(jsonb_build_array(number, state, origin, reason->>'code', minimum) ORDER BY number)
        FROM groups_cycle cycle WHERE cycle.waitlist_id = list.id),
    'history', (SELECT jsonb_agg(code ORDER BY code) FROM groups_historyentry WHERE waitlist_id = list.id),
    'mails', (SELECT jsonb_agg(jsonb_build_array(mail.to_address, mail.kind) ORDER BY mail.to_address, mail.kind)
        FROM notifications_notification mail WHERE mail.recipient_key IN (SELECT client.public_id
            FROM groups_waitlistentry entry JOIN clients_client client ON client.id = entry.client_id
            WHERE entry.waitlist_id = list.id))
), (SELECT jsonb_agg(jsonb_build_array(cycle.number, cycle.starts_on, cycle.start_time, cycle.end_time, cycle.lead_id,
        cycle.co_lead_id, cycle.room_id, cycle.answer_deadline, (
            SELECT jsonb_agg(jsonb_build_array(session.number, session.date, session.start_time, session.room_id,
                booked.period::text, (
                    SELECT jsonb_agg(jsonb_build_array(staff.seat, staff.user_id, taken.period::text)
                        ORDER BY staff.seat)
                    FROM groups_sessionstaff staff JOIN accounts_workerbooking taken ON taken.id = staff.booking_id
                    WHERE staff.session_id = session.id)) ORDER BY session.number)
            FROM groups_session session JOIN neighbourhoods_roombooking booked ON booked.id = session.room_booking_id
            WHERE session.cycle_id = cycle.id)) ORDER BY cycle.number)
    FROM groups_cycle cycle WHERE cycle.waitlist_id = list.id)
FROM groups_waitlist list JOIN neighbourhoods_catchment area ON area.id = list.catchment_id
"""


def dump(cursor):
    """{list: all that came of it}."""
    cursor.execute("SET TIME ZONE 'UTC'")
    cursor.execute(EVERY_LIST, {"competing_in": COMPETING_IN})
    return {code: [facts, None if competes else placing] for code, competes, facts, placing in cursor.fetchall()}


def differing(one, other):
    """The lists that did not come to the same."""
    return sorted(code for code in one.keys() | other.keys() if one.get(code) != other.get(code))


def days_of_forming(cursor):
    """The local days on which cycles were formed: dates follow from them."""
    cursor.execute("SELECT DISTINCT (formed_at AT TIME ZONE 'Europe/Amsterdam')::date FROM groups_cycle")
    return {day for (day,) in cursor.fetchall()}
