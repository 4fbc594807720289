"""Clients, with invented names."""

from datetime import date

from django.utils import timezone

from clients.enums import ConsentPurpose, InvolvementKind
from clients.services import involve, record_consent, register_client
from neighbourhoods.models import Municipality, Neighbourhood


def make_neighbourhood(name="Oosterwijk", municipality="Beverwijk"):
    """A neighbourhood by name; the same names give the same row."""
    codes = {"Beverwijk": "GM0375", "Heemskerk": "GM0396", "Castricum": "GM0383"}
    place, _created = Municipality.objects.get_or_create(name=municipality, defaults={"code": codes[municipality]})
    found = Neighbourhood.objects.filter(name=name, municipality=place).first()
    number = f"{Neighbourhood.objects.count():02d}"
    return found or Neighbourhood.objects.create(code=f"WK{place.code[2:]}{number}", name=name, municipality=place)


def make_client(family_name="Vries", *, by=None, now=None, consented=True, neighbourhood=None, **fields):
    """Anna de Vries and the like, consenting unless told otherwise; `by` also becomes the referrer involved."""
    now = now or timezone.now()
    values = {
        "given_name": "Anna",
        "name_prefix": "de" if family_name == "Vries" else "",
        "family_name": family_name,
        "birth_date": date(1980, 5, 17),
        "postcode": "1943 AB",
        "phone": "0612345678",
        "email": "anna@voorbeeld.example",
    }
    place = neighbourhood or make_neighbourhood()
    client = register_client(by=by, now=now, neighbourhood=place, **(values | fields))
    if consented:
        today = timezone.localdate(now)
        record_consent(client=client, purpose=ConsentPurpose.REGISTRATION, how="gesproken", by=by, today=today)
    if by is not None:
        involve(client=client, user=by, kind=InvolvementKind.REFERRER, now=now)
    return client
