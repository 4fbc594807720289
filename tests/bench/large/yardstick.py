"""The yardstick: one set-based statement that starts ready lists, with all rows that a start by Socius writes.

It checks judgement, consent, hold and the minimum, takes people in order, and gives each list of a municipality
another room, hour and team by arithmetic. It does not look at calendars, holidays, caps, exclusions or reasons:
what Socius costs beside it is what deciding costs.
"""

import datetime as dt
import time

from django.db import connection, transaction

from accounts.models import WorkerBooking
from clients.models import Involvement
from groups.models import Cycle, HistoryEntry, Participation, Session, SessionStaff
from neighbourhoods.models import RoomBooking
from notifications.models import Notification
from tests.bench.large.sql import insert, literal, run, sequence, value
from tests.bench.large.world import today

PREPARED = "bare_start"
MAIL = (
    "'Hallo,' || repeat(chr(10), 2) || 'Er is een plek voor u in een groep. De eerste bijeenkomst is op ' "
    "|| p.starts_on "
    "|| chr(10) || 'Komt u? https://socius.example/antwoord/' || p.public_id"
)


def first_monday():
    """After the week of lead time."""
    day = today() + dt.timedelta(days=7)
    return day + dt.timedelta(days=-day.weekday() % 7)


def start_statement(*, only="", everything=True):
    """SQL that starts all due lists, or one; everything=False writes cycles, sessions and participations only."""
    writes = _cycle() | _participations() | (_everything() if everything else _bare_sessions())
    parts = _ready(only) | _plan() | writes
    listed = ", ".join(f"{name} AS {'' if name in writes else 'MATERIALIZED '}({sql})" for name, sql in parts.items())
    return f"WITH {listed} SELECT count(*) FROM plan"


def _ready(only):
    placeable = (
        "SELECT count(*) FROM groups_waitlistentry e JOIN clients_consent y ON y.client_id = e.client_id "
        "AND y.purpose = 'registration' AND y.withdrawn_on IS NULL WHERE e.waitlist_id = w.id "
        "AND e.state = 'waiting' AND e.judged_at IS NOT NULL AND NOT e.is_on_hold"
    )
    due = f"SELECT * FROM groups_waitlist WHERE due_at <= now() {only} ORDER BY due_at, id FOR UPDATE SKIP LOCKED"
    ready = (
        "SELECT w.id AS waitlist_id, w.generation + 1 AS number, coalesce(w.own_minimum, o.minimum) AS minimum, "
        "o.soft_maximum, o.hard_maximum, o.sessions_count, o.session_minutes, k.municipality_id, "
        "(row_number() OVER (PARTITION BY k.municipality_id ORDER BY w.due_at, w.id) - 1)::int AS turn "
        f"FROM ({due}) AS w JOIN groups_groupoffer o ON o.id = w.offer_id "
        "JOIN neighbourhoods_catchment k ON k.id = w.catchment_id "
        f"WHERE ({placeable}) >= coalesce(w.own_minimum, o.minimum)"
    )
    return {"ready": ready}


def _plan():
    ids = "(SELECT array_agg({0} ORDER BY {0}) FROM {1} WHERE {2} = m.municipality_id) AS {3}"
    competent = "JOIN groups_competence k ON k.user_id = x.user_id AND k.kind = '{}'"
    team = "neighbourhoods_teammembership x JOIN neighbourhoods_socialteam t ON t.id = x.team_id "
    columns = (
        ids.format("x.user_id", "neighbourhoods_workarea x " + competent.format("lead"), "x.municipality_id", "leads"),
        ids.format("x.user_id", team + competent.format("co_lead"), "t.municipality_id", "seconds"),
        ids.format(
            "r.id",
            "neighbourhoods_room r JOIN neighbourhoods_venue v ON v.id = r.venue_id",
            "v.municipality_id",
            "rooms",
        ),
    )
    teams = f"SELECT m.municipality_id, {', '.join(columns)} FROM (SELECT DISTINCT municipality_id FROM ready) AS m"
    slot = "turn / cardinality(rooms)"
    plan = (
        f"SELECT r.*, {sequence(Cycle)} AS cycle_id, leads[1 + turn % cardinality(leads)] AS lead_id, "
        "seconds[1 + turn % cardinality(seconds)] AS co_lead_id, rooms[1 + turn % cardinality(rooms)] AS room_id, "
        f"{literal(first_monday())} + {slot} % 5 AS starts_on, make_time(9 + 2 * ({slot} / 5), 0, 0) AS start_time, "
        f"make_time(9 + 2 * ({slot} / 5), 0, 0) + session_minutes * interval '1 minute' AS end_time "
        "FROM ready r JOIN teams t USING (municipality_id)"
    )
    moment = "(starts_on + 7 * (n - 1) + {}) AT TIME ZONE 'Europe/Amsterdam'"
    meetings = (
        f"SELECT plan.*, n, starts_on + 7 * (n - 1) AS date, {sequence(Session)} AS session_id, "
        f"{sequence(RoomBooking)} AS room_booking_id, {sequence(WorkerBooking)} AS lead_booking_id, "
        f"{sequence(WorkerBooking)} AS co_lead_booking_id, "
        f"tstzrange({moment.format('start_time')}, {moment.format('end_time')}) AS period "
        "FROM plan, generate_series(1, sessions_count) AS n"
    )
    people = (
        "SELECT plan.waitlist_id, cycle_id, lead_id, co_lead_id, starts_on, e.id AS entry_id, e.client_id, c.email, "
        "c.public_id AS client_key, gen_random_uuid() AS public_id, "
        "c.email <> '' AND f.may_mail AND NOT f.is_sensitive AS is_mailed "
        "FROM plan JOIN LATERAL (SELECT e.id, e.client_id FROM groups_waitlistentry e "
        "WHERE e.waitlist_id = plan.waitlist_id AND e.state = 'waiting' AND e.judged_at IS NOT NULL "
        "AND NOT e.is_on_hold "
        "ORDER BY e.has_priority DESC, e.waiting_since, e.id LIMIT plan.soft_maximum) AS e ON true "
        "JOIN clients_client c ON c.id = e.client_id JOIN clients_contactpreference f ON f.client_id = c.id"
    )
    return {"teams": teams, "plan": plan, "meetings": meetings, "people": people}


