"""manage.py import_cbs: every year's form is read, half a file writes nothing, and what is used stays."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from neighbourhoods.exceptions import CbsFileError, CbsImportRefused
from neighbourhoods.models import Catchment, Municipality, Neighbourhood, Postcode6, PostcodeArea, SubNeighbourhood
from neighbourhoods.services import import_cbs, load_cbs
from neighbourhoods.services.importing import LOCK
from tests.factories.clients import make_client
from tests.factories.neighbourhoods import make_municipality
from tests.neighbourhoods.cbs_made import HOUSES, NAMES, names_csv, postcodes_csv, whole_zip, write_zip

pytestmark = pytest.mark.django_db

EXPECTED = {
    "1941AA": "BU03750000",
    "1941AB": "BU03750001",
    "1942BC": "BU03750100",
    "1961XZ": "BU03960000",
}
OLD_HEADER = "buurtcode2020;buurtnaam2020;GM_2020;GM2020;GM_NAAM;WK_2020;WK2020;WK_NAAM"


@pytest.fixture
def two():
    """The municipalities that are there before: an import without options is about them."""
    return make_municipality(), make_municipality("Heemskerk", "GM0396")


def _write(path, content, encoding="utf-8"):
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def _postcodes():
    return dict(Postcode6.objects.order_by("pk").values_list("pk", "sub_neighbourhood"))


def _names():
    areas = [*Municipality.objects.order_by("pk"), *Neighbourhood.objects.order_by("pk")]
    return {area.pk: area.name for area in [*areas, *SubNeighbourhood.objects.order_by("pk")]}


def _counts(report):
    return {(change.what, change.kind): change.count for change in report.changes if change.count}


def _everything():
    models = (Municipality, Neighbourhood, SubNeighbourhood, Postcode6, Catchment)
    return [list(model.objects.order_by("pk").values()) for model in models]


# --- forms of each year --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form",
    [
        {"year": 2017, "header": "PC6;Huisnummer;Buurt2017;Wijk2017;Gem2017"},
        {"year": 2019, "as_numbers": True},
        {"year": 2020, "quoted": True},
        {"year": 2023, "delimiter": ",", "end": "\n"},
        {"year": 2024, "delimiter": ",", "quoted": True},
        {"year": 2025, "prefix": True},
        {"year": 2025, "delimiter": "\t"},
        {"year": 2025, "header": "pc6;huisnummer;buurtcode;wijkcode;gemeentecode"},
        {"year": 2025, "header": ""},
    ],
    ids=str,
)
def test_every_years_form_of_the_large_file_is_read_alike(two, tmp_path, form):
    report = import_cbs(paths=[_write(tmp_path / "pc6hnr_gwb.csv", postcodes_csv(**form))])
    assert _postcodes() == EXPECTED
    assert (report.house_numbers, report.notes) == (6, ["skipped: 1 house numbers abroad"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_names_are_read_in_every_encoding(two, tmp_path, encoding):
    paths = [_write(tmp_path / "pc6.csv", postcodes_csv(), "utf-8-sig")]
    paths += [_write(tmp_path / f"{level}.csv", names_csv(level), encoding) for level in ("BU", "WK", "GM")]
    import_cbs(paths=paths)
    assert _names() == {
        "GM0375": "Beverwijk",
        "GM0396": "Heemskerk",
        "WK037500": "Centrum",
        "WK037501": "Oosterwijk",
        "WK039600": "Dorp",
        "BU03750000": "Zeeën",
        "BU03750001": "Stationsbuurt",
        "BU03750100": "Wijk 3",
        "BU03960000": "Café-buurt",
    }


def test_a_zip_as_published_brings_postcodes_and_names_at_once(two, tmp_path):
    report = import_cbs(paths=[whole_zip(tmp_path / "2025.zip")])
    assert _postcodes() == EXPECTED
    assert Neighbourhood.objects.get(pk="WK037501").name == "Oosterwijk"
    assert [line.partition(": ")[2] for line in report.read] == ["full postcodes of 2025", *["names of 2025"] * 3]


@pytest.mark.parametrize(
    "rows",
    [
        # 2020: all three levels in one table.
        [OLD_HEADER, "BU03750000;Zeeën;GM0375;375;Bevertje;WK037500;37500;Wijk 00 Midden"],
        ["GM_CODE,GM_NAAM", "GM0375,Bevertje"],
        ["Gemcode2020;Gemeentenaam2020", "0375;Bevertje"],
        ["Gemeente2024;Gemeentenaam2024", "375;Bevertje"],
        ['"Key","Title","Description"', '"NL00      ","Nederland",', '"GM0375    ","Bevertje","Gemeente"'],
        ["statcode,jrstatcode,statnaam", "GM0375,2025GM0375,Bevertje"],
        ["Gemeentenaam;Gemeente2025", "Bevertje;0375"],
    ],
    ids=lambda rows: rows[0],
)
def test_names_are_found_whatever_the_columns_are_called(two, tmp_path, rows):
    import_cbs(paths=[_write(tmp_path / "namen.csv", "\n".join(rows) + "\n")])
    assert Municipality.objects.get(pk="GM0375").name == "Bevertje"
    if rows[0] == OLD_HEADER:
        assert Neighbourhood.objects.get(pk="WK037500").name == "Midden"
        assert SubNeighbourhood.objects.get().name == "Zeeën"


def test_codes_with_letters_and_the_order_of_columns_do_not_matter(tmp_path):
    make_municipality("Amsterdam", "GM0363")
    text = 'Gemeente2025;"Buurt2025";PC6;Wijk2025;Huisnummer\n0363;0363AF01;1011 ab;0363AF;99\n'
    import_cbs(paths=[_write(tmp_path / "pc6.csv", text)])
    assert _postcodes() == {"1011AB": "BU0363AF01"}
    assert Neighbourhood.objects.get().pk == "WK0363AF"


# --- where a postcode belongs --------------------------------------------------------------------------------------


def test_a_postcode_belongs_where_most_of_its_house_numbers_lie_and_a_tie_goes_to_the_lowest_code(two, tmp_path):
    houses = [
        *(("1941AA", number, "03750100") for number in (1, 5, 9)),
        *(("1941AA", number, "03750000") for number in (3, 7)),
        ("1941AB", 1, "03960000"),
        ("1941AB", 2, "03750001"),
        # Far from the others, as in no sorted file: counted all the same.
        ("1941AC", 1, "03750100"),
        ("1941AC", 2, "03750000"),
        ("1941AD", 1, "03960000"),
        ("1941AC", 3, "03750000"),
    ]
    import_cbs(paths=[_write(tmp_path / "pc6.csv", postcodes_csv(houses))])
    assert _postcodes() == {
        "1941AA": "BU03750100",
        "1941AB": "BU03750001",
        "1941AC": "BU03750000",
        "1941AD": "BU03960000",
    }


def test_a_postcode_that_lies_mostly_elsewhere_is_not_ours(two, tmp_path):
    houses = [*HOUSES, *(("1941AB", number, "04500000") for number in (4, 6))]
    import_cbs(paths=[_write(tmp_path / "pc6.csv", postcodes_csv(houses))])
    assert _postcodes() == {pc6: code for pc6, code in EXPECTED.items() if pc6 != "1941AB"}


# --- which municipalities ------------------------------------------------------------------------------------------


def test_only_the_municipalities_in_the_database_unless_told_otherwise(tmp_path):
    make_municipality()
    path = whole_zip(tmp_path / "2025.zip")
    import_cbs(paths=[path])
    assert set(_postcodes().values()) == {"BU03750000", "BU03750001", "BU03750100"}
    import_cbs(paths=[path], municipalities=["GM0396"])
    assert _postcodes() == EXPECTED
    catchments = Catchment.objects.order_by("code").values_list("code", "level", "name")
    assert ("gm0396", "municipality", "Gemeente Heemskerk") in catchments
    assert ("wk039600", "neighbourhood", "Dorp") in catchments


def test_all_takes_the_country_into_an_empty_database(tmp_path):
    path = whole_zip(tmp_path / "2025.zip")
    with pytest.raises(CbsImportRefused, match="no municipalities yet"):
        import_cbs(paths=[path])
    import_cbs(paths=[path], everything=True)
    assert _postcodes() == EXPECTED
    assert list(Neighbourhood.objects.filter(catchment=None)) == []


def test_a_municipality_that_the_files_do_not_have_is_refused(two, tmp_path):
    path = whole_zip(tmp_path / "2025.zip")
    with pytest.raises(CbsImportRefused, match="nothing about GM0453"):
        import_cbs(paths=[path], municipalities=["GM0375", "GM0453"])
    assert _postcodes() == {}


# --- twice, dry, and what differs ----------------------------------------------------------------------------------


def test_a_second_run_changes_nothing(two, tmp_path):
    path = whole_zip(tmp_path / "2025.zip")
    import_cbs(paths=[path])
    before = _everything()
    assert _counts(import_cbs(paths=[path])) == {}
    assert _everything() == before


def test_a_dry_run_tells_all_and_writes_nothing(two, tmp_path):
    path = whole_zip(tmp_path / "2025.zip")
    before = _everything()
    report = import_cbs(paths=[path], dry_run=True)
    assert _everything() == before
    assert _counts(report) == {
        ("neighbourhoods", "added"): 3,
        ("sub-neighbourhoods", "added"): 4,
        ("postcodes", "added"): 4,
    }
    assert _counts(import_cbs(paths=[path])) == _counts(report)


def test_the_next_year_tells_what_moved_was_renamed_came_and_went(two, tmp_path):
    import_cbs(paths=[whole_zip(tmp_path / "2024.zip", year=2024)])
    houses = [
        ("1941AA", 1, "03750001"),
        ("1941AB", 2, "03750100"),
        ("1942BC", 7, "03750100"),
        ("1943ZZ", 7, "03750200"),
        ("1961XZ", 5, "03960000"),
    ]
    names = NAMES | {"BU03750200": "Nieuwland", "WK037502": "Wijk 02 Nieuwland", "WK037501": "Wijk 01 Oost"}
    del names["BU03750000"]
    report = import_cbs(paths=[whole_zip(tmp_path / "2025.zip", houses, names=names)])
    told = {(change.what, change.kind): change.examples for change in report.changes if change.count}
    assert told == {
        ("neighbourhoods", "added"): ["WK037502 Nieuwland"],
        ("neighbourhoods", "renamed"): ["WK037501 Oosterwijk → Oost"],
        ("sub-neighbourhoods", "added"): ["BU03750200 Nieuwland"],
        ("sub-neighbourhoods", "gone"): ["BU03750000 Zeeën"],
        ("postcodes", "added"): ["1943ZZ: BU03750200"],
        ("postcodes", "moved"): ["1941AA: BU03750000 → BU03750001", "1941AB: BU03750001 → BU03750100"],
        ("postcodes", "moved to another neighbourhood"): ["1941AB: BU03750001 → BU03750100"],
    }
    assert _postcodes() == {pc6: f"BU{buurt}" for pc6, _number, buurt in houses}
    assert Catchment.objects.get(code="wk037501").name == "Oost"
    assert not SubNeighbourhood.objects.filter(pk="BU03750000").exists()


def test_as_many_examples_as_asked_for_beside_the_full_count(two, tmp_path):
    report = import_cbs(paths=[whole_zip(tmp_path / "2025.zip")], examples=1)
    added = next(change for change in report.changes if (change.what, change.kind) == ("postcodes", "added"))
    assert (added.count, added.examples) == (4, ["1941AA: BU03750000"])


def test_an_area_that_vanished_stays_and_who_uses_it_is_told(two, tmp_path):
    import_cbs(paths=[whole_zip(tmp_path / "2024.zip", year=2024)])
    used = Neighbourhood.objects.get(pk="WK037501")
    make_client(neighbourhood=used)
    houses = [(pc6, number, "03750001" if buurt == "03750100" else buurt) for pc6, number, buurt in HOUSES]
    names = {code: name for code, name in NAMES.items() if code not in {"WK037501", "BU03750100"}}
    path = whole_zip(tmp_path / "2025.zip", houses, names=names)
    report = import_cbs(paths=[path])
    told = {(change.what, change.kind): change.examples for change in report.changes if change.count}
    assert told["neighbourhoods", "gone"] == ["WK037501 Oosterwijk"]
    (line,) = told["neighbourhoods", "gone from the list, still used and kept"]
    assert line.startswith("WK037501 Oosterwijk: 1 × ")
    used.refresh_from_db()
    assert (used.is_current, used.clients.count()) == (False, 1)
    # It is told of once; what still uses it, each time.
    again = _counts(import_cbs(paths=[path]))
    assert again == {("neighbourhoods", "gone from the list, still used and kept"): 1}
    import_cbs(paths=[whole_zip(tmp_path / "back.zip")])
    assert Neighbourhood.objects.get(pk="WK037501").is_current


def test_what_the_carried_data_brought_is_kept(tmp_path):
    """Outlines, joined catchments and estimates are not in the yearly files."""
    load_cbs()
    before = {area.pk: (area.polygon, area.catchment_id) for area in Neighbourhood.objects.order_by("pk")}
    houses = [
        (f"{area.pk}AA", 1, share.neighbourhood_id[2:] + "00")
        for area in PostcodeArea.objects.filter(kind="adres").order_by("pk")
        for share in area.shares.filter(is_main=True)
    ]
    houses += [("1011AB", 1, "03630000")]
    import_cbs(paths=[_write(tmp_path / "pc6.csv", postcodes_csv(houses))])
    after = {area.pk: (area.polygon, area.catchment_id) for area in Neighbourhood.objects.order_by("pk")}
    assert after == before
    assert Postcode6.objects.count() == 37
    assert sum(created + changed for created, changed, _unchanged in load_cbs().values()) == 0


# --- broken and half files -----------------------------------------------------------------------------------------


def _cut(text, size):
    return text.encode()[:-size]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.csv", b"", "is empty"),
        ("header.csv", postcodes_csv([]), "a header and no rows"),
        ("cut.csv", _cut(postcodes_csv(HOUSES[:5]), 8), "line 6: has 4 values, the header has 5"),
        ("cut.csv", _cut(postcodes_csv(HOUSES[:5]), 4), "does not lie in 03"),
        ("cut.csv", _cut(postcodes_csv(HOUSES[:5], as_numbers=True), 3), "does not lie in 39"),
        ("wide.csv", postcodes_csv().replace(";5;", ";5;;"), "line 6: has 6 values"),
        ("columns.csv", "PC6;Huisnummer;Wijk2025\n1941AA;1;037500\n", "needs a column with the buurt"),
        ("unknown.csv", "a;b\n1;2\n", "None of these is a file of CBS"),
        ("postcode.csv", postcodes_csv([("194", 1, "03750000")]), "'194' is no full postcode"),
        ("spreadsheet.csv", postcodes_csv([("1941AA", 1, "3,75E+06")]), "is no code of a buurt"),
        ("contradiction.csv", "PC6;Huisnummer;Buurt2025;Gem\n1941AA;1;03750000;0396\n", "does not lie in 0396"),
        ("binary.csv", bytes(range(256)) * 20, "None of these"),
        ("name.csv", b"GM_CODE;GM_NAAM\nGM0375;Bever\x81wijk\n", "neither UTF-8 nor Windows text"),
        ("long.csv", f"GM_CODE;GM_NAAM\nGM0375;{'x' * 81}\n", "has a name that cannot be"),
        ("kwb.xls", b"\xd0\xcf\x11\xe0", "of the old kind"),
        ("kwb.xlsx", b"PK\x03\x04 half", "cannot be read"),
        ("2025.zip", b"PK\x03\x04 half a zip", "cannot be read"),
        ("no.zip", b"", "cannot be read"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 50 else "",
)
def test_a_broken_file_is_refused_with_a_clear_word(two, tmp_path, name, content, words):
    import_cbs(paths=[whole_zip(tmp_path / "before.zip")])
    before = _everything()
    with pytest.raises(CbsFileError, match=words) as refused:
        import_cbs(paths=[_write(tmp_path / name, content)])
    assert name in str(refused.value)
    assert _everything() == before


def test_a_missing_file_and_a_zip_without_tables_are_refused(two, tmp_path):
    with pytest.raises(CbsFileError, match="away.csv: cannot be read"):
        import_cbs(paths=[tmp_path / "away.csv"])
    with pytest.raises(CbsFileError, match="holds no csv or xlsx"):
        import_cbs(paths=[write_zip(tmp_path / "a.zip", {"leesmij.pdf": "x"})])


def test_a_half_downloaded_zip_is_refused(two, tmp_path):
    path = whole_zip(tmp_path / "2025.zip")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(CbsFileError, match="2025.zip: cannot be read"):
        import_cbs(paths=[path])


def test_a_zip_with_one_wrong_byte_is_refused_though_its_end_is_whole(two, tmp_path):
    houses = [(f"19{41 + number % 2}AA", number, "03750000") for number in range(3000)]
    path = whole_zip(tmp_path / "2025.zip", [*houses, *HOUSES])
    content = bytearray(path.read_bytes())
    content[len(content) // 4] ^= 0x55
    path.write_bytes(content)
    with pytest.raises(CbsFileError, match=r"\.csv.*: "):
        import_cbs(paths=[path])
    assert (_postcodes(), Neighbourhood.objects.count()) == ({}, 0)


def _many(count):
    return [(f"19{41 + number // 26}A{chr(65 + number % 26)}", 1, "03750000") for number in range(count)]


def test_far_fewer_postcodes_than_are_loaded_need_a_word(two, tmp_path):
    houses = [*_many(100), *HOUSES[4:]]
    letters = {pc6[4:] for pc6, _number, _buurt in houses}
    assert letters & {"SA", "SD", "SS"} == set()
    import_cbs(paths=[_write(tmp_path / "2024.csv", postcodes_csv(houses))])
    half = _write(tmp_path / "2025.csv", postcodes_csv([*_many(50), *HOUSES[4:]]))
    with pytest.raises(CbsImportRefused, match=r"GM0375: 50 postcodes, 100 are loaded.*--accept-fewer"):
        import_cbs(paths=[half])
    assert Postcode6.objects.count() == 101
    nearly = _write(tmp_path / "nearly.csv", postcodes_csv([*_many(95), *HOUSES[4:]]))
    assert _counts(import_cbs(paths=[nearly])) == {("postcodes", "gone"): 5}
    import_cbs(paths=[half], accept_fewer=True)
    assert Postcode6.objects.count() == 51


def test_a_first_file_without_any_address_of_a_postcode_that_is_known_needs_a_word(two, tmp_path):
    PostcodeArea.objects.create(pc4="1943", place="Beverwijk", kind="adres", municipality=two[0])
    path = whole_zip(tmp_path / "2025.zip")
    with pytest.raises(CbsImportRefused, match="No address of 1943 stands in the file"):
        import_cbs(paths=[path])
    import_cbs(paths=[path], accept_fewer=True)
    assert _postcodes() == EXPECTED


def test_half_a_name_table_needs_a_word(two, tmp_path):
    names = {code: name for code, name in NAMES.items() if code != "BU03750100"}
    path = whole_zip(tmp_path / "2025.zip", names=names)
    with pytest.raises(CbsImportRefused, match="1 of 4 buurten have no name in the files, BU03750100"):
        import_cbs(paths=[path])
    import_cbs(paths=[whole_zip(tmp_path / "before.zip")])
    only = {"BU03750000": "Zee"}
    with pytest.raises(CbsImportRefused, match="Only 1 of 3 buurten stand in the files"):
        import_cbs(paths=[_write(tmp_path / "brt.csv", names_csv("BU", names=only))])


def test_two_large_files_at_once_are_refused(two, tmp_path):
    paths = [_write(tmp_path / f"{year}.csv", postcodes_csv(year=year)) for year in (2024, 2025)]
    with pytest.raises(CbsImportRefused, match="give one"):
        import_cbs(paths=paths)


# --- twice at once -------------------------------------------------------------------------------------------------


def test_a_second_import_at_the_same_time_is_refused(two, tmp_path):
    path = whole_zip(tmp_path / "2025.zip")
    other = connections["default"].copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            with pytest.raises(CbsImportRefused, match="Another import is running"):
                import_cbs(paths=[path])
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        import_cbs(paths=[path])
    finally:
        other.close()
    assert _postcodes() == EXPECTED


# --- the command ---------------------------------------------------------------------------------------------------


def _call(*arguments):
    out, err = io.StringIO(), io.StringIO()
    call_command("import_cbs", *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_command_tells_what_it_read_what_differs_and_that_it_is_done(two, tmp_path):
    path = whole_zip(tmp_path / "2025.zip")
    out, err = _call(path, "--dry-run", "--examples", "1")
    assert "read 2025.zip/pc6hnr20250801_gwb.csv: full postcodes of 2025" in out
    assert "postcodes: 4 added\n    added: 1941AA: BU03750000\n    added: … and 3 more\n" in out
    assert out.endswith("Nothing was written: this was a dry run.\n")
    assert err == ""
    assert _call(path)[0].endswith("Imported.\n")
    assert "postcodes: nothing changes" in _call(path)[0]


def test_the_command_refuses_without_a_trace_of_python(two, tmp_path):
    with pytest.raises(CommandError, match=r"^Nothing was imported. empty.csv: is empty"):
        _call(_write(tmp_path / "empty.csv", ""))
    with pytest.raises(CommandError, match="0375X: a municipality's code looks like GM0375"):
        _call(tmp_path / "x.csv", "--municipality", "0375x")
