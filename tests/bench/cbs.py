"""bin/bench cbs [--small] [--rows N]: what importing a year's postcodes of CBS costs, in time and in memory.

A file of 8 million house numbers, as large as the real one, is made first: the same each time, with the codes of all
buurten of the country and invented postcodes, sorted by postcode, in a zip with its name tables. Then `manage.py
import_cbs --all` reads it in a process of its own, whose peak memory is told, beside that of an eighth of the file and
of a process that imports nothing; once into an empty database, once again, and for five municipalities.

Yardsticks in the same run, before and after it, for a machine that others use too: the same file read line by line,
read by Python's csv module, and brought into a bare table by COPY. --small is the size of the suite: it proves that
the bench runs.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
import zipfile
from itertools import chain, count, islice, product
from pathlib import Path
from string import ascii_uppercase

from django.db import connection

from neighbourhoods.models import Postcode6
from neighbourhoods.netherlands import read_buurten
from socius import embedded
from tests.processes import child_environment

ROWS, SMALL_ROWS = 8_000_000, 40_000
# As in the country: house numbers to a postcode, one postcode in so many reaches into the next buurt.
PER_POSTCODE, REACHES_OVER = 17, 9
FIVE = ("GM0375", "GM0383", "GM0396", "GM0450", "GM0453")
UNUSED = {"SA", "SD", "SS"}


def main(arguments):
    options = read_options(arguments)
    with tempfile.TemporaryDirectory(prefix="socius-bench-", dir=options.folder) as folder:
        eighth = make_file(Path(folder) / "eighth", options.rows // 8)
        whole = make_file(Path(folder) / "whole", options.rows)
        say(file="made", rows=options.rows, csv_mb=mega(whole.csv), zip_mb=mega(whole.zip))
        nothing = run("check", "--tag", "compatibility")
        say(measure="a process that imports nothing", seconds=nothing.seconds, peak_mb=nothing.peak)
        before = measure_yardsticks(whole.csv, options.rows)
        measure_import("an eighth, first time", eighth.zip, options.rows // 8, nothing, "--all")
        first = measure_import("first time", whole.zip, options.rows, nothing, "--all", "--accept-fewer")
        check_all_there(whole)
        measure_import("the same file again", whole.zip, options.rows, nothing, "--all")
        of_five = chain.from_iterable(("--municipality", code) for code in FIVE)
        measure_import("five municipalities", whole.zip, options.rows, nothing, *of_five)
        after = measure_yardsticks(whole.csv, options.rows)
        ratios = {name: round(2 * first / (before[name] + after[name]), 1) for name in before}
        say(first_time_by_yardstick=ratios)


def read_options(arguments):
    parser = argparse.ArgumentParser(prog="bin/bench cbs")
    parser.add_argument("--small", action="store_true", help="at the size of the suite")
    parser.add_argument("--rows", type=int, help="house numbers in the file")
    parser.add_argument("--folder", help="where the file is made (about 350 MB; removed afterwards)")
    options = parser.parse_args(arguments)
    options.rows = options.rows or (SMALL_ROWS if options.small else ROWS)
    return options


class Made:
    """A file that was made: as csv, as published in a zip, and how many postcodes it should give."""

    def __init__(self, folder):
        folder.mkdir()
        self.csv, self.zip = folder / "pc6hnr20250801_gwb.csv", folder / "2025-cbs-pc6huisnr20250801_buurt.zip"
        self.postcodes = 0


def make_file(folder, rows):
    """The large file and its name tables, with house numbers in proportion to inhabitants."""
    made, buurten = Made(folder), read_buurten()
    with made.csv.open("w", encoding="ascii", newline="\r\n") as out:
        out.write("PC6;Huisnummer;Buurt2025;Wijk2025;Gemeente2025\n")
        for lines in batches(house_numbers(made, buurten, rows), 100_000):
            out.writelines(lines)
    with zipfile.ZipFile(made.zip, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(made.csv, made.csv.name)
        for level, names in name_tables(buurten).items():
            lines = (f"{code};{name}\r\n" for code, name in sorted(names.items()))
            archive.writestr(f"{level.lower()}_2025.csv", f"{level}2025;{level}naam2025\r\n" + "".join(lines))
    return made


def house_numbers(made, buurten, rows):
    """Exactly so many lines. A postcode goes on in the next buurt now and then, with few of its house numbers."""
    people = sum(buurt.inhabitants + 20 for buurt in buurten)
    postcodes, number, written, owed = all_postcodes(), 0, 0, 0
    pc6 = next(postcodes)
    for buurt in buurten:
        owed += rows * (buurt.inhabitants + 20) / people
        while written < round(owed):
            bare = buurt.code[2:]
            yield f"{pc6};{number * 2 + 1};{bare};{bare[:6]};{bare[:4]}\n"
            made.postcodes += number == 0
            written, number = written + 1, number + 1
            if number >= PER_POSTCODE:
                pc6, number = next(postcodes), 0
        if number and written % REACHES_OVER:
            pc6, number = next(postcodes), 0
    yield from ("9999ZZ;1;09980000;099800;0998\n" for _ in range(rows - written))


def all_postcodes():
    letters = [a + b for a, b in product(ascii_uppercase, repeat=2) if a + b not in UNUSED]
    return (f"{digits}{pair}" for digits in count(1000) for pair in letters)


def name_tables(buurten):
    return {
        "Buurt": {buurt.code[2:]: buurt.name for buurt in buurten},
        "Wijk": {buurt.code[2:8]: f"Wijk {buurt.code[6:8]} {buurt.municipality_name}" for buurt in buurten},
        "Gemeente": {buurt.municipality[2:]: buurt.municipality_name for buurt in buurten},
    }


def batches(lines, size):
    lines = iter(lines)
    while batch := list(islice(lines, size)):
        yield batch


class Run:
    """How a command went: seconds, and the most memory it ever held, in MB."""

    def __init__(self, seconds, peak):
        self.seconds, self.peak = round(seconds, 1), peak


# Linux hands a parent's peak on to its child's ru_maxrss, so the process reads its own.
MANAGE = """
import sys
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", *sys.argv[1:]])
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def run(*arguments):
    begun = time.perf_counter()
    command = [sys.executable, "-W", "ignore", "-c", MANAGE, *map(str, arguments)]
    environment = child_environment(DJANGO_SETTINGS_MODULE="socius.settings")
    done = subprocess.run(command, cwd=embedded.BASE_DIR, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, arguments))}: {done.stderr}")
    return Run(time.perf_counter() - begun, round(int(done.stdout.split()[-1]) / 1024))


