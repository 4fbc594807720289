"""Hand-written INSERTs that stay right when a model gets a column: what is not named takes the model's default."""

import datetime as dt
import json

from django.db import connection


def insert(model, **values):
    """`INSERT INTO table (columns) SELECT expressions`; a FROM follows. `values`: column → SQL expression."""
    columns = {field.column: _default(field) for field in model._meta.concrete_fields if not field.primary_key}
    known = {field.column for field in model._meta.concrete_fields}
    if unknown := set(values) - known:
        raise ValueError(f"{model._meta.db_table} has no {', '.join(sorted(unknown))}")
    columns = {name: sql for name, sql in (columns | values).items() if sql is not None}
    return f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) SELECT {', '.join(columns.values())} "


def _default(field):
    """The model's default as a literal; None where the database has one, a column may stay empty, or must be named."""
    if field.has_db_default():
        return None
    if field.has_default():
        return literal(field.get_default())
    return "''" if field.empty_strings_allowed and not field.null else None


def literal(value):
    """A value as SQL, so that a statement can be prepared as it stands."""
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, dict | list):
        return f"{_quoted(json.dumps(value))}::jsonb"
    if isinstance(value, dt.datetime):
        return f"{_quoted(value.isoformat())}::timestamptz"
    if isinstance(value, dt.date):
        return f"{_quoted(value.isoformat())}::date"
    return _quoted(str(value))


def _quoted(text):
    return "'" + text.replace("'", "''") + "'"


def run(sql):
    """Execute one statement; returns how many rows it wrote."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.rowcount


def rows(sql, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def value(sql, parameters=None):
    return rows(sql, parameters)[0][0]


def sequence(model):
    """SQL for the next id of a table."""
    return f"nextval(pg_get_serial_sequence('{model._meta.db_table}', 'id'))"


def vacuum(*models):
    """Tidy up and measure the tables, as autovacuum does within a minute."""
    for model in models:
        run(f"VACUUM ANALYZE {model._meta.db_table}")


def analyze(*models):
    for model in models:
        run(f"ANALYZE {model._meta.db_table}")
