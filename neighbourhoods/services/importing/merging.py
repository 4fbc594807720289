"""Writing what is staged, one statement per table: only what differs, and nothing that somebody decided here."""

from neighbourhoods.models import Neighbourhood
from neighbourhoods.services.importing.comparing import gone_neighbourhoods
from neighbourhoods.services.load import make_wide_catchments

AREAS = """
INSERT INTO neighbourhoods_municipality (code, name, figures, polygon)
SELECT code, coalesce(nullif(name, ''), code), '{}', '{}' FROM cbs_area WHERE code LIKE 'GM%'
ON CONFLICT (code) DO NOTHING;

INSERT INTO neighbourhoods_neighbourhood (code, name, municipality_id, figures, polygon, is_current)
SELECT code, coalesce(nullif(name, ''), code), 'GM' || substr(code, 3, 4), '{}', '{}', true
FROM cbs_area WHERE code LIKE 'WK%' ON CONFLICT (code) DO NOTHING;

INSERT INTO neighbourhoods_subneighbourhood (code, name, neighbourhood_id)
SELECT code, name, 'WK' || substr(code, 3, 6) FROM cbs_area WHERE code LIKE 'BU%' ON CONFLICT (code) DO NOTHING;

UPDATE neighbourhoods_municipality t SET name = a.name FROM cbs_area a
WHERE a.code = t.code AND a.name <> '' AND a.name <> t.name;

UPDATE neighbourhoods_catchment c SET name = a.name
FROM neighbourhoods_neighbourhood t JOIN cbs_area a ON a.code = t.code
WHERE c.id = t.catchment_id AND c.code = lower(t.code) AND c.name = t.name AND a.name <> '' AND a.name <> t.name;

UPDATE neighbourhoods_neighbourhood t SET name = coalesce(nullif(a.name, ''), t.name), is_current = true
FROM cbs_area a WHERE a.code = t.code AND (NOT t.is_current OR (a.name <> '' AND a.name <> t.name));

UPDATE neighbourhoods_subneighbourhood t SET name = a.name FROM cbs_area a
WHERE a.code = t.code AND a.name <> '' AND a.name <> t.name
"""
POSTCODES_GONE = """
DELETE FROM neighbourhoods_postcode6 p WHERE 'GM' || substr(p.sub_neighbourhood_id, 3, 4) = ANY(%s)
AND NOT EXISTS (SELECT FROM cbs_postcode s WHERE s.pc6 = p.pc6)
"""
POSTCODES = """
INSERT INTO neighbourhoods_postcode6 AS p (pc6, sub_neighbourhood_id) SELECT pc6, buurt FROM cbs_postcode
ON CONFLICT (pc6) DO UPDATE SET sub_neighbourhood_id = excluded.sub_neighbourhood_id
WHERE p.sub_neighbourhood_id <> excluded.sub_neighbourhood_id
"""
# A buurt that the list has not is held by nothing but its postcodes.
BUURTEN_GONE = """
DELETE FROM neighbourhoods_subneighbourhood t WHERE 'GM' || substr(t.code, 3, 4) = ANY(%s)
AND NOT EXISTS (SELECT FROM cbs_area a WHERE a.code = t.code)
AND NOT EXISTS (SELECT FROM neighbourhoods_postcode6 p WHERE p.sub_neighbourhood_id = t.code)
"""
FIGURES = """
UPDATE {table} t SET inhabitants = f.inhabitants, figures = t.figures || f.figures
FROM cbs_figure f WHERE f.code = t.code
AND (t.inhabitants IS DISTINCT FROM f.inhabitants OR t.figures || f.figures <> t.figures)
"""
BUURT_FIGURES = """
UPDATE neighbourhoods_subneighbourhood t SET inhabitants = f.inhabitants
FROM cbs_figure f WHERE f.code = t.code AND t.inhabitants IS DISTINCT FROM f.inhabitants
"""
# A new neighbourhood stands alone until a coordinator joins it with another (R11).
CATCHMENTS = """
INSERT INTO neighbourhoods_catchment (level, name, municipality_id, code, is_manual)
SELECT 'neighbourhood', name, municipality_id, lower(code), false
FROM neighbourhoods_neighbourhood WHERE catchment_id IS NULL ON CONFLICT (code) DO NOTHING;

UPDATE neighbourhoods_neighbourhood t SET catchment_id = c.id FROM neighbourhoods_catchment c
WHERE t.catchment_id IS NULL AND c.code = lower(t.code) AND c.level = 'neighbourhood'
"""


def merge(stage):
    """Bring everything staged into the database, within the transaction of the import."""
    execute = stage.cursor.execute
    execute(AREAS)
    if stage.has_postcodes:
        execute(POSTCODES_GONE, [stage.covered])
        execute(POSTCODES)
    if "BU" in stage.levels:
        execute(BUURTEN_GONE, [stage.covered])
    if stage.has_figures:
        execute(FIGURES.format(table="neighbourhoods_municipality"))
        execute(FIGURES.format(table="neighbourhoods_neighbourhood"))
        execute(BUURT_FIGURES)
    Neighbourhood.objects.filter(pk__in=gone_neighbourhoods(stage), is_current=True).update(is_current=False)
    make_wide_catchments()
    execute(CATCHMENTS)
