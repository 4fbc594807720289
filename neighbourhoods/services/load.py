"""Bringing the CBS data into the database; a second run changes nothing."""

from collections import defaultdict

from django.db import transaction

from neighbourhoods.adjacency import join_small, shared_borders
from neighbourhoods.cbs import read_cbs
from neighbourhoods.enums import CatchmentLevel
from neighbourhoods.models import (
    Catchment,
    Municipality,
    Neighbourhood,
    PostcodeArea,
    PostcodeShare,
    SocialTeam,
)
from neighbourhoods.postcodes import DATA

REGION_CODE = "regio"
REGION_NAME = "Hele regio"


@transaction.atomic
def load_cbs(*, folder=DATA):
    """Load municipalities, neighbourhoods, postcodes, catchments and social teams from the carried files.

    All or nothing; raises CbsFileError. Which catchment a neighbourhood belongs to, and what a team serves, is only
    ever filled in, never changed: coordinators decide that. Returns {what: (created, changed, unchanged)}.
    """
    data = read_cbs(folder)
    done = {
        "municipalities": _write(Municipality, data.municipalities),
        "neighbourhoods": _write(Neighbourhood, data.neighbourhoods),
        "postcode areas": _write(PostcodeArea, data.postcode_areas),
        "postcode shares": _write_shares(data.postcode_shares),
    }
    before = Catchment.objects.count()
    make_wide_catchments()
    _assign_catchments(data)
    done["catchments"] = (Catchment.objects.count() - before, 0, before)
    done["social teams"] = _make_teams(data)
    return done


def _write(model, rows):
    """Insert or update rows by primary key, touching only what differs."""
    existing = model.objects.in_bulk()
    fresh = [model(pk=key, **fields) for key, fields in rows.items() if key not in existing]
    model.objects.bulk_create(fresh)
    changed = [existing[key] for key, fields in rows.items() if key in existing and _apply(existing[key], fields)]
    if changed:
        model.objects.bulk_update(changed, [name.removesuffix("_id") for name in next(iter(rows.values()))])
    return len(fresh), len(changed), len(rows) - len(fresh) - len(changed)


def _apply(instance, fields):
    different = {name: value for name, value in fields.items() if getattr(instance, name) != value}
    for name, value in different.items():
        setattr(instance, name, value)
    return bool(different)


def _write_shares(rows):
    """Shares are derived figures without a life of their own: what differs is replaced per postcode area."""
    stored = defaultdict(dict)
    for share in PostcodeShare.objects.order_by("pk"):
        stored[share.area_id][share.neighbourhood_id] = {"share": share.share, "is_main": share.is_main}
    wanted = defaultdict(dict)
    for (pc4, code), fields in rows.items():
        wanted[pc4][code] = fields
    stale = {pc4 for pc4 in stored.keys() | wanted.keys() if stored.get(pc4) != wanted.get(pc4)}
    PostcodeShare.objects.filter(area__in=stale).delete()
    fresh = [
        PostcodeShare(area_id=pc4, neighbourhood_id=code, **fields)
        for pc4 in sorted(stale)
        for code, fields in wanted.get(pc4, {}).items()
    ]
    PostcodeShare.objects.bulk_create(fresh)
    created = sum(share.area_id not in stored for share in fresh)
    return created, len(fresh) - created, len(rows) - len(fresh)


def make_wide_catchments():
    """The region's catchment, and one for each municipality."""
    Catchment.objects.get_or_create(level=CatchmentLevel.REGION, defaults={"code": REGION_CODE, "name": REGION_NAME})
    served = Catchment.objects.filter(level=CatchmentLevel.MUNICIPALITY).values("municipality")
    Catchment.objects.bulk_create(
        Catchment(
            level=CatchmentLevel.MUNICIPALITY,
            municipality=municipality,
            code=municipality.code.lower(),
            name=f"Gemeente {municipality.name}",
        )
        for municipality in Municipality.objects.defer("polygon").exclude(pk__in=served).order_by("pk")
    )


def _assign_catchments(data):
    """Give each neighbourhood without a catchment one: its own, or with small neighbours a common one (R11)."""
    borders = shared_borders({code: row["polygon"] for code, row in data.neighbourhoods.items()})
    current = Neighbourhood.objects.in_bulk()
    for municipality in data.municipalities:
        inside = {
            code: row["inhabitants"]
            for code, row in data.neighbourhoods.items()
            if row["municipality_id"] == municipality
        }
        for codes in join_small(inside, borders):
            _assign_group([current[code] for code in codes])


def _assign_group(members):
    missing = [member for member in members if member.catchment_id is None]
    if not missing:
        return
    members.sort(key=lambda member: (-(member.inhabitants or 0), member.code))
    known = next((member.catchment for member in members if member.catchment_id), None)
    catchment = known or Catchment.objects.create(
        level=CatchmentLevel.NEIGHBOURHOOD,
        municipality_id=members[0].municipality_id,
        code=members[0].code.lower(),
        name=joined_name([member.name for member in members]),
    )
    Neighbourhood.objects.filter(pk__in=[member.pk for member in missing]).update(catchment=catchment)


def joined_name(names):
    """Join names as a Dutch reader would: "Bakkum en Castricum-Zuid"; a last name with "en" in it ends the list."""
    *first, last = names
    if not first:
        return last
    return ", ".join(first) + (", " if " en " in last else " en ") + last


def _make_teams(data):
    """Make the teams; one that is there keeps what it serves, and what nobody serves goes to the team of that area."""
    created = 0
    for row in data.teams:
        team, is_new = SocialTeam.objects.get_or_create(
            code=row["code"],
            defaults={"name": row["name"], "municipality_id": row["municipality"], "note": row["note"]},
        )
        created += is_new
        unserved = Catchment.objects.filter(neighbourhoods__in=row["neighbourhoods"], social_teams=None)
        team.catchments.add(*unserved.distinct())
    return created, 0, len(data.teams) - created
