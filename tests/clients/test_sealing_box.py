"""AES-256-GCM as Socius uses it, without database."""

import base64

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as some

from clients.sealing_box import SealBroken, binding, make_key, read_master_keys, seal, unseal, write_master_key

KEY, OTHER = bytes(range(32)), bytes(32)
ENCODED = base64.b64encode(KEY).decode()


@given(plain=some.binary(max_size=300), place=some.binary(max_size=50))
def test_what_is_sealed_is_plain_aes_gcm_and_comes_back(plain, place):
    box = seal(plain, key=KEY, bound_to=place)
    assert unseal(box, key=KEY, bound_to=place) == plain
    assert AESGCM(KEY).decrypt(box[1:13], box[13:], b"\x01" + place) == plain


@given(plain=some.binary(max_size=60), data=some.data())
def test_any_changed_bit_any_cut_and_any_other_place_or_key_closes_it(plain, data):
    box = seal(plain, key=KEY, bound_to=b"here")
    bit = data.draw(some.integers(0, 8 * len(box) - 1))
    changed = bytearray(box)
    changed[bit // 8] ^= 1 << bit % 8
    cut = box[: data.draw(some.integers(0, len(box) - 1))]
    for spoiled, key, place in (
        (bytes(changed), KEY, b"here"),
        (cut, KEY, b"here"),
        (box, OTHER, b"here"),
        (box, KEY, b"there"),
    ):
        with pytest.raises(SealBroken):
            unseal(spoiled, key=key, bound_to=place)


def test_nonces_are_never_the_same():
    assert len({seal(b"", key=KEY, bound_to=b"")[1:13] for _ in range(2000)}) == 2000


@given(some.lists(some.binary(max_size=5), max_size=4), some.lists(some.binary(max_size=5), max_size=4))
def test_two_places_are_bound_alike_only_when_they_are_the_same(one, other):
    assert (binding(*one) == binding(*other)) == (one == other)


def test_keys_are_random_and_256_bits():
    assert (len(make_key()), make_key() == make_key()) == (32, False)


def test_master_keys_are_read_in_order():
    made = write_master_key("2027-01")
    assert list(read_master_keys(f" {made}\n old:{ENCODED} ")) == ["2027-01", "old"]
    assert read_master_keys(f"old:{ENCODED}") == {"old": KEY}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no key in it"),
        ("  ", "no key in it"),
        (ENCODED, "key 1 has no name"),
        (f"a:{ENCODED} b/c:{ENCODED}", "key 2 has no name"),
        (f"a:{ENCODED} a:{ENCODED}", "two keys are called a"),
        (f"a:{ENCODED[:-5]}!", "key a is not base64"),
        (f"a:{base64.b64encode(KEY[:16]).decode()}", "key a is not 32 bytes"),
        ("a:", "key a is not 32 bytes"),
    ],
)
def test_a_list_of_master_keys_that_is_wrong_says_so_without_a_key(text, why):
    with pytest.raises(ValueError, match=why) as refused:
        read_master_keys(text)
    assert ENCODED[:20] not in str(refused.value)
