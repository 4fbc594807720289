"""The embedded servers, for real: each test has a `var` of its own, apart from the servers these tests run on."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest
import redis

from socius import embedded
from tests.processes import wait_until

pytestmark = pytest.mark.own_servers

OWNER = """
import json, sys
from socius import embedded
servers = embedded.start(sys.argv[1], durable=False)
pids = {name: process.pid for name, process in servers.processes.items()}
print(json.dumps({"borrowed": servers.borrowed, "environment": servers.environment, "pids": pids}), flush=True)
sys.stdin.read()
servers.stop()
"""


@pytest.fixture
def var(tmp_path):
    """A directory with a space in its name, cleaned up with its system directory."""
    directory = tmp_path / "my clone" / "var"
    yield directory
    shutil.rmtree(embedded.Place.of(directory).home, ignore_errors=True)


@pytest.fixture
def started(var):
    """`started()` gives running servers; all are stopped at the end."""
    begun = []

    def start(**options):
        begun.append(embedded.start(var, **{"durable": False} | options))
        return begun[-1]

    yield start
    for servers in reversed(begun):
        if servers.borrowed or not servers.lock.closed:
            servers.stop()


@pytest.fixture
def owner(var):
    """`owner()` starts the servers from a process of its own, which stops them when its input is closed."""
    processes = []

    def start():
        process = subprocess.Popen(
            [sys.executable, "-c", OWNER, str(var)],
            cwd=embedded.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        process.facts = json.loads(process.stdout.readline())
        return process

    yield start
    for process in processes:
        process.communicate()


def ask(servers, question):
    connection = psycopg2.connect(servers.environment["DATABASE_URL"])
    try:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(question)
        return cursor.fetchone() if cursor.description else None
    finally:
        connection.close()


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_servers_are_real_and_the_role_is_no_superuser(started):
    servers = started()
    role = ask(servers, "SELECT rolname, rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user")
    assert role == ("socius", False, True)
    ask(servers, "CREATE EXTENSION btree_gist")
    ask(servers, "CREATE EXTENSION unaccent")
    with redis.Redis.from_url(servers.environment["REDIS_URL"]) as broker:
        settings = broker.config_get("append*", "maxmemory-policy")
    assert (settings["appendonly"], settings["maxmemory-policy"]) == ("yes", "noeviction")


def test_broker_asks_for_its_password(started):
    url = started(database=False).environment["REDIS_URL"]
    port = url.rsplit(":", 1)[1].split("/")[0]
    with redis.Redis(port=int(port)) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_nobody_else_may_enter_the_socket_directory(started):
    servers = started(broker=False)
    assert servers.socket_dir.stat().st_mode & 0o077 == 0
    assert len(os.fsencode(servers.socket_dir / ".s.PGSQL.5432")) < 107


def test_long_path_gets_a_short_socket_directory(tmp_path):
    home = tmp_path / ("long" * 30)
    place = embedded.Place(tmp_path, home, None)
    directory = embedded._socket_dir(place)
    try:
        assert len(os.fsencode(directory)) <= embedded.LONGEST_SOCKET_DIR
        assert directory.stat().st_mode & 0o777 == 0o700
    finally:
        embedded._forget_socket_dir(place, directory)
    assert not directory.exists()


def test_second_start_keeps_the_data_and_fresh_forgets_it(started):
    servers = started(broker=False)
    ask(servers, "CREATE TABLE kept AS SELECT 7 AS number")
    servers.stop()
    assert not servers.place.state.exists()
    servers = started(broker=False)
    assert ask(servers, "SELECT number FROM kept") == (7,)
    servers.stop()
    servers = started(broker=False, fresh=True)
    with pytest.raises(psycopg2.errors.UndefinedTable):
        ask(servers, "SELECT number FROM kept")


def test_second_process_borrows_and_leaves_the_servers_running(owner, started, var):
    first = owner()
    servers = started()
    assert servers.borrowed
    assert servers.environment == first.facts["environment"]
    servers.stop()
    assert all(is_alive(pid) for pid in first.facts["pids"].values())
    with pytest.raises(embedded.Trouble, match="Stop it with Ctrl-C"):
        embedded.start(var, fresh=True)
    first.communicate()
    assert servers.fallen() == "the borrowed servers"
    assert embedded.running(var) is None


def test_two_starts_at_once_give_one_owner(var):
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", OWNER, str(var)],
            cwd=embedded.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    facts = [json.loads(process.stdout.readline()) for process in processes]
    for process in processes:
        process.communicate()
    assert sorted(fact["borrowed"] for fact in facts) == [False, True, True]
    assert len({fact["environment"]["REDIS_URL"] for fact in facts}) == 1


def test_servers_end_when_their_owner_is_killed_and_the_data_survives(owner, started):
    first = owner()
    pids = first.facts["pids"].values()
    first.send_signal(signal.SIGKILL)
    first.wait()
    wait_until(lambda: not any(map(is_alive, pids)), seconds=10, what="the end of the servers")
    servers = started()
    assert not servers.borrowed
    assert ask(servers, "SELECT 1") == (1,)


def test_next_start_does_not_wait_for_the_killed_ones_servers(owner, started):
    """The servers of a killed owner may still be shutting down when the next start comes."""
    first = owner()
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert ask(started(), "SELECT 1") == (1,)


def test_half_made_cluster_is_thrown_away(started, var):
    place = embedded.Place.of(var)
    half_made = place.home / "new-halfmade"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18")
    assert ask(started(broker=False), "SELECT 1") == (1,)
    assert not half_made.exists()


def test_unreadable_broker_data_is_thrown_away(started):
    servers = started(database=False)
    servers.stop()
    for file in (servers.place.home / "valkey" / "appendonlydir").iterdir():
        file.write_text("no such data")
    with redis.Redis.from_url(started(database=False).environment["REDIS_URL"]) as broker:
        assert broker.ping()


def test_data_of_a_deleted_clone_is_not_inherited(started, var):
    servers = started(broker=False)
    ask(servers, "CREATE TABLE gone AS SELECT 1")
    servers.stop()
    (var / "clone_id").write_text("another clone")
    servers = started(broker=False)
    with pytest.raises(psycopg2.errors.UndefinedTable):
        ask(servers, "SELECT * FROM gone")


def test_server_that_cannot_start_is_explained(started):
    servers = started(broker=False)
    servers.stop()
    (servers.place.cluster / "postgresql.conf").write_text("no such line")
    with pytest.raises(embedded.Trouble, match="PostgreSQL did not start") as trouble:
        started(broker=False)
    assert "syntax error" in str(trouble.value)


def test_directory_that_cannot_be_written_is_explained(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(embedded.Trouble, match="Cannot write in"):
        embedded.start(tmp_path / "file" / "var")


def test_secret_key_is_made_once_and_kept_private(tmp_path):
    key = embedded.secret_key(tmp_path)
    assert len(key) > 50
    assert embedded.secret_key(tmp_path) == key
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_commands_find_the_running_servers(owner, var):
    environment = owner().facts["environment"]
    command = "import os; from socius import embedded; embedded.adopt_environment(['migrate']); "
    command += "print(os.environ['DATABASE_URL'])"
    clean = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    found = subprocess.run(
        [sys.executable, "-c", command],
        cwd=embedded.BASE_DIR,
        env=clean | {"SOCIUS_VAR": str(var)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == environment["DATABASE_URL"]
    given = subprocess.run(
        [sys.executable, "-c", command],
        cwd=embedded.BASE_DIR,
        env=clean | {"SOCIUS_VAR": str(var), "DATABASE_URL": "postgresql://given"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert given.stdout.strip() == "postgresql://given"
