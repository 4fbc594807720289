"""bin/bench waiting [--small | --all] [--save FOLDER]: how long people wait under a policy, how near the best that is.

1. The real services over two simulated years (--small: weeks, few areas) under each policy, on the same sign-ups.
2. A fast model of the same rules: its difference from the services, then all areas, several seeds, a search for the
   best policy without foresight, for minimum 3 and 5.
3. A bound with foresight for one municipality over some months.
Cost is days waited and a charge of 60 days for each person lost. JSON lines, then a table.

Without --all the services run for the lists of one municipality and its neighbour only (7 of 36), which is said: all
of them take hours, as every list that waits is looked at every day. With --save each policy's run is kept in that
folder when it is done; what was kept of the same lists, weeks and sign-ups is not run again, so a bench that was cut
short goes on. --only picks policies by number, in that order; --at-once says how many at a time (2).
"""

import argparse
import hashlib
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path

from django.conf import settings

from socius import embedded
from tests.faults.storm import Scratch
from tests.processes import child_environment
from tests.waiting.bounds import foresight_bound
from tests.waiting.model import Model
from tests.waiting.policies import Policy, variants
from tests.waiting.region import make_region
from tests.waiting.report import CHARGE, figures, run_from_json, spread, table
from tests.waiting.simulation import Settings
from tests.waiting.world import make_sign_ups, only_in

POLICIES = (
    Settings(8, fixed_dates=True),
    Settings(8),
    Settings(5),
    Settings(3),
    Settings(8, "open"),
    Settings(5, "open"),
    Settings(3, "open"),
)
SOME = ("Castricum", "Uitgeest")
SEED = 1


def main(arguments):
    options = _options(arguments)
    world = make_region()
    areas = None if options.all else [n for n, area in enumerate(world.areas) if area.municipality in SOME]
    if options.small:
        areas = areas[:3]
    weeks = options.weeks or (8 if options.small else 104)
    if areas is not None:
        sys.stderr.write(f"The services run for {len(areas)} of {len(world.areas)} lists; --all takes every one.\n")
    _say(kind="size", weeks=weeks, areas_of_services=len(areas or world.areas), areas=len(world.areas), charge=CHARGE)
    rows = []
    if not options.model_only:
        rows = _run_services(world, areas, weeks, options)
    if not options.services_only:
        rows += _run_model(world, weeks, options)
        _bound(world, options)
    sys.stdout.write(table(rows) + "\n")


def _options(arguments):
    parser = argparse.ArgumentParser("bin/bench waiting")
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--all", action="store_true", help="the services for all areas")
    parser.add_argument("--model-only", action="store_true", help="parts 2 and 3 only")
    parser.add_argument("--services-only", action="store_true", help="part 1 only")
    parser.add_argument("--seeds", type=int, default=0)
    parser.add_argument("--weeks", type=int, default=0)
    parser.add_argument("--only", type=int, nargs="*", help="numbers of the policies to run, in that order")
    parser.add_argument("--at-once", type=int, default=2, help="how many policies at a time")
    parser.add_argument("--save", type=Path, help="folder that keeps each run when it is done, and is looked in first")
    return parser.parse_args(arguments)


def _run_services(world, areas, weeks, options):
    """Each policy in a process and a database of its own, two at once; and the model beside those it covers."""
    compared = [Settings(minimum, renewals=False) for minimum in ((3,) if options.small else (3, 5, 8))]
    policies = [*(POLICIES[1:4] if options.small else POLICIES), *compared]
    if options.only is not None:
        policies = [policies[number] for number in options.only]
    scratches = [Scratch(f"waiting{number}").__enter__() for number in range(len(policies))]  # before anybody connects
    tasks = [
        {"world": world.to_json(), "settings": asdict(policy), "weeks": weeks, "seed": SEED, "areas": areas}
        for policy in policies
    ]
    try:
        with ThreadPoolExecutor(options.at_once) as pool:
            done = list(pool.map(partial(_drive, options.save), tasks, scratches))
    finally:
        for scratch in scratches:
            scratch.__exit__()
    rows = []
    for policy, run in zip(policies, done, strict=True):
        rows.append({"what": "services", "policy": policy.name} | figures(run))
        if not policy.renewals:
            rows.append(_beside(world, areas, weeks, policy, run))
    return rows


