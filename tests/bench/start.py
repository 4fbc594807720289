"""bin/bench start [--large]: what one start costs, and how long after the third placeable person it is there.

For groups of 3, 7 and 12: SQL statements, and milliseconds for deciding and starting one due waitlist, durably
committed. Yardstick in the same run: the same rows written by bare SQL, one statement a table, in one transaction.
Then the real clock: from the commit that adds the third person to the commit of the cycle, with a worker and a beat.

--large builds a country with a million waiting entries (--entries) and measures in it, each beside its yardstick: one
start, the sweep when nothing is due, thousands of ready lists (--ready) with one, two and four processes, and joining.
--keep leaves that country in a database of its own, where the next run with --keep finds it.
"""

import argparse
import datetime as dt
import json
import logging
import statistics
import subprocess
import sys
import time

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.services import set_weekly_availability
from groups.enums import CompetenceKind, TalkMoment
from groups.models import Competence, Cycle, GroupOffer
from groups.services.starting import start_due_waitlists
from groups.services.waitlists import join_waitlist
from neighbourhoods.enums import CatchmentLevel
from neighbourhoods.models import SocialTeam, TeamMembership
from socius import embedded
from socius.health import HEARTBEAT
from tests.bench.large.country import measure_country
from tests.bench.large.one import COUNTED, measure_lists
from tests.bench.large.report import count_statements, print_tables
from tests.bench.large.sql import run
from tests.bench.large.world import TOMORROW
from tests.factories.accounts import make_group_worker, make_team_member
from tests.factories.clients import make_client
from tests.factories.neighbourhoods import make_municipality, make_neighbourhood, make_venue
from tests.processes import child_environment

SIZES = (3, 7, 12)
ROUNDS = 15
CLOCK_ROUNDS = 5
# Tables that a start writes, in the order in which bare SQL can.
WRITTEN = (
    "groups_cycle",
    "neighbourhoods_roombooking",
    "groups_session",
    "accounts_workerbooking",
    "groups_sessionstaff",
    "groups_participation",
    "groups_historyentry",
    "clients_involvement",
    "notifications_notification",
)


def main(arguments):
    options = read_options(arguments)
    logging.getLogger("groups").setLevel(logging.WARNING)
    for size in SIZES:
        measure_size(size)
    if not options.large:
        return measure_clock()
    measure_small_towns(0)
    whole = measure_country(
        entries=options.entries, ready=options.ready, kept=options.keep, measure_small_towns=measure_small_towns
    )
    print_tables()
    if whole:
        sys.exit(f"read whole, or a good part, on the way of one referral: {', '.join(whole)}")
    return None


def read_options(arguments):
    parser = argparse.ArgumentParser(prog="bin/bench start")
    parser.add_argument("--large", action="store_true", help="measure in a country of waiting people")
    parser.add_argument("--entries", type=int, default=1_000_000, help="how many wait in it")
    parser.add_argument("--ready", type=int, default=10_000, help="how many lists are ready at once")
    parser.add_argument("--keep", action="store_true", help="keep the country and use a kept one")
    return parser.parse_args(arguments)


def measure_small_towns(entries):
    """One start each in towns with one leader, one member of a team and two rooms, among so many waiting entries."""
    stamp = f"{time.time_ns():x}"[-8:]
    for size in SIZES:
        lists = []
        for number in range(ROUNDS):
            world = make_world(f"{stamp}-{size}-{number}")
            lists.append([add_person(world) for _ in range(size)][0].waitlist_id)
            run(f"UPDATE groups_waitlist SET due_at = {TOMORROW} WHERE id = {lists[-1]}")
        run("ANALYZE")
        measure_lists("large" if entries else "small", size, lists, place="small town")


def measure_size(size):
    """The first rounds count statements and warm up; Django's counting costs time, so they are not timed."""
    started, bare = [], []
    for number in range(COUNTED + ROUNDS):
        world = make_world(f"s{size}-{number}")
        for _ in range(size):
            add_person(world)
        if number < COUNTED:
            with CaptureQueriesContext(connection) as queries:
                start_one()
            statements, control = count_statements(queries.captured_queries)
            continue
        begun = time.perf_counter()
        start_one()
        started.append(time.perf_counter() - begun)
        bare.append(write_bare(Cycle.objects.latest("pk")))
    ours, yardstick = statistics.median(started) * 1000, statistics.median(bare) * 1000
    say(
        group=size,
        statements=statements,
        and_for_the_transaction=control,
        ms=round(ours, 1),
        ms_per_person=round(ours / size, 2),
        bare_sql_ms=round(yardstick, 2),
        ratio=round(ours / yardstick, 1),
    )


def start_one():
    sweep = start_due_waitlists(now=timezone.now(), limit=1)
    if sweep.started != 1:
        sys.exit(f"the list was not started: {sweep}")


def write_bare(cycle):
    """Seconds for the start's own rows, deleted and written again by one statement a table: the yardstick."""
    rows = {table: copies_of(table, cycle) for table in WRITTEN}
    with transaction.atomic(), connection.cursor() as cursor:
        for table in reversed(WRITTEN):
            cursor.execute(f"DELETE FROM {table} WHERE id = ANY(%s)", [rows[table][1]])
        # Only the writing is timed, with its commit.
        transaction.on_commit(lambda: None)
    begun = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        for table in WRITTEN:
            document, ids = rows[table]
            if ids:
                cursor.execute(
                    f"INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, %s)", [document]
                )
    return time.perf_counter() - begun


