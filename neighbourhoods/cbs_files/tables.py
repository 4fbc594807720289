"""Opening a file of CBS, whatever it is packed in: tables with a header and rows of as many values."""

import codecs
import csv
import io
import zipfile
import zlib
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import openpyxl

from neighbourhoods.exceptions import CbsFileError

HEAD = 65_536
CHUNK = 1 << 20
# Larger than anything that CBS ships, and small enough to be read: a download can be broken, or be no such file.
LONGEST_LINE = 1 << 20
LARGEST_WORKBOOK, LARGEST_UNPACKED = 50_000_000, 250_000_000
BROKEN = (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError)
DELIMITERS = ";,\t"
MAKE_READABLE = "Download it again, or save it as csv (UTF-8)."


@dataclass(frozen=True)
class Source:
    """Something to read bytes from: a file, or a member of a zip."""

    name: str
    size: int
    path: Path
    member: str = ""

    def open(self):
        if not self.member:
            return self.path.open("rb")
        with zipfile.ZipFile(self.path) as archive:
            return archive.open(self.member)


class _LinesOnly(io.BufferedIOBase):
    """Bytes as they are, as long as lines end in them: a line is kept whole in memory."""

    def __init__(self, stream):
        self._stream, self._since = stream, 0

    def readable(self):
        return True

    def read1(self, size=-1):
        chunk = self._stream.read(size)
        end = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        self._since = self._since + len(chunk) if end < 0 else len(chunk) - end - 1
        if self._since > LONGEST_LINE:
            raise csv.Error(f"a line of more than {LONGEST_LINE:,} bytes")
        return chunk

    read = read1


class CsvTable:
    """Rows of a text file; delimiter and encoding are found out. ``line`` and ``position`` say how far one is."""

    def __init__(self, source):
        self.name, self.size, self.source = source.name, source.size, source
        self.encoding = ""
        self._stream = self._reader = None
        head = self._head()
        self._bom = _bom_encoding(head)
        text = head.decode(self._bom or "latin-1", errors="ignore")
        lines = [line for line in text.splitlines() if line.strip()]
        self._skipped = bool(lines) and lines[0].lower().startswith("sep=")
        if not lines[self._skipped :]:
            raise CbsFileError(f"{self.name}: is empty. {MAKE_READABLE}")
        first = lines[self._skipped]
        self.delimiter = max(DELIMITERS, key=first.count)
        self.header = next(csv.reader([first], delimiter=self.delimiter))
        self.has_header = True

    @property
    def position(self):
        """How many bytes of ``size`` are read."""
        return self._stream.tell() if self._stream else 0

    @property
    def line(self):
        """The number of the line that was read last."""
        return self._reader.line_num if self._reader else 0

    def _head(self):
        try:
            with closing(self.source.open()) as stream:
                return stream.read(HEAD)
        except BROKEN as error:
            raise _unreadable(self.name, error) from error

    def use_plain_codes(self):
        """All that matters is digits and capitals: read each byte as one character, without looking first."""
        self.encoding = self._bom or "latin-1"

    def rows(self):
        """Every row after the header as a list of as many values. Raises CbsFileError."""
        width = len(self.header)
        try:
            with closing(self.source.open()) as self._stream:
                yield from self._checked(width)
        except UnicodeDecodeError as error:
            raise CbsFileError(f"{self.name}: is neither UTF-8 nor Windows text. {MAKE_READABLE}") from error
        except (csv.Error, *BROKEN) as error:
            raise _unreadable(f"{self.name}, line {self.line + 1}", error) from error
        finally:
            self._stream = None

    def _checked(self, width):
        encoding = self.encoding or self._bom or self._find_encoding()
        text = io.TextIOWrapper(_LinesOnly(self._stream), encoding, newline="")
        self._reader = csv.reader(text, delimiter=self.delimiter)
        to_skip = self._skipped + self.has_header
        for row in self._reader:
            if len(row) == width and not to_skip:
                yield row
            elif to_skip and any(row):
                to_skip -= 1
            elif any(value.strip() for value in row):
                raise CbsFileError(
                    f"{self.name}, line {self.line}: has {len(row)} values, the header has {width}. "
                    f"Is the file cut off? {MAKE_READABLE}"
                )

    def _find_encoding(self):
        """UTF-8 if all of it is; otherwise Windows text, which older years use."""
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            with closing(self.source.open()) as stream:
                while chunk := stream.read(CHUNK):
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
        return "utf-8"


