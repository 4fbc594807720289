"""F3 to F7 at a size for every day: real workers, beats and servers, which are killed, emptied and restarted."""

import pytest

from tests.faults import beats, flushes, kills, mails, restarts
from tests.faults.dump import differing, dump

pytestmark = pytest.mark.own_servers


def test_killed_workers_leave_what_one_worker_would_have_made(own_servers):
    """F3."""
    outcome = kills.run(own_servers, starts=24, kills=5)
    assert outcome.good, outcome


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE groups_cycle SET starts_on = starts_on + 7",
        "UPDATE groups_participation SET state = 'declined' WHERE id = (SELECT min(id) FROM groups_participation)",
        "UPDATE groups_waitlist SET generation = 0 WHERE id = (SELECT max(id) FROM groups_waitlist)",
        "DELETE FROM notifications_notification WHERE id = (SELECT min(id) FROM notifications_notification)",
        "UPDATE groups_session SET date = date + 1 WHERE number = 5",
        "DELETE FROM groups_historyentry WHERE id = (SELECT min(id) FROM groups_historyentry)",
        "UPDATE groups_cycle SET lead_id = (SELECT max(lead_id) + 2 FROM groups_cycle)",
    ],
)
def test_the_comparison_sees_a_difference(swept, change):
    """Or F3 would pass whatever a killed worker left behind."""
    cursor, before = swept
    assert not differing(before, dump(cursor))
    cursor.execute("BEGIN")
    try:
        cursor.execute(change)
        assert differing(before, dump(cursor))
    finally:
        cursor.execute("ROLLBACK")


@pytest.fixture(scope="module")
def swept(own_servers):
    """A cursor on a database in which every list started, and its dump."""
    with own_servers.database("swept") as database, database.cursor() as cursor:
        database.build("ready", 3)
        database.build("sweep")
        yield cursor, dump(cursor)


def test_an_emptied_broker_loses_nothing(own_servers):
    """F4."""
    outcome = flushes.run(own_servers, lists=12, flushes=4)
    assert outcome.good, outcome


def test_a_database_that_crashes_loses_nothing_and_work_goes_on_by_itself(own_servers):
    """F5."""
    outcome = restarts.run(own_servers, lists=8, restarts=3)
    assert outcome.good, outcome


def test_two_clocks_bring_about_everything_once(own_servers):
    """F6."""
    outcome = beats.run(own_servers, starts=6, moves=2)
    assert outcome.good, outcome


def test_killed_workers_leave_no_mail_unsent_and_send_a_second_one_as_the_same(own_servers):
    """F7."""
    outcome = mails.run(own_servers, mails=40, kills=3)
    assert outcome.good, outcome


@pytest.mark.parametrize(
    ("found", "good"),
    [
        ({"never sent": 0, "duplicates": 2, "duplicates with another Message-ID": 0, "unreadable": 0}, True),
        ({"never sent": 0, "duplicates": 3, "duplicates with another Message-ID": 0, "unreadable": 0}, False),
        ({"never sent": 1, "duplicates": 0, "duplicates with another Message-ID": 0, "unreadable": 0}, False),
        ({"never sent": 0, "duplicates": 1, "duplicates with another Message-ID": 1, "unreadable": 0}, False),
    ],
)
def test_as_many_duplicates_as_kills_and_nothing_else(found, good):
    assert mails.is_as_required(found, kills=2) == good
