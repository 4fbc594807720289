"""``manage.py import_cbs``: bring a year's files of CBS into the database."""

import time
from itertools import groupby
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from neighbourhoods.cbs import MUNICIPALITY_CODE
from neighbourhoods.exceptions import CbsFileError
from neighbourhoods.services import import_cbs

BAR = 30
# Seconds between two words about how far it is: on a terminal, and in a log.
SOON, SELDOM = 0.2, 15


class Command(BaseCommand):
    help = (
        "Import full postcodes, names of areas and key figures from the files of CBS, as downloaded (zip, csv, xlsx). "
        "Says what changes. Everything or nothing; safe to run again."
    )

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="zip, csv or xlsx; any order")
        scope = parser.add_mutually_exclusive_group()
        scope.add_argument(
            "--municipality",
            action="append",
            default=[],
            metavar="GM0375",
            help="only this one; may be repeated (default: those in the database)",
        )
        scope.add_argument("--all", action="store_true", help="all municipalities of the country")
        parser.add_argument("--dry-run", action="store_true", help="say what would change and write nothing")
        parser.add_argument("--accept-fewer", action="store_true", help="also when much that is loaded is not there")
        parser.add_argument("--year", type=int, help="of the key figures, when the file's name does not say it")
        parser.add_argument("--examples", type=int, default=10, metavar="N", help="show up to N of each change")

    def handle(self, *args, files, **options):
        codes = [code.strip().upper() for code in options["municipality"]]
        if wrong := [code for code in codes if not MUNICIPALITY_CODE.fullmatch(code)]:
            raise CommandError(f"{', '.join(wrong)}: a municipality's code looks like GM0375.")
        progress = Progress(self.stderr)
        try:
            report = import_cbs(
                paths=files,
                municipalities=codes,
                everything=options["all"],
                dry_run=options["dry_run"],
                accept_fewer=options["accept_fewer"],
                year=options["year"],
                examples=max(0, options["examples"]),
                progress=progress,
            )
        except CbsFileError as error:
            raise CommandError(f"Nothing was imported. {error}") from error
        finally:
            progress.end()
        self._tell(report)

    def _tell(self, report):
        for line in report.read:
            self.stdout.write(f"read {line}")
        if report.house_numbers:
            self.stdout.write(f"read {report.house_numbers:,} house numbers")
        for line in report.notes:
            self.stdout.write(line)
        for what, changes in groupby(report.changes, key=lambda change: change.what):
            changes = list(changes)
            told = ", ".join(f"{change.count:,} {change.kind}" for change in changes if change.count)
            self.stdout.write(f"{what}: {told or 'nothing changes'}")
            for change in changes:
                for line in change.examples:
                    self.stdout.write(f"    {change.kind}: {line}")
                if change.examples and change.count > len(change.examples):
                    self.stdout.write(f"    {change.kind}: … and {change.count - len(change.examples):,} more")
        self.stdout.write("Nothing was written: this was a dry run." if report.is_dry_run else "Imported.")


class Progress:
    """How far reading is, on standard error: a bar on a terminal, now and then a line in a log."""

    def __init__(self, out, clock=time.monotonic):
        self.out, self.clock = out, clock
        self.is_terminal = out.isatty()
        self.told_at, self.is_bar_open = clock(), False

    def __call__(self, table, rows):
        now = self.clock()
        if now - self.told_at < (SOON if self.is_terminal else SELDOM):
            return
        self.told_at = now
        part = min(1, table.position / table.size) if table.size else 0
        words = f"{rows:,} rows, {part:.0%} of {table.name}"
        if self.is_terminal:
            filled = round(part * BAR)
            self._write(f"\r[{'#' * filled}{'.' * (BAR - filled)}] {words}\033[K", ending="")
            self.is_bar_open = True
        else:
            self._write(words)

    def end(self):
        """Leave the bar's line."""
        if self.is_bar_open:
            self._write("")
            self.is_bar_open = False

    def _write(self, text, ending="\n"):
        self.out.write(text, style_func=str, ending=ending)
