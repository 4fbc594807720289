"""What can be a client's data. Everything raises ValidationError by field, worded for the screen."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext as _

from neighbourhoods.queries import normalise_postcode

OLDEST_AGE = 120
# Control signs, halves of signs, private ones and those that are none; and what turns the order of what is read.
UNREADABLE = {"Cc", "Cs", "Co", "Cn"}
TURNING = {*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}

refuse_null_characters = ProhibitNullCharactersValidator()


def clean_text(text):
    """One line, single spaces; no sign that nobody can type or read, such as NUL, which the database cannot keep."""
    refuse_null_characters(text)
    text = " ".join(text.split())
    if any(unicodedata.category(sign) in UNREADABLE or sign in TURNING for sign in text):
        raise ValidationError(_("This holds a sign that cannot be read. Please type it again."), code="unreadable")
    return text


def check_birth_date(birth_date, *, today):
    if birth_date is None:
        return
    if birth_date > today:
        raise ValidationError(_("This date is in the future."), code="future")
    if today.year - birth_date.year > OLDEST_AGE:
        raise ValidationError(_("This date is too long ago. Please check the year."), code="too_old")


def clean_phone(text):
    """Digits only, a Dutch number beginning with 0, a foreign one with +: '+31 (0)6-1234 5678' is '0612345678'."""
    text = clean_text(text)
    if not text:
        return ""
    digits = re.sub(r"\(0\)|[\s().\-/]", "", text)
    digits = re.sub(r"^(\+|00)310?", "0", digits)
    digits = re.sub(r"^00", "+", digits)
    if not re.fullmatch(r"0[1-9][0-9]{8}|\+[1-9][0-9]{7,14}", digits, flags=re.ASCII):
        raise ValidationError(_("This is not a full phone number. A Dutch number has ten digits."), code="phone")
    return digits


def clean_postcode(text):
    text = clean_text(text)
    if not text:
        return ""
    try:
        return normalise_postcode(text)
    except ValueError:
        raise ValidationError(_("A postcode looks like 1943 AB."), code="postcode") from None
