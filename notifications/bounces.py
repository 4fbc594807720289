"""Reading mail that came back: RFC 3464 reports, and the plain-text ones of older mail servers.

Nothing in such a mail is trusted. It says at most: this Message-ID did not arrive at this address, for a reason of a
few known ones. Whether that mail was ours, and went to that address, is looked up by who calls.
"""

import email
import re
from dataclasses import dataclass
from email import policy
from email.utils import getaddresses

from notifications.enums import BounceReason

# What anybody can send is bounded before it is parsed: Python's parsers nest as deep as a mail says, and their time
# grows with the square of one long header.
MOST_BYTES = 1_000_000
MOST_PARTS = 50
MOST_NESTED = 20
MOST_BLANK_LINES = 2_000
MOST_HEADER = 1_000
MOST_BRACKETS = 20
NESTS = re.compile(rb"^content-type:\s*(?:multipart|message)/", re.I | re.M)
CONTENT_TYPE = re.compile(rb"^content-type:[^\n]*(?:\n[ \t][^\n]*)*", re.I | re.M)
MESSAGE_ID = re.compile(r"<[!-;=?A-~]{1,120}@[!-;=?A-~]{1,120}>")
STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
SMTP_CODE = re.compile(r"(?<![\d.])([45]\d\d)[ -](?!\d)")
COPY_BEGINS = re.compile(
    r"^-+\s*(?:this is a copy of|below this line is a copy|original message|returned message|transcript)[^\n]*\n",
    re.I | re.M,
)
DAEMONS = ("mailer-daemon", "postmaster", "mail-daemon", "mdaemon")
BY_STATUS = {
    **dict.fromkeys([(1, detail) for detail in (0, 1, 2, 3, 4, 6, 10)], BounceReason.UNKNOWN_ADDRESS),
    **dict.fromkeys([(2, detail) for detail in (0, 1, 2, 3)], BounceReason.MAILBOX_FULL),
    (4, 4): BounceReason.UNKNOWN_ADDRESS,
}


@dataclass(frozen=True)
class Bounce:
    """What a report says. addresses: lower case, all that it names as not reached, or that the mail was for."""

    message_id: str
    addresses: frozenset
    reason: str
    is_permanent: bool


def read_bounce(raw):
    """The Bounce that these bytes report; None for any other mail, an answer of a holiday maker among them."""
    raw = raw[:MOST_BYTES].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if not is_within_bounds(raw):
        return None
    message = email.message_from_bytes(raw, policy=policy.compat32)
    parts = [part for part, _number in zip(message.walk(), range(MOST_PARTS), strict=False)]
    if _text(message.get_content_type()) == "multipart/report":
        found = _standard(parts)
    else:
        found = _plain(message, parts) if _is_from_a_daemon(message) else None
    return found


def is_within_bounds(raw):
    """Whether this can be parsed in a reasonable time and depth."""
    return (
        sum(1 for _found in NESTS.finditer(raw)) <= MOST_NESTED
        and raw.count(b"\n\n") <= MOST_BLANK_LINES
        and all(len(found[0]) <= MOST_HEADER for found in CONTENT_TYPE.finditer(raw))
    )


def _text(value):
    """A header as text, whatever stands in it."""
    return str(value or "")[:MOST_HEADER].replace("\x00", "")


def _addresses(*values):
    """The addresses in headers, lower case; none of a header with nested comments or groups, which are never ours."""
    texts = [text for text in map(_text, values) if text.count("(") + text.count(":") <= MOST_BRACKETS]
    return [address.lower() for _name, address in getaddresses(texts) if address]


def _is_from_a_daemon(message):
    address = next(iter(_addresses(message["From"])), "")
    is_empty = _text(message["Return-Path"]).strip() == "<>"
    is_answer = (
        _text(message["Auto-Submitted"]).lower().startswith("auto-replied") and not message["X-Failed-Recipients"]
    )
    return (is_empty or address.split("@")[0] in DAEMONS) and not is_answer


