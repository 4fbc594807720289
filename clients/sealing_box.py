"""AES-256-GCM as Socius uses it, and the master keys; bytes in, bytes out, without database or framework.

A box is: one byte that names this format, a random nonce of 96 bits, and what AES-GCM made of the text, tag included.
"""

import base64
import binascii
import os
import re

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT = b"\x01"
NONCE_LENGTH = 12
TAG_LENGTH = 16
KEY_LENGTH = 32
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,40}")


class SealBroken(Exception):
    """What was sealed cannot be read: tampered with, moved, or its key is not there. Says where, never what."""


def make_key():
    return AESGCM.generate_key(bit_length=8 * KEY_LENGTH)


def binding(*parts):
    """What a box is bound to, as bytes that no other list of parts gives."""
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def seal(plain, *, key, bound_to):
    nonce = os.urandom(NONCE_LENGTH)
    return FORMAT + nonce + AESGCM(key).encrypt(nonce, plain, FORMAT + bound_to)


def unseal(box, *, key, bound_to):
    """The bytes that were sealed with this key for this very place; else SealBroken."""
    if box[:1] != FORMAT or len(box) < len(FORMAT) + NONCE_LENGTH + TAG_LENGTH:
        raise SealBroken
    nonce, rest = box[1 : 1 + NONCE_LENGTH], box[1 + NONCE_LENGTH :]
    try:
        return AESGCM(key).decrypt(nonce, rest, FORMAT + bound_to)
    except InvalidTag:
        raise SealBroken from None


def read_master_keys(text):
    """{id: key} of "id:base64 id:base64 …", the one that wraps first. ValueError says what is wrong, without a key."""
    keys = {}
    for number, part in enumerate(text.split(), start=1):
        name, _colon, encoded = part.partition(":")
        if not _NAME.fullmatch(name):
            raise ValueError(f"key {number} has no name of letters, digits, dots or dashes before its colon")
        if name in keys:
            raise ValueError(f"two keys are called {name}")
        try:
            keys[name] = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raise ValueError(f"key {name} is not base64") from None
        if len(keys[name]) != KEY_LENGTH:
            raise ValueError(f"key {name} is not {KEY_LENGTH} bytes long")
    if not keys:
        raise ValueError("there is no key in it")
    return keys


def write_master_key(name):
    """A new master key, as it stands in the list."""
    return f"{name}:{base64.b64encode(make_key()).decode()}"
