"""F4: the broker is emptied while lists fill up. What is due stands in the database, so nothing is lost."""

import random

from tests.faults.crew import Crew
from tests.faults.kills import CYCLES, DUE, send_one_task_each, wait_until_idle
from tests.faults.load import Load, lost
from tests.faults.outcome import Outcome, nothing
from tests.faults.storm import examine

SEED = 4


def run(servers, *, lists, flushes, seed=SEED):
    """People complete that many lists one after the other, while everything in the broker goes as often as told."""
    moments = set(random.Random(seed).sample(range(2, lists), flushes))
    with servers.database("flushes") as database:
        database.build("ready", lists, 2)
        with Crew(database) as crew, Load(database) as load:
            crew.add_worker()
            crew.add_beat()
            for number in range(1, lists + 1):
                load.join_next()
                if number in moments:
                    servers.flush_broker()
            crew.wait_until(lambda: database.value(DUE) == 0, seconds=300, what="the last start")
            crew.check()
        with database.cursor() as cursor:
            found = {**lost(cursor, load.acknowledged), **examine(cursor)}
    return Outcome("F4", {"lists": lists, "flushes": flushes, "seed": seed}, found, nothing(found))


def run_broker_only(servers, *, lists):
    """The yardstick: with the work in the broker alone, one flush in the middle of it loses what was still to do."""
    servers.flush_broker()
    with servers.database("flushed") as database, database.cursor() as cursor:
        database.build("ready", lists)
        with Crew(database, app="tests.faults.broker_only") as crew:
            send_one_task_each(database, cursor)
            crew.add_worker()
            crew.wait_until(lambda: database.value(CYCLES) >= lists // 10, seconds=120, what="the first starts")
            servers.flush_broker()
            wait_until_idle(servers, crew, cursor)
        found = {"unstarted": database.value("SELECT count(*) FROM groups_waitlist WHERE generation = 0")}
    return Outcome("F4 without the sweep", {"lists": lists, "flushes": 1}, found, found["unstarted"] > 0)
