"""Reading the large file: one row per house number, told on as runs of the same postcode and buurt."""

from dataclasses import dataclass
from operator import itemgetter

from neighbourhoods.cbs_files.codes import PC6, area_code, full_postcode, is_missing, is_nowhere
from neighbourhoods.exceptions import CbsFileError

# After so many rows one hears how far it is.
STEP = 100_000


@dataclass
class Counts:
    """What a file held: house numbers, and those left out because they lie abroad or in no area."""

    rows: int = 0
    abroad: int = 0
    without_area: int = 0


def read_runs(table, layout, counts, progress=None):
    """Yield (postcode, buurt code, house numbers) for every stretch of equal rows. Raises CbsFileError.

    CBS sorts by postcode, so that a stretch is most of a postcode; an unsorted file gives more of them, and the same
    sums. Nothing is kept, so memory does not grow with the file.
    """
    table.use_plain_codes()
    pick = itemgetter(layout.postcode, *(index for _level, index, _name in layout.areas))
    levels = [level for level, _index, _name in layout.areas]
    buurten = {}
    for values, size in _stretches(map(pick, table.rows())):
        if progress and counts.rows // STEP < (counts.rows + size) // STEP:
            progress(table, counts.rows + size)
        counts.rows += size
        if run := _run(table, levels, values, size, buurten, counts):
            yield run
    if not counts.rows:
        raise CbsFileError(f"{table.name}: has a header and no rows. Is the download whole?")


def _stretches(rows):
    """(row, how often it follows itself): eight million times, so as little as can be for each."""
    previous, size = None, 0
    for current in rows:
        if current == previous:
            size += 1
            continue
        if size:
            yield previous, size
        previous, size = current, 1
    if size:
        yield previous, size


def _run(table, levels, values, size, buurten, counts):
    """One stretch with its codes read; None when it is left out, and counted so."""
    postcode, *codes = values
    key = tuple(codes)
    try:
        if key not in buurten:
            buurten[key] = _buurt(levels, codes)
        pc6 = postcode if PC6.fullmatch(postcode) else full_postcode(postcode)
    except ValueError as error:
        raise CbsFileError(f"{table.name}, at line {table.line}: {error}. Is the file damaged?") from error
    buurt = buurten[key]
    if buurt is None:
        counts.without_area += size
    elif is_nowhere(buurt):
        counts.abroad += size
    else:
        return pc6, buurt, size
    return None


def _buurt(levels, codes):
    """The buurt's code, checked against wijk and gemeente; None when the row names none. Raises ValueError."""
    if is_missing(codes[0]):
        return None
    buurt = area_code("BU", codes[0])
    for level, text in zip(levels[1:], codes[1:], strict=True):
        code = area_code(level, text)
        if not buurt[2:].startswith(code[2:]):
            raise ValueError(f"buurt {codes[0].strip()} does not lie in {text.strip()}")
    return buurt
