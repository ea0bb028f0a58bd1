"""Published cells and the sums that tie them together: what a reader can work out from what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from pxanalysis.arrays import BoolArray, FloatArray, IntArray
from pxanalysis.errors import AnalysisError

__all__ = ["CellSystem", "Constraint", "Program", "cell_bounds", "find_derivable", "hidden_components"]

Constraint = tuple[IntArray, FloatArray]
"""Positions of cells and their coefficients; the weighted sum of the counts is known to the reader."""


@dataclass(frozen=True, slots=True, eq=False)
class CellSystem:
    """Cells with the sums that a reader knows.

    Attributes
    ----------
    counts
        Shape (m,): people in each cell, whole numbers of at least 0.
    constraints
        Each says Σ coefficient·count = a known number: for a published total the parts with 1 and the total with −1
        (sum 0), for a total that is known from elsewhere only the parts.

    Means and shares obey the same sums (times their numbers of people), so what cannot be worked out for counts cannot
    be worked out for them.
    """

    counts: FloatArray
    constraints: tuple[Constraint, ...]

    def __post_init__(self) -> None:
        """Refuse counts that are no counts."""
        counts = self.counts
        if not (np.isfinite(counts).all() and (counts >= 0).all()):
            raise AnalysisError("n: expected numbers of people of 0 or more, received missing or negative ones.")

    def matrix(self, rows: Sequence[int], columns: IntArray) -> Any:
        """Coefficients of some constraints on some cells, as a scipy sparse matrix (len(rows), len(columns))."""
        place = np.full(self.counts.size, -1, dtype=np.intp)
        place[columns] = np.arange(columns.size)
        where, what, coefficients = [], [], []
        for line, row in enumerate(rows):
            cells, weights = self.constraints[row]
            inside = place[cells] >= 0
            where.append(np.full(int(inside.sum()), line))
            what.append(place[cells][inside])
            coefficients.append(weights[inside])
        shape = (len(rows), columns.size)
        if not where:
            return csr_array(shape)
        return csr_array((np.concatenate(coefficients), (np.concatenate(where), np.concatenate(what))), shape=shape)


def hidden_components(system: CellSystem, hidden: BoolArray) -> list[tuple[IntArray, list[int]]]:
    """Split hidden cells into groups that share no constraint: (cells, constraints) of each."""
    cells = np.flatnonzero(hidden)
    rows = [k for k, (members, _) in enumerate(system.constraints) if hidden[members].any()]
    if not cells.size:
        return []
    links = abs(system.matrix(rows, cells))
    count, label = connected_components(links.T @ links, directed=False)
    first = np.array([int(np.argmax(hidden[system.constraints[k][0]])) for k in rows], dtype=np.intp)
    place = np.full(system.counts.size, -1, dtype=np.intp)
    place[cells] = label
    owner = [place[system.constraints[k][0][position]] for k, position in zip(rows, first, strict=True)]
    members: list[list[int]] = [[] for _ in range(count)]
    for row, component in zip(rows, owner, strict=True):
        members[component].append(row)
    order = np.argsort(label, kind="stable")
    edges = np.searchsorted(label[order], np.arange(count + 1))
    return [(cells[order[edges[c] : edges[c + 1]]], members[c]) for c in range(count)]


def find_derivable(system: CellSystem, hidden: BoolArray) -> BoolArray:
    """Which hidden cells a reader can compute exactly, by linear algebra over the known sums; shape (m,).

    A cell is known when every solution of the sums gives it the same value, that is when the null space of the hidden
    cells' coefficients is zero there. (That counts are not negative can tell more: see :func:`cell_bounds`.)

    Examples
    --------
    >>> total = (np.array([0, 1, 2]), np.ones(3))
    >>> system = CellSystem(np.array([5.0, 20.0, 30.0]), (total,))
    >>> find_derivable(system, np.array([True, False, False])).tolist()
    [True, False, False]
    >>> find_derivable(system, np.array([True, True, False])).tolist()
    [False, False, False]
    """
    known = np.zeros(system.counts.size, dtype=bool)
    for cells, rows in hidden_components(system, hidden):
        if not rows:
            continue
        matrix = system.matrix(rows, cells).toarray()
        _, singular, basis = np.linalg.svd(matrix, full_matrices=True)
        rank = int((singular > 1e-9 * max(singular.max(initial=0.0), 1.0)).sum())
        known[cells] = np.linalg.norm(basis[rank:], axis=0) < 1e-7
    return known


def cell_bounds(system: CellSystem, hidden: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Smallest and largest count that each hidden cell can have, given the sums and that counts are not negative.

    By linear programming, two programs a hidden cell: meant for auditing small tables. Shown cells have their count
    as both bounds; a cell without an upper bound has infinity.
    """
    low, high = system.counts.copy(), system.counts.copy()
    for cells, rows in hidden_components(system, hidden):
        if not rows:
            low[cells], high[cells] = 0.0, np.inf
            continue
        program = Program.of(system, cells, rows)
        for position, cell in enumerate(cells):
            low[cell] = program.extreme(position, -1.0)[position]
            high[cell] = program.extreme(position, 1.0)[position]
    return low, high


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """All counts of a component's hidden cells that agree with the sums, as a linear program.

    Attributes
    ----------
    matrix, truth
        Coefficients (constraints, cells), and the true counts (cells,), which fix the sums.
    ceiling
        Larger than any sum; a solution there is unbounded.
    """

    matrix: Any
    truth: FloatArray
    ceiling: float

    @classmethod
    def of(cls, system: CellSystem, cells: IntArray, rows: list[int]) -> Program:
        """Set up the program of one component."""
        ceiling = 100.0 * (float(system.counts.max(initial=0.0)) + 1000.0)
        return cls(system.matrix(rows, cells), system.counts[cells], ceiling)

    def solve(self, direction: FloatArray) -> FloatArray:
        """Counts that maximise Σ direction·count, shape (cells,); infinite where unbounded."""
        sums = self.matrix @ self.truth
        found = linprog(-direction, A_eq=self.matrix, b_eq=sums, bounds=(0.0, self.ceiling), method="highs")
        if not found.success:  # the truth always is a solution; only rounding can say otherwise
            return self.truth.copy()
        solution = np.asarray(found.x, dtype=np.float64)
        return np.where(solution > 0.99 * self.ceiling, np.inf, solution)

    def extreme(self, position: int, sign: float) -> FloatArray:
        """Counts that make one cell as large (sign 1) or small (−1) as possible."""
        direction = np.zeros(self.truth.size)
        direction[position] = sign
        return self.solve(direction)
