"""A checked file on its way to the store, part by part, the later ones on disk: a long one is never all in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from pxanalysis.survey.checking.validated import RowCounts, add_up_reasons
from pxanalysis.survey.files import Scratch, safe_name
from pxanalysis.survey.responses import REJECTED_COLUMNS

if TYPE_CHECKING:
    from pxanalysis.survey.checking.validated import ValidatedTable

__all__ = ["Spool"]

_TOGETHER = 400_000
"""Rows of practices that are put together before they are written, about."""
_MOST = 4 * _TOGETHER
"""Rows above which practices are written one by one, and a single one part by part."""

_Kept = Callable[..., pl.DataFrame]
"""What gives a part back."""


class Spool:
    """Parts of a checked file.

    Parameters
    ----------
    folder
        Where parts stand until they are stored; whoever makes it removes it.
    rows
        About how many rows there will be.
    keep
        What of each part is kept, for example without those who asked to be forgotten.

    Attributes
    ----------
    counts
        What became of the rows that are kept; ``checked``: of all.
    notes, numbered, has_aside
        As :class:`~pxanalysis.survey.checking.validation.ValidatedTable` has them.
    """

    def __init__(self, folder: Path, rows: int, keep: Callable[[ValidatedTable], ValidatedTable] | None = None) -> None:
        self._scratch, self._keep = Scratch(folder), keep
        self._groups = max(1, rows // _TOGETHER)
        self._rows: dict[int, int] = {}
        self._accepted: dict[int, list[_Kept]] = {}
        self._ids: list[_Kept] = []
        self._rejected: list[_Kept] = []
        self._aside: list[_Kept] = []
        self._reasons: list[pl.DataFrame] = []
        self.counts = self.checked = RowCounts()
        self.notes: tuple[str, ...] = ()
        self.numbered = self.has_aside = False

    def add(self, table: ValidatedTable) -> None:
        """Take in the next part."""
        self.notes, self.numbered = table.notes, table.numbered
        self.checked += table.counts
        self._reasons = [add_up_reasons([*self._reasons, table.reasons])]
        table = table if self._keep is None else self._keep(table)
        self.counts += table.counts
        for place, rows in self._split(table.accepted):
            self._rows[place] = self._rows.get(place, 0) + rows.height
            self._accepted.setdefault(place, []).append(self._scratch.put(rows, f"accepted-{place}"))
        if table.rejected.height:
            self._rejected.append(self._scratch.put(table.rejected, "rejected"))
        self.has_aside |= table.has_aside
        self._aside.append(self._scratch.put(table.aside, "aside"))

    def _split(self, accepted: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
        """Rows by group of practices; those of a practice are together, in the order of the file."""
        names = accepted["practice_id"].unique().sort()
        folders = names.to_frame().select(pl.col("practice_id").map_elements(_fold, return_dtype=pl.String).hash())
        groups = (folders.to_series() % self._groups).to_numpy()
        order = np.argsort(groups, kind="stable")
        codes = accepted["practice_id"].cast(pl.Enum(names.gather(order))).to_physical().to_numpy()
        if (codes[1:] < codes[:-1]).any():
            accepted, codes = accepted[np.argsort(codes, kind="stable")], np.sort(codes, kind="stable")
        held, firsts = np.unique(groups[order], return_index=True)
        starts = [*np.searchsorted(codes, firsts).tolist(), accepted.height]
        for group, start, end in zip(held.tolist(), starts, starts[1:], strict=False):
            yield group, accepted[start:end]

    @property
    def reasons(self) -> pl.DataFrame:
        """Why rows and cells were refused: column, reason, action, times."""
        return add_up_reasons(self._reasons)

    def ids(self) -> Iterator[pl.Series]:
        """Accepted response ids."""
        for parts in self._accepted.values():
            for read in parts:
                yield read(["response_id"])["response_id"]

    def by_practice(self) -> Iterator[Iterator[pl.DataFrame]]:
        """Accepted rows: all of some practices together, or one practice part by part."""
        for place, parts in sorted(self._accepted.items()):
            if self._rows[place] <= _MOST:
                yield iter([pl.concat([read() for read in parts])])
                continue
            ids = pl.concat([read(["practice_id"]) for read in parts])["practice_id"]
            together: dict[str, list[str]] = {}
            for practice in ids.unique(maintain_order=True):
                together.setdefault(_fold(practice), []).append(practice)
            for practices in together.values():
                yield _select(parts, practices)

    def rejected_parts(self) -> Iterator[pl.DataFrame]:
        """Rejected rows and cells."""
        yield from (read() for read in self._rejected)
        if not self._rejected:
            yield pl.DataFrame(schema=REJECTED_COLUMNS)

    def aside_parts(self) -> Iterator[pl.DataFrame]:
        """Columns kept aside."""
        yield from (read() for read in self._aside)


def _fold(practice_id: str) -> str:
    """Name of a practice's folder, which some computers hold for that of another (A and a)."""
    return safe_name(practice_id).casefold()


def _select(parts: list[_Kept], practices: list[str]) -> Iterator[pl.DataFrame]:
    for read in parts:
        rows = read().filter(pl.col("practice_id").is_in(practices))
        if rows.height:
            yield rows
