"""Total effects along all paths, with what part of them is direct (Bollen 1987)."""

from __future__ import annotations

import numpy as np

from pxanalysis.statistics.covariance_structure.structure import ARROW, AnyArray, Structure

__all__ = ["direct_and_total"]


def direct_and_total(structure: Structure, theta: AnyArray) -> tuple[AnyArray, AnyArray]:
    """Direct and total effects of each variable (column) on each other (row), both (b, v, v), at parameters (b, q).

    Total = (I - A)^-1 - I; without loops it is the sum over all paths.
    """
    b, v = len(theta), structure.n_variables
    arrows = np.zeros((b, v, v), dtype=theta.dtype)
    values = np.broadcast_to(structure.value.astype(theta.dtype), (b, structure.value.size)).copy()
    values[:, structure.free] = theta[:, structure.parameter[structure.free]]
    one = structure.kind == ARROW
    arrows[:, structure.row[one], structure.column[one]] = values[:, one]
    return arrows, np.linalg.inv(np.eye(v) - arrows) - np.eye(v)
