"""What tests of several rooms share: attacks on what is shown: nothing on fewer than ten people may be read or
worked out.
"""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
from hypothesis import strategies as st
from scipy.optimize import linprog

from pxanalysis.analysis.privacy.suppression import suppress_cells
from pxanalysis.analysis.privacy.system import CellSystem, Constraint
from pxanalysis.arrays import BoolArray, FloatArray
from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.conventions import MINIMUM_N

# --- Attacks --------------------------------------------------------------------------------------------------------


def equations(rows: pd.DataFrame, cells: pd.DataFrame, groups: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """One equation per shown row: which of the smallest cells it counts, and how many people that is."""
    shown = rows[~rows["suppressed"]]
    left = np.array(
        [
            np.all([(cells[name] == row[name]) | (row[name] == "") for name in groups], axis=0)
            for _, row in shown.iterrows()
        ],
        dtype=float,
    ).reshape(len(shown), len(cells))
    return left, shown["n"].to_numpy(float)


def known_groups(left: np.ndarray, people: np.ndarray, limit: int = 11) -> list[float]:
    """Sizes of all groups of cells whose sum follows from the equations (all 0/1 vectors in the row space)."""
    if left.shape[1] > limit or not len(left):
        return []
    projector = np.linalg.pinv(left) @ left
    groups = np.array(list(itertools.product([0.0, 1.0], repeat=left.shape[1])))[1:]
    known = np.abs(groups @ projector - groups).max(axis=1) < 1e-8
    return [float(size) for size in groups[known] @ people if size > 0]


def bounds(left: np.ndarray, right: np.ndarray, cell: int) -> tuple[float, float]:
    """Smallest and largest number of people a cell can hold, given the equations and that no number is negative."""
    direction = np.zeros(left.shape[1])
    direction[cell] = 1.0
    edges = []
    for sign in (1.0, -1.0):
        equal = {"A_eq": left, "b_eq": right} if len(left) else {}
        found = linprog(sign * direction, bounds=(0, 1e6), method="highs", **equal)
        edges.append(float(found.x[cell]))
    return edges[0], edges[1]


def assert_safe(rows: pd.DataFrame, truth: pd.DataFrame, groups: list[str], minimum: int = MINIMUM_N) -> None:
    """Nothing on fewer than the minimum can be read, added up or pinned down."""
    people = truth.groupby(groups, sort=False)["n"].sum()
    cells = people.index.to_frame(index=False)
    size = people.to_numpy(float)
    assert (rows.loc[~rows["suppressed"], "n"] >= minimum).all()
    left, right = equations(rows, cells, groups)
    assert all(total >= minimum for total in known_groups(left, size))
    listed = rows[rows["suppressed"]]
    for position, cell in cells.iterrows():
        hidden = np.all([listed[name] == cell[name] for name in groups], axis=0).any()
        if hidden:
            low, high = bounds(left, right, int(position))
            assert high >= minimum - 1e-6
            assert high - low > 1e-6


def with_totals(cells: pd.DataFrame, groups: list[str]) -> pd.DataFrame:
    """Cells together with all their totals, marked ""."""
    parts = []
    for keep in itertools.product([True, False], repeat=len(groups)):
        part = cells.copy()
        for name, stays in zip(groups, keep, strict=True):
            if not stays:
                part[name] = ""
        parts.append(part.groupby(groups, as_index=False, sort=False)["n"].sum())
    return pd.concat(parts, ignore_index=True)


counts_2d = st.integers(1, 4).flatmap(
    lambda rows: st.integers(1, 4).flatmap(
        lambda columns: st.lists(
            st.lists(st.one_of(st.integers(0, 12), st.integers(0, 60)), min_size=columns, max_size=columns),
            min_size=rows,
            max_size=rows,
        )
    )
)


# --- Releases -------------------------------------------------------------------------------------------------------


def release(counts: dict[str, int], means: dict[str, float] | None = None) -> pd.DataFrame:
    cells = pd.DataFrame({"practice_id": list(counts), "n": list(counts.values())})
    rows = with_totals(cells, ["practice_id"])
    rows["mean"] = [7.0] * len(rows) if means is None else [means.get(name, 7.0) for name in rows["practice_id"]]
    return rows


def table_system(counts: FloatArray) -> CellSystem:
    """Cells of a two-way table with its margins: shape (R+1, C+1) flattened, last row and column the totals."""
    inner = np.asarray(counts, dtype=np.float64)
    if inner.ndim != 2 or 0 in inner.shape:
        raise AnalysisError(f"counts: expected a table of rows and columns, received shape {inner.shape}.")
    full = np.zeros((inner.shape[0] + 1, inner.shape[1] + 1))
    full[:-1, :-1] = inner
    full[-1, :-1], full[:-1, -1], full[-1, -1] = inner.sum(axis=0), inner.sum(axis=1), inner.sum()
    index = np.arange(full.size, dtype=np.intp).reshape(full.shape)
    lines = [*index, *index.T]
    constraints: list[Constraint] = [(line, np.append(np.ones(line.size - 1), -1.0)) for line in lines]
    return CellSystem(full.ravel(), tuple(constraints))


def suppress_table(counts: FloatArray, minimum_n: int = MINIMUM_N) -> BoolArray:
    """Which cells and margins of a two-way table of people to hide.

    Parameters
    ----------
    counts
        Shape (R, C): people in each cell, without totals.

    Returns
    -------
    Shape (R+1, C+1), True where hidden; the last row and column are the totals.

    """
    system = table_system(counts)
    shape = (np.shape(counts)[0] + 1, np.shape(counts)[1] + 1)
    totals = np.zeros(shape, dtype=bool)
    totals[-1], totals[:, -1] = True, True
    return suppress_cells(system, minimum_n, last=totals.ravel()).reshape(shape)
