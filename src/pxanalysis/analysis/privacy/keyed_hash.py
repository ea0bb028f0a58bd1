"""Keyed hashes of eight bytes: of texts, and of many pairs of numbers at once; without the key they say nothing.

Both are pseudo-random functions: BLAKE2b (RFC 7693) with a key, and SipHash-2-4 (Aumasson & Bernstein 2012). Texts that
few people answer differently are hashed once each; what is hashed per person is then two numbers, for all rows of a
table in a few operations on arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b

import numpy as np

from pxanalysis.analysis.privacy.cells import HashArray

__all__ = ["derive_key", "hash_text", "hash_texts", "hash_words"]

_CHUNK = 16_384
"""Rows at a time: five arrays of so many stay in the processor's cache, which is three times as fast."""

_CONSTANTS = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)


def hash_texts(key: bytes, texts: Iterable[str]) -> HashArray:
    """Keyed BLAKE2b of each text, eight bytes; shape (texts,)."""
    digests = b"".join([blake2b(text.encode(), digest_size=8, key=key).digest() for text in texts])
    found: HashArray = np.frombuffer(digests, dtype="<u8")
    return found


def hash_text(key: bytes, text: str) -> int:
    """Return the same of one text."""
    return int(hash_texts(key, [text])[0])


def derive_key(key: bytes, purpose: str) -> bytes:
    """Return a key of 16 bytes for one purpose: what is hashed for one tells nothing of another."""
    return blake2b(purpose.encode(), digest_size=16, key=key).digest()


def hash_words(key: bytes, words: Sequence[HashArray]) -> HashArray:
    """SipHash-2-4 of messages of one number of each array, in order, as eight bytes each, the smallest first.

    Parameters
    ----------
    key
        16 bytes.
    words
        Each of shape (n,).

    Returns
    -------
    Shape (n,).

    Examples
    --------
    >>> key = bytes(range(16))
    >>> hex(hash_words(key, [np.array([0x0706050403020100], dtype="<u8")])[0])
    '0x93f5f5799a932462'
    """
    n = len(words[0])
    found: HashArray = np.empty(n, dtype="<u8")
    room = np.empty((5, min(n, _CHUNK)), dtype="<u8")
    start = _start(key)
    for first in range(0, n, _CHUNK):
        chunk = slice(first, min(first + _CHUNK, n))
        state = room[:, : chunk.stop - first]
        state[:4] = start
        for word in words:
            _absorb(state, word[chunk])
        _absorb(state, np.uint64((8 * len(words) & 255) << 56))
        _finish(state, found[chunk])
    return found


def _start(key: bytes) -> HashArray:
    """Return the state before anything was absorbed; shape (4, 1)."""
    halves = np.tile(np.frombuffer(key, dtype="<u8"), 2)
    start: HashArray = (halves ^ np.array(_CONSTANTS, dtype="<u8"))[:, None]
    return start


def _absorb(state: HashArray, word: HashArray | np.uint64) -> None:
    state[3] ^= word
    _mix(state)
    _mix(state)
    state[0] ^= word


def _finish(state: HashArray, found: HashArray) -> None:
    state[2] ^= np.uint64(255)
    for _ in range(4):
        _mix(state)
    np.bitwise_xor.reduce(state[:4], axis=0, out=found)


def _mix(state: HashArray) -> None:
    """One round (figure 2.1 there), in place; the fifth array is scratch."""
    v0, v1, v2, v3, spare = state
    for left, right, bits, turned in ((v0, v1, 13, v0), (v2, v3, 16, None), (v2, v1, 17, v2), (v0, v3, 21, None)):
        left += right
        _rotate(right, bits, spare)
        right ^= left
        if turned is not None:
            _rotate(turned, 32, spare)


def _rotate(numbers: HashArray, bits: int, spare: HashArray) -> None:
    np.right_shift(numbers, np.uint64(64 - bits), out=spare)
    numbers <<= np.uint64(bits)
    numbers |= spare
