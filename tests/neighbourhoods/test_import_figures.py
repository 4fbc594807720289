"""Key figures of CBS: each way in which they are shipped gives the same numbers on the page."""

import pytest

from neighbourhoods.exceptions import CbsFileError, CbsImportRefused
from neighbourhoods.figures import key_figures
from neighbourhoods.models import Municipality, Neighbourhood, SubNeighbourhood
from neighbourhoods.services import import_cbs
from tests.factories.neighbourhoods import make_municipality, make_neighbourhood
from tests.neighbourhoods.cbs_made import xlsx

pytestmark = pytest.mark.django_db

KWB = [
    "gwb_code_10;gwb_code_8;regio;gm_naam;recs;gwb_code;a_inw;a_man;a_vrouw;a_00_14;a_15_24;a_25_44;a_45_64;a_65_oo;"
    "a_hh;a_1p_hh;g_hhgro;bev_dich;a_nb_won ",
    "NL00;00;Nederland;Nederland;Land;00;17942942;1;1;1;1;1;1;1;8;3;2,1;531;1",
    "GM0375;0375;Beverwijk;Beverwijk;Gemeente;0375;43000;21000;22000;6880;4730;11610;11610;8170;20000;7800;2,1;2340;.",
    "WK037500;037500;Wijk 00 Centrum;Beverwijk;Wijk;037500;6400;3310;3090;704;576;2176;1600;1344;3500;1750;1,8;9120;3",
    "BU03750000;03750000;Zee;Beverwijk;Buurt;03750000;1200;600;600;.;.;.;.;.;.;.;       NaN;.;.",
]
WANTED = {
    "households": 3500,
    "men": 3310,
    "women": 3090,
    "avg_household_size": 1.8,
    "density_km2": 9120,
    "pct_0_14": 11,
    "pct_15_24": 9,
    "pct_25_44": 34,
    "pct_45_64": 25,
    "pct_65_plus": 21,
    "pct_single_person_households": 50,
    "year": 2025,
}
STATLINE = [
    "WijkenEnBuurten,Gemeentenaam_1,SoortRegio_2,Codering_3,AantalInwoners_5,Mannen_6,Vrouwen_7,k_0Tot15Jaar_8,"
    "k_15Tot25Jaar_9,k_25Tot45Jaar_10,k_45Tot65Jaar_11,k_65JaarOfOuder_12,HuishoudensTotaal_29,"
    "Eenpersoonshuishoudens_30,GemiddeldeHuishoudensgrootte_33,Bevolkingsdichtheid_34",
    "WK037500  ,Beverwijk     ,Wijk      ,WK037500  ,6400,3310,3090,704,576,2176,1600,1344,3500,1750,1.8,9120.0",
]
MAP = [
    "buurtcode,wijkcode,gemeentecode,buurtnaam,water,aantal_inwoners,aantal_huishoudens",
    "BU03759999,WK037599,GM0375,Zee,JA,-99997,-99997",
    "BU03750000,WK037500,GM0375,Zee,NEE,1200,600",
]
MAP_WIJKEN = [
    "wijkcode,wijknaam,gemeentecode,water,aantal_inwoners,mannen,vrouwen,percentage_personen_0_tot_15_jaar,"
    "percentage_personen_15_tot_25_jaar,percentage_personen_25_tot_45_jaar,percentage_personen_45_tot_65_jaar,"
    "percentage_personen_65_jaar_en_ouder,aantal_huishoudens,percentage_eenpersoonshuishoudens,"
    "gemiddelde_huishoudsgrootte,bevolkingsdichtheid_inwoners_per_km2",
    "WK037500,Centrum,GM0375,NEE,6400,3310,3090,11,9,34,25,21,3500,50,1.8,9120",
]
CAMEL = [
    "wijkcode,gemeentecode,aantalInwoners,mannen,vrouwen,percentagePersonen0Tot15Jaar,percentagePersonen15Tot25Jaar,"
    "percentagePersonen25Tot45Jaar,percentagePersonen45Tot65Jaar,percentagePersonen65JaarEnOuder,aantalHuishoudens,"
    "percentageEenpersoonshuishoudens,gemiddeldeHuishoudsgrootte,bevolkingsdichtheidInwonersPerKm2",
    "WK037500,GM0375,6400,3310,3090,11,9,34,25,21,3500,50,1.8,9120",
]


@pytest.fixture
def centrum():
    area = make_neighbourhood("Centrum", code="WK037500")
    area.figures = {"cars": 2790, "households": 1, "year": 2024}
    area.save(update_fields=["figures"])
    return area


def _write(path, lines):
    path.write_text("\n".join(lines) + "\n", encoding="cp1252")
    return path


