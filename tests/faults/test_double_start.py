"""F1 and F2: exactly once, whatever runs at the same time; and proof that the test would see a double start."""

import pytest
from django.db import connection

from tests.faults.storm import (
    GUARDS,
    Scratch,
    examine,
    make_lists_for_few_leaders,
    make_ready_lists,
    most_cycles_of_one_leader,
    sweep_at_once,
)

pytestmark = pytest.mark.django_db(transaction=True)

PROCESSES, LISTS = 4, 20
NOTHING_WRONG = {
    "unstarted": 0,
    "double starts": 0,
    "lost people": 0,
    "people placed twice": 0,
    "malformed cycles": 0,
    "double invitations": 0,
    "missing invitations": 0,
    "generations astray": 0,
}


def test_many_sweeps_at_once_start_every_list_exactly_once():
    """F1."""
    make_ready_lists(LISTS)
    printed = sweep_at_once(processes=PROCESSES)
    with connection.cursor() as cursor:
        assert examine(cursor) == NOTHING_WRONG
    assert sum(int(line) for line in printed) == LISTS
    busy = sum(int(line) > 0 for line in printed)
    assert busy > 1, "one process did all the work, so nothing was tried"


def test_without_lock_and_constraints_lists_do_start_twice():
    """F2: the guards are what keeps F1 at nought."""
    make_ready_lists(LISTS)
    with Scratch() as scratch:
        scratch.drop_constraints(GUARDS)
        sweep_at_once(processes=PROCESSES, off=GUARDS, database_url=scratch.url)
        assert scratch.run(examine)["double starts"] > 0


def test_without_the_lock_the_constraints_still_hold():
    """The lock saves work; that no list starts twice does not hang on it alone."""
    make_ready_lists(LISTS // 2)
    with Scratch() as scratch:
        sweep_at_once(processes=PROCESSES, off=["lock"], database_url=scratch.url)
        found = scratch.run(examine)
    assert found == NOTHING_WRONG


def test_no_leader_gets_more_cycles_than_the_maximum_however_many_sweep():
    """R14: a maximum is a count, which no constraint guards."""
    make_lists_for_few_leaders(15, leaders=2, max_cycles=2)
    with Scratch() as scratch:
        sweep_at_once(processes=PROCESSES, off=["caps"], database_url=scratch.url)
        unguarded = scratch.run(most_cycles_of_one_leader)
    sweep_at_once(processes=PROCESSES)
    with connection.cursor() as cursor:
        assert most_cycles_of_one_leader(cursor) == 2
        assert examine(cursor)["unstarted"] == 15 - 2 * 2
    assert unguarded > 2, "the lists never met, so nothing was tried"
