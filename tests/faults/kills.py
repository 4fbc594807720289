"""F3: workers are killed in the middle of their work. The end is what one worker alone would have brought about."""

import random
import time

import redis

from tests.faults import broker_only
from tests.faults.crew import Crew, kill_pool_of
from tests.faults.dump import days_of_forming, differing, dump
from tests.faults.outcome import Outcome, nothing
from tests.faults.own import run_python
from tests.faults.storm import examine

SEED = 20
CYCLES = "SELECT count(*) FROM groups_cycle"
DUE = "SELECT count(*) FROM groups_waitlist WHERE due_at < now() + interval '2 hours'"


def run(servers, *, starts, kills, seed=SEED):
    """Kill as often while that many lists start; compare with a serial sweep over a copy of the same database."""
    with servers.database("kills") as world:
        world.build("ready", starts)
        while True:
            with servers.database("serial", like=world) as serial, servers.database("killed", like=world) as killed:
                shoot(killed, points(starts, kills, seed), random.Random(seed))
                serial.build("sweep")
                found, days = compare(serial, killed)
            if days == 1:  # else midnight came between, and dates differ for that reason
                break
    return Outcome("F3", {"starts": starts, "kills": kills, "seed": seed}, found, nothing(found))


def points(starts, kills, seed):
    """After how many starts to kill: random, but the same in every run."""
    return sorted(random.Random(seed).sample(range(1, starts), kills))


def shoot(database, after, dice):
    """Every other time only the pool goes, which its worker replaces; else the whole worker, as when memory is out."""
    with Crew(database) as crew, database.cursor() as cursor:
        worker = crew.add_worker()
        crew.add_beat()
        for number, count in enumerate(after):
            crew.wait_until(lambda n=count: _value(cursor, CYCLES) >= n, seconds=120, what=f"start {count}")
            time.sleep(dice.uniform(0, 0.02))
            if number % 2:
                kill_pool_of(worker)
            else:
                worker = crew.replace_worker(worker)
        crew.wait_until(lambda: _value(cursor, DUE) == 0, seconds=300, what="the last start")


def compare(serial, killed):
    """What is wrong, in counts; and on how many local days cycles were formed."""
    with serial.cursor() as one, killed.cursor() as other:
        found = {"lists unlike the serial run": len(differing(dump(one), dump(other))), **examine(other)}
        return found, len(days_of_forming(one) | days_of_forming(other))


def run_broker_only(servers, *, starts, kills, seed=SEED):
    """The yardstick: without the sweep the same kills leave lists undone, or F3 proves nothing."""
    with servers.database("broker_only") as database:
        database.build("ready", starts)
        shoot_broker_only(servers, database, points(starts, kills, seed))
        found = {"unstarted": database.value("SELECT count(*) FROM groups_waitlist WHERE generation = 0")}
    size = {"starts": starts, "kills": kills, "seed": seed}
    return Outcome("F3 without the sweep", size, found, found["unstarted"] > 0)


def shoot_broker_only(servers, database, after):
    """Kills as long as the broker still has work: what it lost may be more than what the last points wait for."""
    servers.flush_broker()
    with database.cursor() as cursor, Crew(database, app=broker_only.__name__) as crew:
        send_one_task_each(database, cursor)
        worker = crew.add_worker()
        with redis.Redis.from_url(servers.servers.environment["REDIS_URL"]) as broker:
            for count in after:
                crew.wait_until(
                    lambda n=count: _value(cursor, CYCLES) >= n or broker.llen(broker_only.QUEUE) == 0,
                    seconds=120,
                    what=f"start {count}",
                )
                worker = crew.replace_worker(worker)
        wait_until_idle(servers, crew, cursor)
    servers.flush_broker()


def send_one_task_each(database, cursor):
    cursor.execute("SELECT id FROM groups_waitlist ORDER BY id")
    ids = [str(pk) for (pk,) in cursor.fetchall()]
    run_python(["-W", "ignore", "-m", broker_only.__name__, *ids], database.environment)


def wait_until_idle(servers, crew, cursor, quiet=3):
    """Nothing waits in the broker, and for some seconds nothing more was started."""
    with redis.Redis.from_url(servers.servers.environment["REDIS_URL"]) as broker:
        crew.wait_until(lambda: broker.llen(broker_only.QUEUE) == 0, seconds=120, what="an empty queue")
    before = -1
    while before != (before := _value(cursor, CYCLES)):
        time.sleep(quiet)


def _value(cursor, query):
    cursor.execute(query)
    return cursor.fetchone()[0]
