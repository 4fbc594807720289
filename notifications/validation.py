"""What a coordinator's own words for a message may hold (R40). Everything raises ValidationError by field."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifications.texts import Audience, asked_for, has_broken_braces, plain

MAX_SUBJECT, MAX_BODY = 100, 3000
MOST = {"subject": MAX_SUBJECT, "body": MAX_BODY}
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
    *("opvoed", "assertief", "assertiv"),
)
# Of a name these words say nothing; and these say nothing alone, only with the other words of that name.
LITTLE = {
    *(
        "de",
        "het",
        "een",
        "en",
        "of",
        "van",
        "voor",
        "met",
        "in",
        "aan",
        "op",
        "om",
        "te",
        "ten",
        "ter",
        "tot",
        "vanaf",
    ),
    *("bij", "uit", "naar", "over", "door", "als", "je", "jij", "jouw", "u", "uw", "ik", "mijn", "wij", "we", "ons"),
}
ORDINARY = {
    *("veilig", "positief", "praktisch", "praktische", "hulp", "ondersteuning", "kunst", "ouder", "ouders", "worden"),
    *("beter", "leren", "omgaan", "geld", "zin", "stap", "vooruit", "huishouden", "huishoudens", "uitkomen"),
    *("opkomen", "uzelf", "jezelf", "wonen", "relatie", "relaties", "partner", "familie", "ontmoeting", "klacht"),
    *("klachten", "kracht", "kind", "kinderen", "jaar", "jongeren", "groep", "groepen", "cursus", "training"),
    *("samen", "buurt", "wijk", "huis", "thuis", "werk", "leven", "mensen", "vrouw", "vrouwen", "man", "mannen"),
    *("avond", "ochtend", "middag", "dag", "week", "nieuw", "nieuwe", "goed", "sterk", "bewegen", "praten", "eten"),
}
SPOKEN = {"Lu", "Ll", "Lt", "Lo"}
# Nothing here repeats: the time a text takes grows with its length, whatever stands in it.
LINK = re.compile(
    r"[a-z0-9+.-]://|\b(?:mailto|tel|javascript):|www\.|\S@\S|"
    r"[a-z0-9-]\.(?-i:nl|com|org|net|eu|info|be|de|io|app|example|test|online|site|xyz|link|me|ly)\b",
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
            _refuse_long(text, MOST[field], spare=MOST[field])  # before anything looks at each character of it
            cleaned[field] = clean_body(text)
            _refuse_long(cleaned[field], MOST[field])
            found = check(kind, cleaned[field])
            found += _common(cleaned[field], kind, telling)
        except ValidationError as error:
            found = error.messages
        if found:
            errors[field] = found
    if errors:
        raise ValidationError(errors)
    return cleaned["subject"], cleaned["body"]


def _refuse_long(text, most, spare=0):
    if len(text) > most + spare:
        raise ValidationError(_("At most %(count)s characters.") % {"count": most})


def _check_subject(kind, subject):
    found = []
    if not subject:
        found.append(_("Fill in a subject."))
    if "\n" in subject:
        found.append(_("A subject has one line."))
    if re.search(r"[{}]", subject):
        found.append(_("A subject is read by whoever sees the screen light up, so nothing is filled in there."))
    return found


def _check_body(kind, body):
    found, known = [], {placeholder.name: placeholder for placeholder in kind.placeholders}
    if not body:
        found.append(_("Fill in a text."))
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
    if words := mixed_words(text):
        found.append(_("Type these words again, in letters of one alphabet: %(words)s.") % {"words": ", ".join(words)})
    if kind.audience == Audience.CLIENT and (words := telling_words(text, telling)):
        found.append(
            _("Somebody may read along, so this cannot stand in a message: %(words)s.") % {"words": ", ".join(words)}
        )
    return found


def mixed_words(text):
    """Words in letters of two alphabets: they look like others, and are not found as those."""
    return [
        word
        for word in dict.fromkeys(re.findall(r"\w+", unicodedata.normalize("NFKC", text)))
        if len({unicodedata.name(char, "?").split()[0] for char in word if unicodedata.category(char) in SPOKEN}) > 1
    ]


def telling_words(text, names=()):
    """What in this text tells what somebody's trouble or group is; also in pieces, as in ge-weld or g e w e l d."""
    whole = plain(re.sub(r"(?<=\w)[^\w\s](?=\w)", "", text))
    spelled = re.sub(r"\b(\w) (?=\w\b)", r"\1", plain(text))
    words = f"{plain(text)} {whole} {spelled}"
    found = [word for word in TELLING if word in words]
    found += [word for word in TELLING_BEGINS if re.search(rf"\b{word}", words)]
    spoken = set(words.split())
    return found + [name for name in names if _is_named(name, spoken)]


def _is_named(name, spoken):
    """Whether these words begin with a word that only this name has, or with all that it consists of."""
    words = plain(name).split()
    own = {word for word in words if word not in LITTLE and len(word) > 1 and not word.isdecimal()} or set(words)
    told = {word for word in own if any(said.startswith(word) for said in spoken)}
    return bool(told) and (told == own or not told <= ORDINARY)
