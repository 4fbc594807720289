"""What an import changes, counted and with examples, before anything is written."""

from dataclasses import dataclass, field

from neighbourhoods.models import Neighbourhood, PostcodeShare, SubNeighbourhood

LEVELS = {
    "GM": ("municipalities", "neighbourhoods_municipality"),
    "WK": ("neighbourhoods", "neighbourhoods_neighbourhood"),
    "BU": ("sub-neighbourhoods", "neighbourhoods_subneighbourhood"),
}
ADDED = """
SELECT a.code || coalesce(' ' || nullif(a.name, ''), '') FROM cbs_area a LEFT JOIN {table} t ON t.code = a.code
WHERE t.code IS NULL AND left(a.code, 2) = %(level)s ORDER BY a.code
"""
RENAMED = """
SELECT a.code || ' ' || t.name || ' → ' || a.name FROM cbs_area a JOIN {table} t ON t.code = a.code
WHERE left(a.code, 2) = %(level)s AND a.name <> '' AND a.name <> t.name ORDER BY a.code
"""
GONE = """
SELECT t.code || ' ' || t.name FROM {table} t LEFT JOIN cbs_area a ON a.code = t.code
WHERE a.code IS NULL AND 'GM' || substr(t.code, 3, 4) = ANY(%(covered)s) {more} ORDER BY t.code
"""
EMPTIED = """
SELECT t.code || ' ' || t.name FROM neighbourhoods_neighbourhood t
WHERE 'GM' || substr(t.code, 3, 4) = ANY(%(covered)s)
AND EXISTS (SELECT FROM neighbourhoods_postcode6 p
            WHERE p.sub_neighbourhood_id LIKE 'BU' || substr(t.code, 3) || '%%')
AND NOT EXISTS (SELECT FROM cbs_area a WHERE a.code = t.code) ORDER BY t.code
"""
POSTCODES_ADDED = """
SELECT s.pc6 || ': ' || s.buurt FROM cbs_postcode s LEFT JOIN neighbourhoods_postcode6 p USING (pc6)
WHERE p.pc6 IS NULL ORDER BY s.pc6
"""
POSTCODES_MOVED = """
SELECT s.pc6 || ': ' || p.sub_neighbourhood_id || ' → ' || s.buurt
FROM cbs_postcode s JOIN neighbourhoods_postcode6 p USING (pc6)
WHERE p.sub_neighbourhood_id <> s.buurt {more} ORDER BY s.pc6
"""
TO_ANOTHER = "AND left(p.sub_neighbourhood_id, 8) <> left(s.buurt, 8)"
POSTCODES_GONE = """
SELECT p.pc6 || ': ' || p.sub_neighbourhood_id FROM neighbourhoods_postcode6 p LEFT JOIN cbs_postcode s USING (pc6)
WHERE s.pc6 IS NULL AND 'GM' || substr(p.sub_neighbourhood_id, 3, 4) = ANY(%(covered)s) ORDER BY p.pc6
"""
FIGURES = """
SELECT t.code || ' ' || t.name FROM cbs_figure f JOIN {table} t ON t.code = f.code
WHERE t.inhabitants IS DISTINCT FROM f.inhabitants OR t.figures || f.figures <> t.figures ORDER BY t.code
"""
UNKNOWN_FIGURES = """
SELECT f.code FROM cbs_figure f WHERE NOT EXISTS (SELECT FROM cbs_area a WHERE a.code = f.code)
AND NOT EXISTS (SELECT FROM neighbourhoods_municipality t WHERE t.code = f.code)
AND NOT EXISTS (SELECT FROM neighbourhoods_neighbourhood t WHERE t.code = f.code)
AND NOT EXISTS (SELECT FROM neighbourhoods_subneighbourhood t WHERE t.code = f.code) ORDER BY f.code
"""


@dataclass
class Change:
    """So many of one kind, and the first few of them."""

    what: str
    kind: str
    count: int
    examples: list = field(default_factory=list)


def compare(stage, examples):
    """A list of Change for what the merge would do; kinds that do not occur have a count of 0."""
    found = []

    def ask(what, kind, statement, **values):
        stage.cursor.execute(
            f"SELECT count(*) OVER (), line FROM ({statement}) q (line) LIMIT %(most)s",
            values | {"covered": stage.covered, "most": max(examples, 1)},
        )
        rows = stage.cursor.fetchall()
        lines = [line for _count, line in rows[:examples]]
        found.append(Change(what, kind, rows[0][0] if rows else 0, lines))

    for level, (what, table) in LEVELS.items():
        _ask_areas(stage, ask, level, what, table)
    if stage.has_postcodes:
        ask("postcodes", "added", POSTCODES_ADDED)
        ask("postcodes", "moved", POSTCODES_MOVED.format(more=""))
        ask("postcodes", "moved to another neighbourhood", POSTCODES_MOVED.format(more=TO_ANOTHER))
        ask("postcodes", "gone", POSTCODES_GONE)
    if stage.has_figures:
        for level in ("GM", "WK"):
            ask("key figures", f"changed of {LEVELS[level][0]}", FIGURES.format(table=LEVELS[level][1]))
        ask("key figures", "of areas that are not loaded, left out", UNKNOWN_FIGURES)
    return found + _kept(stage, examples)


def _ask_areas(stage, ask, level, what, table):
    ask(what, "added", ADDED.format(table=table), level=level)
    ask(what, "renamed", RENAMED.format(table=table), level=level)
    if level in stage.levels or (level == "GM" and stage.has_postcodes):
        more = "AND t.is_current" if level == "WK" else ""
        ask(what, "gone", GONE.format(table=table, more=more))
    elif level == "WK" and stage.has_postcodes:
        ask(what, "without any postcode now", EMPTIED)


def gone_neighbourhoods(stage):
    """Those in the database that the files' own list does not have, as codes; none when the files have no list."""
    if "WK" not in stage.levels:
        return []
    stage.cursor.execute(
        "SELECT t.code FROM neighbourhoods_neighbourhood t LEFT JOIN cbs_area a ON a.code = t.code "
        "WHERE a.code IS NULL AND 'GM' || substr(t.code, 3, 4) = ANY(%s) ORDER BY t.code",
        [stage.covered],
    )
    return [code for (code,) in stage.cursor.fetchall()]


def _kept(stage, examples):
    """Vanished neighbourhoods with what still uses them: they stay, and somebody decides what becomes of it."""
    codes = gone_neighbourhoods(stage)
    if not codes:
        return []
    lines = []
    areas = Neighbourhood.objects.filter(pk__in=codes).select_related("catchment").order_by("pk")
    for area in areas.defer("polygon", "figures"):
        if uses := [*_uses(area), *(_uses(area.catchment) if area.catchment else [])]:
            lines.append(f"{area.pk} {area.name}: {', '.join(uses)}")
    return [Change("neighbourhoods", "gone from the list, still used and kept", len(lines), lines[:examples])]


def _uses(thing):
    """What points to a row, by its models' own words, whichever app it belongs to."""
    for relation in thing._meta.related_objects:
        model = relation.related_model
        if model in {PostcodeShare, SubNeighbourhood, Neighbourhood}:
            continue
        count = model._base_manager.filter(**{relation.field.name: thing.pk}).count()
        if count:
            yield f"{count} × {model._meta.verbose_name}"
