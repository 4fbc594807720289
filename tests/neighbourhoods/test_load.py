"""Loading the CBS data: right counts, twice the same, all or nothing, and never over what people decided."""

import json
import shutil
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from neighbourhoods.cbs import clean_name, read_cbs
from neighbourhoods.enums import CatchmentLevel, PostcodeKind
from neighbourhoods.exceptions import CbsFileError
from neighbourhoods.models import (
    Catchment,
    Municipality,
    Neighbourhood,
    PostcodeArea,
    PostcodeShare,
    SocialTeam,
)
from neighbourhoods.postcodes import DATA
from neighbourhoods.services import load_cbs
from neighbourhoods.services.load import joined_name

pytestmark = pytest.mark.django_db

FILES = ["gemeenten.geojson", "wijken.geojson", "postcodes.csv", "teams.json"]


@pytest.fixture
def folder(tmp_path):
    for name in FILES:
        shutil.copy(DATA / name, tmp_path)
    return tmp_path


def _everything():
    """All rows as plain values."""
    models = [Municipality, Neighbourhood, PostcodeArea, PostcodeShare, Catchment, SocialTeam]
    rows = {model.__name__: sorted(map(str, model.objects.values())) for model in models}
    links = SocialTeam.catchments.through.objects.values_list("id", "socialteam_id", "catchment_id")
    return rows | {"links": sorted(links)}


def test_load_counts_what_the_sources_hold():
    load_cbs()
    assert Municipality.objects.count() == 5
    assert Neighbourhood.objects.count() == 41
    assert PostcodeArea.objects.filter(kind=PostcodeKind.ADDRESS).count() == 37
    assert PostcodeArea.objects.filter(kind=PostcodeKind.PO_BOX).count() == 11
    levels = Catchment.objects.values_list("level", flat=True).order_by("pk")
    assert {level: list(levels).count(level) for level in CatchmentLevel.values} == {
        "neighbourhood": 36,
        "municipality": 5,
        "region": 1,
    }
    assert Neighbourhood.objects.filter(catchment=None).count() == 0


def test_load_adds_up_shares_per_neighbourhood_with_one_main():
    load_cbs()
    assert PostcodeShare.objects.filter(is_main=True).count() == 37
    shares = PostcodeShare.objects.filter(area="1943").order_by("-share")
    assert [(row.neighbourhood.name, row.share, row.is_main) for row in shares] == [
        ("Vondelkwartier", Decimal("0.303"), True),
        ("Kuenenkwartier", Decimal("0.266"), False),
        ("Warande", Decimal("0.233"), False),
        ("Centrum", Decimal("0.116"), False),
        ("Noordwestelijk tuinbouwgebied", Decimal("0.083"), False),
    ]


def test_load_second_run_changes_nothing():
    load_cbs()
    before = _everything()
    done = load_cbs()
    assert _everything() == before
    assert {what: (created, changed) for what, (created, changed, _same) in done.items()} == dict.fromkeys(
        done, (0, 0)
    )


def test_load_brings_a_changed_figure_up_to_date(folder):
    load_cbs()
    text = (folder / "wijken.geojson").read_text()
    (folder / "wijken.geojson").write_text(text.replace('"inhabitants":6395', '"inhabitants":6400'))
    assert load_cbs(folder=folder)["neighbourhoods"] == (0, 1, 40)
    assert Neighbourhood.objects.get(pk="WK037500").inhabitants == 6_400


def test_load_replaces_changed_shares_of_one_postcode_only(folder):
    load_cbs()
    kept = PostcodeShare.objects.filter(area="1901").order_by("pk").values_list("pk", flat=True)
    kept = list(kept)
    text = (folder / "postcodes.csv").read_text()
    (folder / "postcodes.csv").write_text(
        text.replace(
            "1489,adres,De Woude,BU03830601,WK038306,GM0383,1.0", "1489,adres,De Woude,BU03830601,WK038306,GM0383,0.9"
        )
    )
    assert load_cbs(folder=folder)["postcode shares"] == (0, 1, 82)
    assert PostcodeShare.objects.get(area="1489").share == Decimal("0.9")
    assert list(PostcodeShare.objects.filter(area="1901").order_by("pk").values_list("pk", flat=True)) == kept


