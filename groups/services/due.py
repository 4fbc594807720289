"""Which list is to be decided next: one statement on one index, whatever the number of lists."""

from groups.models import GroupOffer, Waitlist
from groups.services.statements import Statement
from neighbourhoods.models import Catchment

# The engine's last words are not read here: they are about to be written anew.
_FIELDS = {
    "w": (Waitlist, [f for f in Waitlist._meta.concrete_fields if f.name not in ("reasons", "unblocks")]),
    "o": (GroupOffer, GroupOffer._meta.concrete_fields),
    "c": (Catchment, Catchment._meta.concrete_fields),
}
_COLUMNS = ", ".join(
    f'{alias}."{field.column}" AS {alias}_{field.attname}'
    for alias, (_model, fields) in _FIELDS.items()
    for field in fields
)
_NEXT = Statement(
    "next_due",
    f"""
SELECT {_COLUMNS}
FROM groups_waitlist w
JOIN groups_groupoffer o ON o.id = w.offer_id
JOIN neighbourhoods_catchment c ON c.id = w.catchment_id
WHERE w.due_at <= %(now)s
ORDER BY w.due_at, w.id
LIMIT 1
FOR UPDATE OF w SKIP LOCKED
""",
)


def lock_next_due(now):
    """The longest due list that nobody else is deciding, with offer and catchment, locked until the transaction ends.

    None if nothing is due.
    """
    rows = _NEXT.rows(now=now)
    if not rows:
        return None
    waitlist, offer, catchment = (_instance(rows[0], alias) for alias in _FIELDS)
    waitlist.offer, waitlist.catchment = offer, catchment
    return waitlist


def _instance(row, alias):
    model, fields = _FIELDS[alias]
    names = [field.attname for field in fields]
    return model.from_db("default", names, [row[f"{alias}_{name}"] for name in names])
