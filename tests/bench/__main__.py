"""`bin/bench NAME`: runs main() of tests/bench/NAME.py in a scratch database."""

import os
import sys
from importlib import import_module
from pathlib import Path

import django
from django.db import connection

from socius import embedded


def main(arguments):
    names = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))
    if not arguments or arguments[0] not in names:
        sys.exit(f"Usage: bin/bench NAME [arguments], where NAME is one of: {', '.join(names) or '(none yet)'}")
    name, *rest = arguments
    servers = start_servers()
    try:
        os.environ["DJANGO_SETTINGS_MODULE"] = "socius.settings"
        django.setup()
        run_in_scratch_database(name, rest)
    finally:
        if servers:
            servers.stop()


def run_in_scratch_database(name, arguments):
    """A database made for this run and dropped after it, whatever DATABASE_URL names."""
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        import_module(f"tests.bench.{name}").main(arguments)
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"].removeprefix("test_"), verbosity=0)


def start_servers():
    """As durable as those of production, or the figures would flatter."""
    os.environ.setdefault("SECRET_KEY", "only-for-benches")
    os.environ.setdefault("SOCIUS_MASTER_KEYS", embedded.master_keys(embedded.BASE_DIR / "var" / "bench"))
    os.environ.setdefault("SOCIUS_DEMO", "1")
    os.environ.setdefault("SOCIUS_VAR", str(embedded.BASE_DIR / "var" / "bench"))
    missing = {name for name in ("DATABASE_URL", "REDIS_URL") if not os.environ.get(name)}
    if not missing:
        return None
    servers = embedded.start(
        os.environ["SOCIUS_VAR"], database="DATABASE_URL" in missing, broker="REDIS_URL" in missing
    )
    os.environ.update({name: servers.environment[name] for name in missing})
    return servers


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except embedded.Trouble as trouble:
        sys.exit(str(trouble))
