"""When two files may well be about one person. A stated rule on names, birth date and postcode; no score to guess at.

Two people are alike when one of these holds (R43):
1. the same birth date, and given and family name alike;
2. the same birth date and the same full postcode, and the given names alike (another surname: married, divorced);
3. birth dates one slip apart, given and family name alike, and the same four digits of the postcode.
"""

import datetime as dt

from clients.names import plain_name

# Words that stand before a family name and are left out or written in many ways.
PREFIXES = frozenset(
    ["van", "von", "vd", "v", "d", "de", "den", "der", "het", "t", "te", "ten", "ter", "el", "al", "la", "le"]
    + ["di", "da", "dos", "in", "op", "aan", "a", "bij", "s"]
)
LONG = 8  # in a name of so many letters two slips are still a slip
LEAST = 3  # of shorter names none is likely to be a slip of another


def alike(one, other):
    """Whether the rule holds for two clients, or anything with the same names for the same things."""
    if one.birth_date is None or other.birth_date is None:
        return False
    given, family = given_alike(one, other), family_alike(one, other)
    if one.birth_date == other.birth_date:
        return given and (family or _same_address(one, other))
    return (
        given
        and family
        and one.postcode[:4] == other.postcode[:4] != ""
        and other.birth_date in near_dates(one.birth_date)
    )


def given_alike(one, other):
    """Anna, Ana and "A." are alike; so are Anna Maria and Anna."""
    first, second = plain_name(one.given_name).split(), plain_name(other.given_name).split()
    if not first or not second:
        return False
    short, long = sorted((first[0], second[0]), key=len)
    return (len(short) == 1 and long.startswith(short)) or near(short, long)


def family_alike(one, other):
    """De Vries and Vries; Vries-Bakker and Bakker; Fantasy and Fantasie."""
    first, second = _family_parts(one), _family_parts(other)
    return near("".join(first), "".join(second)) or any(near(a, b) for a in first for b in second)


def _family_parts(person):
    words = plain_name(person.family_name).split()
    return [word for word in words if word not in PREFIXES] or words


def _same_address(one, other):
    return one.postcode == other.postcode and len(one.postcode) > 4


def near(one, other):
    """The same but for one slip (two in a long name): a letter more, less, other, or two swapped. ij is y, ck is k."""
    one, other = _sound(one), _sound(other)
    if one == other:
        return bool(one)
    shortest = min(len(one), len(other))
    if shortest < LEAST:
        return False
    return slips(one, other) <= (2 if shortest >= LONG else 1)


def _sound(name):
    for written, heard in (("ij", "y"), ("ck", "k"), ("ph", "f"), ("th", "t"), ("sch", "sg"), ("c", "k"), ("z", "s")):
        name = name.replace(written, heard)
    return "".join(letter for number, letter in enumerate(name) if number == 0 or letter != name[number - 1])


def slips(one, other):
    """How many letters were added, left out, changed or swapped with their neighbour (Damerau-Levenshtein)."""
    before, row = [], list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        before, last, row = row, before, [i]
        for j, b in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]


def near_dates(day):
    """Dates one slip away: one digit of day, month or year, or day and month swapped."""
    text = day.strftime("%d%m%Y")
    written = {text[:i] + digit + text[i + 1 :] for i in range(len(text)) for digit in "0123456789"}
    written.add(text[2:4] + text[:2] + text[4:])
    return {found for found in map(_date, written) if found is not None and found != day}


def _date(text):
    try:
        return dt.date(int(text[4:]), int(text[2:4]), int(text[:2]))
    except ValueError:
        return None
