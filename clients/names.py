"""How Dutch names are sorted and compared."""

import unicodedata

# Letters that Unicode does not take apart into a plain letter and a mark.
_PLAIN = str.maketrans({"ø": "o", "đ": "d", "ð": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"})

# Some letters fall apart into many.
SORT_KEY_LENGTH = 250


def plain_name(text):
    """Lower-case letters and digits without accents, words one space apart: 'Ça-Va' becomes 'ca va'."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
    kept = (
        char if char.isalnum() else "" if char in "'’`." else " "
        for char in decomposed
        if not unicodedata.combining(char)
    )
    return " ".join("".join(kept).split())


def make_sort_key(*, given_name, name_prefix, family_name):
    """As Dutch readers sort: family name first, without its prefix. Two spaces sort 'vries' before 'vries jansen'."""
    key = "  ".join(plain_name(part) for part in (family_name, given_name, name_prefix))
    return key.strip()[:SORT_KEY_LENGTH]
