"""Pieces of a text file that end where a record ends, and how many fields each record has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

__all__ = [
    "LooseQuotesError",
    "check_quotes",
    "count_fields",
    "count_lines",
    "cut_records",
    "find_fields",
    "may_swallow",
    "skip_record",
]

_QUOTE, _LINE_FEED = b'"', b"\n"
_BLOCK = 2**18
"""Letters that are counted together, so that what it takes stays in the processor's cache."""
_MOST_GROWTH = 8
"""A record longer than so many pieces is one of which a quotation mark is not closed."""


class LooseQuotesError(Exception):
    """Quotation marks stand where none can, so that records cannot be told apart by counting them."""


def skip_record(stream: BinaryIO) -> None:
    """Read past one record, which may go on over several lines."""
    quotes = 0
    for line in stream:
        quotes += line.count(_QUOTE)
        if quotes % 2 == 0:
            return


def cut_records(stream: BinaryIO, size: int) -> Iterator[bytes]:
    """Pieces of about ``size`` bytes, each of whole records.

    What is read goes to the same place each time: memory that is new takes longer to get than the bytes to read.

    Raises
    ------
    LooseQuotesError
        When a record does not end within eight pieces.
    """
    held, filled = bytearray(size), 0
    while read := stream.readinto(memoryview(held)[filled:]):  # type: ignore[attr-defined]  # a file has it
        filled += read
        end = _find_end(held, filled)
        if end:
            yield bytes(memoryview(held)[:end])
            held[: filled - end] = held[end:filled]
            filled -= end
        elif filled > _MOST_GROWTH * size:
            raise LooseQuotesError
        if filled >= len(held) - size // 2:
            held.extend(bytes(size))
    if filled:
        yield bytes(held[:filled])


def _find_end(data: bytearray, length: int) -> int:
    """Behind the last line end with an even number of quotation marks before it; 0 where there is none."""
    quotes, end = _count(memoryview(data)[:length], _QUOTE), length
    while (place := data.rfind(_LINE_FEED, 0, end)) >= 0:
        quotes -= data.count(_QUOTE, place, end)
        if quotes % 2 == 0:
            return place + 1
        end = place
    return 0


def _count(letters: bytes | memoryview, mark: bytes) -> int:
    """How often a letter stands there."""
    codes, wanted = np.frombuffer(letters, dtype=np.uint8), ord(mark)
    return sum(int(np.count_nonzero(codes[at : at + _BLOCK] == wanted)) for at in range(0, len(codes), _BLOCK))


def count_lines(piece: bytes) -> int:
    """How many lines a piece has, whether or not the last is ended."""
    return _count(piece, _LINE_FEED) + (not piece.endswith(_LINE_FEED))


def check_quotes(piece: bytes, separator: str) -> None:
    """Refuse a piece in which a quotation mark opens within a field, or closes before its end.

    Raises
    ------
    LooseQuotesError
        When one does.
    """
    if _QUOTE not in piece:
        return
    letters = np.frombuffer(piece, dtype=np.uint8)
    places = np.flatnonzero(letters == ord(_QUOTE))
    edges = np.frombuffer((separator + '\r\n"').encode(), dtype=np.uint8)
    opening, closing = places[::2], places[1::2]
    before = letters[opening[opening > 0] - 1]
    behind = letters[closing[closing < len(letters) - 1] + 1]
    if len(places) % 2 or not np.isin(before, edges).all() or not np.isin(behind, edges).all():
        raise LooseQuotesError


def count_fields(piece: bytes, separator: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Where each record of a piece starts, and how many separators it has.

    Returns
    -------
    (starts, separators)
        Both of shape (records,); a line with nothing on it is a record.
    """
    letters = np.frombuffer(piece, dtype=np.uint8)
    ends, marks = np.flatnonzero(letters == ord(_LINE_FEED)), np.flatnonzero(letters == ord(separator))
    quotes = np.flatnonzero(letters == ord(_QUOTE)) if _QUOTE in piece else np.empty(0, dtype=np.int64)
    starts = np.concatenate(([0], ends[np.searchsorted(quotes, ends) % 2 == 0] + 1))
    starts = starts[starts < len(letters)]
    separators = np.diff(np.searchsorted(marks, np.append(starts, len(letters))))
    opened = np.searchsorted(marks, quotes[::2])
    within = np.searchsorted(marks, quotes[1::2]) - opened[: len(quotes) // 2]
    places = np.searchsorted(starts, quotes[1::2], side="right") - 1
    return starts, separators - np.bincount(places, within, len(starts)).astype(np.int64)


def find_fields(
    piece: bytes, separator: str, places: Sequence[int]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Where fields of a piece in which quotation marks pair start and end, by their place in the record.

    Returns
    -------
    (starts, ends)
        Both of shape (fields,), record by record; quotation marks around a field are part of it, a line end is not. A
        record that has no such field gives none.
    """
    letters = np.frombuffer(piece, dtype=np.uint8)
    quotes, line_ends = np.flatnonzero(letters == ord(_QUOTE)), np.flatnonzero(letters == ord(_LINE_FEED))
    marks = np.flatnonzero(letters == ord(separator))
    marks = marks[np.searchsorted(quotes, marks) % 2 == 0]
    line_ends = line_ends[np.searchsorted(quotes, line_ends) % 2 == 0]
    starts = np.concatenate(([0], line_ends + 1))
    ends = np.append(line_ends, len(letters))
    ends = ends - ((ends > starts) & (letters[np.maximum(ends - 1, 0)] == ord("\r")))
    edges = np.sort(np.concatenate((starts, marks + 1)))  # where any field starts
    first = np.searchsorted(edges, starts)
    number = np.diff(np.append(first, len(edges)))
    closing = np.sort(np.concatenate((ends, marks)))  # and ends
    wanted = first[:, None] + np.asarray(places)[None, :]
    wanted = wanted[np.asarray(places)[None, :] < number[:, None]]
    return edges[wanted], closing[wanted]


def may_swallow(piece: bytes, separator: str, width: int) -> bool:
    """Whether a line within quotation marks, which pair, has as many separators as a record with ``width`` fields."""
    if _QUOTE not in piece:
        return False
    letters, mark = np.frombuffer(piece, dtype=np.uint8), separator.encode()
    quotes, ends = np.flatnonzero(letters == ord(_QUOTE)), np.flatnonzero(letters == ord(_LINE_FEED))
    firsts, lasts = np.searchsorted(ends, quotes[::2]), np.searchsorted(ends, quotes[1::2])
    over_lines = np.flatnonzero(lasts > firsts)
    bounds = np.append(ends, len(letters))
    for first, last in zip(firsts[over_lines].tolist(), lasts[over_lines].tolist(), strict=True):
        around = bounds[first : last + 1].tolist()
        if any(piece.count(mark, *line) >= width - 1 for line in pairwise(around)):
            return True
    return False
