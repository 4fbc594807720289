"""Brings up PostgreSQL and Valkey before Django's settings are read, unless DATABASE_URL and REDIS_URL name others.

Loaded with `-p` in pyproject.toml: from a conftest.py it would come too late.
"""

import base64
import os

import pytest

from socius import embedded

ONLY_FOR_TESTS = "test:" + base64.b64encode(b"only-for-tests, 32 bytes exactly").decode()
SERVERS = pytest.StashKey()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config):
    prepare_environment(early_config)
    return (yield)


def prepare_environment(config):
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        live_apart(int(worker.removeprefix("gw")))
        return
    os.environ.setdefault("SECRET_KEY", "only-for-tests")
    os.environ.setdefault("SOCIUS_MASTER_KEYS", ONLY_FOR_TESTS)
    os.environ.setdefault("SOCIUS_DEMO", "1")
    os.environ.setdefault("SOCIUS_VAR", str(embedded.BASE_DIR / "var" / "test"))
    missing = {name for name in ("DATABASE_URL", "REDIS_URL") if not os.environ.get(name)}
    if not missing:
        return
    try:
        servers = embedded.start(
            os.environ["SOCIUS_VAR"], database="DATABASE_URL" in missing, broker="REDIS_URL" in missing, durable=False
        )
    except embedded.Trouble as trouble:
        raise pytest.UsageError(str(trouble)) from None
    config.stash[SERVERS] = servers
    addresses = dict(servers.environment)
    if servers.borrowed:
        # Two test runs at once share the servers, but not a database.
        addresses["DATABASE_URL"] += f"_{os.getpid()}"
        addresses["REDIS_URL"] = addresses["REDIS_URL"].removesuffix("0") + str(1 + os.getpid() % 15)
    for name in missing:
        os.environ[name] = addresses[name]


def live_apart(number):
    """One of several processes of a run, on the servers of the first one.

    The database has a name of its own by pytest-django; the numbered one of Redis and the folder have it from here.
    """
    server, _slash, database = os.environ["REDIS_URL"].rpartition("/")
    os.environ["REDIS_URL"] = f"{server}/{(int(database) + 1 + number) % 16}"
    os.environ["SOCIUS_VAR"] += f"/{number}"


def pytest_unconfigure(config):
    if servers := config.stash.get(SERVERS, None):
        servers.stop()
