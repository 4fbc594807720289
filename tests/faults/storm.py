"""Many processes sweep the same ready waitlists at once (F1), with guards that can be taken away (F2).

Sizes are arguments: the tests use small ones, `bin/bench` can use the full ones.
"""

import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from django.conf import settings
from django.db import connection

from accounts.models import User
from clients.enums import DayPart
from clients.services import set_client_availability
from groups.models import Competence
from socius import embedded
from tests.factories.groups import join_team, make_entry, make_offer, make_waitlist, make_worker
from tests.factories.neighbourhoods import make_municipality, make_room
from tests.processes import child_environment

PEOPLE = 3
# What keeps two sweeps apart, from the first that would be met to the last: the list's lock, the lock on team and
# people with the second look under it ("caps"), the constraints, and that somebody is moved once.
GUARDS = ("lock", "caps", "bookings", "unique", "count")
CONSTRAINTS = {
    "unique": [("groups_cycle", "cycle_once")],
    "bookings": [("accounts_workerbooking", "worker_booked_once"), ("neighbourhoods_roombooking", "room_booked_once")],
}


def make_ready_lists(count):
    """That many lists, each with three placeable people; together they have too few leaders and rooms for one day."""
    municipality = make_municipality()
    offer = make_offer()
    lists = [make_waitlist(offer) for _ in range(count)]
    places = count // 3 + 2
    for number in range(places):
        make_worker(lead=True, municipality=municipality)
        second = make_worker(catchment=lists[number].catchment)
        for waitlist in lists:
            join_team(second, waitlist.catchment)
        neighbourhood = lists[number].catchment.neighbourhoods.get()
        make_room(name_of_venue=f"Huis {number}", neighbourhood=neighbourhood)
    User.objects.update(max_cycles=500, max_group_hours_week=500)
    for waitlist in lists:
        for number in range(PEOPLE):
            make_entry(waitlist, days=30 - number)
    return lists


def make_lists_for_few_leaders(count, *, leaders, max_cycles):
    """That many ready lists, each at another part of the week, for leaders who together may lead far fewer (R14)."""
    lists = make_ready_lists(count)
    spared = Competence.objects.filter(kind="lead").order_by("pk").values_list("pk", flat=True)[:leaders]
    Competence.objects.filter(kind="lead").exclude(pk__in=list(spared)).delete()
    User.objects.filter(competences__kind="lead").update(max_cycles=max_cycles)
    parts = [(weekday, part) for part in DayPart for weekday in range(5)]
    for number, waitlist in enumerate(lists):
        for entry in waitlist.entries.all():
            set_client_availability(client=entry.client, parts={parts[number % len(parts)]})
    return lists


def most_cycles_of_one_leader(cursor):
    cursor.execute("SELECT max(led) FROM (SELECT count(*) AS led FROM groups_cycle GROUP BY lead_id) AS counts")
    return cursor.fetchone()[0]


def sweep_at_once(*, processes, off=(), database_url=None):
    """Let that many processes go at the same moment until no list is left to start; returns what they printed."""
    environment = child_environment(DJANGO_SETTINGS_MODULE="socius.settings", LOG_LEVEL="CRITICAL")
    if database_url:
        environment["DATABASE_URL"] = database_url
    children = [
        embedded.spawn(
            [sys.executable, "-W", "ignore", "-m", "tests.faults.sweeper", *off],
            cwd=settings.BASE_DIR,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(processes)
    ]
    try:
        for child in children:
            assert child.stdout.readline() == "ready\n"
        for child in children:
            child.stdin.write("go\n")
            child.stdin.flush()
        printed = [child.communicate(timeout=240)[0] for child in children]
        assert [child.returncode for child in children] == [0] * processes
        return printed
    finally:
        for child in children:
            child.kill()
            child.wait()


def examine(cursor):
    """What is wrong in a database in which each list could start exactly once, in counts."""
    counts = {
        "unstarted": "SELECT count(*) FROM groups_waitlist w WHERE NOT EXISTS"
        " (SELECT FROM groups_cycle c WHERE c.waitlist_id = w.id)",
        "double starts": "SELECT count(*) - count(DISTINCT waitlist_id) FROM groups_cycle",
        "lost people": "SELECT count(*) FROM groups_waitlistentry e WHERE e.state <> 'waiting' AND NOT EXISTS"
        " (SELECT FROM groups_participation p WHERE p.entry_id = e.id)",
        "people placed twice": "SELECT count(*) - count(DISTINCT client_id) FROM groups_participation",
        "malformed cycles": f"""SELECT count(*) FROM groups_cycle c WHERE
            (SELECT count(*) FROM groups_session s WHERE s.cycle_id = c.id AND s.room_booking_id IS NOT NULL) <> 5
            OR (SELECT count(*) FROM groups_participation p WHERE p.cycle_id = c.id) <> {PEOPLE}
            OR (SELECT count(*) FROM groups_sessionstaff t JOIN groups_session s ON s.id = t.session_id
                WHERE s.cycle_id = c.id) <> 10""",
        "double invitations": "SELECT count(*) - count(DISTINCT to_address) FROM notifications_notification",
        "missing invitations": f"SELECT abs({PEOPLE} * (SELECT count(*) FROM groups_waitlist) -"
        " (SELECT count(DISTINCT to_address) FROM notifications_notification))",
        "generations astray": "SELECT count(*) FROM groups_waitlist WHERE generation <> 1",
    }
    found = {}
    for what, query in counts.items():
        cursor.execute(query)
        found[what] = cursor.fetchone()[0]
    return found


class Scratch:
    """A copy of the tests' database, with its rows, in which guards may be taken away; gone afterwards."""

    def __init__(self, name="scratch"):
        self.name = f"{connection.settings_dict['NAME']}_{name}"

    def __enter__(self):
        source = connection.settings_dict["NAME"]
        # A database that somebody is connected to cannot be copied: not this process, nor a thread that a test left.
        connection.close()
        others = f"pg_stat_activity WHERE datname = '{source}' AND usename = current_user"
        self._maintain(
            f"SELECT pg_terminate_backend(pid) FROM {others}",
            f'DROP DATABASE IF EXISTS "{self.name}"',
            f'CREATE DATABASE "{self.name}" TEMPLATE "{source}"',
        )
        parts = urlsplit(child_environment()["DATABASE_URL"])
        self.url = urlunsplit(parts._replace(path=f"/{self.name}"))
        return self

    def __exit__(self, *_exception):
        self._maintain(f'DROP DATABASE "{self.name}" WITH (FORCE)')

    def run(self, work):
        """work(cursor), committed."""
        scratch = psycopg2.connect(**connection.get_connection_params() | {"dbname": self.name})
        try:
            with scratch, scratch.cursor() as cursor:
                return work(cursor)
        finally:
            scratch.close()

    def drop_constraints(self, off):
        for table, name in [pair for guard in off for pair in CONSTRAINTS.get(guard, [])]:
            self.run(lambda cursor, t=table, n=name: cursor.execute(f'ALTER TABLE {t} DROP CONSTRAINT "{n}"'))

    @staticmethod
    def _maintain(*statements):
        with connection._nodb_cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
