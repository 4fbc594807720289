"""Who borders on whom, and which neighbourhoods are served together."""

import pytest

from neighbourhoods.adjacency import SMALL_NEIGHBOURHOOD, join_small, shared_borders
from neighbourhoods.cbs import read_cbs


def _square(x, y):
    return {"type": "Polygon", "coordinates": [[[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1], [x, y]]]}


def test_borders_need_a_common_side_not_a_common_corner():
    borders = shared_borders({"a": _square(0, 0), "right": _square(1, 0), "corner": _square(1, 1)})
    assert set(borders["a"]) == {"right"}
    assert set(borders["corner"]) == {"right"}
    # One degree of longitude is shorter than one of latitude.
    assert borders["a"]["right"] == pytest.approx(111_320)


def test_borders_are_mutual_and_join_the_parts_of_a_multipolygon():
    islands = {"type": "MultiPolygon", "coordinates": [_square(1, 0)["coordinates"], _square(5, 5)["coordinates"]]}
    borders = shared_borders({"a": _square(0, 0), "b": islands, "c": _square(6, 5)})
    assert borders["a"]["b"] == borders["b"]["a"] > 0
    assert set(borders["b"]) == {"a", "c"}


BORDERS = {"a": {"b": 10.0, "c": 300.0}, "b": {"a": 10.0}, "c": {"a": 300.0, "d": 5.0}, "d": {"c": 5.0}}


def test_join_leaves_large_neighbourhoods_alone():
    assert join_small(dict.fromkeys("abcd", 2_000), BORDERS) == [["a"], ["b"], ["c"], ["d"]]


def test_join_follows_the_longest_border():
    assert join_small({"a": 100, "b": 9_000, "c": 2_000, "d": 2_000}, BORDERS) == [["a", "c"], ["b"], ["d"]]


def test_join_goes_on_until_the_group_is_large_enough():
    assert join_small({"a": 100, "b": 5_000, "c": 200, "d": 300}, BORDERS) == [["a", "b", "c", "d"]]


def test_join_leaves_an_island_and_counts_unknown_as_nobody():
    borders = {"a": {"b": 4.0}, "b": {"a": 4.0}, "z": {}}
    assert join_small({"a": None, "b": 3_000, "z": 5}, borders) == [["a", "b"], ["z"]]


def test_join_ends_when_all_are_small():
    assert join_small({"a": 1, "b": 1}, {"a": {"b": 1.0}, "b": {"a": 1.0}}) == [["a", "b"]]
    assert join_small({"a": 1, "b": 1}, {"a": {}, "b": {}}) == [["a"], ["b"]]


def test_real_joins_stay_in_the_municipality_and_leave_nothing_small():
    data = read_cbs()
    borders = shared_borders({code: row["polygon"] for code, row in data.neighbourhoods.items()})
    for municipality in data.municipalities:
        inside = {
            code: row["inhabitants"]
            for code, row in data.neighbourhoods.items()
            if row["municipality_id"] == municipality
        }
        groups = join_small(inside, borders)
        assert sorted(code for group in groups for code in group) == sorted(inside)
        assert min(sum(inside[code] for code in group) for group in groups) >= SMALL_NEIGHBOURHOOD
