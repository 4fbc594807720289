"""Links for participants that work without logging in: to answer an invitation (R21), to give a mark (R30)."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

ANSWER_SALT = "groups.answer"
MARK_SALT = "groups.mark"


def answer_token(participation):
    """Signed, opaque: the participation's random number and nothing about the person."""
    return signing.dumps(participation.public_id.hex, salt=ANSWER_SALT)


def read_answer_token(token):
    """The participation's public id; signing.BadSignature when the link was altered."""
    return signing.loads(token, salt=ANSWER_SALT)


def mark_token(participation):
    """As answer_token(), for giving a mark (R30); one is no use in the place of the other."""
    return signing.dumps(participation.public_id.hex, salt=MARK_SALT)


def read_mark_token(token):
    """The participation's public id; signing.BadSignature when the link was altered."""
    return signing.loads(token, salt=MARK_SALT)


def answer_link(participation):
    return _link("groups:answer", answer_token(participation))


def mark_link(participation):
    return _link("groups:mark", mark_token(participation))


def _link(page, token):
    return settings.SITE_URL + reverse(page, args=[token])
