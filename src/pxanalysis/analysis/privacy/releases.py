"""Differences between releases: what two publications together say about the few who came in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pxanalysis.analysis.privacy.crossing import Crossing, cross_cells, encode_keys
from pxanalysis.analysis.privacy.rules import MINIMUM_N, check_minimum_n
from pxanalysis.analysis.privacy.suppression import suppress_cells
from pxanalysis.analysis.privacy.system import CellSystem, Constraint, find_derivable
from pxanalysis.analysis.privacy.tables import already_hidden, blocks_of, check_frame, hide_rows
from pxanalysis.arrays import BoolArray, FloatArray, IntArray

__all__ = ["HELD_BACK", "guard_release_difference"]
HELD_BACK = "not renewed: too few answers have come in since the previous release"


@dataclass(frozen=True, slots=True, eq=False)
class _Release:
    """One block of a release: its cells, their keys, and rows in which people were replaced."""

    cells: Crossing
    keys: pd.MultiIndex
    replaced: BoolArray


def _release(
    table: pd.DataFrame,
    rows: IntArray,
    counts: FloatArray,
    groups: list[str],
    total: object,
    minimum: int,
    gone: BoolArray,
    replaced: BoolArray,
) -> _Release:
    part = table.iloc[rows]
    cells = cross_cells(encode_keys(part, groups, total), groups, counts[rows], minimum)
    cells.hidden[cells.place] |= gone[rows]
    cells.guarded[cells.place] |= gone[rows]
    return _Release(cells, pd.MultiIndex.from_frame(part[groups]), replaced[rows])


def _hold_back(now: _Release, before: _Release, minimum: int) -> BoolArray:
    """Rows of the current release to hide, shape (rows,).

    Cells: those of the current release, those of the previous one, and per row of both the number of people who came
    or went. The reader knows c = p + d, that d is not negative, and all totals of both. Where people were replaced that
    does not hold, and there is no such cell.
    """
    new, old = now.cells, before.cells
    match = before.keys.get_indexer(now.keys)
    both = np.flatnonzero((match >= 0) & ~now.replaced)
    here, there = new.place[both], old.place[match[both]]
    change = new.system.counts[here] - old.system.counts[there]
    first_old = new.system.counts.size
    first_change = first_old + old.system.counts.size
    constraints: list[Constraint] = list(new.system.constraints)
    constraints += [(cells + first_old, signs) for cells, signs in old.system.constraints]
    for line, (c, p, delta) in enumerate(zip(here, there, change, strict=True)):
        cells = np.array([first_old + p, first_change + line, c], dtype=np.intp)
        constraints.append((cells, np.array([1.0, 1.0 if delta >= 0 else -1.0, -1.0])))
    moved = np.abs(change)
    none, every = np.zeros(both.size, dtype=bool), np.ones(both.size, dtype=bool)
    # what the previous release gave away by itself cannot be taken back
    secret = old.guarded & ~find_derivable(old.system, old.hidden)
    found = suppress_cells(
        CellSystem(np.concatenate([new.system.counts, old.system.counts, moved]), tuple(constraints)),
        minimum,
        hidden=np.concatenate([new.hidden, old.hidden, every]),
        fixed=np.concatenate([new.fixed, np.ones_like(old.fixed), every]),
        guarded=np.concatenate([new.guarded, secret, (moved > 0) & (moved < minimum)]),
        last=np.concatenate([new.late, old.late, none]),
    )
    return found[new.place]


def _replaced(
    current: pd.DataFrame, previous: pd.DataFrame, n: str, values: Sequence[str], keys: list[str]
) -> BoolArray:
    """Rows with the same number of people but other values: somebody was replaced, and nobody knows how many."""
    old = current[keys].merge(previous[[*keys, n, *values]], on=keys, how="left", validate="one_to_one")
    same_n = np.equal(old[n].to_numpy(dtype=np.float64, na_value=np.nan), current[n].to_numpy(dtype=np.float64))
    changed = np.zeros(len(current), dtype=bool)
    for name in values:
        a, b = (frame[name].to_numpy(dtype=np.float64, na_value=np.nan) for frame in (current, old))
        changed |= ~np.isclose(a, b, rtol=1e-9, atol=1e-12, equal_nan=True) & np.isfinite(a) & np.isfinite(b)
    return np.asarray(same_n & changed, dtype=bool)


def guard_release_difference(
    previous: pd.DataFrame,
    current: pd.DataFrame,
    n: str = "n",
    values: Sequence[str] = (),
    groups: Sequence[str] = ("practice_id",),
    *,
    within: Sequence[str] = (),
    minimum_n: int = MINIMUM_N,
    total: object = "",
    keep_previous: bool = False,
) -> pd.DataFrame:
    """Hide in a new release what, held beside the previous one, tells about fewer than ``minimum_n`` people.

    If a practice was shown on 30 people and now on 33, mean × n of both gives the mean of the three new ones. Such a
    cell is not renewed until at least ``minimum_n`` came in; and as many others are held back as are needed for its
    change not to be worked out from totals. This includes the suppression of the new release by itself.

    Parameters
    ----------
    previous
        What was published, with ``suppressed`` where it has hidden rows, and ``n`` in every row (kept with
        ``suppress(..., hide_n=False)``, for this check only).
    current
        The new release, not suppressed yet; not changed.
    n, values, groups, within, minimum_n, total
        As in :func:`~pxanalysis.analysis.privacy.suppress`.
    keep_previous
        Show a held-back row as it was in the previous release (with its ``n``), instead of hiding it.

    Returns
    -------
    ``current`` with ``suppressed``, ``reason`` and ``held_back`` (Boolean). Rows with the same ``n`` but other values
    are held back too: somebody was replaced.

    Examples
    --------
    >>> old = pd.DataFrame({"practice_id": ["a", "b"], "n": [30, 40], "mean": [8.0, 7.5]})
    >>> new = pd.DataFrame({"practice_id": ["a", "b"], "n": [33, 60], "mean": [7.9, 7.6]})
    >>> guard_release_difference(old, new, values=["mean"])["held_back"].tolist()
    [True, True]
    """
    minimum = check_minimum_n(minimum_n)
    names, keys = list(dict.fromkeys(groups)), [*dict.fromkeys([*within, *groups])]
    counts = check_frame(current, n, values, keys)
    before = check_frame(previous, n, values, keys)
    blocks_of(previous, names, within)
    lone = (counts < minimum) | already_hidden(current)
    replaced = _replaced(current, previous, n, values, keys)
    hidden = lone | replaced
    nobody = np.zeros(len(previous), dtype=bool)
    for rows in blocks_of(current, names, within):
        match = np.ones(len(previous), dtype=bool)
        for name in within:
            match &= (previous[name] == current[name].iloc[rows[0]]).to_numpy(dtype=bool)
        now = _release(current, rows, counts, names, total, minimum, lone | replaced, replaced)
        earlier = np.flatnonzero(match)
        then = _release(previous, earlier, before, names, total, minimum, already_hidden(previous), nobody)
        hidden[rows] = _hold_back(now, then, minimum)
    held = hidden & ~lone
    out = hide_rows(current, hidden, [*values, n], HELD_BACK)
    out["held_back"] = held
    return _with_previous(out, previous, [n, *values], keys, held) if keep_previous else out


def _with_previous(
    out: pd.DataFrame, previous: pd.DataFrame, columns: list[str], keys: list[str], held: BoolArray
) -> pd.DataFrame:
    old = out[keys].merge(
        previous.assign(suppressed=already_hidden(previous))[[*keys, *columns, "suppressed"]], on=keys, how="left"
    )
    shown = held & (old["suppressed"] == False).to_numpy(dtype=bool)  # noqa: E712  (missing is not shown)
    for name in columns:
        out[name] = out[name].where(~shown, old[name].set_axis(out.index))
    out["suppressed"] = out["suppressed"].to_numpy(dtype=bool) & ~shown
    return out
