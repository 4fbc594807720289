"""What a service refuses, with a reason as data; wording.py turns it into a sentence."""

from groups.engine import Reason


class NotAllowed(Exception):
    """The rules forbid it. `reasons` says which, as data."""

    def __init__(self, code, **args):
        self.reasons = (Reason(code, args),)
        super().__init__(code)

    @property
    def reason(self):
        return self.reasons[0]


class IllegalMove(Exception):
    """A state change that the transition tables do not know. A bug in the caller, never the user's doing."""


class ScheduleClash(Exception):
    """A person or a room is taken at that time. `clashes` are (what, when) pairs without personal data of clients.

    what is a worker's short name or a room; when an aware period (start, end).
    """

    def __init__(self, clashes):
        self.clashes = tuple(clashes)
        super().__init__("clash")


class TeamTaken(Exception):
    """Between deciding and writing, another start took the team or the room: decide again."""