def measure_import(what, path, rows, nothing, *options):
    """Seconds of one import."""
    done = run("import_cbs", path, *options)
    say(
        measure=what,
        rows=rows,
        seconds=done.seconds,
        rows_per_second=round(rows / done.seconds),
        peak_mb=done.peak,
        of_which_for_importing_mb=done.peak - nothing.peak,
    )
    return done.seconds


def measure_yardsticks(path, rows):
    seconds = {
        "reading lines": timed(read_lines, path),
        "csv module": timed(read_csv, path),
        "COPY": timed(copy, path),
    }
    for name, taken in seconds.items():
        say(yardstick=name, rows=rows, seconds=round(taken, 1), rows_per_second=round(rows / taken))
    return seconds


def timed(work, path):
    begun = time.perf_counter()
    work(path)
    return time.perf_counter() - begun


def read_lines(path):
    with path.open(encoding="utf-8") as file:
        return sum(1 for _line in file)


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as file:
        return sum(1 for _row in csv.reader(file, delimiter=";"))


def copy(path):
    with connection.cursor() as cursor, path.open("rb") as file:
        cursor.execute("CREATE TABLE bench_bare (pc6 text, number text, buurt text, wijk text, gemeente text)")
        cursor.copy_expert("COPY bench_bare FROM STDIN (FORMAT csv, HEADER, DELIMITER ';')", file)
        cursor.execute("DROP TABLE bench_bare")


def check_all_there(made):
    found = Postcode6.objects.count()
    if found != made.postcodes:
        sys.exit(f"{made.postcodes} postcodes were in the file, {found} are in the database")


def mega(path):
    return round(path.stat().st_size / 1e6, 1)


def say(**figures):
    print(json.dumps({"bench": "cbs", **figures}), flush=True)
