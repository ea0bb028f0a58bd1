"""Sums of answers and of their products, per unit: practices, clusters, or single rows."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from pxanalysis.arrays import FloatArray, IntArray
from pxanalysis.statistics.moments.em import pack

__all__ = ["unit_products"]

ROW_CHUNK = 4_096


def unit_products(rows: FloatArray, units: IntArray, weights: FloatArray, n_units: int) -> FloatArray:
    """Weighted sums per unit of ``[1, row, packed row row']`` for rows (n, p), shape (J, 1 + p + p(p+1)/2)."""
    n, p = rows.shape
    if n > 8 * n_units:
        return _block_products(rows, units, weights, n_units)
    sums = np.zeros((n_units, 1 + p + p * (p + 1) // 2))
    a, b = np.tril_indices(p)
    for start in range(0, n, ROW_CHUNK):
        part = slice(start, min(start + ROW_CHUNK, n))
        block = rows[part]
        products = np.column_stack([np.ones(len(block)), block, block[:, a] * block[:, b]])
        sums += _selector(units[part], weights[part], n_units) @ products
    return sums


def _block_products(rows: FloatArray, units: IntArray, weights: FloatArray, n_units: int) -> FloatArray:
    """Make the same sums unit by unit, with a matrix product each: faster where units are large."""
    order = np.argsort(units, kind="stable")
    ends = np.cumsum(np.bincount(units, minlength=n_units))
    sums = []
    for start, end in zip(np.concatenate([[0], ends[:-1]]), ends, strict=True):
        chosen = order[start:end]
        block, weight = rows[chosen], weights[chosen]
        weighted = block * weight[:, None]
        sums.append(np.concatenate([[weight.sum()], weighted.sum(axis=0), pack(weighted.T @ block)]))
    return np.array(sums)


def _selector(units: IntArray, weights: FloatArray, n_units: int) -> sparse.csr_array:
    return sparse.csr_array((weights, (units, np.arange(units.size))), shape=(n_units, units.size))
