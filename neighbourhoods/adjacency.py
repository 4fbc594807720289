"""Who borders on whom, computed from the outlines, and which small neighbourhoods are served together (R11).

Pure: GeoJSON geometries in, metres and groups out. The map's simplification keeps shared borders shared, so two
neighbours have the very same corner points, and a stretch of border is a pair of corners that both outlines hold.
"""

from collections import defaultdict
from itertools import pairwise
from math import cos, hypot, radians

# A neighbourhood with fewer inhabitants is served together with the one it shares its longest border with.
SMALL_NEIGHBOURHOOD = 1_000
METRES_PER_DEGREE = 111_320


def rings(geometry):
    """Return all rings of a GeoJSON Polygon or MultiPolygon."""
    if geometry["type"] == "Polygon":
        return geometry["coordinates"]
    return [ring for polygon in geometry["coordinates"] for ring in polygon]


def shared_borders(outlines):
    """Return {code: {neighbour's code: metres of border they share}} for a dict of code → geometry."""
    owners = defaultdict(set)
    for code, geometry in outlines.items():
        for ring in rings(geometry):
            for start, end in pairwise(tuple(point) for point in ring):
                if start != end:
                    owners[frozenset((start, end))].add(code)
    borders = {code: defaultdict(float) for code in outlines}
    for side, codes in owners.items():
        for code in codes:
            for other in codes - {code}:
                borders[code][other] += _metres(*side)
    return borders


def _metres(start, end):
    east = (start[0] - end[0]) * cos(radians((start[1] + end[1]) / 2))
    return METRES_PER_DEGREE * hypot(east, start[1] - end[1])


def join_small(inhabitants, borders, smallest=SMALL_NEIGHBOURHOOD):
    """Group neighbourhoods so that no group stays below ``smallest`` inhabitants if it has a neighbour.

    ``inhabitants`` is {code: number or None} of one municipality. Starting from the smallest group, each joins the
    group it shares its longest border with; a group without any neighbour stays as it is. Returns a list of sorted
    code lists, in the order of their first code.
    """
    groups = {code: [code] for code in inhabitants}
    islands = set()
    while True:
        sizes = {key: sum(inhabitants[code] or 0 for code in codes) for key, codes in groups.items()}
        small = [key for key in groups if sizes[key] < smallest and key not in islands]
        if not small:
            return sorted(sorted(codes) for codes in groups.values())
        key = min(small, key=lambda candidate: (sizes[candidate], candidate))
        host = _longest_border(groups, key, borders)
        if host is None:
            islands.add(key)
        else:
            groups[host] += groups.pop(key)
            islands.discard(host)


def _longest_border(groups, key, borders):
    lengths = {
        other: sum(borders[mine].get(theirs, 0) for mine in groups[key] for theirs in codes)
        for other, codes in groups.items()
        if other != key
    }
    touching = [other for other in lengths if lengths[other] > 0]
    return max(touching, key=lambda other: (lengths[other], other), default=None)
