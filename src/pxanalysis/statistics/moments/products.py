"""Sums of answers and of their products, per unit: practices, clusters, or single rows."""

from __future__ import annotations

import numpy as np

from pxanalysis.arrays import ROWS_AT_ONCE, FloatArray, IntArray
from pxanalysis.statistics.moments.em import stable_order

__all__ = ["standard_units", "unit_products"]


def standard_units(values: FloatArray, times: IntArray | None = None) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation (divisor n) of the answers to each column of (n, p), each of shape (p,).

    Parameters
    ----------
    times
        Shape (n,), how often each row counts; once when None.
    """
    n, p = values.shape
    pieces = [slice(start, start + ROWS_AT_ONCE) for start in range(0, n, ROWS_AT_ONCE)]
    count, total, squares = np.zeros((3, p))
    often = np.ones(n) if times is None else times.astype(np.float64)
    for part in pieces:
        count += often[part] @ np.isfinite(values[part])
        total += often[part] @ np.nan_to_num(values[part])
    centre = total / count
    for part in pieces:
        squares += often[part] @ np.nan_to_num(values[part] - centre) ** 2
    return centre, np.sqrt(squares / count)


def unit_products(
    rows: FloatArray, units: IntArray, weights: FloatArray, n_units: int, centre: FloatArray | None = None
) -> FloatArray:
    """Weighted sums per unit of ``[1, row, packed row row']`` for rows (n, p), shape (J, 1 + p + p(p+1)/2).

    Parameters
    ----------
    centre
        Shape (p,): taken off every row first, and missing cells (NaN) then count as 0. When None the rows are taken as
        they are, and hold no missing cells.
    """
    n, p = rows.shape
    sum_up = _sum_large if n > 8 * n_units else _sum_small
    sums = np.zeros((n_units, 1 + p + p * (p + 1) // 2))
    order = stable_order(units, n_units)
    for start in range(0, n, ROWS_AT_ONCE):
        chosen = order[start : start + ROWS_AT_ONCE]
        block = np.ones((chosen.size, 1 + p))
        block[:, 1:] = rows[chosen]
        if centre is not None:
            block[:, 1:] -= centre
            np.copyto(block, 0.0, where=np.isnan(block))
        of_block = units[chosen]
        begins = np.flatnonzero(np.diff(of_block, prepend=-1))
        sums[of_block[begins]] += sum_up(block, weights[chosen], begins)
    return sums


def _sum_large(block: FloatArray, weights: FloatArray, begins: IntArray) -> FloatArray:
    """Sums of rows ``[1, row]`` from each beginning on, with a matrix product each: faster where units are large."""
    weighted = block * weights[:, None]
    ends = [*begins[1:].tolist(), len(block)]
    cross = np.stack(
        [weighted[start:end].T @ block[start:end] for start, end in zip(begins.tolist(), ends, strict=True)]
    )
    a, b = _product_places(block.shape[1])
    return np.asarray(cross[:, a, b])


def _sum_small(block: FloatArray, weights: FloatArray, begins: IntArray) -> FloatArray:
    a, b = _product_places(block.shape[1])
    products = block[:, a] * block[:, b]
    products *= weights[:, None]
    return np.asarray(np.add.reduceat(products, begins, axis=0))


def _product_places(size: int) -> tuple[IntArray, IntArray]:
    """Which two of ``[1, row]`` make each sum: 1, the row, and the lower triangle of its products row by row."""
    rows, columns = np.tril_indices(size - 1)
    return (
        np.concatenate([np.arange(size), rows + 1]),
        np.concatenate([np.zeros(size, dtype=np.intp), columns + 1]),
    )