def test_load_leaves_what_coordinators_decided():
    load_cbs()
    oranjebuurt = Neighbourhood.objects.get(name="Oranjebuurt")
    centre = Neighbourhood.objects.get(name="Centrum", municipality__name="Beverwijk")
    Neighbourhood.objects.filter(pk=oranjebuurt.pk).update(catchment=centre.catchment)
    Catchment.objects.filter(pk=centre.catchment_id).update(name="Centrum en Oranjebuurt")
    SocialTeam.objects.filter(code="velsen").update(name="Sociaal Wijkteam Velsen")
    load_cbs()
    oranjebuurt.refresh_from_db()
    assert oranjebuurt.catchment_id == centre.catchment_id
    assert Catchment.objects.get(pk=centre.catchment_id).name == "Centrum en Oranjebuurt"
    assert SocialTeam.objects.get(code="velsen").name == "Sociaal Wijkteam Velsen"


def test_load_gives_a_neighbourhood_without_catchment_its_group_s():
    load_cbs()
    woude = Neighbourhood.objects.get(name="De Woude")
    before = Catchment.objects.count()
    Neighbourhood.objects.filter(pk=woude.pk).update(catchment=None)
    load_cbs()
    assert Neighbourhood.objects.get(name="De Woude").catchment.name == "Akersloot en De Woude"
    assert Catchment.objects.count() == before


def test_load_joins_the_five_small_neighbourhoods_and_names_both():
    load_cbs()
    joined = [
        catchment.name
        for catchment in Catchment.objects.filter(level=CatchmentLevel.NEIGHBOURHOOD)
        if catchment.neighbourhoods.count() > 1
    ]
    assert sorted(joined) == [
        "Akersloot en De Woude",
        "Bakkum en Castricum-Zuid",
        "Broekpolder en Oostelijk Heemskerk",
        "Broekpolder, De Pijp en Wijkerbroek",
        "Velserbroek en Spaarndammerpolder",
    ]


def test_load_gives_every_neighbourhood_one_team_and_beverwijk_two():
    load_cbs()
    per_neighbourhood = {
        area.pk: area.catchment.social_teams.count() for area in Neighbourhood.objects.select_related("catchment")
    }
    assert set(per_neighbourhood.values()) == {1}
    teams = SocialTeam.objects.order_by("code").values_list("code", "municipality__name")
    assert list(teams) == [
        ("beverwijk-oost", "Beverwijk"),
        ("beverwijk-west", "Beverwijk"),
        ("castricum", "Castricum"),
        ("heemskerk", "Heemskerk"),
        ("uitgeest", "Uitgeest"),
        ("velsen", "Velsen"),
    ]
    notes = SocialTeam.objects.filter(municipality="GM0375").values_list("note", flat=True)
    assert all("zelf getrokken" in note for note in notes)


def test_names_stand_without_prefix_and_with_municipality():
    load_cbs()
    assert clean_name("Wijk 03 Hofland, Oosterwijk en Zuidbroek") == "Hofland, Oosterwijk en Zuidbroek"
    assert not Neighbourhood.objects.filter(name__regex=r"^Wijk \d").exists()
    assert str(Neighbourhood.objects.get(pk="WK037508")) == "Wijk aan Zee (Beverwijk)"
    assert [str(area) for area in Neighbourhood.objects.filter(name="Centrum").order_by("pk")] == [
        "Centrum (Beverwijk)",
        "Centrum (Castricum)",
    ]


def test_joined_name_reads_as_a_list():
    assert joined_name(["Bakkum"]) == "Bakkum"
    assert joined_name(["Bakkum", "Zuid"]) == "Bakkum en Zuid"
    assert joined_name(["A", "B", "C"]) == "A, B en C"
    assert joined_name(["Broekpolder", "De Pijp en Wijkerbroek"]) == "Broekpolder, De Pijp en Wijkerbroek"


