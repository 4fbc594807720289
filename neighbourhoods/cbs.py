"""Reading the carried CBS files: everything is read and checked before anything is written.

Pure: paths in, plain rows out. Raises CbsFileError with the file's name and what is wrong with it.
"""

import csv
import json
import re
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from neighbourhoods.adjacency import rings
from neighbourhoods.enums import PostcodeKind
from neighbourhoods.exceptions import CbsFileError
from neighbourhoods.postcodes import DATA

# Shown with every map and every key figure (see NOTICE).
ATTRIBUTION = (
    "Bron: CBS, Kerncijfers wijken en buurten 2024; kaart: Kadaster / Centraal Bureau voor de Statistiek "
    "(2016, 2024), bewerkt. Polygonen deels via Who's On First."
)
FIGURES_OF = "Kerncijfers wijken en buurten 2024"
MUNICIPALITY_CODE = re.compile(r"GM\d{4}", re.ASCII)
NEIGHBOURHOOD_CODE = re.compile(r"WK\d{6}", re.ASCII)
FOUR_DIGITS = re.compile(r"[1-9]\d{3}", re.ASCII)
PREFIX = re.compile(r"^Wijk \d\d ")
# Columns that have a place of their own, or say nothing about the people who live there.
NOT_FIGURES = {"code", "name", "gm_code", "gm_name", "province", "buurten"}
POSTCODE_COLUMNS = {"pc4", "kind", "place", "wijk_code", "gm_code", "share"}


@dataclass(frozen=True)
class CbsData:
    """Rows as the models want them: {primary key: {field: value}}; shares by (pc4, neighbourhood code)."""

    municipalities: dict
    neighbourhoods: dict
    postcode_areas: dict
    postcode_shares: dict
    teams: list


def read_cbs(folder=DATA):
    """Read all files of ``folder``; raises CbsFileError."""
    municipalities = _read_areas(folder / "gemeenten.geojson", MUNICIPALITY_CODE)
    neighbourhoods = _read_areas(folder / "wijken.geojson", NEIGHBOURHOOD_CODE, parents=municipalities)
    areas, shares = _read_postcodes(folder / "postcodes.csv", municipalities, neighbourhoods)
    teams = _read_teams(folder / "teams.json", municipalities, neighbourhoods)
    return CbsData(municipalities, neighbourhoods, areas, shares, teams)


def clean_name(name):
    """Drop CBS's "Wijk 03 " and begin with a capital, so that names sort as a reader expects."""
    name = PREFIX.sub("", name).strip()
    return name[:1].upper() + name[1:]


def attribution(areas):
    """ATTRIBUTION with the years of the figures that are shown: import_cbs brings newer ones than are carried."""
    years = sorted({area.figures.get("year", 2024) for area in areas})
    told = ", ".join(map(str, years)) or "2024"
    return ATTRIBUTION.replace(FIGURES_OF, f"Kerncijfers wijken en buurten {told}")


def _load(path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CbsFileError(f"{path.name}: cannot be read ({error})") from error


def _read_areas(path, pattern, parents=None):
    rows = {}
    try:
        for feature in _load(path)["features"]:
            code, row = _area(path, feature, pattern, parents)
            if code in rows:
                raise CbsFileError(f"{path.name}: {code} stands in it twice")
            rows[code] = row
    except (KeyError, TypeError, AttributeError) as error:
        raise CbsFileError(f"{path.name}: not the expected form ({error!r})") from error
    if not rows:
        raise CbsFileError(f"{path.name}: holds no areas")
    return rows


def _area(path, feature, pattern, parents):
    properties, geometry = feature["properties"], feature["geometry"]
    code = properties["code"]
    if not pattern.fullmatch(code):
        raise CbsFileError(f"{path.name}: {code!r} is no code of this kind")
    if geometry["type"] not in {"Polygon", "MultiPolygon"} or not any(rings(geometry)):
        raise CbsFileError(f"{path.name}: {code} has no outline")
    inhabitants = properties["inhabitants"]
    if inhabitants is not None and (not isinstance(inhabitants, int) or inhabitants < 0):
        raise CbsFileError(f"{path.name}: {code} has {inhabitants!r} inhabitants")
    row = {
        "name": clean_name(properties["name"]),
        "inhabitants": inhabitants,
        "figures": {key: value for key, value in properties.items() if key not in NOT_FIGURES},
        "polygon": geometry,
    }
    if parents is not None:
        if properties["gm_code"] not in parents:
            raise CbsFileError(f"{path.name}: {code} lies in {properties['gm_code']!r}, which is not there")
        row["municipality_id"] = properties["gm_code"]
    return code, row


def _read_postcodes(path, municipalities, neighbourhoods):
    areas, sums = {}, defaultdict(Decimal)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, ValueError) as error:
        raise CbsFileError(f"{path.name}: cannot be read ({error})") from error
    if not rows or not set(rows[0]) >= POSTCODE_COLUMNS:
        raise CbsFileError(f"{path.name}: needs the columns {', '.join(sorted(POSTCODE_COLUMNS))}")
    for number, row in enumerate(rows, start=2):
        _check_postcode(f"{path.name}, line {number}", row, municipalities, neighbourhoods)
        area = areas.setdefault(row["pc4"], {"place": row["place"], "kind": row["kind"]})
        area.setdefault("municipality_id", row["gm_code"])
        if row["kind"] == PostcodeKind.ADDRESS:
            sums[row["pc4"], row["wijk_code"]] += Decimal(row["share"])
    return areas, _shares(sums)


def _check_postcode(where, row, municipalities, neighbourhoods):
    if not FOUR_DIGITS.fullmatch(row["pc4"] or "") or row["kind"] not in PostcodeKind.values or not row["place"]:
        raise CbsFileError(f"{where}: needs four digits, a place and a known kind")
    if row["gm_code"] not in municipalities:
        raise CbsFileError(f"{where}: municipality {row['gm_code']!r} is not there")
    if row["kind"] == PostcodeKind.PO_BOX:
        return
    if row["wijk_code"] not in neighbourhoods:
        raise CbsFileError(f"{where}: neighbourhood {row['wijk_code']!r} is not there")
    try:
        is_part = 0 <= Decimal(row["share"]) <= 1
    except (InvalidOperation, TypeError):
        is_part = False
    if not is_part:
        raise CbsFileError(f"{where}: share {row['share']!r} is not between 0 and 1")


def _shares(sums):
    """The file counts per buurt; here buurten of one wijk are added up (rounding may pass 1)."""
    main = {}
    for (pc4, code), share in sorted(sums.items()):
        if pc4 not in main or share > sums[pc4, main[pc4]]:
            main[pc4] = code
    return {
        (pc4, code): {"share": min(share, Decimal(1)).quantize(Decimal("0.001")), "is_main": main[pc4] == code}
        for (pc4, code), share in sums.items()
    }


def _read_teams(path, municipalities, neighbourhoods):
    teams = _load(path)
    try:
        for team in teams:
            if team["neighbourhoods"] == "all":
                team["neighbourhoods"] = [
                    code for code, row in neighbourhoods.items() if row["municipality_id"] == team["municipality"]
                ]
            unknown = {team["municipality"]} - set(municipalities) | set(team["neighbourhoods"]) - set(neighbourhoods)
            if unknown or not (team["code"] and team["name"] and isinstance(team["note"], str)):
                raise CbsFileError(f"{path.name}: {team['code']} names what is not there: {sorted(unknown)}")
    except (KeyError, TypeError) as error:
        raise CbsFileError(f"{path.name}: not the expected form ({error!r})") from error
    return teams