def _drive(folder, task, scratch):
    kept = folder and folder / f"{_mark(task)}.json"
    text = kept.read_text() if kept and kept.exists() else _driven(task, scratch)
    if kept:
        folder.mkdir(parents=True, exist_ok=True)
        kept.write_text(text)
    answer = json.loads(text)
    run = run_from_json(answer["run"])
    _say(kind="services", what="services", policy=run.policy, **figures(run), seconds=round(answer["seconds"], 1))
    return run


def _mark(task):
    """A name for this task: another policy, list, week or region has another."""
    return hashlib.sha256(json.dumps(task, sort_keys=True).encode()).hexdigest()[:16]


def _driven(task, scratch):
    process = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.waiting.drive"],
        cwd=embedded.BASE_DIR,
        env=child_environment(
            DATABASE_URL=scratch.url,
            DJANGO_SETTINGS_MODULE="socius.settings",
            LOG_LEVEL="ERROR",
            SOCIUS_VAR=str(settings.VAR_DIR),
        ),
        input=json.dumps(task),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return process.stdout


def _beside(world, areas, weeks, policy, run):
    """The same in the model; and how many people had their first session on the same day."""
    people = only_in(make_sign_ups(world, seed=SEED, weeks=weeks), areas)
    model = Model(world, people, Policy(policy.minimum), weeks=weeks).run()
    same = sum(ours == theirs for ours, theirs in zip(model.people, run.people, strict=True))
    row = {"what": "model", "policy": policy.name} | figures(model)
    _say(kind="model beside services", **row, people_with_the_same_days=same)
    return row


def _run_model(world, weeks, options):
    """All areas: the engine's policy at each minimum, and the best that the search finds at 3 and 5."""
    seeds = range(1, 1 + (options.seeds or (1 if options.small else 3)))
    learn = {seed: make_sign_ups(world, seed=seed, weeks=weeks) for seed in seeds}
    fresh = {seed + 100: make_sign_ups(world, seed=seed + 100, weeks=weeks) for seed in seeds}
    rows = []
    opened = [Policy(minimum, open_entry=True, label=f"minimum {minimum}, open") for minimum in (8, 5, 3)]
    fixed = Policy(8, fixed_dates=True, label="minimum 8, fixed dates")
    for policy in (fixed, Policy(8), Policy(5), Policy(3), *opened):
        rows.append(_average(world, fresh, weeks, policy))
    for minimum in (3,) if options.small else (3, 5):
        begun, known = time.monotonic(), {}
        for policy in variants(minimum):
            known[policy] = _average(world, learn, weeks, policy, quiet=True)["cost_a_person"]
        best = min(known, key=known.get)
        _say(kind="search", minimum=minimum, policies=len(known), seconds=round(time.monotonic() - begun, 1))
        # Judged on sign-ups that it was not chosen on.
        rows.append(_average(world, fresh, weeks, best))
        fair = min((policy for policy in known if policy.anchor), key=known.get)
        rows.append(_average(world, fresh, weeks, fair))
    return rows


def _average(world, people, weeks, policy, *, quiet=False):
    row = spread([figures(Model(world, rows, policy, weeks=weeks).run()) for rows in people.values()])
    row = {"what": "model, all areas", "policy": policy.name} | row
    if not quiet:
        _say(kind="model", **row)
    return row


def _bound(world, options):
    """One municipality: what any scheduler with foresight would cost at least, and what the engine's policy costs."""
    weeks, seconds, seeds = (8, 10, 1) if options.small else (26, 60, 3)
    areas = [number for number, area in enumerate(world.areas) if area.municipality == SOME[0]]
    for minimum in (3, 5):
        for seed in range(1, seeds + 1):
            people = only_in(make_sign_ups(world, seed=seed, weeks=weeks), areas)
            ours = figures(Model(world, people, Policy(minimum), weeks=weeks).run(), follow_up=0)
            bound = foresight_bound(world, people, minimum=minimum, weeks=weeks, seconds=seconds)
            cost = round(bound.pop("cost") / len(people), 2)
            _say(
                kind="bound",
                minimum=minimum,
                seed=seed,
                weeks=weeks,
                areas=len(areas),
                people=len(people),
                engine={name: ours[name] for name in ("cost_a_person", "median_wait", "placed", "lost")},
                bound=cost,
                above_bound=round(ours["cost_a_person"] / cost - 1, 3),
                **bound,
            )


def _say(**what):
    print(json.dumps({"bench": "waiting", **what}), flush=True)
