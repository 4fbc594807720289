"""Codes, postcodes and numbers as CBS's files write them."""

import re
from decimal import Decimal, InvalidOperation

LENGTHS = {"GM": 4, "WK": 6, "BU": 8}
PATTERNS = {
    "GM": re.compile(r"GM\d{4}", re.ASCII),
    "WK": re.compile(r"WK\d{4}[0-9A-Z]{2}", re.ASCII),
    "BU": re.compile(r"BU\d{4}[0-9A-Z]{4}", re.ASCII),
}
PC6 = re.compile(r"[1-9]\d{3}[A-Z]{2}", re.ASCII)
# No municipalities: unknown, abroad (GM0998), and what has none.
NOWHERE = {"0997", "0998", "0999"}
MISSING = {"", ".", "-", "nan", "null", "none", "#n/b", "x"}
# CBS writes -99995, -99997 or -99999999 for what it does not give.
LARGEST_MISSING = -99990
# No municipality has more of anything.
LARGEST = 100_000_000


def is_missing(text):
    return text.strip().lower() in MISSING


def area_code(level, text):
    """ "BU03630100" for "BU03630100", "03630100" or, with its zero lost, "3630100". Raises ValueError."""
    bare = text.strip().upper().removeprefix(level).removesuffix(".0")
    code = level + bare.zfill(LENGTHS[level])
    if not bare or not PATTERNS[level].fullmatch(code):
        raise ValueError(f"{text.strip()!r} is no code of a {NAMES[level]}")
    return code


NAMES = {"GM": "gemeente", "WK": "wijk", "BU": "buurt"}


def prefixed_code(text):
    """The code and its level, from a code that says itself what it is; None for the country. Raises ValueError."""
    code = text.strip().upper()
    if code.startswith("NL"):
        return None
    if code[:2] not in LENGTHS:
        raise ValueError(f"{text.strip()!r} is no code of a gemeente, wijk or buurt")
    return area_code(code[:2], code)


def is_nowhere(code):
    """Whether a code lies abroad or in no municipality."""
    return code[2:6] in NOWHERE


def full_postcode(text):
    """ "1943AB", however it is written. Raises ValueError."""
    pc6 = "".join(text.split()).upper()
    if not PC6.fullmatch(pc6):
        raise ValueError(f"{text.strip()!r} is no full postcode")
    return pc6


def number(text):
    """A number with a point or a comma, or None where CBS gives none. Raises ValueError."""
    if is_missing(text):
        return None
    try:
        value = Decimal(text.strip().replace(",", "."))
    except InvalidOperation as error:
        raise ValueError(f"{text.strip()[:40]!r} is no number") from error
    if value.is_nan() or value <= LARGEST_MISSING:
        return None
    if not 0 <= value <= LARGEST:
        raise ValueError(f"{text.strip()[:40]!r} cannot be")
    return value
