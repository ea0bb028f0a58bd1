"""Which cells to hide so that no figure on too few people is shown or can be worked out.

Primary suppression hides every cell on fewer than the minimum. Complementary suppression hides more until each
hidden cell is protected: among the tables that agree with everything shown there is one in which the cell is at
least the minimum, and one in which it differs from the truth. The first is the upper protection level of statistical
disclosure control (Hundepool et al. 2012, ch. 4); it also means that no group of hidden cells with fewer people than
the minimum can be added up from what is shown.
"""

from __future__ import annotations

import numpy as np

from pxanalysis.analysis.privacy.rules import check_minimum_n
from pxanalysis.analysis.privacy.system import CellSystem, Program, hidden_components
from pxanalysis.arrays import BoolArray, FloatArray, IntArray
from pxanalysis.statistics.conventions import MINIMUM_N

__all__ = ["suppress_cells"]
NOTHING = -1
SLACK = 1e-6
SWEEPS = 40


def suppress_cells(
    system: CellSystem,
    minimum_n: int = MINIMUM_N,
    *,
    hidden: BoolArray | None = None,
    fixed: BoolArray | None = None,
    guarded: BoolArray | None = None,
    last: BoolArray | None = None,
) -> BoolArray:
    """Hide cells until no figure on fewer than ``minimum_n`` people can be read or worked out.

    Parameters
    ----------
    hidden
        Shape (m,): hidden from the start; None: every cell on fewer than the minimum.
    fixed
        Shape (m,): cells that cannot be hidden any more (published before), or are never shown.
    guarded
        Shape (m,): of those hidden from the start, which must not become known; None: all.
    last
        Shape (m,): cells (totals) that are hidden only when nothing else is left.

    Returns
    -------
    Shape (m,), True where hidden. The next smallest cells are hidden first.
    """
    minimum = check_minimum_n(minimum_n)
    size = system.counts.size
    hide = (system.counts < minimum) if hidden is None else hidden.copy()
    locked = np.zeros(size, dtype=bool) if fixed is None else fixed
    guard = hide.copy() if guarded is None else guarded & hide
    late = np.zeros(size, dtype=bool) if last is None else last
    links = _links(system)
    while True:
        bare = _bare_constraints(system, hide, guard, minimum)
        wanted = {_choose(system, hide, locked, late, links, [k]) for k in bare} - {NOTHING}
        if not wanted:
            exposed = _exposed_cells(system, hide, guard, minimum)
            wanted = {_choose(system, hide, locked, late, links, links[cell], rows) for cell, rows in exposed} - {
                NOTHING
            }
        if not wanted:
            return hide
        hide[list(wanted)] = guard[list(wanted)] = True


def _links(system: CellSystem) -> list[list[int]]:
    """Constraints of each cell."""
    links: list[list[int]] = [[] for _ in range(system.counts.size)]
    for k, (cells, _) in enumerate(system.constraints):
        for cell in cells:
            links[cell].append(k)
    return links


def _bare_constraints(system: CellSystem, hide: BoolArray, guard: BoolArray, minimum: int) -> list[int]:
    """Constraints that by themselves give away a guarded cell, or a sum of hidden cells below the minimum."""
    bare = []
    for k, (cells, coefficients) in enumerate(system.constraints):
        inside = hide[cells]
        if not guard[cells[inside]].any():
            continue
        signs = coefficients[inside]
        alone = signs.size == 1
        one_side = bool((signs > 0).all() or (signs < 0).all())
        if alone or (one_side and system.counts[cells[inside]].sum() < minimum):
            bare.append(k)
    return bare


def _choose(
    system: CellSystem, hide: BoolArray, locked: BoolArray, late: BoolArray, links: list[list[int]], *reach: list[int]
) -> int:
    """Pick the best cell to hide next among some constraints, or where they have none among wider ones.

    Totals last; then cells that open no constraint in which nothing is hidden yet; then the smallest.
    """
    for rows in reach:
        members = np.unique(np.concatenate([system.constraints[k][0] for k in rows])) if rows else np.zeros(0, np.intp)
        usable = [int(cell) for cell in members if not hide[cell] and not locked[cell]]
        here = set(rows)

        def cost(cell: int, here: set[int] = here) -> tuple[bool, int, float, int]:
            opened = sum(not hide[system.constraints[k][0]].any() for k in links[cell] if k not in here)
            return bool(late[cell]), opened, float(system.counts[cell]), cell

        if usable:
            return min(usable, key=cost)
    return NOTHING


def _exposed_cells(system: CellSystem, hide: BoolArray, guard: BoolArray, minimum: int) -> list[tuple[int, list[int]]]:
    """One guarded cell per component that what is shown says too much about, with the component's constraints."""
    exposed: list[tuple[int, list[int]]] = []
    if sum(bool(hide[cells].any()) for cells, _ in system.constraints) < 2:
        return exposed
    for cells, rows in hidden_components(system, hide):
        # a component of one constraint has already passed as not bare
        if len(rows) > 1 and guard[cells].any():
            found = _first_exposed(system, cells, rows, guard[cells], minimum)
            if found is not None:
                exposed.append((int(cells[found]), rows))
    return exposed


def _first_exposed(system: CellSystem, cells: IntArray, rows: list[int], guard: BoolArray, minimum: int) -> int | None:
    """Look for tables that agree with the sums until every guarded cell is protected by one; else the first exposed.

    Random directions first: each solution protects many cells at once. What is left is decided cell by cell.
    """
    program, truth = Program.of(system, cells, rows), system.counts[cells]
    large, moved = (truth >= minimum) | ~guard, ~guard
    rng = np.random.default_rng(cells.size)

    def learn(solution: FloatArray) -> int:
        before = int(large.sum() + moved.sum())
        np.logical_or(large, solution >= minimum - SLACK, out=large)
        np.logical_or(moved, np.abs(solution - truth) > SLACK, out=moved)
        return int(large.sum() + moved.sum()) - before

    for _ in range(SWEEPS):
        open_cells = ~(large & moved)
        if not open_cells.any() or not learn(program.solve(open_cells * rng.uniform(0.1, 1.0, cells.size))):
            break
    for position in np.argsort(truth, kind="stable"):
        if not (large[position] and moved[position]):
            learn(program.extreme(int(position), 1.0))
        if large[position] and not moved[position]:
            learn(program.extreme(int(position), -1.0))
        if not (large[position] and moved[position]):
            return int(position)
    return None
