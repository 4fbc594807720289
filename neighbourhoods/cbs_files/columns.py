"""Which table this is, and which column holds what: by the names in the header, whatever their order and year."""

import re
from dataclasses import dataclass, field
from enum import Enum

from neighbourhoods.cbs_files.codes import PC6
from neighbourhoods.exceptions import CbsFileError

YEAR = re.compile(r"_?((?:19|20)\d\d)$")
YEAR_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d{5})")
CODE_WITH_YEAR = re.compile(r"(?:buurt|brt|bu|wijk|wk|gemeente|gem|gm)", re.IGNORECASE)
CODES = {
    "BU": ("buurt", "bu", "brt", "buurtcode", "bucode", "brtcode"),
    "WK": ("wijk", "wk", "wijkcode", "wkcode"),
    "GM": ("gemeente", "gem", "gm", "gemeentecode", "gemcode", "gmcode"),
}
NAMES = {
    "BU": ("buurtnaam", "bunaam", "brtnaam"),
    "WK": ("wijknaam", "wknaam"),
    "GM": ("gemeentenaam", "gemnaam", "gmnaam"),
}
# A code that says its own level; with it, the name of whatever it is.
PREFIXED = ("gwbcode10", "codering", "wijkenenbuurten", "key", "statcode")
TITLES = ("regio", "title", "statnaam")
HOUSE_NUMBERS = ("huisnummer", "hnr", "huisnr")
# Numbers as they are.
PLAIN = {
    "inhabitants": ("ainw", "aantalinwoners", "aantinw"),
    "men": ("aman", "mannen"),
    "women": ("avrouw", "vrouwen"),
    "households": ("ahh", "huishoudenstotaal", "aantalhuishoudens"),
    "avg_household_size": ("ghhgro", "gemiddeldehuishoudensgrootte", "gemiddeldehuishoudsgrootte"),
    "density_km2": ("bevdich", "bevolkingsdichtheid", "bevolkingsdichtheidinwonersperkm2"),
    "pct_0_14": ("percentagepersonen0tot15jaar",),
    "pct_15_24": ("percentagepersonen15tot25jaar",),
    "pct_25_44": ("percentagepersonen25tot45jaar",),
    "pct_45_64": ("percentagepersonen45tot65jaar",),
    "pct_65_plus": ("percentagepersonen65jaarenouder",),
    "pct_single_person_households": ("percentageeenpersoonshuishoudens",),
}
# Numbers of people or households that become a percentage of all of them.
PARTS = {
    "pct_0_14": ("inhabitants", ("a0014", "k0tot15jaar")),
    "pct_15_24": ("inhabitants", ("a1524", "k15tot25jaar")),
    "pct_25_44": ("inhabitants", ("a2544", "k25tot45jaar")),
    "pct_45_64": ("inhabitants", ("a4564", "k45tot65jaar")),
    "pct_65_plus": ("inhabitants", ("a65oo", "k65jaarofouder")),
    "pct_single_person_households": ("households", ("a1phh", "eenpersoonshuishoudens")),
}


class Kind(Enum):
    """What a table is for."""

    POSTCODES = "postcodes"
    NAMES = "names"
    FIGURES = "figures"


@dataclass(frozen=True)
class Layout:
    """Where things stand in a row. ``areas`` holds (level or "", column of the code, column of the name or None)."""

    kind: Kind
    year: int | None = None
    postcode: int | None = None
    areas: list = field(default_factory=list)
    plain: dict = field(default_factory=dict)
    parts: dict = field(default_factory=dict)
    water: int | None = None


def recognise(table):
    """The layout of a table, or None when it is none of those that can be read. Raises CbsFileError."""
    columns = _columns(table.header)
    if not table.header[1:]:
        return None
    postcode = _first(columns, ("pc6", "postcode6", "postcode"))
    if postcode is not None and (_first(columns, HOUSE_NUMBERS) is not None or "pc6" in columns):
        return _postcode_layout(table, columns, postcode)
    if any(PC6.fullmatch(value.strip()) for value in table.header[:1]):
        return _layout_without_header(table)
    plain, parts = _figure_columns(columns)
    areas = _area_columns(columns, table.header)
    if not areas:
        return None
    if "inhabitants" in plain:
        finest = next(area for area in areas if area[0] == areas[0][0])
        year = _year_of(table)
        return Layout(Kind.FIGURES, year, None, [finest], plain, parts, columns.get("water"))
    named = [area for area in areas if area[2] is not None]
    return Layout(Kind.NAMES, _year_of(table), None, named, water=columns.get("water")) if named else None


def _columns(header):
    """{name without year, revision, case and signs: its first column}"""
    names = [name.strip().strip("\ufeff\"'").strip().lower() for name in header]
    is_statline = any(name.startswith("wijkenenbuurten") for name in names)
    found = {}
    for index, name in enumerate(names):
        bare = re.sub(r"_\d+$", "", name) if is_statline else YEAR.sub("", name)
        found.setdefault(re.sub(r"[^a-z0-9]", "", bare.removeprefix("ï»¿")), index)
    return found


def _first(columns, names):
    return next((columns[name] for name in names if name in columns), None)


def _postcode_layout(table, columns, postcode):
    areas = [(level, _first(columns, names), None) for level, names in CODES.items()]
    if areas[0][1] is None:
        missing = "a column with the buurt (Buurt2024, say)"
        raise CbsFileError(f"{table.name}: needs {missing}; it has {', '.join(table.header)}.")
    known = [area for area in areas if area[1] is not None]
    return Layout(Kind.POSTCODES, _year_of(table), postcode, known)


def _layout_without_header(table):
    """Rows from the first line on, in the order of every year: postcode, house number, buurt, wijk, gemeente."""
    if len(table.header) != 5:
        raise CbsFileError(f"{table.name}: has no header, and not the five columns that it always had.")
    table.has_header = False
    return Layout(Kind.POSTCODES, _year_of(table), 0, [("BU", 2, None), ("WK", 3, None), ("GM", 4, None)])


def _area_columns(columns, header):
    prefixed = _first(columns, PREFIXED)
    if prefixed is not None:
        return [("", prefixed, _first(columns, TITLES))]
    areas = []
    for level, names in CODES.items():
        code, name = _first(columns, names), _first(columns, NAMES[level])
        if code is not None and name is None and len(header) == 2:
            name = 1 - code
        if code is not None:
            areas.append((level, code, name))
    return areas


def _figure_columns(columns):
    plain = {key: _first(columns, names) for key, names in PLAIN.items()}
    parts = {key: (whole, _first(columns, names)) for key, (whole, names) in PARTS.items()}
    plain = {key: index for key, index in plain.items() if index is not None}
    return plain, {
        key: (whole, index) for key, (whole, index) in parts.items() if index is not None and whole in plain
    }


def _year_of(table):
    """From the name of a column with codes, else from that of the file: some files of 2022 are called 2021."""
    names = [name.strip().strip("\ufeff\"'") for name in table.header]
    years = [match[1] for name in names if CODE_WITH_YEAR.match(name) and (match := YEAR.search(name))]
    years = years or YEAR_IN_NAME.findall(table.name.rpartition("/")[2])
    return int(years[0]) if years else None
