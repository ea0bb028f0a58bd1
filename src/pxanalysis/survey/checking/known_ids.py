"""Response ids of rows that came before, by a hash of 64 bits: ten million take 80 MB.

Two different ids have the same hash with a chance of 3 in a million among ten million ids.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["IdSet", "KnownIds"]


class IdSet:
    """A growing set of ids; nulls are in none."""

    def __init__(self) -> None:
        self._runs: list[npt.NDArray[np.uint64]] = []

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._runs)

    def add(self, ids: pl.Series) -> None:
        """Put ids in; ones that are there may come again."""
        run = np.sort(ids.drop_nulls().hash().to_numpy())
        while self._runs and len(self._runs[-1]) <= 2 * len(run):  # so there are few, and each id is moved seldom
            run = np.sort(np.concatenate([self._runs.pop(), run]), kind="stable")
        if len(run):
            self._runs.append(run)

    def holds(self, ids: pl.Series) -> pl.Series:
        """Whether each of some ids is in it; Boolean."""
        hashes = ids.hash().to_numpy()
        found = np.zeros(len(hashes), dtype=bool)
        for run in self._runs:
            place = np.searchsorted(run, hashes)
            found |= run[np.minimum(place, len(run) - 1)] == hashes
        return pl.Series(found, dtype=pl.Boolean) & ids.is_not_null()


class KnownIds:
    """Ids of the rows of a file that were checked before, and whether a row that could be used had them."""

    def __init__(self) -> None:
        self._seen, self._refused, self._used_later = IdSet(), IdSet(), IdSet()

    def seen(self, ids: pl.Series) -> pl.Series:
        """Whether an earlier row had the id; Boolean."""
        return self._seen.holds(ids)

    def used(self, ids: pl.Series) -> pl.Series:
        """Whether an earlier row had it that was not refused; Boolean."""
        return self._seen.holds(ids) & (~self._refused.holds(ids) | self._used_later.holds(ids))

    def add(self, ids: pl.Series, usable: pl.Series) -> None:
        """Take in the ids of the next rows, and which of these rows were not refused."""
        known = self._seen.holds(ids)
        used = ids.filter(usable)
        self._used_later.add(used.filter(self._refused.holds(used)))
        self._refused.add(ids.filter(~usable & ~known & ~ids.is_in(used.implode())))
        self._seen.add(ids.filter(~known))