def _change_feature(folder, name, change):
    data = json.loads((folder / name).read_text())
    change(data["features"][-1])
    (folder / name).write_text(json.dumps(data))


BREAKS = {
    "no such file": lambda folder: (folder / "postcodes.csv").unlink(),
    "half a file": lambda folder: (folder / "wijken.geojson").write_text(
        (folder / "wijken.geojson").read_text()[:50_000]
    ),
    "not text": lambda folder: (folder / "postcodes.csv").write_bytes(b"\xff\xfe\x00"),
    "other columns": lambda folder: (folder / "postcodes.csv").write_text("a,b\n1,2\n"),
    "unknown municipality": lambda folder: _change_feature(
        folder, "wijken.geojson", lambda feature: feature["properties"].update(gm_code="GM9999")
    ),
    "no outline": lambda folder: _change_feature(
        folder, "wijken.geojson", lambda feature: feature["geometry"].update(coordinates=[])
    ),
    "wrong code": lambda folder: _change_feature(
        folder, "gemeenten.geojson", lambda feature: feature["properties"].update(code="0453")
    ),
    "twice the same": lambda folder: _change_feature(
        folder, "wijken.geojson", lambda feature: feature["properties"].update(code="WK037500")
    ),
    "impossible count": lambda folder: _change_feature(
        folder, "wijken.geojson", lambda feature: feature["properties"].update(inhabitants="many")
    ),
    "no features": lambda folder: (folder / "gemeenten.geojson").write_text('{"features": []}'),
    "a list": lambda folder: (folder / "gemeenten.geojson").write_text("[]"),
    "share above 1": lambda folder: (folder / "postcodes.csv").write_text(
        (folder / "postcodes.csv").read_text() + "1998,adres,X,BU04530900,WK045309,GM0453,1.2,1,1\n"
    ),
    "share no number": lambda folder: (folder / "postcodes.csv").write_text(
        (folder / "postcodes.csv").read_text() + "1998,adres,X,BU04530900,WK045309,GM0453,veel,1,1\n"
    ),
    "short row": lambda folder: (folder / "postcodes.csv").write_text(
        (folder / "postcodes.csv").read_text() + "1998,adres\n"
    ),
    "team of nowhere": lambda folder: (folder / "teams.json").write_text(
        '[{"code": "x", "name": "X", "municipality": "GM0000", "neighbourhoods": "all", "note": ""}]'
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_load_of_a_broken_file_leaves_nothing(folder, name):
    BREAKS[name](folder)
    with pytest.raises(CbsFileError):
        load_cbs(folder=folder)
    assert _everything() == {
        "Municipality": [],
        "Neighbourhood": [],
        "PostcodeArea": [],
        "PostcodeShare": [],
        "Catchment": [],
        "SocialTeam": [],
        "links": [],
    }


def test_load_command_says_what_it_did(capsys):
    call_command("load_cbs")
    assert capsys.readouterr().out.splitlines() == [
        "municipalities: 5 created, 0 changed, 0 unchanged",
        "neighbourhoods: 41 created, 0 changed, 0 unchanged",
        "postcode areas: 48 created, 0 changed, 0 unchanged",
        "postcode shares: 83 created, 0 changed, 0 unchanged",
        "catchments: 42 created, 0 changed, 0 unchanged",
        "social teams: 6 created, 0 changed, 0 unchanged",
    ]


def test_load_command_explains_a_broken_file(folder):
    (folder / "postcodes.csv").unlink()
    with pytest.raises(CommandError, match=r"Nothing was loaded. postcodes\.csv: cannot be read"):
        call_command("load_cbs", folder=folder)


def test_every_file_is_carried_and_named_in_the_notice():
    data = read_cbs()
    assert (len(data.municipalities), len(data.neighbourhoods)) == (5, 41)
    notice = (DATA.parents[1] / "NOTICE").read_text()
    carried = sorted(path.name for path in DATA.iterdir())
    assert [name for name in carried if name not in notice] == []
