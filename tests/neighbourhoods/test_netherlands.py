"""The carried list of all buurten: complete, and a damaged copy is refused with its line."""

import gzip
from collections import Counter

import pytest

from neighbourhoods.exceptions import CbsFileError
from neighbourhoods.netherlands import BUURTEN, read_buurten

HEADER = "code,name,gm_code,gm_name,inhabitants\n"


def _file(tmp_path, text):
    path = tmp_path / "buurten.csv.gz"
    path.write_bytes(gzip.compress(text.encode()))
    return path


def test_every_buurt_and_municipality_of_the_country_is_carried():
    buurten = read_buurten()
    assert len(buurten) == 14_574
    assert len({buurt.municipality for buurt in buurten}) == 342
    assert [buurt.code for buurt in buurten] == sorted(buurt.code for buurt in buurten)
    assert 17_800_000 < sum(buurt.inhabitants for buurt in buurten) < 18_100_000


def test_each_municipality_has_one_name_and_amsterdam_the_letters_in_its_codes():
    buurten = read_buurten()
    names = {(buurt.municipality, buurt.municipality_name) for buurt in buurten}
    assert len(names) == len({name for _code, name in names}) == 342
    assert ("GM0375", "Beverwijk") in names
    largest, count = Counter(buurt.municipality for buurt in buurten).most_common(1)[0]
    assert (largest, count) == ("GM0363", 517)
    assert any(buurt.code == "BU0363AA01" for buurt in buurten)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "cannot be read"),
        ("code,name\n", "needs the columns"),
        (HEADER + "BU03750000,Kom,GM0375,Beverwijk\n", "line 2: needs 5 values"),
        (HEADER + "WK037500,Kom,GM0375,Beverwijk,10\n", "no codes of this kind"),
        (HEADER + "BU03750000,Kom,GM0396,Heemskerk,10\n", "does not lie in GM0396"),
        (HEADER + "BU03750000,Kom,GM0375,Beverwijk,\n", "needs a name"),
        (HEADER + "BU03750000,Kom,GM0375,Beverwijk,10\n" * 2, "twice"),
    ],
)
def test_a_damaged_list_is_refused_with_what_is_wrong(tmp_path, text, said):
    with pytest.raises(CbsFileError, match=said):
        read_buurten(_file(tmp_path, text))


def test_a_list_that_is_cut_short_is_refused(tmp_path):
    path = tmp_path / "buurten.csv.gz"
    path.write_bytes(BUURTEN.read_bytes()[:50_000])
    with pytest.raises(CbsFileError, match="cannot be read"):
        read_buurten(path)
