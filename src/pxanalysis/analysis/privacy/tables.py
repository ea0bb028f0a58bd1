"""Suppression in tidy frames: one row per cell, totals marked, any number of groupings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pxanalysis.analysis.privacy.crossing import cross_cells, encode_keys
from pxanalysis.analysis.privacy.rules import check_minimum_n
from pxanalysis.analysis.privacy.suppression import suppress_cells
from pxanalysis.arrays import BoolArray, FloatArray, IntArray
from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.conventions import MINIMUM_N

__all__ = [
    "SUPPRESSED",
    "already_hidden",
    "blocks_of",
    "check_frame",
    "hide_rows",
    "suppress",
]

SUPPRESSED = "not shown: too few people, here or in what could be worked out from it"
"""The same sentence for primary and complementary suppression: which is which would give away the small ones."""


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
        ``total`` are the sum of the others. Totals that are not listed are taken as known from elsewhere; combinations
        that are not listed have nobody in them.
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
        When columns are missing or double, counts are no counts, two rows stand for one cell, or rows do not add up.

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
    codes = encode_keys(table, keys, total)
    solved: dict[bytes, BoolArray] = {}
    for rows in blocks_of(table, keys, within):
        label = b"".join(part.tobytes() for part in (codes[rows], counts[rows], before[rows]))
        if label not in solved:
            cells = cross_cells(codes[rows], keys, counts[rows], minimum)
            gone = cells.place[before[rows]]
            cells.hidden[gone] = cells.guarded[gone] = True
            solved[label] = suppress_cells(
                cells.system,
                minimum,
                hidden=cells.hidden,
                fixed=cells.fixed,
                guarded=cells.guarded,
                last=cells.late,
            )[cells.place]
        hidden[rows] = solved[label]
    return hide_rows(table, hidden, [*values, n] if hide_n else list(values))
