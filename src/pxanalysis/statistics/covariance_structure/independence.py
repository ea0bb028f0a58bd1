"""The baseline that CFI and TLI compare with: no variable goes with another, but covariates among each other."""

from __future__ import annotations

import numpy as np

from pxanalysis.arrays import FloatArray
from pxanalysis.statistics.covariance_structure.incomplete import IncompleteGroup
from pxanalysis.statistics.covariance_structure.likelihood import GroupMoments
from pxanalysis.statistics.covariance_structure.objective import IncompleteData, SemData
from pxanalysis.statistics.covariance_structure.structure import MEAN, TWO_HEADED, IntArray, Structure

__all__ = ["baseline_chi_square", "baseline_model"]


def _structure(p: int, covariates: IntArray, group: int, n_groups: int, *, means: bool) -> Structure:
    """Free variances (and means) of p variables, and free covariances of ``covariates`` with each other."""
    rows, columns = np.tril_indices(p)
    keep = (rows == columns) | (np.isin(rows, covariates) & np.isin(columns, covariates))
    rows, columns = rows[keep], columns[keep]
    kind = np.full(rows.size, TWO_HEADED)
    if means:
        kind = np.concatenate([kind, np.full(p, MEAN)])
        rows, columns = np.concatenate([rows, np.arange(p)]), np.concatenate([columns, np.zeros(p, dtype=np.intp)])
    numbers = np.arange(rows.size) + group * rows.size
    return Structure(p, p, kind, rows, columns, numbers, np.zeros(rows.size), rows.size * n_groups)


def _estimate(structure: Structure, mean: FloatArray, cov: FloatArray) -> FloatArray:
    two = structure.kind == TWO_HEADED
    row, column = structure.row, structure.column
    return np.where(two, cov[row, np.where(two, column, 0)], mean[row])


def _own_moments(group: GroupMoments | IncompleteGroup) -> tuple[FloatArray, FloatArray]:
    """Each variable's own mean and variance over the rows that have it."""
    if isinstance(group, GroupMoments):
        return group.mean, group.cov
    return np.nanmean(group.rows, axis=0), np.diag(np.nanvar(group.rows, axis=0))


def baseline_model(
    data: SemData, covariates: IntArray, *, means: bool = False
) -> tuple[tuple[Structure, ...], FloatArray]:
    """Independence model of every group with its estimate; always with means if answers are missing."""
    groups: tuple[GroupMoments, ...] | tuple[IncompleteGroup, ...] = data.groups
    p = len(groups[0].mean)
    means = means or isinstance(data, IncompleteData)
    structures = tuple(_structure(p, covariates, g, len(groups), means=means) for g in range(len(groups)))
    own = [_own_moments(group) for group in groups]
    parts = [_estimate(one, *moments) for one, moments in zip(structures, own, strict=True)]
    return structures, np.concatenate(parts)


def baseline_chi_square(data: SemData, covariates: IntArray) -> tuple[float, int]:
    """Chi-square and degrees of freedom of the independence model."""
    structures, theta = baseline_model(data, covariates)
    p, c = structures[0].n_observed, covariates.size
    free = p * (p - 1) // 2 - c * (c - 1) // 2
    return 2 * float(data.sizes.sum()) * data.value(structures, theta), free * len(structures)
