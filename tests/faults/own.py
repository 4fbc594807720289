"""A PostgreSQL and a Valkey of a fault test's own, which it may kill, empty and restart as it likes."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import redis

from socius import embedded


class OwnServers:
    """As durable as production, or an immediate restart would lose what was committed. Use as a context manager.

    `database(…)` makes databases from a template that holds the tables and nothing else.
    """

    def __enter__(self):
        # Short, because a socket's path is; apart from any clone, because nobody else may borrow these servers.
        self.var = Path(tempfile.mkdtemp(prefix="socius-faults-"))
        self.servers = None
        try:
            self.servers = embedded.start(self.var)
            self._template = self._path_of(self.servers.environment["DATABASE_URL"])
            run_python(["manage.py", "migrate", "-v", "0"], self.environment())
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exception):
        home = embedded.Place.of(self.var).home
        if self.servers is not None:
            self.servers.stop()
        shutil.rmtree(home, ignore_errors=True)
        shutil.rmtree(self.var, ignore_errors=True)

    def environment(self, database=None, **more):
        """For a process on these servers; its mailbox is one of its own for each database."""
        url = self.servers.environment["DATABASE_URL"]
        if database is not None:
            url = urlunsplit(urlsplit(url)._replace(path=f"/{database}"))
        var = self.var / (database or "template")
        var.mkdir(exist_ok=True)
        own = {
            "DATABASE_URL": url,
            "REDIS_URL": self.servers.environment["REDIS_URL"],
            "SECRET_KEY": "only-for-fault-tests",
            "SITE_URL": "http://localhost:8000",
            "SOCIUS_DEMO": "1",
            "SOCIUS_VAR": str(var),
            "DJANGO_SETTINGS_MODULE": "socius.settings",
            "LOG_LEVEL": "WARNING",
        }
        return os.environ | own | more

    @contextmanager
    def database(self, name, *, like=None):
        """A Database that is gone afterwards; a copy of the Database `like`, or empty tables."""
        with self.cursor(None) as cursor:
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like.name if like else self._template}"')
        try:
            yield Database(self, name)
        finally:
            with self.cursor(None) as cursor:
                cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    @contextmanager
    def cursor(self, database):
        """On a connection of its own, each statement committed; without a name on one that is nobody's."""
        connection = psycopg2.connect(self.environment(database or "postgres")["DATABASE_URL"])
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()

    def flush_broker(self):
        """Everything in Valkey is gone, as after a crash without its file."""
        with redis.Redis.from_url(self.servers.environment["REDIS_URL"]) as broker:
            broker.flushall()

    def restart_database(self):
        """PostgreSQL's immediate stop, which is a crash, and a start; seconds until it takes connections again."""
        begun, old = time.monotonic(), self.servers.processes["PostgreSQL"]
        old.send_signal(signal.SIGQUIT)
        old.wait(30)
        place = self.servers.place
        new = embedded._serve(self.servers, "PostgreSQL", old.args, cwd=place.cluster, when_orphaned=signal.SIGINT)
        embedded._wait_until(lambda: embedded._postgres_ready(place, new), new, "PostgreSQL", place)
        return time.monotonic() - begun

    @staticmethod
    def _path_of(url):
        return urlsplit(url).path.removeprefix("/")


class Database:
    """One database on own servers, with the mailbox that belongs to it."""

    def __init__(self, servers, name):
        self.servers, self.name = servers, name
        self.environment = servers.environment(name)
        self.mailbox = Path(self.environment["SOCIUS_VAR"]) / "mailbox"

    def build(self, *arguments):
        """Fill it with one of tests/faults/worlds.py, in a process of its own; returns what that printed."""
        return run_python(["-W", "ignore", "-m", "tests.faults.worlds", *map(str, arguments)], self.environment)

    def cursor(self):
        return self.servers.cursor(self.name)

    def value(self, query, *parameters):
        """The one value that a query gives."""
        with self.cursor() as cursor:
            cursor.execute(query, parameters)
            return cursor.fetchone()[0]


def run_python(arguments, environment):
    """Its output; fails with what it wrote when it does not end well."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=embedded.BASE_DIR, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{arguments} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout
