"""The floor under every test; tests/strict.py and tests/undefined.py say what it holds."""

import os
import random

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils import translation

from tests.browser import browser, open_page, page, phone_page  # noqa: F401 (fixtures)
from tests.processes import celery_worker_process  # noqa: F401 (fixture)
from tests.strict import empty_append_only_tables_too, shuffle_unordered_querysets

# Kept in the environment, so that all processes of one run have the same.
SEED = int(os.environ.setdefault("SHUFFLE_SEED", str(random.randrange(10_000))))


def pytest_configure(config):
    shuffle_unordered_querysets(SEED)
    empty_append_only_tables_too()


def pytest_report_header(config):
    return f"unordered querysets are shuffled; repeat this run's order with SHUFFLE_SEED={SEED}"


def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("e2e")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """At the end nobody is connected to the tests' database: a thread that a test left would keep it from going."""
    yield
    with django_db_blocker.unblock():
        name = connection.settings_dict["NAME"]
        connection.close()
        with connection._nodb_cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s AND usename = current_user AND backend_type = 'client backend'",
                [name],
            )


@pytest.fixture(autouse=True)
def _in_dutch():
    """The last request of an earlier test may have left its language behind."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(autouse=True)
def _no_leftovers_in_cache():
    """Log-in throttling counts in the cache; no test may inherit another's count."""
    cache.clear()
