"""The carried list of all buurten of the Netherlands by code, for work at the size of the country.

Pure: a path in, plain rows out. Nothing here is loaded into an organisation's database.
"""

import csv
import gzip
import re
from dataclasses import dataclass

from neighbourhoods.cbs import MUNICIPALITY_CODE
from neighbourhoods.exceptions import CbsFileError
from neighbourhoods.postcodes import DATA

BUURTEN = DATA / "buurten_netherlands.csv.gz"
BUURT_CODE = re.compile(r"BU\d{4}[0-9A-Z]{4}", re.ASCII)
COLUMNS = ["code", "name", "gm_code", "gm_name", "inhabitants"]


@dataclass(frozen=True, slots=True)
class Buurt:
    """One buurt of the classification of 1 January 2024; CBS rounds inhabitants to multiples of 5."""

    code: str
    name: str
    municipality: str
    municipality_name: str
    inhabitants: int


def read_buurten(path=BUURTEN):
    """All buurten in the order of their codes; raises CbsFileError."""
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            header, *lines = csv.reader(file)
    except (OSError, EOFError, ValueError, csv.Error) as error:
        raise CbsFileError(f"{path.name}: cannot be read ({error})") from error
    if header != COLUMNS:
        raise CbsFileError(f"{path.name}: needs the columns {', '.join(COLUMNS)}")
    buurten = [_buurt(f"{path.name}, line {number}", line) for number, line in enumerate(lines, start=2)]
    if len({buurt.code for buurt in buurten}) < len(buurten):
        raise CbsFileError(f"{path.name}: a code stands in it twice")
    return buurten


def _buurt(where, line):
    if len(line) != len(COLUMNS):
        raise CbsFileError(f"{where}: needs {len(COLUMNS)} values")
    code, name, municipality, municipality_name, inhabitants = line
    if not BUURT_CODE.fullmatch(code) or not MUNICIPALITY_CODE.fullmatch(municipality):
        raise CbsFileError(f"{where}: {code!r} in {municipality!r} are no codes of this kind")
    if code[2:6] != municipality[2:]:
        raise CbsFileError(f"{where}: {code} does not lie in {municipality}")
    if not (name and municipality_name and inhabitants.isdecimal()):
        raise CbsFileError(f"{where}: {code} needs a name, a municipality's name and a number of inhabitants")
    return Buurt(code, name, municipality, municipality_name, int(inhabitants))
