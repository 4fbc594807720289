"""Is this a whole file? Asked before anything is written: half of one must not empty half of a municipality."""

from neighbourhoods.enums import PostcodeKind
from neighbourhoods.exceptions import CbsImportRefused

# Below these parts of what is loaded, a file is rather taken for a piece than for news.
ENOUGH_POSTCODES = 0.9
ENOUGH_AREAS = 0.8
# And so many at least: a hamlet may lose two of its five postcodes.
FEW = 10
ACCEPT = "If this is right, run it again with --accept-fewer."

FEWER_POSTCODES = """
SELECT gm, loaded, coalesce(staged, 0) FROM (
    SELECT 'GM' || substr(sub_neighbourhood_id, 3, 4) AS gm, count(*) AS loaded
    FROM neighbourhoods_postcode6 GROUP BY 1) l
LEFT JOIN (SELECT 'GM' || substr(buurt, 3, 4) AS gm, count(*) AS staged FROM cbs_postcode GROUP BY 1) s USING (gm)
WHERE gm = ANY(%(covered)s) AND loaded - coalesce(staged, 0) > %(few)s AND coalesce(staged, 0) < loaded * %(enough)s
ORDER BY gm
"""
MISSING_PC4 = """
SELECT pc4 FROM neighbourhoods_postcodearea a WHERE kind = %(kind)s AND municipality_id = ANY(%(covered)s)
AND NOT EXISTS (SELECT FROM cbs_run r WHERE left(r.pc6, 4) = a.pc4) ORDER BY pc4
"""
FEWER_AREAS = """
SELECT count(*), count(*) FILTER (WHERE EXISTS (SELECT FROM {source} s WHERE s.code = t.code)) FROM {table} t
WHERE substr(t.code, 3, 4) IN (SELECT substr(code, 3, 4) FROM {source})
"""
UNLISTED = """
SELECT count(*), count(*) FILTER (WHERE n.code IS NULL), min(a.code) FILTER (WHERE n.code IS NULL)
FROM cbs_area a LEFT JOIN (SELECT DISTINCT code FROM cbs_name) n ON n.code = a.code WHERE left(a.code, 2) = %s
"""
LOADED = {"WK": "neighbourhoods_neighbourhood", "BU": "neighbourhoods_subneighbourhood"}
WORDS = {"GM": "gemeenten", "WK": "wijken", "BU": "buurten"}


def check_staged(stage):
    """Raises CbsImportRefused with the first thing that makes the files look incomplete."""
    _check_municipalities(stage)
    if stage.has_postcodes:
        _check_postcodes(stage)
        _check_listed(stage)
    for level in sorted(stage.levels & LOADED.keys()):
        _check_areas(stage, level, "cbs_area", WORDS[level])
    if stage.has_figures:
        _check_areas(stage, "WK", "cbs_figure", "wijken with key figures")


def _check_municipalities(stage):
    codes = "(SELECT code FROM cbs_area UNION SELECT code FROM cbs_figure) c"
    stage.cursor.execute(f"SELECT DISTINCT 'GM' || substr(code, 3, 4) FROM {codes}")
    told = {code for (code,) in stage.cursor.fetchall()}
    wanted = stage.named | (set(stage.covered) if stage.has_postcodes else set())
    if missing := sorted(wanted - told):
        raise CbsImportRefused(f"The files have nothing about {', '.join(missing)}. {ACCEPT}")
    if not told:
        raise CbsImportRefused("The files have nothing about the municipalities that are loaded.")


def _check_postcodes(stage):
    values = {"covered": stage.covered, "few": FEW, "enough": ENOUGH_POSTCODES}
    stage.cursor.execute(FEWER_POSTCODES, values)
    if fewer := stage.cursor.fetchall():
        told = "; ".join(f"{code}: {staged} postcodes, {loaded} are loaded" for code, loaded, staged in fewer[:5])
        raise CbsImportRefused(f"The file is smaller than what is loaded. {told}. {ACCEPT}")
    stage.cursor.execute(MISSING_PC4, {"covered": stage.covered, "kind": PostcodeKind.ADDRESS})
    if missing := [pc4 for (pc4,) in stage.cursor.fetchall()]:
        raise CbsImportRefused(f"No address of {', '.join(missing[:10])} stands in the file: is it whole? {ACCEPT}")


def _check_listed(stage):
    """Name tables in the same zip name nearly everything that the postcodes lie in."""
    for level in sorted(stage.levels):
        stage.cursor.execute(UNLISTED, [level])
        total, unlisted, example = stage.cursor.fetchone()
        if unlisted > total * (1 - ENOUGH_POSTCODES):
            words = f"{unlisted} of {total} {WORDS[level]} have no name in the files, {example} among them"
            raise CbsImportRefused(f"{words}: is the table whole, and of the same year? {ACCEPT}")


def _check_areas(stage, level, source, words):
    stage.cursor.execute(FEWER_AREAS.format(table=LOADED[level], source=source))
    loaded, staged = stage.cursor.fetchone()
    if staged < loaded * ENOUGH_AREAS and loaded - staged > 1:
        raise CbsImportRefused(f"Only {staged} of {loaded} {words} stand in the files: are they whole? {ACCEPT}")