class XlsxTable:
    """Rows of the first sheet that has more than one column; numbers come as text, empty cells as empty text."""

    encoding = "xlsx"

    def __init__(self, source, sheet, rows):
        self.name, self.size = f"{source.name}, sheet {sheet}", source.size
        self.line = self.position = 0
        self.has_header = True
        self.header, *self._rows = rows

    def use_plain_codes(self):
        """Nothing to do: a workbook knows its own letters."""

    def rows(self):
        width = len(self.header)
        for row in self._rows[not self.has_header :]:
            self.line += 1
            yield (row + [""] * width)[:width]


def read_tables(paths):
    """All tables in these files, none read beyond its head. Raises CbsFileError."""
    tables = []
    for path in map(Path, paths):
        for source in _sources(path):
            if source.name.lower().endswith(".xlsx"):
                tables += _sheets(source)
            elif source.name.lower().endswith(".xls"):
                raise CbsFileError(f"{source.name}: is of the old kind. Save it as .xlsx or .csv.")
            else:
                tables.append(CsvTable(source))
    return tables


def _sources(path):
    try:
        if path.suffix.lower() != ".zip":
            return [Source(path.name, path.stat().st_size, path)]
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if _is_data(info.filename)]
    except BROKEN as error:
        raise _unreadable(path.name, error) from error
    if not members:
        raise CbsFileError(f"{path.name}: holds no csv or xlsx file.")
    # Some years ship each name table twice: the spreadsheet is then left alone.
    texts = {Path(info.filename).stem.lower() for info in members if not info.filename.lower().endswith(".xlsx")}
    return [
        Source(f"{path.name}/{info.filename}", info.file_size, path, info.filename)
        for info in members
        if not (info.filename.lower().endswith(".xlsx") and Path(info.filename).stem.lower() in texts)
    ]


def _is_data(name):
    is_hidden = name.startswith("__MACOSX") or Path(name).name.startswith(".")
    return name.lower().endswith((".csv", ".txt", ".xlsx")) and not is_hidden


def _sheets(source):
    """The first sheet with a table in it. Whole in memory: no table of areas is large."""
    try:
        workbook = openpyxl.load_workbook(_unpackable(source), read_only=True, data_only=True)
        with closing(workbook):
            for sheet in workbook.worksheets:
                sheet.reset_dimensions()
                rows = [row for row in map(_texts, sheet.iter_rows(values_only=True)) if any(row)]
                if len(rows) > 1 and len(rows[0]) > 1:
                    return [XlsxTable(source, sheet.title, rows)]
    except (KeyError, ValueError, TypeError, SyntaxError, *BROKEN) as error:
        raise _unreadable(source.name, error) from error
    return []


def _unpackable(source):
    """The bytes of a workbook; ValueError for one that is too large, or would become so."""
    if source.size > LARGEST_WORKBOOK:
        raise ValueError(f"a workbook of more than {LARGEST_WORKBOOK:,} bytes")
    with closing(source.open()) as stream:
        packed = io.BytesIO(stream.read(LARGEST_WORKBOOK + 1))
    with zipfile.ZipFile(packed) as archive:
        if sum(info.file_size for info in archive.infolist()) > LARGEST_UNPACKED:
            raise ValueError(f"a workbook of more than {LARGEST_UNPACKED:,} bytes when unpacked")
    return packed


def _texts(cells):
    return [
        "" if cell is None else str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
        for cell in cells
    ]


def _bom_encoding(head):
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    return "utf-16" if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else ""


def _unreadable(name, error):
    return CbsFileError(f"{name}: cannot be read ({error}). Is the download whole? {MAKE_READABLE}")
