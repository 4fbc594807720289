"""F8 and F9 at a size for every day, and proof that the invariants of F8 can be broken."""

import datetime as dt
import os

import pytest
from django.db import connection, transaction

from tests.factories.groups import NOW, make_cycle, make_entry, make_waitlist, sweep
from tests.faults import play, seasons
from tests.faults.invariants import ALWAYS, STEPS, broken, prepare

STEPS_IN_CI = int(os.environ.get("SOCIUS_MACHINE_STEPS", "150"))


@pytest.mark.django_db
def test_whatever_people_and_the_clock_do_the_invariants_hold():
    """F8."""
    outcome = play.run(steps=STEPS_IN_CI)
    assert outcome.good, outcome


@pytest.mark.parametrize("start", [dt.time(9), dt.time(19, 30)])
def test_local_time_stays_the_same_over_eleven_years(start):
    """F9."""
    outcome = seasons.run(start)
    assert outcome.good, outcome


# What is wrong → how to bring it about; constraints that forbid it are dropped first.
ANOTHER = """INSERT INTO groups_cycle (waitlist_id, number, state, origin, reason, minimum, soft_maximum, hard_maximum,
    lead_id, co_lead_id, room_id, starts_on, start_time, end_time, answer_deadline, is_accepted_small, formed_at)
    SELECT waitlist_id, number + 1, state, origin, reason, 1, soft_maximum, hard_maximum, lead_id, co_lead_id, room_id,
    starts_on, start_time, end_time, answer_deadline, false, '2020-01-01' FROM groups_cycle"""
WAYS = {
    "a placed entry without a place, or with two": "UPDATE groups_waitlistentry SET state = 'placed'",
    "somebody counts in a live cycle and is not placed": "UPDATE groups_waitlistentry SET state = 'waiting'",
    "somebody counts in a cancelled cycle": "UPDATE groups_cycle SET state = 'cancelled'",
    "somebody in two live cycles of one offer, and not because the one continues the other": ANOTHER
    + """; INSERT INTO groups_participation (public_id, cycle_id, client_id, entry_id, state, invited_at, is_mailed,
        call_from, enters_at, outcome, outcome_reason)
        SELECT gen_random_uuid(), (SELECT max(id) FROM groups_cycle), client_id, entry_id, state, invited_at,
        is_mailed, call_from, enters_at, '', '' FROM groups_participation""",
    "somebody left without a reason": """ALTER TABLE groups_waitlistentry DROP CONSTRAINT entry_left_has_reason;
        UPDATE groups_waitlistentry SET state = 'left'""",
    "a person taken twice": """ALTER TABLE accounts_workerbooking DROP CONSTRAINT worker_booked_once;
        INSERT INTO accounts_workerbooking (user_id, period, kind, note)
        SELECT user_id, period, 'leave', '' FROM accounts_workerbooking""",
    "a room taken twice": """ALTER TABLE neighbourhoods_roombooking DROP CONSTRAINT room_booked_once;
        INSERT INTO neighbourhoods_roombooking (room_id, period, kind, note)
        SELECT room_id, period, 'closure', '' FROM neighbourhoods_roombooking""",
    "an excluded pair together": """INSERT INTO clients_exclusion (client_id, other_id, recorded_at)
        SELECT min(client_id), max(client_id), '2020-01-01' FROM groups_participation""",
    "a cycle above its hard maximum": "UPDATE groups_cycle SET minimum = 1, soft_maximum = 2, hard_maximum = 2",
    "more people than the room of a planned session holds": "UPDATE neighbourhoods_room SET capacity = 4",
    "formed with fewer than its minimum": "UPDATE groups_cycle SET minimum = 4",
    "a planned session without an experienced lead": "DELETE FROM groups_competence WHERE kind = 'lead'",
    "a planned session without the second seat that the offer wants": "DELETE FROM groups_sessionstaff"
    " WHERE seat = 'co_lead'",
    "a generation that is not the number of cycles": "UPDATE groups_waitlist SET generation = generation + 1",
    "a planned session whose room is not booked then": "UPDATE groups_session SET start_time = '08:00'",
    "a planned session whose leader is not booked then": "UPDATE accounts_workerbooking SET kind = 'leave'",
    "a room booked for no session": "DELETE FROM groups_sessionstaff; DELETE FROM groups_historyentry;"
    " DELETE FROM groups_session",
    "a leader booked for no session": "DELETE FROM groups_sessionstaff",
    "sessions out of order": "UPDATE groups_session SET date = date - 21 WHERE number = 3",
    "a cycle that is over with sessions planned": "UPDATE groups_cycle SET state = 'finished'",
    "a formed cycle that begins on another day than its first session": """UPDATE groups_cycle
        SET starts_on = '2026-01-01'""",
    "people wait on a list that nobody will look at": "UPDATE groups_waitlist SET due_at = NULL",
    "somebody who waited longer was passed without a stored reason": """UPDATE groups_waitlistentry SET waitlist_id =
        (SELECT waitlist_id FROM groups_cycle), waiting_since = '2020-01-01' WHERE state = 'waiting'""",
    "somebody was passed for a reason that is not so": """INSERT INTO groups_historyentry
        (at, code, args, rule, cycle_id, entry_id) SELECT %(now)s, 'entry_passed',
        '{"reason": {"code": "not_together"}}', 'R17', c.id, e.id FROM groups_cycle c, groups_waitlistentry e""",
    "waiting + placed + left is not who ever joined": "DELETE FROM groups_historyentry WHERE code = 'entry_joined'",
}


def test_there_is_a_way_to_break_each_invariant():
    assert set(ALWAYS) | set(STEPS) <= set(WAYS)


@pytest.mark.django_db
def test_an_invariant_that_is_broken_is_seen():
    """A cycle of three and somebody who waits elsewhere, spoilt in every way in turn."""
    make_cycle(3)
    make_entry(make_waitlist(), days=3)
    sweep(NOW + dt.timedelta(hours=1))
    unseen = []
    with connection.cursor() as cursor:
        prepare(cursor)
        assert broken(cursor, now=NOW, joined=4) == {}
        for what, way in WAYS.items():
            mark = transaction.savepoint()
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            cursor.execute(way, {"now": NOW})
            if what not in broken(cursor, now=NOW, joined=4):
                unseen.append(what)
            transaction.savepoint_rollback(mark)
    assert unseen == []
