"""Small files in the form of each year, made here: no row of a real one."""

import io
import zipfile

import openpyxl

# Three buurten in two wijken of Beverwijk, one of Heemskerk, one abroad; "ë" and "é" tell the encodings apart.
HOUSES = [
    ("1941AA", 1, "03750000"),
    ("1941AA", 3, "03750000"),
    ("1941AB", 2, "03750001"),
    ("1942BC", 7, "03750100"),
    ("1961XZ", 5, "03960000"),
    ("9999XX", 1, "09980000"),
]
NAMES = {
    "BU03750000": "Zeeën",
    "BU03750001": "Stationsbuurt",
    "BU03750100": "Wijk 3",
    "BU03960000": "Café-buurt",
    "WK037500": "Wijk 00 Centrum",
    "WK037501": "Wijk 01 Oosterwijk",
    "WK039600": "Wijk 00 Dorp",
    "GM0375": "Beverwijk",
    "GM0396": "Heemskerk",
}
LEVELS = {"BU": "buurt", "WK": "wijk", "GM": "gemeente"}


def postcodes_csv(
    houses=HOUSES, *, delimiter=";", header=None, year=2025, quoted=False, as_numbers=False, prefix=False, end="\r\n"
):
    """The large file; with ``as_numbers`` a spreadsheet has eaten the zeros in front."""
    header = f"PC6;Huisnummer;Buurt{year};Wijk{year};Gemeente{year}" if header is None else header
    lines = [header.replace(";", delimiter)] if header else []
    for pc6, number, buurt in houses:
        codes = [buurt, buurt[:6], buurt[:4]]
        if as_numbers:
            codes = [code.lstrip("0") for code in codes]
        if prefix:
            codes = [level + code for level, code in zip(("BU", "WK", "GM"), codes, strict=True)]
        values = [pc6, str(number), *codes]
        lines.append(delimiter.join(f'"{value}"' if quoted else value for value in values))
    return end.join(lines) + end


def names_csv(level, *, names=NAMES, year=2025, delimiter=";", header=None, prefix=False):
    """One of the three name tables that lie in the zip."""
    word = LEVELS[level]
    header = header or f"{word.capitalize()}{year};{word.capitalize()}naam{year}"
    rows = [(code if prefix else code[2:], name) for code, name in names.items() if code.startswith(level)]
    return "\n".join([header.replace(";", delimiter), *(delimiter.join(row) for row in rows)]) + "\n"


def write_zip(path, members):
    """A zip with these members: {name: text or bytes}."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content if isinstance(content, bytes) else content.encode())
    return path


def whole_zip(path, houses=HOUSES, *, names=NAMES, year=2025, **form):
    """As CBS publishes it: the large file and the name tables."""
    members = {f"pc6hnr{year}0801_gwb.csv": postcodes_csv(houses, year=year, **form)}
    members |= {f"{LEVELS[level]}_{year}.csv": names_csv(level, names=names, year=year) for level in LEVELS}
    return write_zip(path, members)


def xlsx(rows, sheet="KWB2025"):
    """A workbook with one sheet, as bytes."""
    workbook = openpyxl.Workbook()
    workbook.active.title = sheet
    for row in rows:
        workbook.active.append(row)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()
