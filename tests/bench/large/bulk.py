"""Filling tables in bulk: without foreign keys and secondary indexes, which are made again, and so checked, after."""

from contextlib import contextmanager

from tests.bench.large.sql import rows, run

_CONSTRAINTS = """
SELECT c.conname, pg_get_constraintdef(c.oid) FROM pg_constraint c
WHERE c.conrelid = '{0}'::regclass AND c.contype IN ('f', 'u', 'x') ORDER BY c.contype DESC, c.conname
"""
_INDEXES = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
WHERE i.indrelid = '{0}'::regclass AND NOT i.indisprimary
  AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid) ORDER BY 1
"""


@contextmanager
def without_checks(*models):
    """Only in a scratch database: whoever else wrote meanwhile would write unchecked."""
    again = [statement for model in models for statement in _take_away(model._meta.db_table)]
    yield
    run("SET maintenance_work_mem = '256MB'")
    for statement in again:
        run(statement)
    run("RESET maintenance_work_mem")


def _take_away(table):
    """Statements that make again what this drops: indexes before constraints."""
    indexes, constraints = rows(_INDEXES.format(table)), rows(_CONSTRAINTS.format(table))
    for name, _definition in constraints:
        run(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for name, _definition in indexes:
        run(f"DROP INDEX {name}")
    yield from (definition for _name, definition in indexes)
    yield from (f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}' for name, definition in constraints)
