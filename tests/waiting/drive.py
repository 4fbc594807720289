"""One policy over the real services in a process and a database of its own: `python -m tests.waiting.drive`.

Reads {"world", "settings", "weeks", "seed", "areas"} as JSON and prints the Run and the seconds it took.
"""

import gc
import json
import sys
import time
from dataclasses import asdict

import django

django.setup()

from django.db import connection  # noqa: E402

from tests.waiting.simulation import Settings, Simulation  # noqa: E402
from tests.waiting.world import World, make_sign_ups, only_in  # noqa: E402


def main():
    task = json.loads(sys.stdin.read())
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")  # nobody would miss this database
    world = World.from_json(task["world"])
    people = only_in(make_sign_ups(world, seed=task["seed"], weeks=task["weeks"]), task["areas"])
    gc.set_threshold(100_000)  # thousands of small facts a decision, none in a circle
    begun = time.monotonic()
    run = Simulation(world, people, Settings(**task["settings"]), weeks=task["weeks"]).run()
    sys.stdout.write(json.dumps({"run": asdict(run), "seconds": time.monotonic() - begun}) + "\n")


if __name__ == "__main__":
    main()