def _cycle():
    sql = insert(
        Cycle,
        id="cycle_id",
        waitlist_id="waitlist_id",
        number="number",
        origin="'automatic'",
        reason="jsonb_build_object('code', 'longest_waiters')",
        minimum="minimum",
        soft_maximum="soft_maximum",
        hard_maximum="hard_maximum",
        lead_id="lead_id",
        co_lead_id="co_lead_id",
        room_id="room_id",
        starts_on="starts_on",
        start_time="start_time",
        end_time="end_time",
        answer_deadline="starts_on - 2",
        formed_at="now()",
    )
    return {"cycles": sql + "FROM plan"}


def _participations():
    sql = insert(
        Participation,
        public_id="public_id",
        cycle_id="cycle_id",
        client_id="client_id",
        entry_id="entry_id",
        invited_at="now()",
        is_mailed="is_mailed",
        call_from="current_date + 3",
    )
    return {"participations": sql + "FROM people"}


def _sessions(**more):
    columns = {"id": "session_id", "cycle_id": "cycle_id", "number": "n", "date": "date", "room_id": "room_id"}
    return insert(Session, start_time="start_time", end_time="end_time", **columns, **more) + "FROM meetings"


def _bare_sessions():
    # A planned session must have a room booked; without bookings they are written as held.
    return {"sessions": _sessions(state="'held'")}


def _everything():
    taken = {"period": "period", "kind": "'session'"}
    pairs = "('lead', lead_id, lead_booking_id), ('co_lead', co_lead_id, co_lead_booking_id)"
    seats = f"FROM meetings m, LATERAL (VALUES {pairs}) AS s (seat, user_id, booking_id)"
    history = {"at": "now()", "rule": "'R12'", "waitlist_id": "waitlist_id", "cycle_id": "cycle_id"}
    mail = {
        "kind": "'invitation'",
        "to_address": "email",
        "subject": "'Een bericht van Socius'",
        "body": MAIL,
        "created_at": "now()",
        "due_at": "now()",
        "message_id": "'<' || replace(gen_random_uuid()::text, '-', '') || '@socius.example>'",
        "dedupe_key": "'invitation:' || replace(public_id::text, '-', '') || ':'",
        "recipient_key": "client_key",
    }
    leaders = "FROM people p, LATERAL (VALUES ('lead', lead_id), ('co_lead', co_lead_id)) AS s (kind, user_id)"
    return {
        "rooms": insert(RoomBooking, id="room_booking_id", room_id="room_id", **taken) + "FROM meetings",
        "sessions": _sessions(room_booking_id="room_booking_id"),
        "bookings": insert(WorkerBooking, id="s.booking_id", user_id="s.user_id", **taken) + seats,
        "staff": insert(
            SessionStaff, session_id="session_id", user_id="s.user_id", seat="s.seat", booking_id="s.booking_id"
        )
        + seats,
        "placed": "UPDATE groups_waitlistentry e SET state = 'placed', reasons = '[]' "
        "FROM people p WHERE e.id = p.entry_id",
        "settled": "UPDATE groups_waitlist w SET generation = p.number, due_at = NULL, evaluated_at = now(), "
        "placeable_count = 0, reasons = jsonb_build_array(jsonb_build_object('code', 'nobody_waits')) "
        "FROM plan p WHERE w.id = p.waitlist_id",
        "formed": insert(HistoryEntry, code="'cycle_formed'", **history) + "FROM plan",
        "history": insert(HistoryEntry, code="'entry_placed'", entry_id="entry_id", **history) + "FROM people",
        "outbox": insert(Notification, **mail) + "FROM people p WHERE is_mailed",
        "involved": insert(Involvement, client_id="client_id", user_id="s.user_id", kind="s.kind", started_at="now()")
        + leaders
        + " ON CONFLICT DO NOTHING",
    }


def prepare_one():
    """Prepare the start of one list in this connection: as cheap as SQL can be, planned once."""
    run("SET plan_cache_mode = force_generic_plan")
    if value(f"SELECT count(*) FROM pg_prepared_statements WHERE name = '{PREPARED}'"):
        run(f"DEALLOCATE {PREPARED}")
    run(f"PREPARE {PREPARED} (bigint) AS {start_statement(only='AND id = $1')}")


def start_one(waitlist_id):
    """Seconds for one list, in one statement that is its own transaction, so with its durable commit."""
    begun = time.perf_counter()
    started = value(f"EXECUTE {PREPARED}({waitlist_id})")
    seconds = time.perf_counter() - begun
    if started != 1:
        raise RuntimeError(f"the yardstick started {started} lists")
    return seconds


def start_all(*, everything=True):
    """(seconds, lists) for all due lists in one statement with every constraint checked; rolled back."""
    sql = start_statement(everything=everything)
    with transaction.atomic(), connection.cursor() as cursor:
        begun = time.perf_counter()
        cursor.execute(sql)
        lists = cursor.fetchone()[0]
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        seconds = time.perf_counter() - begun
        transaction.set_rollback(True)
    return seconds, lists
