"""Real workers and beats that can be shot, each with its pool in a process group of its own."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from tests.processes import start_celery


class Crew:
    """Workers and beats on one Database; all are gone when the `with` ends, however it ends."""

    def __init__(self, database, *, app="socius"):
        self.environment, self.app = database.environment, app
        self.directory = Path(database.environment["SOCIUS_VAR"])
        self.workers, self.beats = [], []

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        for process in (*self.beats, *self.workers):
            kill(process)

    def add_worker(self, concurrency=2):
        options = ("--concurrency", str(concurrency), "--without-gossip", "--without-mingle")
        self.workers.append(self._start("worker", *options, app=self.app))
        return self.workers[-1]

    def add_beat(self):
        schedule = self.directory / f"schedule-{len(self.beats)}"
        self.beats.append(self._start("beat", "--schedule", str(schedule), app="tests.faults.quick"))
        return self.beats[-1]

    def _start(self, *arguments, app):
        with open(self.directory / "celery.log", "ab") as log:
            return start_celery(*arguments, app=app, environment=self.environment, log=log)

    def replace_worker(self, worker, **options):
        """kill -9 of the worker with its pool, and another one in its place."""
        kill(worker)
        self.workers.remove(worker)
        return self.add_worker(**options)

    @property
    def log(self):
        return (self.directory / "celery.log").read_text(errors="replace")

    def check(self):
        """Whoever was not shot is alive: that it survives is what is tried."""
        fallen = [process.args for process in (*self.beats, *self.workers) if process.poll() is not None]
        assert not fallen, f"ended by itself: {fallen}\n{self.log[-3000:]}"

    def wait_until(self, condition, *, seconds, what):
        """The first true value; patience with a generous end, so that a test never hangs."""
        until = time.monotonic() + seconds
        while not (value := condition()):
            self.check()
            assert time.monotonic() < until, f"{what} did not happen within {seconds} seconds\n{self.log[-3000:]}"
            time.sleep(0.002)
        return value


def kill(process):
    """-9 to the whole group, so that the pool goes with its worker."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def kill_pool_of(worker):
    """-9 to the worker's children alone; it notices and starts others. Returns how many there were."""
    found = subprocess.run(["pgrep", "-P", str(worker.pid)], capture_output=True, text=True).stdout.split()
    for pid in found:
        os.kill(int(pid), signal.SIGKILL)
    return len(found)
