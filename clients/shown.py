"""What a page showed of somebody, as short marks: an old page takes back nothing that was changed since (R40)."""

from django.db.models import Model
from django.utils.crypto import salted_hmac

MARK_LENGTH = 12


def seen_of(client, values):
    """What a form sends along about {field: what it shows}: a mark each, which only tells whether it is the same."""
    return " ".join(f"{name}:{_mark(client, name, value)}" for name, value in sorted(values.items()))


def is_as_seen(client, seen, name, value):
    """Whether the page that sent `seen` showed this value. A field it does not speak of was not seen."""
    marks = dict(part.split(":", 1) for part in seen.split() if ":" in part)
    return marks.get(name) == _mark(client, name, value)


def changed_since(client, seen, *, now, wanted):
    """{field: what holds now} of the fields that are to become something else, and changed after the page was made."""
    return {
        name: now[name]
        for name, value in wanted.items()
        if not is_same(now[name], value) and not is_as_seen(client, seen, name, now[name])
    }


def is_same(one, other):
    return _plain(one) == _plain(other)


def _mark(client, name, value):
    return salted_hmac(f"clients.shown:{client.pk}:{name}", _plain(value)).hexdigest()[:MARK_LENGTH]


def _plain(value):
    if isinstance(value, (set, frozenset)):
        return ",".join(sorted("-".join(map(str, pair)) for pair in value))
    if isinstance(value, Model):
        return str(value.pk)
    return "" if value is None else str(value).replace("\r\n", "\n")