def _kwb_rows():
    """As a workbook has them: numbers are numbers, and codes without prefix have lost their zeros."""
    rows = [line.split(";") for line in KWB]
    return [
        [float(cell.replace(",", ".")) if cell.replace(",", "").isdigit() else cell for cell in row] for row in rows
    ]


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("kwb-2025.csv", KWB),
        ("85984NED-2025.csv", STATLINE),
        ("wijkenbuurten_2025_wijken.csv", MAP_WIJKEN),
        ("wfs-2025.csv", CAMEL),
    ],
)
def test_every_way_of_shipping_gives_the_same_figures(centrum, tmp_path, name, lines):
    report = import_cbs(paths=[_write(tmp_path / name, lines)])
    centrum.refresh_from_db()
    assert centrum.inhabitants == 6400
    assert centrum.figures == WANTED | {"cars": 2790}
    changed = {change.kind: change.count for change in report.changes if change.what == "key figures"}
    assert changed["changed of neighbourhoods"] == 1


def test_a_workbook_is_read_like_the_csv(centrum, tmp_path):
    path = tmp_path / "kwb.xlsx"
    path.write_bytes(xlsx(_kwb_rows()))
    report = import_cbs(paths=[path])
    centrum.refresh_from_db()
    assert (centrum.inhabitants, centrum.figures) == (6400, WANTED | {"cars": 2790})
    assert report.read == ["kwb.xlsx, sheet KWB2025: key figures of 2025"]


def test_what_cbs_does_not_give_shows_as_a_dash_and_municipalities_get_theirs(centrum, tmp_path):
    lines = [KWB[0], KWB[2], KWB[3].replace(";3500;1750;1,8;", ";.;.;-99997;")]
    import_cbs(paths=[_write(tmp_path / "kwb-2025.csv", lines)])
    centrum.refresh_from_db()
    missing = ("households", "avg_household_size", "pct_single_person_households")
    assert [centrum.figures[key] for key in missing] == [None, None, None]
    shown = {figure.label: figure.value for figure in key_figures(centrum)}
    assert shown["Huishoudens"] == "–"
    municipality = Municipality.objects.get()
    assert (municipality.inhabitants, municipality.figures["pct_65_plus"]) == (43000, 19)


def test_figures_make_no_areas_and_leave_out_water(centrum, tmp_path):
    SubNeighbourhood.objects.create(code="BU03750000", name="Zee", neighbourhood=centrum)
    unknown = "BU03750009,WK037500,GM0375,Nergens,NEE,10,5"
    report = import_cbs(paths=[_write(tmp_path / "kaart_2025.csv", [*MAP, unknown])], accept_fewer=True)
    assert SubNeighbourhood.objects.get().inhabitants == 1200
    assert report.notes == ["skipped: 1 areas of water"]
    left_out = [change.examples for change in report.changes if "left out" in change.kind]
    assert left_out == [["BU03750009"]]


def test_the_same_figures_again_change_nothing(centrum, tmp_path):
    path = _write(tmp_path / "kwb-2025.csv", KWB)
    import_cbs(paths=[path])
    again = [change.count for change in import_cbs(paths=[path]).changes if "changed of" in change.kind]
    assert again == [0, 0]


def test_of_which_year_figures_are_must_be_known(centrum, tmp_path):
    path = _write(tmp_path / "kerncijfers.csv", KWB)
    with pytest.raises(CbsImportRefused, match="Say so with --year"):
        import_cbs(paths=[path])
    import_cbs(paths=[path], year=2023)
    assert Neighbourhood.objects.get().figures["year"] == 2023


def test_figures_that_cannot_be_are_refused_with_their_line(centrum, tmp_path):
    for wrong, words in (("6400x", "line 4: '6400x' is no number"), ("-5", "cannot be")):
        lines = [*KWB[:3], KWB[3].replace(";6400;", f";{wrong};")]
        with pytest.raises(CbsFileError, match=words):
            import_cbs(paths=[_write(tmp_path / "kwb-2025.csv", lines)])
    assert Neighbourhood.objects.get().inhabitants == 2000


def test_half_a_file_of_figures_needs_a_word(centrum, tmp_path):
    for number in range(1, 5):
        make_neighbourhood(f"Wijk {number}", make_municipality())
    path = _write(tmp_path / "kwb-2025.csv", KWB)
    with pytest.raises(CbsImportRefused, match="Only 1 of 5 wijken with key figures"):
        import_cbs(paths=[path])
    import_cbs(paths=[path], accept_fewer=True)
    assert Neighbourhood.objects.get(pk="WK037500").inhabitants == 6400
