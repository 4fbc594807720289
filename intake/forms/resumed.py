"""What the intake shows of the client, and what of an earlier time may still be laid over it (R18, R40)."""

from dataclasses import dataclass

from clients.seen_form import as_initial, in_words
from clients.shown import is_as_seen, is_same
from intake.forms.parts import CONTACT

# What others may change as well while somebody is at an intake.
SHARED = (*CONTACT, "refuses_own_neighbourhood", "availability")


@dataclass(frozen=True)
class Overtaken:
    """A field that a colleague changed after this was typed: what it says now holds."""

    label: str
    now: str
    typed: str


def shared_values(client):
    """{field: what holds now} of SHARED."""
    shown = {name: getattr(client.contact, name) for name in CONTACT}
    shown["refuses_own_neighbourhood"] = client.refuses_own_neighbourhood
    return shown | {"availability": {(row.weekday, row.part) for row in client.availability.all()}}


def lay_over(fields, client, draft):
    """({field: value} of a draft that may be laid over what is known, [Overtaken]).

    What was changed since the draft began is not laid back: an old word never takes away a later one.
    """
    typed = {name: field.widget.value_from_datadict(draft, {}, name) for name, field in fields.items()}
    now, seen, overtaken = shared_values(client), draft.get("seen", ""), []
    for name in SHARED:
        if is_as_seen(client, seen, name, now[name]):
            continue
        field, was = fields[name], typed.pop(name)
        if not is_same(in_words(field, was), in_words(field, as_initial(now[name]))):
            overtaken.append(Overtaken(field.label, in_words(field, as_initial(now[name])), in_words(field, was)))
    typed.pop("seen")
    return typed, overtaken
