"""What Today is made of. Builders fill these in; templates only show them."""

from dataclasses import dataclass, field
from enum import IntEnum


class Urgency(IntEnum):
    """In which order tasks stand."""

    NOW = 0
    TODAY = 1
    SOON = 2


@dataclass(frozen=True)
class Line:
    """One line inside a card or a panel; with a url it is a link."""

    text: str
    url: str = ""
    note: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Task:
    """What needs me, why, and the one button that settles it."""

    title: str
    url: str = ""
    action: str = ""
    why: str = ""
    meta: str = ""
    icon: str = ""
    tone: str = "wait"
    urgency: Urgency = Urgency.SOON
    lines: tuple[Line, ...] = ()
    lines_label: str = ""  # with it the lines stand on one row: "Fill in the answer: A. de V.  B. J."


@dataclass(frozen=True)
class Figure:
    value: object
    label: str
    url: str = ""
    note: str = ""
    tone: str = "neutral"


@dataclass(frozen=True)
class Panel:
    """A sheet with rows; `template` shows one row as `row`. `key` keeps it single for who has several roles."""

    key: str
    title: str
    icon: str
    template: str
    rows: tuple = ()
    empty: str = ""
    more_url: str = ""
    more_text: str = ""


@dataclass(frozen=True)
class Button:
    url: str
    text: str
    icon: str


@dataclass
class Part:
    """What one role brings to Today."""

    tasks: list[Task] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    button: Button | None = None
