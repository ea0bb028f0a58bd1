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
        if not self._runs:
            return pl.Series([False]).new_from_index(0, len(ids))
        hashes = ids.hash().to_numpy()
        order = np.argsort(hashes)  # looked up in order, they are found several times quicker
        wanted = hashes[order]
        found = np.zeros(len(hashes), dtype=bool)
        for run in self._runs:
            place = np.searchsorted(run, wanted)
            found[order] |= run[np.minimum(place, len(run) - 1)] == wanted
        return pl.Series(found, dtype=pl.Boolean) & ids.is_not_null()


class KnownIds:
    """Ids of the rows of a file that were checked before, and whether a row that could be used had them."""

    def __init__(self) -> None:
        self._seen, self._refused, self._used_later = IdSet(), IdSet(), IdSet()

    def seen(self, ids: pl.Series) -> pl.Series:
        """Whether an earlier row had the id; Boolean."""
        return self._seen.holds(ids)

    def add(self, ids: pl.Series, seen: pl.Series, usable: pl.Series) -> pl.Series:
        """Take in the ids of the next rows.

        Parameters
        ----------
        seen
            What :meth:`seen` says of them.
        usable
            Which of these rows were not refused.

        Returns
        -------
        Whether an earlier row had the id that was not refused; Boolean.
        """
        refused = self._refused.holds(ids)
        spent = seen & (~refused | self._used_later.holds(ids))
        self._used_later.add(ids.filter(usable & refused))
        if not usable.all():
            self._refused.add(ids.filter(~usable & ~seen & ~ids.is_in(ids.filter(usable).implode())))
        self._seen.add(ids.filter(~seen))
        return spent
