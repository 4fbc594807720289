"""F5: PostgreSQL crashes and comes back while lists fill up. What was committed is there, and work goes on."""

import random
import time

from tests.faults.crew import Crew
from tests.faults.kills import DUE
from tests.faults.load import Load, lost
from tests.faults.outcome import Outcome, nothing
from tests.faults.storm import examine

SEED = 5
GOAL_SECONDS = 10  # said, not asserted: a slow machine is not wrong
GENERATION = "SELECT generation FROM groups_waitlist WHERE id = %s"


def run(servers, *, lists, restarts, seed=SEED):
    """An immediate stop and a start as often as told. Seconds back: from the stop to the start of a list that was
    being completed then."""
    dice, seconds = random.Random(seed), []
    moments = set(dice.sample(range(2, lists), restarts))
    with servers.database("restarts") as database:
        database.build("ready", lists, 2)
        with Crew(database) as crew, Load(database) as load:
            crew.add_worker()
            crew.add_beat()
            for number in range(1, lists + 1):
                load.begin_next()
                if number in moments:
                    time.sleep(dice.uniform(0, 0.03))  # somewhere in the middle of that, and of the starts before it
                    seconds.append(restart_and_wait(servers, database, crew, load))
                else:
                    load.finish_next()
            crew.wait_until(lambda: database.value(DUE) == 0, seconds=300, what="the last start")
            crew.check()
        with database.cursor() as cursor:
            found = {**lost(cursor, load.acknowledged), **examine(cursor)}
    size = {"lists": lists, "restarts": restarts, "seed": seed}
    good = nothing(found)
    found["longest seconds until back"] = round(max(seconds), 1)
    found["longer than the goal"] = sum(each > GOAL_SECONDS for each in seconds)
    return Outcome("F5", size, found, good)


def restart_and_wait(servers, database, crew, load):
    begun = time.monotonic()
    servers.restart_database()
    joined = load.finish_next()
    crew.wait_until(lambda: database.value(GENERATION, joined) == 1, seconds=120, what="a start after the restart")
    return time.monotonic() - begun
