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

PROCESSES, LISTS = 4, 16
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
    """F1; F2, the same without any guard, must go wrong; and without the lock alone the constraints still hold."""
    make_ready_lists(LISTS)
    printed, found = sweep_copy()
    assert found == NOTHING_WRONG
    assert sum(int(line) for line in printed) == LISTS
    assert sum(int(line) > 0 for line in printed) > 1, "one process did all the work, so nothing was tried"
    assert sweep_copy(off=GUARDS)[1]["double starts"] > 0
    assert sweep_copy(off=["lock"])[1] == NOTHING_WRONG


def sweep_copy(off=()):
    """What was printed and what is there after all processes swept a copy of the database, with these guards off."""
    with Scratch() as scratch:
        scratch.drop_constraints(off)
        printed = sweep_at_once(processes=PROCESSES, off=off, database_url=scratch.url)
        return printed, scratch.run(examine)


def test_no_leader_gets_more_cycles_than_the_maximum_however_many_sweep():
    """R14: a maximum is a count, which no constraint guards."""
    make_lists_for_few_leaders(10, leaders=2, max_cycles=2)
    with Scratch() as scratch:
        sweep_at_once(processes=PROCESSES, off=["caps"], database_url=scratch.url)
        unguarded = scratch.run(most_cycles_of_one_leader)
    sweep_at_once(processes=PROCESSES)
    with connection.cursor() as cursor:
        assert most_cycles_of_one_leader(cursor) == 2
        assert examine(cursor)["unstarted"] == 10 - 2 * 2
    assert unguarded > 2, "the lists never met, so nothing was tried"
