"""What somebody typed on the page of a session, beside what their screen showed; and what came of it (R25).

Each value travels with what was seen: only what the person changed is written, and never over what somebody else
changed meanwhile. Of a text only a print of it is carried.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Typed:
    """One value, and what the screen showed when it was made: of a text, its print_of()."""

    value: Any
    seen: Any = None

    def is_changed(self):
        return self.seen is None or self.value != self.seen


@dataclass(frozen=True)
class TypedText:
    value: str
    seen: str | None = None

    def is_changed(self):
        return self.seen is None or print_of(self.value) != self.seen

    def fits(self, stands):
        """Whether what stands now is what the screen showed."""
        return self.seen is None or print_of(stands) == self.seen


def print_of(text):
    """Tells whether a text is still the same one, without being it."""
    return hashlib.sha256(text.encode()).hexdigest()[:24] if text else ""


@dataclass
class Typings:
    """All of one sending. Keys are participations, themes, session parts; a missing key was not on that screen."""

    attendance: dict = field(default_factory=dict)
    scores: dict = field(default_factory=dict)
    goals: dict = field(default_factory=dict)
    themes: dict = field(default_factory=dict)
    parts: dict = field(default_factory=dict)
    homework: TypedText | None = None
    note: TypedText | None = None
    new_theme: dict | None = None
    everybody: bool = False


@dataclass(frozen=True)
class Conflict:
    """Two people noted something else; `who` and `at` are of what stands. name: the field; pk: the participation."""

    name: str
    theirs: Any
    yours: Any
    who: Any = None
    at: Any = None
    pk: int | None = None


@dataclass
class Noted:
    """What came of a sending. Not closed while there are conflicts, or people of whom nothing is noted."""

    conflicts: list = field(default_factory=list)
    refused: list = field(default_factory=list)  # (Person or None, Reason)
    missing: list = field(default_factory=list)  # Persons
    is_closed: bool = False
    was_closed: Any = None  # the report, if somebody had closed it before
    is_repeated: bool = False

    @property
    def is_settled(self):
        return not self.conflicts and not self.missing
