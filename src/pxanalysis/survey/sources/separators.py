"""Which mark stands between fields, by the records and not by the header alone."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from itertools import islice

from pxanalysis.errors import SourceError

__all__ = ["detect_delimiter"]

_DELIMITERS = ",;\t|"
_RECORDS = 200


def detect_delimiter(start: str, name: str) -> str:
    """The mark with which most records have the header's number of fields; of several, that with most fields.

    Parameters
    ----------
    start
        The first lines of the file, header first.

    Raises
    ------
    SourceError
        When the header has one column only.
    """
    header = start.splitlines()[0] if start else ""
    outside = re.sub(r'"[^"]*"', "", header)
    counts = {mark: outside.count(mark) for mark in _DELIMITERS}
    best = max(counts, key=lambda mark: counts[mark])
    if counts[best] == 0:
        raise SourceError(
            f"{name}, row 1: the header has one column only ('{header.strip():.60}'); expected columns separated by a "
            "comma, semicolon, tab or |. Is it a survey export? If it uses another separator, set 'delimiter' in "
            "study.toml."
        )
    candidates = [mark for mark in _DELIMITERS if counts[mark]]
    if len(candidates) == 1:
        return best
    fits = {mark: _fit(start, mark) for mark in candidates}
    top = max(fits.values())
    good = [mark for mark in candidates if fits[mark] >= top - 1e-9]
    return max(good, key=lambda mark: counts[mark])


def _fit(start: str, mark: str) -> float:
    """Share of the records that have as many fields as the header."""
    try:
        lengths = [
            len(record) for record in islice(csv.reader(io.StringIO(start, newline=""), delimiter=mark), _RECORDS)
        ]
    except csv.Error:
        return 0.0
    records = Counter(length for length in lengths[1:] if length)
    return records[lengths[0]] / sum(records.values()) if records else 0.0
