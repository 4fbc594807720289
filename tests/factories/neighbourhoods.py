"""Places: the real ones with load_region(), or invented ones where a test needs only a few."""

from datetime import datetime, time

from django.utils import timezone

from neighbourhoods import services
from neighbourhoods.enums import CatchmentLevel
from neighbourhoods.models import Catchment, Municipality, Neighbourhood
from neighbourhoods.models.venues import LOCAL_ZONE

WEEKDAYS = range(5)


def load_region():
    """The five municipalities with their neighbourhoods, postcodes, catchments and teams."""
    return services.load_cbs()


def local(year, month, day, hour=0, minute=0):
    """An aware moment in local time."""
    return datetime(year, month, day, hour, minute, tzinfo=LOCAL_ZONE)


def make_municipality(name="Beverwijk", code="GM0375"):
    """A municipality with its catchment; the same code gives the same row."""
    municipality, _created = Municipality.objects.get_or_create(code=code, defaults={"name": name})
    Catchment.objects.get_or_create(
        level=CatchmentLevel.MUNICIPALITY,
        municipality=municipality,
        defaults={"code": code.lower(), "name": f"Gemeente {municipality.name}"},
    )
    return municipality


def make_region():
    """The region's catchment."""
    catchment, _created = Catchment.objects.get_or_create(
        level=CatchmentLevel.REGION, defaults={"code": "regio", "name": "Hele regio"}
    )
    return catchment


def make_neighbourhood(name="Oosterwijk", municipality=None, code=None, catchment=None, inhabitants=2_000):
    """A neighbourhood with a catchment of its own, unless told which it shares."""
    municipality = municipality or make_municipality()
    code = code or f"WK{municipality.pk[2:]}{Neighbourhood.objects.filter(municipality=municipality).count():02d}"
    catchment = catchment or Catchment.objects.create(
        level=CatchmentLevel.NEIGHBOURHOOD, municipality=municipality, name=name, code=code.lower()
    )
    return Neighbourhood.objects.create(
        code=code, name=name, municipality=municipality, catchment=catchment, inhabitants=inhabitants
    )


def make_venue(name="Buurthuis Proef", neighbourhood=None, rooms=("Zaal",), hours=None, now=None, **fields):
    """A venue with rooms of 12 places, open on weekdays from 9 to 22 unless told otherwise."""
    now = now or timezone.now()
    neighbourhood = neighbourhood or Neighbourhood.objects.order_by("pk").first() or make_neighbourhood()
    venue = services.add_venue(
        name=name, municipality=neighbourhood.municipality, neighbourhood=neighbourhood, by=None, now=now, **fields
    )
    for room in rooms:
        services.add_room(venue=venue, name=room, capacity=12, by=None, now=now)
    windows = [(day, time(9), time(22)) for day in WEEKDAYS] if hours is None else hours
    services.set_opening_hours(venue=venue, windows=windows, by=None, now=now)
    return venue


def make_room(name="Zaal", *, name_of_venue="Buurthuis Proef", **venue_fields):
    """One room of a venue of its own."""
    return make_venue(name_of_venue, rooms=(name,), **venue_fields).rooms.get()
