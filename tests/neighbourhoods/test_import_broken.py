"""A broken or hostile file of CBS: a clear word, nothing changed, and no more memory than a line needs."""

import tracemalloc
import zipfile

import pytest
from django.core.management import CommandError, call_command

from neighbourhoods.cbs_files import tables
from neighbourhoods.cbs_files.codes import number
from neighbourhoods.exceptions import CbsFileError
from neighbourhoods.models import Neighbourhood
from neighbourhoods.services import import_cbs
from tests.factories.neighbourhoods import make_municipality
from tests.neighbourhoods.cbs_made import xlsx

pytestmark = pytest.mark.django_db
HEADER = "gwb_code_10;regio;a_inw"


@pytest.fixture(autouse=True)
def place():
    make_municipality("Beverwijk", "GM0375")


@pytest.mark.parametrize("figure", ["99999999999", "1e12", "1e9999", "9" * 5000, "Infinity", "1e-9999x"])
def test_a_figure_that_cannot_be_is_named_and_nothing_is_written(tmp_path, figure):
    path = tmp_path / "kwb-2024.csv"
    path.write_text(f"{HEADER}\nWK037500;Wijk 00 Centrum;{figure}\nWK037501;Wijk 01;5\n")
    with pytest.raises(CbsFileError, match=r"line 2: '") as refused:
        import_cbs(paths=[path])
    assert len(str(refused.value)) < 200
    assert not Neighbourhood.objects.exists()
    with pytest.raises(CommandError):
        call_command("import_cbs", str(path))


def test_the_largest_municipality_and_all_of_the_country_are_read():
    assert [number(text) for text in ("931298", "17942942", "0")] == [931298, 17942942, 0]


def test_one_endless_line_takes_no_more_memory_than_a_line_may(tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("wijk_2024.csv", "w") as file:
        file.write(b"Wijk2024;Wijknaam2024\n037500;")
        for _number in range(60):
            file.write(b"a" * 1_000_000)
    tracemalloc.start()
    with pytest.raises(CbsFileError, match="a line of more than"):
        import_cbs(paths=[path])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30_000_000


def test_lines_are_counted_whatever_they_end_in(tmp_path):
    for end in ("\n", "\r\n", "\r"):
        path = tmp_path / "wijk_2024.csv"
        path.write_bytes(
            end.join(["Wijk2024;Wijknaam2024", *(["037500;Centrum aan de Zeeweg en omstreken"] * 40_000)]).encode()
        )
        [table] = tables.read_tables([path])
        assert sum(1 for _row in table.rows()) == 40_000


def test_a_workbook_too_large_to_hold_is_refused_before_it_is_unpacked(tmp_path):
    path = tmp_path / "kwb-2024.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/sharedStrings.xml", "w") as file,
    ):
        for _number in range(tables.LARGEST_UNPACKED // 1_000_000 + 1):
            file.write(b" " * 1_000_000)
    with pytest.raises(CbsFileError, match="when unpacked"):
        import_cbs(paths=[path])
    with path.open("wb") as file:
        file.truncate(tables.LARGEST_WORKBOOK + 1)
    with pytest.raises(CbsFileError, match="a workbook of more than"):
        import_cbs(paths=[path])


def test_an_ordinary_workbook_is_read(tmp_path):
    path = tmp_path / "kwb-2024.xlsx"
    path.write_bytes(xlsx([HEADER.split(";"), ["WK037500", "Wijk 00 Centrum", 6400]]))
    [table] = tables.read_tables([path])
    assert list(table.rows()) == [["WK037500", "Wijk 00 Centrum", "6400"]]
