"""What a mail or letter says: its default in code, the coordinator's own words instead, and what these may not hold.

Always Dutch. An app declares a MessageKind for each message it sends and passes it to prepare(); which kinds there
are is known to those apps only. A text holds named placeholders and nothing else that a program would interpret, and
no value is ever looked at for placeholders again.
"""

import re
import unicodedata
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

SUBJECT = "Een bericht van Socius"
CLOSING = "Met vriendelijke groet,\nSocius"
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
AT_AN_END = re.compile(PLACEHOLDER.pattern + r"(\.?)")


class Audience(TextChoices):
    CLIENT = "client", _("clients")
    STAFF = "staff", _("colleagues")


@dataclass(frozen=True)
class Placeholder:
    """A place in a text that is filled in for each reader. The example is what the coordinator sees; it is Dutch."""

    name: str
    meaning: str
    example: str
    is_required: bool = False

    @property
    def in_text(self):
        return "{" + self.name + "}"


@dataclass(frozen=True)
class MessageKind:
    """One kind of message: who gets it and when, what may be filled in, and its default words.

    is_fixed: nobody edits it (what a reader in danger may see, R40). goes_by_post: written as a letter for who has no
    safe mail; `on_paper` is the kind that a letter says instead, where a link makes no sense on paper.
    """

    code: str
    title: str
    sent_when: str
    body: str
    placeholders: tuple[Placeholder, ...] = ()
    subject: str = SUBJECT
    audience: Audience = Audience.CLIENT
    is_fixed: bool = False
    goes_by_post: bool = False
    on_paper: "MessageKind | None" = None

    @property
    def paper(self):
        """What a letter says; None if this message is never sent by post."""
        return self.on_paper or (self if self.goes_by_post else None)

    @property
    def examples(self):
        return {placeholder.name: placeholder.example for placeholder in self.placeholders}


# What somebody hears for whom a message can be dangerous: no word that could be somebody else's business (R40).
NEWS = MessageKind(
    code="news",
    title=_("There is news"),
    sent_when=_("Instead of every other message, when contact can be dangerous. Nobody can change it."),
    body=f"Hallo,\n\nUw contactpersoon heeft nieuws voor u en neemt contact met u op.\n\n{CLOSING}",
    is_fixed=True,
)


def render(kind, values, stored=None):
    """(subject, body) for one reader, in the words that are stored or else the default ones.

    Stored words that ask for a value that is not there (any more) give way to the default.
    KeyError if the default asks for one.
    """
    if stored is not None and not kind.is_fixed:
        try:
            return fill(stored.subject, {}), fill(stored.body, values)
        except KeyError:
            pass
    return fill(kind.subject, {}), fill(kind.body, values)


def fill(text, values):
    """The text with each {placeholder} replaced, in one pass: a value that looks like one stays as it is.

    A short name at the end of a sentence ("with Sofie V.") brings its own full stop.
    """
    return AT_AN_END.sub(lambda found: str(values[found[1]]).removesuffix(found[2]) + found[2], text)


def asked_for(text):
    """The names of the placeholders in a text, in order, each once."""
    return list(dict.fromkeys(PLACEHOLDER.findall(text)))


def has_broken_braces(text):
    return bool(re.search(r"[{}]", PLACEHOLDER.sub("", text)))


def plain(text):
    """For comparing words: lower case, without accents, invisible characters and double spaces."""
    kept = "".join(
        char
        for char in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(char) and unicodedata.category(char) != "Cf"
    )
    return " ".join(re.sub(r"[^\w]+", " ", kept).split())
