"""What a coordinator's own words for a message may hold (R40). Everything raises ValidationError by field."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifications.texts import Audience, asked_for, has_broken_braces, plain

MAX_SUBJECT, MAX_BODY = 100, 3000
# Words that tell what somebody's trouble is, also inside a longer word; and those that only count as a beginning,
# because vertrouwen holds rouw. Names of offers and problems come from the caller.
TELLING = (
    "geweld",
    "schuld",
    "mishandel",
    "misbruik",
    "bedreig",
    "slachtoffer",
    "verslav",
    "psycho",
    "eenzaam",
    "zelfmoord",
)
TELLING_BEGINS = (
    *("dader", "stalk", "trauma", "deurwaarder", "wsnp", "bewind", "weekgeld", "alcohol", "drugs", "depress"),
    *("suicid", "psychisch", "scheiding", "echtscheiding", "rouw", "vervuil", "blijf van mijn lijf"),
)
LINK = re.compile(
    r"[a-z][a-z0-9+.-]*://|\b(?:mailto|tel|javascript):|www\.|\S@\S|"
    r"\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?-i:nl|com|org|net|eu|info|be|de|io|app|example|test|online|site|xyz|link|me|ly)\b",
    re.I,
)

refuse_null_characters = ProhibitNullCharactersValidator()


def clean_body(text):
    """Lines end in one way and without blanks; nothing invisible."""
    refuse_null_characters(text)
    seen = "".join(char for char in text if char in "\r\n\t" or unicodedata.category(char) not in {"Cc", "Cf"})
    lines = [line.rstrip() for line in seen.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return "\n".join(lines).strip()


def check_message(kind, *, subject, body, telling=()):
    """(subject, body) as they can be stored. `telling`: names that no client may read in a mail, such as of offers.

    ValidationError {field: errors}: all that is wrong at once.
    """
    errors, cleaned = {}, {}
    for field, text, check in (("subject", subject, _check_subject), ("body", body, _check_body)):
        try:
            cleaned[field] = clean_body(text)
            found = check(kind, cleaned[field])
            found += _common(cleaned[field], kind, telling)
        except ValidationError as error:
            found = error.messages
        if found:
            errors[field] = found
    if errors:
        raise ValidationError(errors)
    return cleaned["subject"], cleaned["body"]


def _check_subject(kind, subject):
    found = []
    if not subject:
        found.append(_("Fill in a subject."))
    if "\n" in subject:
        found.append(_("A subject has one line."))
    if len(subject) > MAX_SUBJECT:
        found.append(_("At most %(count)s characters.") % {"count": MAX_SUBJECT})
    if re.search(r"[{}]", subject):
        found.append(_("A subject is read by whoever sees the screen light up, so nothing is filled in there."))
    return found


def _check_body(kind, body):
    found, known = [], {placeholder.name: placeholder for placeholder in kind.placeholders}
    if not body:
        found.append(_("Fill in a text."))
    if len(body) > MAX_BODY:
        found.append(_("At most %(count)s characters.") % {"count": MAX_BODY})
    used = asked_for(body)
    if has_broken_braces(body):
        found.append(_("A brace stands alone. Write what is filled in like this: {wanneer}, and no other braces."))
    if unknown := [name for name in used if name not in known]:
        found.append(
            ngettext("%(names)s cannot be filled in here.", "%(names)s cannot be filled in here.", len(unknown))
            % {"names": _in_braces(unknown)}
        )
    if missing := [name for name, placeholder in known.items() if placeholder.is_required and name not in used]:
        found.append(
            _("%(names)s is missing. Without it the reader does not know what to do.") % {"names": _in_braces(missing)}
        )
    return found


def _in_braces(names):
    return ", ".join("{" + name + "}" for name in names)


def _common(text, kind, telling):
    found = []
    if LINK.search(text):
        found.append(_("Do not type a link or an e-mail address. Only {link} is one."))
    if kind.audience == Audience.CLIENT and (words := telling_words(text, telling)):
        found.append(
            _("Somebody may read along, so this cannot stand in a message: %(words)s.") % {"words": ", ".join(words)}
        )
    return found


def telling_words(text, names=()):
    """What in this text tells what somebody's trouble or group is."""
    words = plain(text)
    found = [word for word in TELLING if word in words]
    found += [word for word in TELLING_BEGINS if re.search(rf"\b{word}", words)]
    return found + [name for name in names if plain(name) and re.search(rf"\b{re.escape(plain(name))}\b", words)]
