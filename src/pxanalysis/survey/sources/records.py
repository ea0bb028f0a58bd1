"""Pieces of a text file that end where a record ends, and how many fields each record has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

__all__ = ["LooseQuotesError", "check_quotes", "count_fields", "cut_records", "may_swallow", "skip_record"]

_QUOTE, _LINE_FEED = b'"', b"\n"
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

    Raises
    ------
    LooseQuotesError
        When a record does not end within eight pieces.
    """
    rest = b""
    while piece := stream.read(size):
        data = rest + piece
        end = _find_end(data)
        if not end and len(data) > _MOST_GROWTH * size:
            raise LooseQuotesError
        if end:
            yield data[:end]
        rest = data[end:]
    if rest:
        yield rest


def _find_end(data: bytes) -> int:
    """Behind the last line end with an even number of quotation marks before it; 0 where there is none."""
    quotes, end = data.count(_QUOTE), len(data)
    while (place := data.rfind(_LINE_FEED, 0, end)) >= 0:
        quotes -= data.count(_QUOTE, place, end)
        if quotes % 2 == 0:
            return place + 1
        end = place
    return 0


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


def may_swallow(piece: bytes, separator: str, width: int) -> bool:
    """Whether a line within quotation marks has as many separators as a record with ``width`` fields."""
    if _QUOTE not in piece:
        return False
    letters, mark = np.frombuffer(piece, dtype=np.uint8), separator.encode()
    quotes, ends = np.flatnonzero(letters == ord(_QUOTE)), np.flatnonzero(letters == ord(_LINE_FEED))
    within = np.searchsorted(quotes, ends) % 2 == 1
    behind = np.append(ends[1:], len(letters))
    lines = zip(ends[within].tolist(), behind[within].tolist(), strict=True)
    return any(piece.count(mark, start, end) >= width - 1 for start, end in lines)
