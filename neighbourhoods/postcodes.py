"""Reading a postcode as people type it, and saying in words what a look-up found."""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from neighbourhoods.enums import MatchStatus

DATA = Path(__file__).parent / "data"
POSTCODE = re.compile(r"([1-9][0-9]{3})([A-Z]{2})?", re.ASCII)
# Dutch postcodes never use these pairs of letters.
UNUSED_LETTERS = {"SA", "SD", "SS"}
# Longer than any way to write a postcode: refused unread.
LONGEST_INPUT = 30
# Shown wherever postcodes are turned into neighbourhoods, next to ATTRIBUTION (see NOTICE).
POSTCODE_ATTRIBUTION = "Postcodegebieden: © CBS, © Esri Nederland (alleen afgeleide toewijzing)."
# More names than this nobody reads.
MOST_NAMED = 8


@dataclass(frozen=True)
class PostcodeMatch:
    """What a postcode says about where somebody lives.

    ``candidates`` holds (neighbourhood, share 0–1), the largest share first; for ``one`` the first is the answer,
    for ``many`` it is only the likeliest: ask. ``is_exact``: found by all six signs. ``is_unlisted``: postcodes around
    it are known in full, this one is not, and the four digits had to do. ``served``: for ``outside``, the names of
    the municipalities that are loaded.
    """

    status: MatchStatus
    postcode: str = ""
    place: str = ""
    candidates: list = field(default_factory=list)
    is_exact: bool = False
    is_unlisted: bool = False
    served: tuple = ()

    @property
    def neighbourhood(self):
        """The neighbourhood, when the postcode leaves no doubt; otherwise None."""
        return self.candidates[0][0] if self.status == MatchStatus.ONE else None


def normalise_postcode(text):
    """Return "1943 AB" for any usual way to write it.

    Raises ValueError for everything that cannot be a Dutch postcode.
    """
    digits, letters = _split(text)
    if not letters:
        raise ValueError("a postcode has two letters")
    return f"{digits} {letters}"


def postcode_digits(text):
    """Return the four digits of a postcode, with or without its letters. Raises ValueError."""
    return _split(text)[0]


def _split(text):
    if not isinstance(text, str) or len(text) > LONGEST_INPUT:
        raise ValueError("not a postcode")
    compact = re.sub(r"[\s\-.\u200b]", "", unicodedata.normalize("NFKC", text))
    match = POSTCODE.fullmatch(compact.upper()) if compact.isascii() else None
    if match is None or match[2] in UNUSED_LETTERS:
        raise ValueError("not a postcode")
    return match[1], match[2] or ""


@cache
def _netherlands():
    lines = (DATA / "postcodes_netherlands.txt").read_text(encoding="utf-8").splitlines()
    words = " ".join(line for line in lines if not line.startswith("#")).split()
    ranges = ((first, last or first) for first, _dash, last in (word.partition("-") for word in words))
    return frozenset(number for first, last in ranges for number in range(int(first), int(last) + 1))


def exists_in_netherlands(pc4):
    """Whether addresses anywhere in the country have these four digits."""
    return int(pc4) in _netherlands()


def postcode_message(match):
    """What to tell the person who typed the postcode, in plain words; never the street or a name."""
    message = _found_message(match)
    if not match.is_unlisted:
        return message
    unlisted = _("We do not know the letters of %(postcode)s yet. Check them; a new street may not be in our list.")
    return f"{unlisted % {'postcode': match.postcode}} {message}"


def _found_message(match):
    words = {"postcode": match.postcode, "place": match.place}
    if match.status == MatchStatus.INVALID:
        return _("Enter a postcode like 1943 AB: four digits and two letters.")
    if match.status == MatchStatus.UNKNOWN:
        return _("Nobody lives at postcode %(postcode)s: it is not in use. Check the digits.") % words
    if match.status == MatchStatus.OUTSIDE:
        return _outside(match)
    if match.status == MatchStatus.PO_BOX:
        return (
            _("Postcode %(postcode)s (%(place)s) has PO boxes only. Enter the postcode of the home address.") % words
        )
    if match.status == MatchStatus.ONE:
        return _("Neighbourhood: %(neighbourhood)s.") % {"neighbourhood": match.neighbourhood}
    count = len(match.candidates)
    return ngettext(
        "Postcode %(postcode)s lies in %(count)s neighbourhood. Choose the one where the person lives.",
        "Postcode %(postcode)s lies in %(count)s neighbourhoods. Choose the one where the person lives.",
        count,
    ) % {**words, "count": count}


def _outside(match):
    """Names the municipalities where Socius works, as long as one can take that in."""
    words = {"postcode": match.postcode, "count": len(match.served)}
    if 0 < len(match.served) <= MOST_NAMED:
        words["names"] = ", ".join(match.served)
        return _("Postcode %(postcode)s lies outside the municipalities where Socius works: %(names)s.") % words
    return _("Postcode %(postcode)s lies outside the %(count)s municipalities where Socius works.") % words
