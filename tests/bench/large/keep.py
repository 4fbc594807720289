"""--keep: the country stays in a database of its own beside the scratch one, and is measured again next time."""

from django.core.management import call_command
from django.db import connection

from tests.bench.large.sql import run
from tests.bench.large.world import TOMORROW


def take_kept(entries):
    """Put the kept country in the place of the scratch database; False when there is none."""
    scratch, kept = _names(entries)
    if not _exists(kept):
        return False
    connection.close()
    _maintain(f'DROP DATABASE "{scratch}"', f'ALTER DATABASE "{kept}" RENAME TO "{scratch}"')
    call_command("migrate", verbosity=0)
    run(f"UPDATE groups_waitlist SET due_at = {TOMORROW} WHERE due_at IS NOT NULL")
    run("VACUUM ANALYZE groups_waitlist")
    return True


def keep(entries):
    """Save the country from being dropped; an empty scratch database stands in for it."""
    scratch, kept = _names(entries)
    connection.close()
    _maintain(f'ALTER DATABASE "{scratch}" RENAME TO "{kept}"', f'CREATE DATABASE "{scratch}"')


def _names(entries):
    scratch = connection.settings_dict["NAME"]
    return scratch, f"{scratch}_country_{entries}"


def _exists(name):
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return cursor.fetchone() is not None


def _maintain(*statements):
    with connection._nodb_cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
