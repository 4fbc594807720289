"""The catalogue that Socius begins with (domain.md §4): loaded once, and from then on the coordinator's."""

import tomllib
from functools import partial
from pathlib import Path

from django.db import transaction

from groups.models import GroupOffer, ProblemKind
from neighbourhoods.models import Municipality

CATALOGUE = Path(__file__).parent / "data" / "catalogue.toml"


@transaction.atomic
def load_catalogue(*, path=CATALOGUE, today=None):
    """Add the offers and problem kinds that are not there yet; what is there stays as people have changed it.

    An offer that comes later than the first ones is new from `today` on (R37). The municipalities must be loaded
    before (load_cbs). Returns {what: (created, unchanged)}.
    """
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    added_on = today if GroupOffer.objects.exists() else None
    return {
        "problem kinds": _add_missing(content["kinds"], ProblemKind, "code", _add_kind),
        "group offers": _add_missing(content["offers"], GroupOffer, "slug", partial(_add_offer, added_on=added_on)),
    }


def _add_missing(rows, model, key, add):
    known = set(model.objects.values_list(key, flat=True).order_by(key))
    missing = [row for row in rows if row[key] not in known]
    for row in missing:
        add(row)
    return len(missing), len(rows) - len(missing)


def _add_kind(row):
    ProblemKind.objects.create(**row)


def _add_offer(row, *, added_on):
    fields = {name: value for name, value in row.items() if name not in ("municipalities", "problem_kinds")}
    offer = GroupOffer(added_on=added_on, **fields)
    offer.clean_fields()
    offer.save(force_insert=True)
    offer.municipalities.set([Municipality.objects.get(name=name) for name in row.get("municipalities", ())])
    offer.problem_kinds.set([ProblemKind.objects.get(code=code) for code in row.get("problem_kinds", ())])
