"""Rows of name tables and of key figures, with one form for all years."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

from neighbourhoods.cbs import clean_name
from neighbourhoods.cbs_files.codes import area_code, is_missing, is_nowhere, number, prefixed_code
from neighbourhoods.cbs_files.columns import PLAIN
from neighbourhoods.exceptions import CbsFileError

LONGEST_NAME = {"GM": 80, "WK": 120, "BU": 120}
WHOLE = {"inhabitants", "men", "women", "households"}


@dataclass
class Area:
    """One area as a table tells it; ``figures`` is None where the table has none."""

    code: str
    name: str = ""
    inhabitants: int | None = None
    figures: dict | None = field(default=None)


def read_areas(table, layout, skipped=None):
    """Yield an Area for each row and level. ``skipped`` counts what lies abroad or is water. Raises CbsFileError."""
    skipped = Counter() if skipped is None else skipped
    for row in table.rows():
        if layout.water is not None and row[layout.water].strip().upper() == "JA":
            skipped["water"] += 1
            continue
        for level, column, name in layout.areas:
            try:
                area = _area(row, layout, level, column, name)
            except ValueError as error:
                raise CbsFileError(f"{table.name}, line {table.line}: {error}. Is the file damaged?") from error
            if area is None:
                continue
            if is_nowhere(area.code):
                skipped["abroad"] += 1
            else:
                yield area


def _area(row, layout, level, column, name):
    if is_missing(row[column]):
        return None
    code = area_code(level, row[column]) if level else prefixed_code(row[column])
    if code is None:
        return None
    area = Area(code, _name(code, row[name]) if name is not None else "")
    if layout.plain:
        area.figures = _figures(row, layout)
        area.inhabitants = area.figures.pop("inhabitants")
    return area


def _name(code, text):
    name = " ".join(text.split())
    # A wijk is called "Wijk 03 Oosterwijk"; a buurt may be called "Wijk 3" and keeps that.
    name = clean_name(name) if code.startswith("WK") and clean_name(name) else name
    if "\ufffd" in name or len(name) > LONGEST_NAME[code[:2]]:
        raise ValueError(f"{code} has a name that cannot be: {name[:40]!r}")
    return name


def _figures(row, layout):
    """Numbers as the pages show them; None where CBS gives none."""
    values = {key: number(row[index]) for key, index in layout.plain.items()}
    for key, (whole, index) in layout.parts.items():
        part, total = number(row[index]), values[whole]
        if part is not None and total and part > total * 2:
            raise ValueError(f"{part} of {total} cannot be")
        values[key] = None if part is None or not total else min(Decimal(100), Decimal(round(part * 100 / total)))
    return {key: _plain(key, value) for key, value in values.items() if key in PLAIN}


def _plain(key, value):
    if value is None:
        return None
    if key in WHOLE or value == value.to_integral_value():
        return int(value)
    return round(float(value), 1)
