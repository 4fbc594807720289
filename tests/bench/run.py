"""bin/bench run: seconds from `bin/run` in a fresh clone to the first page, cold and then warm.

Yardstick in the same run: the time this Python takes to import Django, so that machines can be compared.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from socius import embedded


def main(_arguments):
    with tempfile.TemporaryDirectory(prefix="socius-bench-") as directory:
        clone = Path(directory) / "socius"
        subprocess.run(["git", "clone", "--quiet", str(embedded.BASE_DIR), str(clone)], check=True)
        yardstick = import_django_seconds()
        for kind in ("cold", "warm"):
            page, healthy = start_once(clone)
            figures = {"first_page_s": round(page, 1), "healthy_s": round(healthy, 1)}
            ratio = {"first_page_per_django_import": round(page / yardstick, 1)}
            print(json.dumps({"bench": "run", "start": kind, **figures, **ratio}), flush=True)
        forget_servers_of(clone)


def import_django_seconds():
    started = time.monotonic()
    subprocess.run([sys.executable, "-c", "import django.contrib.auth.forms"], check=False, stderr=subprocess.DEVNULL)
    return time.monotonic() - started


def start_once(clone):
    """Seconds to the log-in page and to a healthy /healthz (web, database, broker and beat)."""
    port = embedded.free_port()
    keep = ("PATH", "HOME", "LANG", "PIP_CONFIG_FILE", "PIP_INDEX_URL", "TERM")
    environment = {name: os.environ[name] for name in keep if name in os.environ} | {"PORT": str(port)}
    started = time.monotonic()
    process = embedded.spawn(["bin/run"], cwd=clone, env=environment, stdout=subprocess.DEVNULL)
    try:
        page = wait_for(f"http://127.0.0.1:{port}/inloggen/", process, started)
        healthy = wait_for(f"http://127.0.0.1:{port}/healthz", process, started)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
    return page, healthy


def wait_for(url, process, started, patience=300):
    while time.monotonic() < started + patience:
        if process.poll() is not None:
            sys.exit(f"bin/run ended with {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=5):
                return time.monotonic() - started
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    sys.exit(f"{url} did not answer within {patience} seconds")


def forget_servers_of(clone):
    """As root the servers' data lie outside the clone; a bench leaves nothing behind."""
    home = embedded.Place.of(clone / "var").home
    if home.parent == embedded.SYSTEM_DIR:
        shutil.rmtree(home, ignore_errors=True)
