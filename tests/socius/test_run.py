"""bin/run as a person would use it: started, looked at, stopped, killed and started again."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest
from django.conf import settings

from socius import embedded
from tests.processes import wait_until

pytestmark = pytest.mark.own_servers

READY = 90


class Run:
    """One `manage.py run`, with what it said so far."""

    def __init__(self, var, port, *arguments, **environment):
        self.port = port
        self.log = var.parent / f"run-{port}-{time.monotonic_ns()}.log"
        keep = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "run", *arguments],
                cwd=settings.BASE_DIR,
                env=keep | {"SOCIUS_VAR": str(var), "PORT": str(port)} | environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def said(self):
        return self.log.read_text()

    def until_ready(self):
        wait_until(
            lambda: "Socius is at" in self.said or self.process.poll() is not None, seconds=READY, what="readiness"
        )
        assert self.process.poll() is None, self.said
        return self

    def status(self, path):
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status
        except HTTPError as error:
            with error:
                return error.code
        except URLError:
            return None

    def descendants(self):
        parents = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                parents[int(entry.name)] = parent_of(entry.name)
            except OSError:
                continue
        family = {self.process.pid}
        while more := {pid for pid, parent in parents.items() if parent in family} - family:
            family |= more
        return family - {self.process.pid}

    def stop(self, number=signal.SIGINT):
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(40)


@pytest.fixture(scope="module")
def var(tmp_path_factory):
    """One directory for the whole module, so that preparing the data is paid for once."""
    directory = tmp_path_factory.mktemp("run") / "var"
    yield directory
    shutil.rmtree(embedded.Place.of(directory).home, ignore_errors=True)


@pytest.fixture
def start(var):
    runs = []

    def start(*arguments, port=None, **environment):
        runs.append(Run(var, port or embedded.free_port(), *arguments, **environment))
        return runs[-1]

    yield start
    for run in reversed(runs):
        run.stop()


def alive(pids):
    return {pid for pid in pids if (Path("/proc") / str(pid)).exists() and not is_zombie(pid)}


def parent_of(pid):
    return int((Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[1])


def is_zombie(pid):
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_half_finished_first_run_is_no_trouble_for_the_next(start):
    first = start()
    wait_until(lambda: "prepare |" in first.said or first.process.poll() is not None, seconds=READY, what="preparing")
    first.process.kill()
    first.process.wait()
    run = start().until_ready()
    assert run.status("/inloggen/") == 200
    wait_until(lambda: run.status("/healthz") == 200, seconds=30, what="health")
    assert re.search(r"^web     \| .* socius.requests: GET /inloggen/ 200", run.said, re.M), run.said
    assert run.stop() == 0


def test_second_start_takes_seconds_and_keeps_the_data(start):
    start().until_ready().stop()
    began = time.monotonic()
    run = start().until_ready()
    assert "prepare" not in run.said
    assert time.monotonic() - began < 15
    assert run.status("/inloggen/") == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_nothing_is_left_after_a_stop(start, number):
    run = start().until_ready()
    family = run.descendants()
    assert len(family) >= 8
    assert run.stop(number) == 0
    assert alive(family) == set()


def test_nothing_is_left_after_a_kill(start):
    run = start().until_ready()
    family = run.descendants()
    run.process.kill()
    run.process.wait()
    wait_until(lambda: not alive(family), seconds=20, what="the end of all children")


def test_death_of_a_child_ends_all_with_its_exit_code(start, var):
    run = start().until_ready()
    # The worker's own children carry its command line too.
    workers = [pid for pid in run.descendants() if b"\0worker\0" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    worker = next(pid for pid in workers if parent_of(pid) == run.process.pid)
    os.kill(worker, signal.SIGKILL)
    assert run.process.wait(40) == 137
    assert "worker ended (exit code -9); stopping the rest." in run.said


def test_death_of_a_server_ends_all(start, var):
    run = start().until_ready()
    pid = int((embedded.Place.of(var).cluster / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGQUIT)
    assert run.process.wait(40) == 1
    assert "PostgreSQL stopped; so do we." in run.said


def test_start_while_running_says_so_and_another_port_borrows(start):
    first = start().until_ready()
    again = start(port=first.port)
    assert again.process.wait(READY) == 1
    assert f"Socius is already running here: http://localhost:{first.port}/" in again.said
    other = start().until_ready()
    assert other.status("/inloggen/") == 200
    assert "worker" not in other.said
    assert start("--fresh").process.wait(READY) == 1
    assert other.stop() == 0
    assert first.status("/inloggen/") == 200


def test_port_in_use_is_explained(start):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        run = start(port=port)
        assert run.process.wait(READY) == 1
    assert f"Port {port} is in use by another program. Choose another: PORT={port + 1} bin/run" in run.said
    assert "Traceback" not in run.said


def test_strange_port_is_explained(start):
    run = start(port="http")
    assert run.process.wait(READY) == 1
    assert "PORT is 'http'; it must be a number" in run.said


def test_fresh_never_touches_a_database_of_somebody_else(start):
    run = start("--fresh", DATABASE_URL="postgresql://somebody@127.0.0.1:1/else")
    assert run.process.wait(READY) == 1
    assert "never that of DATABASE_URL" in run.said


def test_fresh_prepares_anew_and_forgets_the_mail_of_before(start, var):
    old = var / "mailbox" / "of-before.eml"
    old.parent.mkdir(parents=True, exist_ok=True)
    old.write_text("Subject: of before\n\nDag")
    run = start("--fresh").until_ready()
    assert not old.exists()
    assert "prepare |" in run.said
    assert run.status("/inloggen/") == 200