# --- RFC 3464


def _standard(parts):
    reports = [
        part
        for part in parts
        if part.get_content_type() in {"message/delivery-status", "message/global-delivery-status"}
    ]
    returned = _returned(parts)
    if not reports or returned is None:
        return None
    failed = [
        block for block in _recipients(reports[0]) if _text(block["Action"]).strip().lower() in {"failed", "delayed"}
    ]
    if not failed:
        return None
    return Bounce(
        message_id=returned[0],
        addresses=frozenset(filter(None, map(_recipient, failed))) | returned[1],
        reason=_reason(" ".join(f"{_text(block['Status'])} {_text(block['Diagnostic-Code'])}" for block in failed)),
        is_permanent=any(_text(block["Action"]).strip().lower() == "failed" for block in failed),
    )


def _recipients(report):
    """The blocks about one recipient each; the first block is about the message."""
    payload = report.get_payload()
    return payload[1:] if isinstance(payload, list) else []


def _recipient(block):
    """'rfc822; anna@voorbeeld.example' as an address."""
    named = _text(block["Original-Recipient"]) or _text(block["Final-Recipient"])
    return named.rpartition(";")[2].strip().strip("<>").lower()


def _returned(parts):
    """(Message-ID, addresses) of the returned mail or its headers; None if it is not there."""
    for part in parts:
        kind = part.get_content_type()
        if kind in {"message/rfc822", "message/global"} and isinstance(part.get_payload(), list):
            headers = part.get_payload()[0]
        elif kind in {"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}:
            headers = email.message_from_string(_body(part), policy=policy.compat32)
        else:
            continue
        return _identity(headers)
    return None


def _identity(headers):
    found = MESSAGE_ID.search(_text(headers["Message-ID"]))
    return (found[0], frozenset(_addresses(*headers.get_all("To", [])[:MOST_PARTS]))) if found else None


def _body(part):
    payload = part.get_payload(decode=True)
    if payload is None:
        inner = part.get_payload()
        return inner[0].as_string() if isinstance(inner, list) and inner else ""
    return payload.decode("utf-8", errors="replace")


# --- older mail servers


def _plain(message, parts):
    """qmail, Exim and the like: words, then a copy of the mail."""
    texts = [_body(part) for part in parts if part.get_content_type() == "text/plain"]
    words = "\n".join(texts).replace("\r\n", "\n")
    said, copy = _split(words)
    identity = _returned(parts) or (
        _identity(email.message_from_string(copy, policy=policy.compat32)) if copy else None
    )
    codes = [*(found[1] for found in STATUS.finditer(said)), *(found[1][0] for found in SMTP_CODE.finditer(said))]
    is_failed = bool(message["X-Failed-Recipients"]) or "5" in codes
    if identity is None or not (is_failed or "4" in codes):
        return None
    addresses = frozenset(_addresses(message["X-Failed-Recipients"])) | identity[1]
    return Bounce(message_id=identity[0], addresses=addresses, reason=_reason(said), is_permanent=is_failed)


def _split(words):
    """(what the server says, the copy of the mail with its headers)."""
    found = COPY_BEGINS.search(words)
    return (words[: found.start()], words[found.end() :].lstrip("\n")) if found else (words, "")


def _reason(said):
    """From an enhanced status if there is one, else from the code of SMTP."""
    for _class, subject, detail in STATUS.findall(said):
        if int(subject) == 7:
            return BounceReason.REFUSED
        if (int(subject), int(detail)) in BY_STATUS:
            return BY_STATUS[int(subject), int(detail)]
    codes = set(SMTP_CODE.findall(said))
    if "552" in codes or "452" in codes:
        return BounceReason.MAILBOX_FULL
    return BounceReason.UNKNOWN_ADDRESS if codes & {"550", "551", "553"} else BounceReason.OTHER
