"""`bin/run`: all of Socius in one terminal, until Ctrl-C.

This process is the parent of everything it starts and does nothing else: no database, no threads. Its children end
when it ends, however it ends; when one of them ends, all do, and its exit code is ours.
"""

import errno
import hashlib
import os
import select
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.core.management import BaseCommand, call_command
from django.db import transaction

from socius import embedded
from socius.demo import DEMO_LOGINS, DEMO_PASSWORD

COLOURS = {"prepare": 33, "web": 36, "worker": 32, "beat": 35, "socius": 1}
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STATIC_MANIFEST = Path(settings.STATIC_ROOT) / "staticfiles.json"
PATIENCE = 12  # seconds that children get to finish what they are doing
APPS = ("accounts", "clients", "groups", "intake", "neighbourhoods", "notifications", "reporting")
SOURCES = (*APPS, "socius", "static", "requirements.txt")


class Command(BaseCommand):
    help = "Runs Socius on this machine until Ctrl-C: database, broker, web, worker and beat. PORT chooses the port."
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("--fresh", action="store_true", help="start over: throw the demo's data away first")
        parser.add_argument(
            "--prepare", action="store_true", help="only migrate and load the demo (used by run itself)"
        )

    def handle(self, *, fresh, prepare, **options):
        if prepare:
            prepare_data()
            return
        try:
            code = Runner(port=chosen_port(os.environ.get("PORT", "8000"))).run(fresh=fresh)
        except embedded.Trouble as trouble:
            code = str(trouble)
        except KeyboardInterrupt:
            code = 130
        sys.exit(code)


