"""A real worker and a real beat, each a process of its own, on the tests' database and broker."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection

from socius import embedded
from socius.health import HEARTBEAT


class CeleryProcesses:
    """`worker` and `beat` (subprocess.Popen), and what both of them wrote (`log`)."""

    def __init__(self, directory):
        self.directory = directory
        self.log_path = directory / "celery.log"
        self.worker = self.start("worker", "--concurrency", "2", "--without-gossip", "--without-mingle")
        self.beat = self.start("beat", "--schedule", str(directory / "schedule"))

    def start(self, *arguments):
        with open(self.log_path, "ab") as log:
            return start_celery(*arguments, environment=child_environment(), log=log)

    @property
    def log(self):
        return self.log_path.read_text(errors="replace")

    def wait_for_heartbeat(self, seconds=30):
        until = time.monotonic() + seconds
        while cache.get(HEARTBEAT) is None:
            assert self.worker.poll() is None, f"the worker ended:\n{self.log}"
            assert self.beat.poll() is None, f"beat ended:\n{self.log}"
            assert time.monotonic() < until, f"no heartbeat in {seconds} seconds:\n{self.log}"
            time.sleep(0.1)

    def stop(self):
        """Asked first, so that no task is cut short while the test's tables are emptied."""
        processes = (self.beat, self.worker)
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def start_celery(*arguments, environment, log, app="socius"):
    """A worker or a beat as production has it, in a process group of its own."""
    command = [sys.executable, "-W", "ignore", "-m", "celery", "-q", "-A", app, *arguments, "--loglevel", "INFO"]
    return embedded.spawn(command, cwd=embedded.BASE_DIR, env=environment, stdout=log, stderr=subprocess.STDOUT)


@pytest.fixture
def celery_worker_process(transactional_db):
    """Worker and beat run from here to the end of the test; use `wait_until` for what they should bring about.

    Ask for `live_server` or `page` first, if mail should carry links to it.
    """
    mailbox = Path(settings.MAILBOX_DIR)
    shutil.rmtree(mailbox, ignore_errors=True)
    cache.clear()
    directory = Path(settings.VAR_DIR) / "celery"
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    processes = CeleryProcesses(directory)
    try:
        processes.wait_for_heartbeat()
        yield processes
    finally:
        processes.stop()


def wait_until(condition, *, seconds=15, what="it"):
    """The first true value of `condition()`; fails with `what` when there is none in time."""
    until = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < until, f"{what} did not happen within {seconds} seconds"
        time.sleep(0.1)
    return value


def child_environment(**more):
    """For a process that should see the tests' database and broker."""
    own = {
        "DATABASE_URL": database_url(connection.settings_dict),
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": settings.SECRET_KEY,
        "SITE_URL": settings.SITE_URL,
        "SOCIUS_DEMO": "1",
        "SOCIUS_VAR": str(settings.VAR_DIR),
    }
    return os.environ | own | more


def database_url(parts):
    who, secret, host = (quote(parts[name] or "", safe="") for name in ("USER", "PASSWORD", "HOST"))
    account = f"{who}:{secret}@" if secret else f"{who}@" if who else ""
    port = f":{parts['PORT']}" if parts["PORT"] else ""
    return f"postgresql://{account}{host}{port}/{parts['NAME']}"
