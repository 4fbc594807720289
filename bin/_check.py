"""Runs each check, says how it went and, when it did not go well, what it said."""

import os
import subprocess
import sys
import time
from pathlib import Path

# Complete and plausible, so that what `check --deploy` finds is a fault of ours; nothing is connected to.
PRODUCTION = {
    "SECRET_KEY": "".join(chr(33 + number % 90) for number in range(7, 87)),
    "SOCIUS_MASTER_KEYS": "check:" + "A" * 43 + "=",
    "SITE_URL": "https://socius.example",
    "ALLOWED_HOSTS": "socius.example",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}
CAPTURED = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
BIN = Path(sys.executable).parent
PYTHON = [sys.executable, "-W", "ignore"]
CHECKS = {
    "style": [sys.executable, "-m", "ruff", "check", "."],
    "format": [sys.executable, "-m", "ruff", "format", "--check", "."],
    "layers": [sys.executable, str(BIN / "lint-imports"), "--no-cache"],
    "migrations": [*PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"],
    "deployment": [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
    "consistency": [sys.executable, "-m", "pytest", "-q", "tests/test_consistency.py"],
}


def main():
    production = {name: value for name, value in os.environ.items() if not name.startswith("SOCIUS_")} | PRODUCTION
    failed = []
    for name, command in CHECKS.items():
        environment = os.environ if name == "consistency" else production
        started = time.monotonic()
        result = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, **CAPTURED)
        verdict = "failed" if result.returncode else "ok"
        print(f"{name:<12} {verdict} ({time.monotonic() - started:.1f} s)", flush=True)
        if result.returncode:
            print(result.stdout, flush=True)
            failed.append(name)
    if failed:
        sys.exit(f"Failed: {', '.join(failed)}.")


main()
