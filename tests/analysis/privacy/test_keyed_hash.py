"""Tests of: Keyed hashes of eight bytes, against the published vectors of SipHash-2-4 and against pandas'."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.util import hash_array

from pxanalysis.analysis.privacy.keyed_hash import derive_key, hash_text, hash_words

KEY = bytes(range(16))

VECTORS = {
    8: "62 24 93 9a 79 f5 f5 93",
    16: "db 9b c2 57 7f cc 2a 3f",
    24: "94 af 49 f6 c6 50 ad b8",
    32: "ce 7c f2 72 2f 51 27 71",
    40: "d0 a7 04 53 6b a9 3e 0e",
    48: "51 a9 cb 9e cb a3 12 e6",
    56: "bd 83 8d 3a af bf 8d b7",
}
"""Of the reference code's vectors_sip64: messages 00 01 02 ... of whole words, key 00 01 .. 0f."""


@pytest.mark.parametrize("length", VECTORS)
def test_published_vectors(length: int) -> None:
    words = np.frombuffer(bytes(range(length)), dtype="<u8")
    found = hash_words(KEY, [np.full(3, word) for word in words])
    assert [one.tobytes().hex(" ") for one in found] == [VECTORS[length]] * 3


def _redistributed(hashes: np.ndarray) -> np.ndarray:
    """What pandas does to its SipHash afterwards."""
    hashes = hashes.copy()
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        hashes = (hashes ^ (hashes >> np.uint64(shift))) * np.uint64(factor)
    return hashes ^ (hashes >> np.uint64(31))


@given(st.lists(st.text("abcdefgh01234567", min_size=16, max_size=16), min_size=1, max_size=9, unique=True))
def test_pandas_finds_the_same(texts: list[str]) -> None:
    key = "0123456789abcdef"
    words = np.array([np.frombuffer(one.encode(), dtype="<u8") for one in texts])
    expected = hash_array(np.array(texts, dtype=object), hash_key=key, categorize=False)
    assert _redistributed(hash_words(key.encode(), list(words.T))).tolist() == expected.tolist()


def test_rows_beyond_a_chunk_have_the_hash_they_have_alone() -> None:
    numbers = np.arange(40_000, dtype="<u8")
    found = hash_words(KEY, [numbers, numbers[::-1]])
    for row in (0, 16_383, 16_384, 32_768, 39_999):
        assert hash_words(KEY, [numbers[row : row + 1], numbers[::-1][row : row + 1]])[0] == found[row]
    assert len(np.unique(found)) == len(found)
    assert hash_words(KEY, [numbers[:0], numbers[:0]]).tolist() == []


def test_keys_of_two_purposes_have_nothing_in_common() -> None:
    first, other = derive_key(b"study", "answers"), derive_key(b"study", "people")
    assert len(first) == 16
    assert first != other
    assert hash_text(b"study", "x") != hash_text(b"other", "x")
