"""Bringing a year's files of CBS into the database: everything or nothing, however often and whoever else does."""

from dataclasses import dataclass, field

from django.db import DataError, IntegrityError, connection, transaction

from neighbourhoods.cbs_files.columns import Kind, recognise
from neighbourhoods.cbs_files.tables import read_tables
from neighbourhoods.exceptions import CbsFileError, CbsImportRefused
from neighbourhoods.services.importing.checking import check_staged
from neighbourhoods.services.importing.comparing import compare
from neighbourhoods.services.importing.merging import merge
from neighbourhoods.services.importing.staging import Stage, drop_stage

# One import at a time in a database, whoever starts it: the key of an advisory lock, the letters "cbs".
LOCK = 0x636273


@dataclass
class ImportReport:
    """What an import found and did: ``read`` says what each file was, ``changes`` what differs, ``notes`` the rest."""

    read: list = field(default_factory=list)
    changes: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    house_numbers: int = 0
    is_dry_run: bool = False


def import_cbs(
    *,
    paths,
    municipalities=(),
    everything=False,
    dry_run=False,
    accept_fewer=False,
    year=None,
    examples=10,
    progress=None,
):
    """Import postcodes, names and key figures from CBS's files; which is which is found out by their headers.

    For ``municipalities`` (codes such as GM0375), by default those in the database; with ``everything`` for the
    country. Staged and checked first: raises CbsFileError or CbsImportRefused before anything is written. Areas that
    vanished are kept. ``progress(table, rows)`` is called now and then. Returns an ImportReport, with up to
    ``examples`` of each kind of change; with ``dry_run`` nothing is written.
    """
    report = ImportReport(is_dry_run=dry_run)
    layouts = _layouts(paths, report)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            _take_lock(cursor)
            stage = Stage(cursor, municipalities=municipalities, everything=everything, year=year)
            for table, layout in layouts:
                stage.read(table, layout, progress)
            stage.finish()
            if not accept_fewer:
                check_staged(stage)
            report.changes = compare(stage, examples)
            if not dry_run:
                merge(stage)
            drop_stage(cursor)
    except IntegrityError as error:
        raise CbsImportRefused(f"The files contradict what is loaded: {error}") from error
    except DataError as error:
        raise CbsImportRefused(f"The files hold what cannot be kept: {error}") from error
    report.notes = stage.notes()
    report.house_numbers = stage.counts.rows
    return report


def _layouts(paths, report):
    """Each table with its layout: names first, so that what is found without one is an error of the file."""
    found = []
    for table in read_tables(paths):
        layout = recognise(table)
        report.read.append(f"{table.name}: {_described(layout)}")
        if layout is not None:
            found.append((table, layout))
    kinds = [layout.kind for _table, layout in found]
    if not kinds:
        raise CbsFileError(f"None of these is a file of CBS that can be read. {'; '.join(report.read)}.")
    if kinds.count(Kind.POSTCODES) > 1:
        raise CbsImportRefused("There are two files with full postcodes here: give one.")
    return found


def _described(layout):
    if layout is None:
        return "not used, its columns are not known"
    what = {Kind.POSTCODES: "full postcodes", Kind.NAMES: "names", Kind.FIGURES: "key figures"}[layout.kind]
    return f"{what} of {layout.year}" if layout.year else what


def _take_lock(cursor):
    cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
    if not cursor.fetchone()[0]:
        raise CbsImportRefused("Another import is running. Wait until it is done, then run this again.")
