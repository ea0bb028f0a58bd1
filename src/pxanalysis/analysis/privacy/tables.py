"""Suppression in tidy frames: one row per cell, totals marked, any number of groupings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pxanalysis.analysis.privacy.rules import MINIMUM_N, check_minimum_n
from pxanalysis.analysis.privacy.suppression import suppress_cells
from pxanalysis.analysis.privacy.system import CellSystem, Constraint
from pxanalysis.analysis.result import FloatArray
from pxanalysis.errors import AnalysisError

__all__ = [
    "SUPPRESSED",
    "FrameSystem",
    "already_hidden",
    "blocks_of",
    "check_frame",
    "frame_system",
    "hide_rows",
    "suppress",
]

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.intp]

SUPPRESSED = "not shown: too few people, here or in what could be worked out from it"
"""The same sentence for primary and complementary suppression: which is which would give away the small ones."""


@dataclass(frozen=True, slots=True, eq=False)
class FrameSystem:
    """The cells of one block of a frame, followed by what its totals hold beyond the listed parts.

    Attributes
    ----------
    system
        Counts of the rows and, behind them, of the people in a total who are in none of its parts.
    n_rows
        The first so many cells are the rows.
    totals
        Shape (cells,): rows that are the total of others.
    unlisted
        Shape (cells,): the cells behind the rows; they are never shown.
    """

    system: CellSystem
    n_rows: int
    totals: BoolArray
    unlisted: BoolArray


def check_frame(table: pd.DataFrame, n: str, values: Sequence[str], groups: Sequence[str]) -> FloatArray:
    """Return the counts of a frame as floats, or refuse it by name."""
    names = [str(name) for name in table.columns]
    for name in (n, *values, *groups):
        if names.count(name) != 1:
            what = "occurs more than once" if name in names else "is not there"
            raise AnalysisError(f"table: column '{name}' {what}; the frame has {', '.join(names)}.")
    if not groups:
        raise AnalysisError("groups: expected the columns that say which cell a row is, received none.")
    counts = pd.to_numeric(table[n], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    if not np.isfinite(counts).all() or (counts < 0).any() or (counts != np.rint(counts)).any():
        raise AnalysisError(
            f"n: expected whole numbers of people of 0 or more in column '{n}'; do not hide them first."
        )
    missing = [name for name in groups if table[name].isna().any()]
    if missing:
        raise AnalysisError(f"groups: column '{missing[0]}' has missing values; give them a value of their own.")
    return counts


def blocks_of(table: pd.DataFrame, groups: Sequence[str], within: Sequence[str]) -> list[IntArray]:
    """Row positions of each block (one value of ``within``), in which a cell may stand only once."""
    if table.duplicated([*within, *groups]).any():
        row = table[table.duplicated([*within, *groups])].iloc[0]
        found = ", ".join(f"{name}={row[name]!r}" for name in [*within, *groups])
        raise AnalysisError(
            f"table: two rows for one cell ({found}); name the columns that tell them apart in 'within'."
        )
    if not within:
        return [np.arange(len(table), dtype=np.intp)]
    return [np.asarray(rows, dtype=np.intp) for rows in table.groupby(list(within), sort=False).indices.values()]


def _sums(keys: pd.DataFrame, group: str, total: object) -> list[tuple[IntArray, int]]:
    """Parts and the row of their total (−1 when it is not listed), for every sum along one grouping."""
    others = [name for name in keys.columns if name != group]
    is_total = (keys[group] == total).to_numpy(dtype=bool)
    lines = keys.groupby(others, sort=False).ngroup().to_numpy() if others else np.zeros(len(keys), dtype=np.intp)
    order = np.argsort(lines, kind="stable")
    edges = np.flatnonzero(np.diff(lines[order])) + 1
    found = []
    for rows in np.split(order, edges):
        parts, sums = rows[~is_total[rows]], rows[is_total[rows]]
        if parts.size:
            found.append((parts.astype(np.intp), int(sums[0]) if sums.size else -1))
    return found


def frame_system(keys: pd.DataFrame, counts: FloatArray, total: object, minimum_n: int) -> FrameSystem:
    """Make the sums of one block: along every grouping, for every combination of the others.

    A total that is not listed is taken as known from elsewhere, unless it is below the minimum itself. Where a listed
    total counts more people than its parts, the rest is a cell of its own that nobody lists but anybody can work out.
    """
    size = len(keys)
    extra: list[float] = []
    constraints: list[Constraint] = []
    totals = np.zeros(size, dtype=bool)
    for group in keys.columns:
        for parts, whole in _sums(keys, str(group), total):
            cells, signs = parts, np.ones(parts.size)
            if whole >= 0:
                totals[whole] = True
                rest = counts[whole] - counts[parts].sum()
                if rest < 0:
                    raise AnalysisError(
                        f"n: a total over '{group}' counts {counts[whole]:g} people, its parts together "
                        f"{counts[parts].sum():g}; parts must be disjoint and the total must hold them all."
                    )
                if rest > 0:
                    cells, signs = np.append(cells, size + len(extra)), np.append(signs, 1.0)
                    extra.append(rest)
                cells, signs = np.append(cells, whole), np.append(signs, -1.0)
            elif parts.size == 1 or counts[parts].sum() < minimum_n:
                continue  # such a total is the part itself, or not shown either
            constraints.append((cells.astype(np.intp), signs))
    unlisted = np.arange(size + len(extra)) >= size
    full = np.concatenate([counts, extra])
    return FrameSystem(CellSystem(full, tuple(constraints)), size, np.append(totals, unlisted[size:]), unlisted)


def already_hidden(table: pd.DataFrame) -> BoolArray:
    """Rows that an earlier step has marked in a column ``suppressed``."""
    if "suppressed" not in table:
        return np.zeros(len(table), dtype=bool)
    return table["suppressed"].to_numpy(dtype=bool)


def hide_rows(table: pd.DataFrame, hidden: BoolArray, columns: Sequence[str], reason: str = SUPPRESSED) -> pd.DataFrame:
    """Return a new frame with ``suppressed``, ``reason`` and the columns emptied where hidden."""
    out = table.copy()
    gone = hidden | already_hidden(table)
    for name in columns:
        out[name] = out[name].mask(gone)
    out["suppressed"] = gone
    told = out["reason"] if "reason" in out else pd.Series("", index=out.index)
    out["reason"] = told.astype(object).where(~gone, reason)
    return out


def suppress(
    table: pd.DataFrame,
    n: str = "n",
    values: Sequence[str] = (),
    groups: Sequence[str] = ("practice_id",),
    *,
    within: Sequence[str] = (),
    minimum_n: int = MINIMUM_N,
    total: object = "",
    hide_n: bool = True,
) -> pd.DataFrame:
    """Hide what is on too few people, and what such a figure could be worked out from.

    Parameters
    ----------
    table
        One row per cell; not changed.
    n
        Column with the number of people a row is on; whole numbers, none missing.
    values
        Columns to empty where a row is hidden (means, shares, interval ends).
    groups
        Columns that say which cell a row is: practice, subgroup, period. All are crossed: along each of them, rows with
        ``total`` are the sum of the others. Totals that are not listed are taken as known from elsewhere.
    within
        Columns of unrelated tables in one frame (outcome, metric); suppression is done in each by itself.
    minimum_n
        At least 10.
    total
        The value that marks a total; the project's frames use "".
    hide_n
        Also empty ``n`` where hidden.

    Returns
    -------
    A new frame with ``suppressed`` (Boolean; rows already suppressed stay so) and ``reason``.

    Raises
    ------
    PrivacyError
        When ``minimum_n`` is below 10.
    AnalysisError
        When columns are missing or double, counts are no counts, two rows stand for one cell, or parts do not fit
        in their total.

    Examples
    --------
    >>> rows = pd.DataFrame({"practice_id": ["", "a", "b", "c"], "n": [56, 6, 20, 30], "mean": [7.9, 6.5, 8.0, 8.1]})
    >>> suppress(rows, values=["mean"])[["practice_id", "mean", "suppressed"]].to_numpy().tolist()
    [['', 7.9, False], ['a', nan, True], ['b', nan, True], ['c', 8.1, False]]
    """
    minimum = check_minimum_n(minimum_n)
    keys = list(dict.fromkeys(groups))
    counts = check_frame(table, n, values, [*keys, *within])
    before = already_hidden(table)
    hidden = before.copy()
    solved: dict[bytes, BoolArray] = {}
    for rows in blocks_of(table, keys, within):
        part = table.iloc[rows][keys].reset_index(drop=True)
        label = (
            pd.util.hash_pandas_object(part, index=False).to_numpy().tobytes()
            + counts[rows].tobytes()
            + before[rows].tobytes()
        )
        if label not in solved:
            block = frame_system(part, counts[rows], total, minimum)
            guard = block.system.counts < minimum
            guard[: rows.size] |= before[rows]
            start = guard | block.unlisted
            solved[label] = suppress_cells(
                block.system, minimum, hidden=start, fixed=block.unlisted, guarded=guard, last=block.totals
            )[: rows.size]
        hidden[rows] = solved[label]
    return hide_rows(table, hidden, [*values, n] if hide_n else list(values))