def copies_of(table, cycle):
    """The rows of the newest start in this table as JSON, and their ids."""
    newest = {
        "groups_cycle": "id = %(cycle)s",
        "groups_session": "cycle_id = %(cycle)s",
        "neighbourhoods_roombooking": "id IN (SELECT room_booking_id FROM groups_session WHERE cycle_id = %(cycle)s)",
        "groups_sessionstaff": "session_id IN (SELECT id FROM groups_session WHERE cycle_id = %(cycle)s)",
        "accounts_workerbooking": "id IN (SELECT booking_id FROM groups_sessionstaff s JOIN groups_session e "
        "ON e.id = s.session_id WHERE e.cycle_id = %(cycle)s)",
        "groups_participation": "cycle_id = %(cycle)s",
        "groups_historyentry": "cycle_id = %(cycle)s",
        "clients_involvement": "client_id IN (SELECT client_id FROM groups_participation WHERE cycle_id = %(cycle)s)",
        "notifications_notification": "created_at >= (SELECT formed_at FROM groups_cycle WHERE id = %(cycle)s)",
    }[table]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT coalesce(jsonb_agg(to_jsonb(t)), '[]')::text, coalesce(array_agg(id), '{{}}') "
            f"FROM {table} t WHERE {newest}",
            {"cycle": cycle.pk},
        )
        return cursor.fetchone()


def measure_clock():
    """With the real worker and beat: seconds from the third person's commit to the cycle's."""
    environment = child_environment()
    options = {"cwd": embedded.BASE_DIR, "env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
    celery = [sys.executable, "-W", "ignore", "-m", "celery", "-q", "-A", "socius"]
    processes = [embedded.spawn([*celery, "worker", "--concurrency", "2"], **options)]
    processes.append(embedded.spawn([*celery, "beat", "--schedule", f"{settings.VAR_DIR}/beat"], **options))
    try:
        wait_for(lambda: cache.get(HEARTBEAT))
        seconds = [one_clock_round(number) for number in range(CLOCK_ROUNDS)]
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(30)
    figures = {"median_s": statistics.median(seconds), "longest_s": max(seconds)}
    say(third_person_to_cycle={name: round(value, 2) for name, value in figures.items()}, sweep_every_s=2)


def one_clock_round(number):
    world = make_world(f"clock-{number}")
    add_person(world)
    add_person(world)
    time.sleep(2.5 + number * 0.4)  # so that the third comes at different moments between two sweeps
    add_person(world)
    begun = time.perf_counter()
    wait_for(lambda: Cycle.objects.filter(waitlist__offer=world["offer"]).exists())
    return time.perf_counter() - begun


def wait_for(condition, seconds=60):
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            sys.exit("waited in vain")
        time.sleep(0.01)


def make_world(key):
    """One neighbourhood with a leader, a team member and a room, and an offer of its own."""
    municipality = make_municipality(name=f"Proefstad {key}", code=f"G{abs(hash(key)) % 10**5:05d}")
    neighbourhood = make_neighbourhood(f"Wijk {key}", municipality, code=f"W{abs(hash(key)) % 10**7:07d}")
    make_venue(f"Huis {key}", neighbourhood, rooms=("Zaal", "Kamer")).rooms.update(capacity=20)
    lead = make_group_worker(f"Lead{key}", municipalities=[municipality])
    second = make_team_member(f"Team{key}")
    team = SocialTeam.objects.create(code=f"t-{key}", name=f"Team {key}", municipality=municipality)
    team.catchments.add(neighbourhood.catchment)
    TeamMembership.objects.create(team=team, user=second)
    for user, kind in ((lead, CompetenceKind.LEAD), (second, CompetenceKind.CO_LEAD)):
        Competence.objects.create(user=user, kind=kind, granted_on=dt.date(2020, 1, 1))
        windows = [(day, dt.time(9), dt.time(22)) for day in range(5)]
        set_weekly_availability(user=user, windows=windows, by=user)
    offer = GroupOffer.objects.create(
        slug=f"bench-{key}",
        name="Bench",
        level=CatchmentLevel.NEIGHBOURHOOD,
        may_run_in_neighbourhood=True,
        sessions_count=5,
        session_minutes=120,
        minimum=3,
        soft_maximum=12,
        hard_maximum=12,
        talk_moment=TalkMoment.BEFORE_FIRST_SESSION,
    )
    return {"offer": offer, "neighbourhood": neighbourhood, "by": lead}


def add_person(world):
    now = timezone.now()
    client = make_client(neighbourhood=world["neighbourhood"], now=now)
    return join_waitlist(
        client=client,
        offer=world["offer"],
        catchment=world["neighbourhood"].catchment,
        waiting_since=timezone.localdate(now),
        by=world["by"],
        now=now,
        judged=True,
    )


def say(**figures):
    print(json.dumps({"bench": "start", **figures}), flush=True)
