"""What the tests hold stricter than production: no row in an order that nobody asked for."""

import random
from functools import wraps

from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.models import query


def shuffle_unordered_querysets(seed):
    """PostgreSQL promises no order without ORDER BY, though on small tables it often looks like one."""
    dice = random.Random(seed)
    iterables = ("ModelIterable", "ValuesIterable", "ValuesListIterable", "NamedValuesListIterable")
    for name in (*iterables, "FlatValuesListIterable"):
        iterable = getattr(query, name)
        iterable.__iter__ = _shuffled(iterable.__iter__, dice)


def _shuffled(original, dice):
    @wraps(original)
    def rows(self):
        found = original(self)
        if self.queryset.ordered or self.queryset.query.is_sliced:
            return found
        found = list(found)
        dice.shuffle(found)
        return iter(found)

    return rows


def empty_append_only_tables_too():
    """Tables that refuse TRUNCATE are emptied between tests as well; their owner may lift the trigger for a moment."""
    original = DatabaseOperations.sql_flush

    @wraps(original)
    def sql_flush(self, style, tables, **options):
        statements = original(self, style, tables, **options)
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT format('ALTER TABLE %s %%s TRIGGER %I', tgrelid::regclass, tgname) FROM pg_trigger"
                " WHERE NOT tgisinternal AND tgtype & 32 > 0"
            )
            guards = [row[0] for row in cursor.fetchall()]
        return [guard % "DISABLE" for guard in guards] + statements + [guard % "ENABLE" for guard in guards]

    DatabaseOperations.sql_flush = sql_flush
