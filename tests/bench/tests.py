"""bin/bench tests: wall time of `bin/test` on this machine, with how many tests ran."""

import json
import os
import re
import subprocess
import sys
import time

from socius import embedded


def main(arguments):
    started = time.monotonic()
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    environment.pop("SOCIUS_VAR", None)
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    command = [str(embedded.BASE_DIR / "bin" / "test"), "-q", *arguments]
    result = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)
    counts = {
        word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|skipped|errors?)", result.stdout)
    }
    seconds = time.monotonic() - started
    per_test = round(seconds / max(1, counts.get("passed", 0)), 3)
    print(json.dumps({"bench": "tests", "wall_s": round(seconds), "s_per_test": per_test, **counts}), flush=True)
    if result.returncode:
        sys.exit(result.stdout[-3000:])
