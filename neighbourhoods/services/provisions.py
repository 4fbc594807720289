"""R36: provisions in the neighbourhood, and what they agreed to receive; nobody is sent without their agreement."""

import tomllib
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from neighbourhoods.exceptions import ProvisionChanged
from neighbourhoods.models import Municipality, Neighbourhood, Provision
from neighbourhoods.permissions import require_provision_keeper

AGREEMENT = ("receives", "agreed_on", "agreed_with")
FIELDS = (
    *("name", "kind", "municipality", "neighbourhood", "address", "phone", "email", "website", "opening", "note"),
    *AGREEMENT,
)

NAME_ONCE = "provision_name_once"


def add_provision(*, by, now, **fields):
    """Add a provision; ``fields`` are FIELDS, of which name, kind and municipality are needed.

    Raises ValueError when the neighbourhood lies in another municipality, and for half an agreement or one that is
    still to come: what they receive, when that was agreed and with whom belong together. ValidationError (name_taken)
    when an open one of this municipality has the name.
    """
    require_provision_keeper(by, fields["municipality"].pk)
    provision = Provision()
    _fill(provision, fields, today=timezone.localdate(now))
    return _save(provision, by, now)


@transaction.atomic
def change_provision(*, provision, by, now, seen=None, **fields):
    """Change what a provision says about itself, or note what it agreed to. ValueError as for add_provision.

    With `seen`, its changed_at when the page was made, nobody overwrites what a colleague changed meanwhile:
    ProvisionChanged, here and in all that follows.
    """
    locked = _locked(provision, by, seen)
    require_provision_keeper(by, fields.get("municipality", locked.municipality).pk)
    _fill(locked, fields, today=timezone.localdate(now))
    if locked.agreed_on:
        locked.withdrawn_on = None
    return _save(locked, by, now)


@transaction.atomic
def withdraw_agreement(*, provision, by, now, seen=None):
    """They do not want to receive people any more: from now on nobody is sent. Without an agreement: ValueError."""
    locked = _locked(provision, by, seen)
    if locked.agreed_on is None:
        raise ValueError("there is no agreement")
    locked.receives, locked.agreed_on, locked.agreed_with = "", None, ""
    locked.withdrawn_on = timezone.localdate(now)
    return _save(locked, by, now)


@transaction.atomic
def close_provision(*, provision, by, now, seen=None):
    """It is there no more: off the lists, kept for what is remembered of it. Closing twice does no harm."""
    locked = _locked(provision, by, seen)
    locked.closed_on = locked.closed_on or timezone.localdate(now)
    return _save(locked, by, now)


@transaction.atomic
def reopen_provision(*, provision, by, now, seen=None):
    """It is there again, under the agreement it had. ValidationError (name_taken) as for add_provision."""
    locked = _locked(provision, by, seen)
    locked.closed_on = None
    return _save(locked, by, now)


def _locked(provision, by, seen=None):
    rows = Provision.objects.select_related("municipality", "neighbourhood", "changed_by")
    rows = rows.defer("municipality__polygon", "neighbourhood__polygon")
    locked = rows.select_for_update(of=("self",), no_key=True).get(pk=provision.pk)
    require_provision_keeper(by, locked.municipality_id)
    if seen is not None and seen != locked.changed_at:
        raise ProvisionChanged(locked)
    return locked


def _fill(provision, fields, today):
    if unknown := fields.keys() - set(FIELDS):
        raise TypeError(f"a provision has no {', '.join(sorted(unknown))}")
    for name, value in fields.items():
        setattr(provision, name, value)
    area = provision.neighbourhood
    if area is not None and area.municipality_id != provision.municipality_id:
        raise ValueError("the neighbourhood lies in another municipality")
    agreement = [bool(getattr(provision, name)) for name in AGREEMENT]
    if any(agreement) and not all(agreement):
        raise ValueError("what they receive, when that was agreed and with whom belong together")
    if provision.agreed_on and provision.agreed_on > today:
        raise ValueError("an agreement is not made in the future")


def _save(provision, by, now):
    provision.changed_at, provision.changed_by = now, by
    try:
        with transaction.atomic():
            provision.save()
    except IntegrityError as error:
        if error.__cause__.diag.constraint_name != NAME_ONCE:
            raise
        words = _("There is a provision of this name in this municipality already.")
        raise ValidationError(words, code="name_taken") from error
    return provision


@transaction.atomic
def load_demo_provisions(*, path, now):
    """Add the invented provisions that are not there yet, and leave all others alone. Returns how many."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["provisions"]
    known = set(Provision.objects.values_list("municipality__name", "name"))
    municipalities = {place.name: place for place in Municipality.objects.defer("polygon").order_by("pk")}
    places = {(place.municipality_id, place.name): place for place in Neighbourhood.objects.defer("polygon")}
    missing = [row for row in rows if (row["municipality"], row["name"]) not in known]
    for row in missing:
        municipality = municipalities[row["municipality"]]
        fields = {key: value for key, value in row.items() if key not in {"municipality", "neighbourhood"}}
        if "agreed_days_ago" in fields:
            fields["agreed_on"] = timezone.localdate(now) - timedelta(days=fields.pop("agreed_days_ago"))
        area = places[municipality.pk, row["neighbourhood"]] if "neighbourhood" in row else None
        add_provision(by=None, now=now, municipality=municipality, neighbourhood=area, **fields)
    return len(missing)
