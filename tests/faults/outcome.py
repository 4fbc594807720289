"""What one fault test found, as the tests assert it and `bin/bench faults` prints it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """`size` and `found` are {what: number}; `good` says whether it is as required."""

    name: str
    size: dict
    found: dict
    good: bool


def nothing(found):
    """Whether all counts of what went wrong are nought."""
    return not any(found.values())
