"""Runs the state machine of F8 until it has made so many steps, seed after seed."""

from collections import Counter
from itertools import count

from django.db import transaction
from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.machine import Socius
from tests.faults.outcome import Outcome
from tests.faults.small_world import make_small_world

EXAMPLES, STEPS = 10, 50
# Shrinking a failure takes far longer than finding it, so it is asked for: bin/bench faults F8 --shrink.
FINDING = (Phase.explicit, Phase.generate)


def run(*, steps, first_seed=8, shrink=False):
    """Raises what hypothesis found, with the steps that lead to it; else an Outcome that tells what was done."""
    done, seeds = Counter(), []
    with transaction.atomic():
        world = make_small_world()
        for number in count(first_seed):
            if done["steps"] >= steps:
                break
            seeds.append(number)
            play(world, done, number, steps - done["steps"], shrink)
        transaction.set_rollback(True)
    size = {"steps": done["steps"], "seeds": f"{seeds[0]}-{seeds[-1]}"}
    found = {what: times for what, times in sorted(done.items()) if what != "steps"}
    return Outcome("F8", size, found, good=tried(done))


def tried(done):
    """Whether enough happened for the invariants to say anything."""
    return done["cycles formed"] > 0 and done["refer"] > 0


def play(world, done, number, steps, shrink):
    machine = seed(number)(type("Socius", (Socius,), {"world": world, "counter": done}))
    chosen = settings(
        max_examples=max(4, min(EXAMPLES, steps // STEPS)),  # the first of each seed is the simplest there is
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=(*FINDING, Phase.shrink) if shrink else FINDING,
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.normal,
        print_blob=False,
    )
    run_state_machine_as_test(machine, settings=chosen)
