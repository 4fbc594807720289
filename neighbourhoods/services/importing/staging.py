"""What the files say, in temporary tables that go with the transaction: nothing here changes what is loaded."""

import json
from collections import Counter
from itertools import islice

from neighbourhoods.cbs_files.areas import read_areas
from neighbourhoods.cbs_files.columns import Kind
from neighbourhoods.cbs_files.postcodes import Counts, read_runs
from neighbourhoods.exceptions import CbsImportRefused
from neighbourhoods.models import Municipality

CHUNK = 50_000
TABLES = {
    "cbs_run": 'pc6 text COLLATE "C", buurt text COLLATE "C", numbers integer',
    "cbs_postcode": 'pc6 text COLLATE "C" PRIMARY KEY, buurt text COLLATE "C"',
    "cbs_area": "code text COLLATE \"C\" PRIMARY KEY, name text DEFAULT ''",
    "cbs_name": 'code text COLLATE "C", name text',
    "cbs_figure": 'code text COLLATE "C", inhabitants integer, figures jsonb, name text',
}
# A postcode belongs where most of its house numbers lie; as many in two: to the lowest code.
CHOOSE = """
INSERT INTO cbs_postcode
SELECT DISTINCT ON (pc6) pc6, buurt
FROM (SELECT pc6, buurt, sum(numbers) AS numbers FROM cbs_run GROUP BY pc6, buurt) counted
ORDER BY pc6, numbers DESC, buurt
"""
# Every buurt brings its wijk and its gemeente along, every wijk its gemeente.
AREAS = """
INSERT INTO cbs_area (code)
WITH told AS (SELECT code FROM cbs_name UNION SELECT DISTINCT buurt FROM cbs_run),
     wijken AS (SELECT 'WK' || substr(code, 3, 6) AS code FROM told WHERE code LIKE 'BU%')
SELECT code FROM told UNION SELECT code FROM wijken
UNION SELECT 'GM' || substr(code, 3, 4) FROM told
"""


class Stage:
    """The temporary tables, which municipalities they are about, and what was counted on the way."""

    def __init__(self, cursor, *, municipalities, everything, year):
        self.cursor, self.year = cursor, year
        self.scope = None if everything else sorted(set(municipalities) or _loaded())
        if self.scope == []:
            raise CbsImportRefused("There are no municipalities yet. Say which with --municipality, or use --all.")
        self.named = set() if everything else set(municipalities)
        self.counts, self.skipped, self.levels = Counts(), Counter(), set()
        self.has_postcodes = self.has_figures = False
        drop_stage(cursor)
        for name, columns in TABLES.items():
            cursor.execute(f"CREATE TEMPORARY TABLE {name} ({columns}) ON COMMIT DROP")

    def read(self, table, layout, progress=None):
        """Stage one table. Raises CbsFileError."""
        if layout.kind == Kind.POSTCODES:
            self.has_postcodes = True
            runs = read_runs(table, layout, self.counts, progress)
            return self._copy("cbs_run", (f"{pc6}\t{buurt}\t{size}\n" for pc6, buurt, size in runs))
        areas = read_areas(table, layout, self.skipped)
        if layout.kind == Kind.NAMES:
            return self._copy("cbs_name", self._name_lines(areas))
        self.has_figures = True
        year = self.year or layout.year
        if year is None:
            raise CbsImportRefused(f"{table.name}: of which year are these figures? Say so with --year.")
        return self._copy("cbs_figure", (_figure_line(area, year) for area in areas))

    def _name_lines(self, areas):
        for area in areas:
            self.levels.add(area.code[:2])
            yield f"{area.code}\t{_escaped(area.name)}\n"

    def _copy(self, table, lines):
        lines = iter(lines)
        while chunk := list(islice(lines, CHUNK)):
            self.cursor.copy_expert(f"COPY {table} FROM STDIN", _Text("".join(chunk)))

    def finish(self):
        """Choose an area for each postcode, and leave only what is about the municipalities in scope."""
        execute = self.cursor.execute
        execute("ANALYZE cbs_run")
        execute(CHOOSE)
        execute(AREAS)
        # The country keeps its runs until here: who has most of a postcode may be a municipality out of scope.
        if self.scope is not None:
            for table, column in (("cbs_postcode", "buurt"), ("cbs_area", "code"), ("cbs_figure", "code")):
                execute(f"DELETE FROM {table} WHERE NOT 'GM' || substr({column}, 3, 4) = ANY(%s)", [self.scope])
        self._name()
        for table in ("cbs_postcode", "cbs_area", "cbs_figure"):
            execute(f"ANALYZE {table}")
        self.covered = self._covered()

    def _name(self):
        """Names from name tables; figures name only what these leave nameless."""
        for table in ("cbs_name", "cbs_figure"):
            self.cursor.execute(
                f"UPDATE cbs_area a SET name = n.name FROM (SELECT code, max(name) AS name FROM {table} "
                "WHERE name <> '' GROUP BY code) n WHERE n.code = a.code AND a.name = ''"
            )

    def _covered(self):
        """The municipalities that the files are about, as far as they are in scope.

        The file of postcodes is about the whole country: who has no row in it has vanished.
        """
        self.cursor.execute("SELECT code FROM cbs_area WHERE code LIKE 'GM%'")
        told = {code for (code,) in self.cursor.fetchall()}
        if self.has_postcodes:
            told |= set(_loaded()) if self.scope is None else set(self.scope)
        return sorted(told)

    def notes(self):
        """What was left out, in plain sentences."""
        counted = {
            "house numbers abroad": self.counts.abroad,
            "house numbers without an area": self.counts.without_area,
            "areas abroad": self.skipped["abroad"],
            "areas of water": self.skipped["water"],
        }
        return [f"skipped: {count} {what}" for what, count in counted.items() if count]


class _Text:
    """What COPY reads from: one block of text."""

    def __init__(self, text):
        self.text = text

    def read(self, _size=-1):
        text, self.text = self.text, ""
        return text


def drop_stage(cursor):
    """The tables go with the transaction; inside a larger one they go now."""
    cursor.execute(f"DROP TABLE IF EXISTS {', '.join(TABLES)}")


def _loaded():
    return list(Municipality.objects.order_by("pk").values_list("pk", flat=True))


def _figure_line(area, year):
    figures = json.dumps(area.figures | {"year": year}, ensure_ascii=True).replace("\\", "\\\\")
    inhabitants = "\\N" if area.inhabitants is None else area.inhabitants
    return f"{area.code}\t{inhabitants}\t{figures}\t{_escaped(area.name)}\n"


def _escaped(text):
    return text.replace("\\", "\\\\").replace("\t", " ").replace("\0", "")
