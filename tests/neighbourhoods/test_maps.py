"""Outlines become paths: north up, in proportion, names inside."""

from neighbourhoods.cbs import read_cbs
from neighbourhoods.maps import draw


def _box(west, south, east, north):
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def test_draw_puts_north_up_and_keeps_proportions():
    drawing = draw({"south": _box(0, 0, 1, 1), "north": _box(0, 1, 1, 2)}, width=100)
    # At one degree north a degree of longitude is hardly shorter than one of latitude.
    assert (drawing.width, drawing.height) == (100, 200)
    assert drawing.shapes["north"].path == "M0,100 100,100 100,0 0,0 0,100z"
    assert (drawing.shapes["north"].x, drawing.shapes["north"].y) == (50, 50)
    assert (drawing.shapes["south"].x, drawing.shapes["south"].y) == (50, 150)


def test_draw_nothing_and_next_to_nothing():
    assert draw({}).shapes == {}
    speck = draw({"large": _box(0, 0, 1, 1), "speck": _box(0, 0, 0.00001, 0.00001)}, width=100).shapes["speck"]
    assert (speck.x, speck.y) == (0, 100)


def test_draw_parts_of_one_area_in_one_path():
    parts = [_box(0, 0, 1, 1)["coordinates"], _box(3, 0, 5, 2)["coordinates"]]
    shape = draw({"islands": {"type": "MultiPolygon", "coordinates": parts}}, width=500).shapes["islands"]
    assert shape.path.count("M") == 2
    # The name stands in the largest part.
    assert 300 <= shape.x <= 500


def test_draw_the_region_small_enough_for_a_page():
    data = read_cbs()
    drawing = draw({code: row["polygon"] for code, row in data.neighbourhoods.items()})
    assert sum(len(shape.path) for shape in drawing.shapes.values()) < 60_000
    for shape in drawing.shapes.values():
        assert 0 <= shape.x <= drawing.width
        assert 0 <= shape.y <= drawing.height
