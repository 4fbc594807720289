"""The history row that every change writes."""

from groups.exceptions import NotAllowed
from groups.models import HistoryEntry

SUBJECTS = ("waitlist", "entry", "cycle", "session", "offer", "catchment")


def history_row(code, *, at, by=None, rule="", **args):
    """An unsaved row about SUBJECTS; the other args are numbers, codes and dates, never a name."""
    subjects = {name: args.pop(name) for name in SUBJECTS if name in args}
    return HistoryEntry(at=at, code=code, args=args, rule=rule, by=by, **subjects)


def record(code, **row):
    """Write one row; see history_row."""
    history = history_row(code, **row)
    history.save(force_insert=True)
    return history


def changed_meanwhile(rows, **in_force):
    """The refusal for who looked at something older: the last of these history rows says who changed it and when."""
    last = rows.select_related("by").order_by("-at", "-pk").first()
    who = last.by.short_name if last is not None and last.by is not None else ""
    return NotAllowed("changed_meanwhile", who=who, at=last.at if last is not None else None, in_force=in_force)
