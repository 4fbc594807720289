"""The history row that every change writes."""

from groups.models import HistoryEntry


def history_row(code, *, at, by=None, rule="", waitlist=None, entry=None, cycle=None, session=None, **args):
    """An unsaved row; args are numbers, codes and dates, never a name."""
    return HistoryEntry(
        at=at, code=code, args=args, rule=rule, by=by, waitlist=waitlist, entry=entry, cycle=cycle, session=session
    )


def record(code, **row):
    """Write one row; see history_row."""
    history = history_row(code, **row)
    history.save(force_insert=True)
    return history
