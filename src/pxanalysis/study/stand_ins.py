"""Numbers that stand for answers that are not there any more, or not as they were: no hash is so large."""

from __future__ import annotations

from typing import get_args

from pxanalysis.analysis.privacy.fingerprints import HashForm

__all__ = ["FORMS", "MASK", "older_hash", "print_of", "stand_in", "stand_in_whole", "stands_for"]

FORMS: tuple[HashForm, ...] = ("blake2b", "siphash")
"""By the number that says in a file how hashes were made."""

MASK = (1 << 24) - 1
"""Of the three bytes that are kept of an answer's hash."""

_WHOLE = 1 << 64
_ANSWER, _HASH = 1 << 100, 1 << 101

if set(FORMS) != set(get_args(HashForm)):
    raise RuntimeError("FORMS: expected every form of a hash to have a number in files.")


def stand_in(code: int, print_: int) -> int:
    """A number for an answer of somebody, of which a form and three bytes are known (form in the fourth byte)."""
    return _ANSWER | (code << 32) | print_


def stand_in_whole(element: int, form: int) -> int:
    """A number for a whole hash of another form, of nobody who is there."""
    return _HASH | (form << 64) | element


def older_hash(element: int) -> int | None:
    """The hash of the form before that such a number stands for; None for others."""
    return element % _WHOLE if element == _HASH | (element % _WHOLE) else None


def stands_for(element: int) -> int | None:
    """Code of the person for whom a number stands whose answer is not there any more; None for a hash."""
    return (element >> 32) % _WHOLE if _ANSWER <= element < _HASH else None


def print_of(element: int) -> int:
    """Form and three bytes that are known of such an answer."""
    return element % (1 << 32)