class Runner:
    """Starts the children, passes on what they say, and ends them together."""

    def __init__(self, *, port):
        self.port = port
        self.address = f"http://localhost:{port}/"
        self.children = {}
        self.selector = selectors.DefaultSelector()
        self.asked_to_stop = 0
        self.servers = None
        self.knock = None
        self.started = time.monotonic()

    def run(self, *, fresh):
        """Everything, until it ends; returns the exit code."""
        refuse_taken_port(self.port)
        self.servers = self.start_servers(fresh)
        for number in STOP_SIGNALS:
            signal.signal(number, self.note_signal)
        try:
            environment = self.environment()
            if code := self.prepare(environment):
                return code
            self.start_children(environment)
            return self.watch()
        finally:
            self.stop_children()
            if self.servers:
                self.servers.stop()

    def note_signal(self, number, frame):
        self.asked_to_stop += 1
        if self.asked_to_stop > 1:
            for child in self.children.values():
                kill_group(child, signal.SIGKILL)

    def start_servers(self, fresh):
        """The embedded ones that DATABASE_URL and REDIS_URL do not replace; None when both are given."""
        given = {name for name, stand_in in embedded.STAND_IN.items() if os.environ[name] != stand_in}
        if fresh and "DATABASE_URL" in given:
            raise embedded.Trouble(
                "--fresh empties the database that bin/run keeps itself, never that of DATABASE_URL."
            )
        if given == set(embedded.STAND_IN):
            return None
        servers = embedded.start(
            settings.VAR_DIR, database="DATABASE_URL" not in given, broker="REDIS_URL" not in given, fresh=fresh
        )
        if fresh:
            # Mail about people who are gone with the data.
            shutil.rmtree(settings.VAR_DIR / "mailbox", ignore_errors=True)
        return servers

    def environment(self):
        """What the children need to find the servers, each other and this clone's key."""
        environment = os.environ | {"SOCIUS_DEMO": "1", "PYTHONUNBUFFERED": "1"}
        if environment["SECRET_KEY"] == "not-started-yet":
            environment["SECRET_KEY"] = embedded.secret_key(settings.VAR_DIR)
        if environment["SOCIUS_MASTER_KEYS"] == embedded.NO_MASTER_KEY:
            environment["SOCIUS_MASTER_KEYS"] = embedded.master_keys(settings.VAR_DIR)
        environment.setdefault("SITE_URL", self.address.rstrip("/"))
        if self.servers:
            environment |= self.servers.environment
            names = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SOCIUS_MASTER_KEYS", "SOCIUS_DEMO", "SITE_URL")
            self.servers.environment = {name: environment[name] for name in names}
            self.servers.announce(address=self.address)
        return environment

    def prepare(self, environment):
        """Migrations and demo data, unless this very source prepared this very database before; the exit code."""
        if self.servers and self.servers.borrowed:
            return 0
        state, done = state_of_sources(), None
        if self.servers and "PostgreSQL" in self.servers.processes:
            done = self.servers.place.cluster / "prepared"
            if done.exists() and done.read_text() == state and STATIC_MANIFEST.exists():
                return 0
        self.start("prepare", [sys.executable, "manage.py", "run", "--prepare"], environment)
        code = self.watch(until_done="prepare")
        if code:
            self.say("Preparing the database failed; why stands above. bin/run --fresh starts over with new data.")
        if code == 0 and done and not self.asked_to_stop:
            done.write_text(state)
        return code if not self.asked_to_stop else 130

    def start_children(self, environment):
        python = [sys.executable, "-W", "ignore::UserWarning", "-m"]
        web = f"gunicorn socius.wsgi --preload --bind 127.0.0.1:{self.port} --workers 2 --worker-class gthread"
        web += " --threads 4 --log-level error --graceful-timeout 5 --no-control-socket"
        self.start("web", python + web.split(), environment)
        if not (self.servers and self.servers.borrowed):
            # Once is enough; a second `bin/run` on another port only adds pages.
            celery = [*python, "celery", "-q", "-A", "socius"]
            worker = "worker --concurrency 2 --loglevel INFO --without-gossip --without-mingle"
            self.start("worker", celery + worker.split(), environment)
            self.start("beat", [*celery, "beat", "--loglevel", "INFO"], environment)

    def start(self, name, command, environment):
        child = embedded.spawn(
            command, cwd=embedded.BASE_DIR, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        os.set_blocking(child.stdout.fileno(), False)
        self.selector.register(child.stdout, selectors.EVENT_READ, (name, bytearray()))
        self.children[name] = child

    def watch(self, until_done=None):
        """Pass lines on until we are asked to stop, a child ends or a server falls; returns the exit code."""
        welcomed, look_again = bool(until_done), 0
        while not self.asked_to_stop:
            self.pass_on(timeout=0.1)
            for name, child in list(self.children.items()):
                if child.poll() is not None:
                    return self.bury(name, child, expected=name == until_done)
            if not welcomed and self.answers():
                self.welcome()
                welcomed = True
            if self.servers and time.monotonic() >= look_again:
                look_again = time.monotonic() + 1
                if fallen := self.servers.fallen():
                    self.say(f"{fallen} stopped; so do we. Its log is in {self.servers.place.var}.")
                    return 1
        return 0

    def bury(self, name, child, *, expected):
        self.pass_on(timeout=0)
        del self.children[name]
        if not expected:
            self.say(f"{name} ended (exit code {child.returncode}); stopping the rest.")
        return child.returncode if child.returncode >= 0 else 128 - child.returncode

    def pass_on(self, timeout):
        for key, _ in self.selector.select(timeout):
            name, buffer = key.data
            received = key.fileobj.read() or b""
            buffer += received
            *lines, rest = bytes(buffer).split(b"\n")
            buffer[:] = rest
            for line in lines:
                self.say(line.decode(errors="replace"), name)
            if not received:
                self.selector.unregister(key.fileobj)

    def say(self, line, name="socius"):
        prefix = f"{name:<7} |"
        if sys.stdout.isatty():
            prefix = f"\033[{COLOURS[name]}m{prefix}\033[0m"
        try:
            sys.stdout.write(f"{prefix} {line}\n")
            sys.stdout.flush()
        except OSError:
            # The terminal is gone; what we are here for is to end things properly.
            self.asked_to_stop = self.asked_to_stop or 1

    def answers(self):
        """Whether a page was answered; asks once and looks for the answer later, so that nobody waits for it."""
        if self.knock is None:
            with suppress(OSError):
                self.knock = socket.create_connection(("127.0.0.1", self.port), timeout=0.1)
                self.knock.sendall(b"GET /is-anyone-there HTTP/1.0\r\nHost: localhost\r\n\r\n")
        if self.knock is None or not select.select([self.knock], [], [], 0)[0]:
            return False
        with suppress(OSError), self.knock as knock:
            self.knock = None
            return knock.recv(5) == b"HTTP/"
        return False

    def welcome(self):
        self.say("")
        self.say(f"Socius is at {self.address} (ready in {time.monotonic() - self.started:.1f} s). Ctrl-C stops it.")
        self.say(f"Log in as one of these, with the password {DEMO_PASSWORD}")
        for role, email in DEMO_LOGINS:
            self.say(f"    {role:<24} {email}")
        self.say("")

    def stop_children(self):
        """Ask, wait, and insist; a second Ctrl-C insists at once."""
        for child in self.children.values():
            child.send_signal(signal.SIGTERM)
        until = time.monotonic() + PATIENCE
        while any(child.poll() is None for child in self.children.values()) and time.monotonic() < until:
            self.pass_on(timeout=0.1)
        for child in self.children.values():
            kill_group(child, signal.SIGKILL)
            child.wait()


def chosen_port(text):
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise embedded.Trouble(f"PORT is {text!r}; it must be a number from 1 to 65535, as in PORT=8001 bin/run.")
    return int(text)


def refuse_taken_port(port):
    """Raises Trouble with what to do, before anything is started."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except PermissionError:
            raise embedded.Trouble(
                f"Port {port} needs more rights than you have. Choose another: PORT=8001 bin/run"
            ) from None
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise embedded.Trouble(taken_port(port)) from None


def taken_port(port):
    state = embedded.running(settings.VAR_DIR)
    if state and state.get("address", "").endswith(f":{port}/"):
        return f"Socius is already running here: {state['address']} (Ctrl-C in its terminal stops it)."
    return f"Port {port} is in use by another program. Choose another: PORT={port + 1} bin/run"


def kill_group(child, number):
    with suppress(ProcessLookupError):
        os.killpg(child.pid, number)


def state_of_sources():
    """Changes when any file that preparing reads from is added, removed or touched."""
    digest = hashlib.sha256()
    for top in SOURCES:
        directory = embedded.BASE_DIR / top
        for path in [directory, *sorted(directory.rglob("*"))]:
            if path.suffix != ".pyc" and path.is_file():
                status = path.stat()
                digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def prepare_data():
    """Each step may be done again and again; each is done wholly or not at all."""
    call_command("migrate", interactive=False, verbosity=0)
    for command in ("load_cbs", "seed_demo"):
        with transaction.atomic():
            call_command(command)
    shutil.rmtree(settings.STATIC_ROOT, ignore_errors=True)
    call_command("collectstatic", interactive=False, verbosity=0)
