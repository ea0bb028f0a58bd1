"""What freeing a fixed parameter would bring: score tests (modification indices) with the expected change."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pxanalysis.arrays import FloatArray
from pxanalysis.statistics.covariance_structure.objective import SemData
from pxanalysis.statistics.covariance_structure.structure import IntArray, Structure

__all__ = ["ModificationIndices", "modification_indices"]


@dataclass(frozen=True, slots=True, eq=False)
class ModificationIndices:
    """``chi_square`` that chi-square would drop by, and ``change`` of the parameter from 0, shapes (k,)."""

    chi_square: FloatArray
    change: FloatArray


def modification_indices(
    data: SemData, structure: Structure, theta: FloatArray, kind: IntArray, row: IntArray, column: IntArray
) -> ModificationIndices:
    """Score tests of k cells that are 0 in the model of one group (Sorbom 1989), by the expected information."""
    q, k = theta.size, kind.size
    larger = replace(
        structure,
        kind=np.concatenate([structure.kind, kind]),
        row=np.concatenate([structure.row, row]),
        column=np.concatenate([structure.column, column]),
        parameter=np.concatenate([structure.parameter, q + np.arange(k)]),
        value=np.concatenate([structure.value, np.zeros(k)]),
        n_parameters=q + k,
    )
    extended = np.concatenate([theta, np.zeros(k)])
    slope = data.gradient([larger], extended)[q:]
    information = data.expected([larger], extended)
    across = information[:q, q:]
    own = np.diag(information)[q:]
    left = own - np.einsum("qk,qk->k", across, np.linalg.solve(information[:q, :q], across))
    telling = left > 1e-8 * np.maximum(own, 1e-12)
    safe = np.where(telling, left, 1.0)
    n = float(data.sizes.sum())
    return ModificationIndices(np.where(telling, n * slope**2 / safe, np.nan), np.where(telling, -slope / safe, np.nan))
