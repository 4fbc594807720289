"""Outlines as plain SVG paths. Pure: GeoJSON in, coordinates of a drawing out; no colours, no styles."""

from dataclasses import dataclass
from math import cos, radians

from neighbourhoods.adjacency import rings

# Wide enough for the simplification's own precision (5 m) to stay invisible.
MAP_WIDTH = 1_000


@dataclass(frozen=True)
class Shape:
    """One area of a drawing: its SVG path, and where its name can stand."""

    key: str
    path: str
    x: int
    y: int


@dataclass(frozen=True)
class Drawing:
    """Shapes in one coordinate system of ``width`` × ``height``."""

    width: int
    height: int
    shapes: dict

    def pairs(self, areas):
        """(area, its shape) for the areas that are drawn."""
        return [(area, self.shapes[area.pk]) for area in areas if area.pk in self.shapes]


def draw_areas(areas, width=MAP_WIDTH):
    """Draw neighbourhoods or municipalities together; those without an outline are left out."""
    return draw({area.pk: area.polygon for area in areas if area.polygon}, width)


def draw(geometries, width=MAP_WIDTH):
    """Draw a dict of key → geometry to a common scale, north up."""
    if not geometries:
        return Drawing(width, 1, {})
    points = [point for geometry in geometries.values() for ring in rings(geometry) for point in ring]
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    narrowing = cos(radians((south + north) / 2))
    scale = width / ((east - west) * narrowing)

    def place(point):
        return round((point[0] - west) * narrowing * scale), round((north - point[1]) * scale)

    shapes = {key: _shape(key, geometry, place) for key, geometry in geometries.items()}
    return Drawing(width, max(1, round((north - south) * scale)), shapes)


def _shape(key, geometry, place):
    placed = [_without_repeats([place(point) for point in ring]) for ring in rings(geometry)]
    path = "".join("M" + " ".join(f"{x},{y}" for x, y in ring) + "z" for ring in placed)
    largest = max(placed, key=lambda ring: abs(_twice_area(ring)))
    return Shape(key, path, *_centre(largest))


def _without_repeats(points):
    return [point for number, point in enumerate(points) if number == 0 or point != points[number - 1]]


def _twice_area(ring):
    return sum(x * v - u * y for (x, y), (u, v) in zip(ring, ring[1:] + ring[:1], strict=True))


def _centre(ring):
    """Centre of gravity of a ring; its first corner when the ring is too small to have one."""
    area = _twice_area(ring)
    if not area:
        return ring[0]
    sides = list(zip(ring, ring[1:] + ring[:1], strict=True))
    x = sum((x + u) * (x * v - u * y) for (x, y), (u, v) in sides) / (3 * area)
    y = sum((y + v) * (x * v - u * y) for (x, y), (u, v) in sides) / (3 * area)
    return round(x), round(y)
