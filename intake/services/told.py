"""What a referrer tells of a person: kept with the referral, sealed, and laid over nothing (R40, R43)."""

import json

from clients.services import add_care
from clients.services.people import CLEANERS

REACHED_BY = ("phone", "email", "street", "town")


def take_word(client, person, *, by, now):
    """R40: what a new referral of somebody known says on safe contact holds at once, where it asks for more care."""
    wish = bool(person.get("refuses_own_neighbourhood"))
    return add_care(client=client, contact=person.get("contact") or {}, refuses_own_neighbourhood=wish, by=by, now=now)


def told_of(person, *, known=None, availability=()):
    """For Referral.told: the name as it was written and, of somebody known, what differs from the file."""
    name = [person.get(part, "").strip() for part in ("given_name", "name_prefix", "family_name")]
    anew = _anew(person, known, availability) if known is not None else {}
    return json.dumps({"name": name, "anew": anew}, ensure_ascii=False)


def _anew(person, known, availability):
    said = {name: CLEANERS[name](person.get(name) or "") for name in REACHED_BY}
    anew = {name: text for name, text in said.items() if text and text.lower() != getattr(known, name).lower()}
    words = ((person.get("contact") or {}).get("instructions") or "").strip()
    if words and words not in known.contact.instructions:
        anew["instructions"] = words
    if availability and set(availability) != set(known.availability.values_list("weekday", "part")):
        anew["availability"] = [f"{weekday}-{part}" for weekday, part in sorted(availability)]
    return anew
