"""From a parameter table to the cells of the numbers, in units in which every variable has a spread of about 1.

Raw units can hold a false optimum (0-100 items beside a 1-10 outcome); rescaling a variable rescales its parameters and
nothing else, so the model is fitted in standard units and brought back. Variables whose parameters share a label keep a
common unit, so that what is equal stays equal.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from pxanalysis.analysis.sem.table import Parameter, ParameterTable
from pxanalysis.arrays import FloatArray
from pxanalysis.statistics.covariance_structure.structure import ARROW, MEAN, TWO_HEADED, Structure

__all__ = ["ScaledModel", "cell_factor", "scale_model"]


@dataclass(frozen=True, slots=True, eq=False)
class ScaledModel:
    """A model in standard units.

    Attributes
    ----------
    structures
        One per group.
    factor
        Shape (q,): estimate in the units of the data = factor times estimate in standard units.
    scale
        Shape (v,): unit of each variable, observed first.
    rows
        The table's rows behind the cells of each structure.
    """

    structures: tuple[Structure, ...]
    factor: FloatArray
    scale: FloatArray
    rows: tuple[tuple[Parameter, ...], ...]


def _place(row: Parameter, index: dict[str, int]) -> tuple[int, int, int]:
    """Kind of cell, its row and its column."""
    if row.operator == "~1":
        return MEAN, index[row.left], 0
    left, right = index[row.left], index[row.right]
    if row.operator == "=~":
        return ARROW, right, left
    if row.operator == "~":
        return ARROW, left, right
    return TWO_HEADED, max(left, right), min(left, right)


def cell_factor(kind: int, row: int, column: int, scale: FloatArray) -> float:
    """Value in raw units over value in standard units of a cell."""
    if kind == ARROW:
        return float(scale[row] / scale[column])
    return float(scale[row] * scale[column]) if kind == TWO_HEADED else float(scale[row])


def _scales(table: ParameterTable, spread: FloatArray, index: dict[str, int]) -> FloatArray:
    """Unit of each variable: its standard deviation; of a latent, that of the indicator with a fixed loading."""
    scale = np.concatenate([spread, np.ones(len(table.latents))])
    for _ in table.latents:  # latents may be measured by latents
        for row in table.rows:
            if row.operator == "=~" and row.group == 0 and row.number < 0 and row.value:
                scale[index[row.left]] = scale[index[row.right]]
    cells = defaultdict(set)
    for row in table.rows:
        if row.number >= 0:
            cells[row.number].add(_place(row, index))
    for shared in cells.values():
        _unify(shared, scale)
    return scale


def _unify(shared: set[tuple[int, int, int]], scale: FloatArray) -> None:
    """Give the variables of cells that must stay equal one unit."""
    if len({round(cell_factor(*cell, scale), 12) for cell in shared}) == 1:
        return
    involved = sorted({v for kind, row, column in shared for v in ((row,) if kind == MEAN else (row, column))})
    scale[involved] = np.exp(np.log(scale[involved]).mean())


def scale_model(table: ParameterTable, spread: FloatArray, moments: list[tuple[FloatArray, FloatArray]]) -> ScaledModel:
    """Make the structures of a table.

    Parameters
    ----------
    spread
        Standard deviation of each observed variable, shape (p,).
    moments
        Mean (p,) and covariance (p, p) of each group in the units of the data, for the moments of covariates.
    """
    names = (*table.observed, *table.latents)
    index = {name: i for i, name in enumerate(names)}
    scale = _settle(table, spread, index)
    factor = np.ones(table.n_parameters)
    structures, grouped = [], []
    for group in range(table.n_groups):
        rows = tuple(row for row in table.rows if row.group == group)
        places = np.array([_place(row, index) for row in rows], dtype=np.intp)
        values = np.zeros(len(rows))
        numbers = np.array([row.number for row in rows], dtype=np.intp)
        for position, row in enumerate(rows):
            kind, i, j = (int(x) for x in places[position])
            raw = row.value
            if row.exogenous:
                raw = float(moments[group][0][i] if kind == MEAN else moments[group][1][i, j])
            size = cell_factor(kind, i, j, scale)
            values[position] = 0.0 if raw is None else raw / size
            if row.number >= 0:
                factor[row.number] = size
        p, v = len(table.observed), len(names)
        columns = (places[:, 0], places[:, 1], places[:, 2])
        structures.append(Structure(v, p, *columns, numbers, values, table.n_parameters))
        grouped.append(rows)
    return ScaledModel(tuple(structures), factor, scale, tuple(grouped))


def _settle(table: ParameterTable, spread: FloatArray, index: dict[str, int]) -> FloatArray:
    """Units that agree with every shared parameter: repeat until none changes, else one unit for all."""
    scale = _scales(table, spread, index)
    for _ in range(5):
        again = _scales(table, scale[: len(spread)], index)
        if np.allclose(again, scale, rtol=1e-12):
            return again
        scale = again
    return np.full(len(scale), float(np.exp(np.log(spread).mean())))
