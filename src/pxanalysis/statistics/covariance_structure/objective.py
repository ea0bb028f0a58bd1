"""One face for complete and incomplete data: value, gradient and information of a model, over all its groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pxanalysis.arrays import FloatArray
from pxanalysis.statistics.covariance_structure.incomplete import IncompleteGroup
from pxanalysis.statistics.covariance_structure.likelihood import (
    GroupMoments,
    case_scores,
    discrepancy,
    expected_information,
    gradient,
    observed_information,
)
from pxanalysis.statistics.covariance_structure.optimise import Problem
from pxanalysis.statistics.covariance_structure.structure import Structure

__all__ = ["CompleteData", "IncompleteData", "SemData", "Structures", "as_problem"]

Structures = Sequence[Structure]


@dataclass(frozen=True, slots=True, eq=False)
class CompleteData:
    """Complete rows by their moments.

    Attributes
    ----------
    groups
        Moments of each group.
    source
        Rows (n, p) of each group, for errors that do not assume normality; empty when only moments are known.
    centre, unit
        What to take off the source, shape (g, p), and to divide it by, shape (p,); None: it is in standard units.
    """

    groups: tuple[GroupMoments, ...]
    source: tuple[FloatArray, ...] = ()
    centre: FloatArray | None = None
    unit: FloatArray | None = None

    @property
    def rows(self) -> tuple[FloatArray, ...]:
        """Rows of each group in standard units, made when they are asked for."""
        if self.centre is None or self.unit is None:
            return self.source
        return tuple((rows - middle) / self.unit for rows, middle in zip(self.source, self.centre, strict=True))

    @property
    def sizes(self) -> FloatArray:
        """Rows per group, shape (g,)."""
        return np.array([group.n for group in self.groups], dtype=np.float64)

    @property
    def moments(self) -> list[GroupMoments]:
        """Sample moments of each group."""
        return list(self.groups)

    @property
    def complete(self) -> bool:
        """Nothing is missing."""
        return True

    @property
    def saturated_loglik(self) -> float:
        """Log-likelihood of free means and covariances."""
        parts = [
            -0.5 * g.n * (len(g.cov) * (np.log(2 * np.pi) + 1) + float(np.linalg.slogdet(g.cov)[1]))
            for g in self.groups
        ]
        return float(sum(parts))

    def value(self, structures: Structures, theta: FloatArray) -> float:
        """Half the discrepancy."""
        return float(discrepancy(structures, theta[None], self.groups)[0]) / 2

    def gradient(self, structures: Structures, theta: FloatArray) -> FloatArray:
        """Gradient of ``value``, shape (q,)."""
        slope: FloatArray = gradient(structures, theta[None], self.groups)[0]
        return slope

    def expected(self, structures: Structures, theta: FloatArray) -> FloatArray:
        """Expected information, shape (q, q)."""
        information: FloatArray = expected_information(structures, theta[None], self.groups)[0]
        return information

    def observed(self, structures: Structures, theta: FloatArray) -> FloatArray:
        """Hessian of ``value``, shape (q, q)."""
        return observed_information(structures, theta, self.groups)

    def scores(self, structures: Structures, theta: FloatArray) -> list[FloatArray]:
        """Derivatives of the rows' log-likelihoods, (n, q) per group."""
        return [
            case_scores(structure, theta, rows, own_mean=group.mean)
            for structure, rows, group in zip(structures, self.rows, self.groups, strict=True)
        ]


@dataclass(frozen=True, slots=True, eq=False)
class IncompleteData:
    """Incomplete rows by their patterns; see ``IncompleteGroup``."""

    groups: tuple[IncompleteGroup, ...]

    @property
    def sizes(self) -> FloatArray:
        """Rows per group, shape (g,)."""
        return np.array([group.n for group in self.groups], dtype=np.float64)

    @property
    def moments(self) -> list[GroupMoments]:
        """Means and covariances of the saturated model."""
        return [GroupMoments(group.n, group.mean, group.cov) for group in self.groups]

    @property
    def complete(self) -> bool:
        """Something is missing."""
        return False

    @property
    def saturated_loglik(self) -> float:
        """Log-likelihood of free means and covariances."""
        return float(sum(group.loglik for group in self.groups))

    @property
    def _shares(self) -> FloatArray:
        shares: FloatArray = self.sizes / self.sizes.sum()
        return shares

    def value(self, structures: Structures, theta: FloatArray) -> float:
        """Log-likelihood below the saturated one, per row."""
        parts = zip(self._shares, structures, self.groups, strict=True)
        return float(sum(share * group.value(structure, theta) for share, structure, group in parts))

    def gradient(self, structures: Structures, theta: FloatArray) -> FloatArray:
        """Gradient of ``value``, shape (q,)."""
        parts = zip(self._shares, structures, self.groups, strict=True)
        return np.asarray(sum(share * group.gradient(structure, theta) for share, structure, group in parts))

    def expected(self, structures: Structures, theta: FloatArray) -> FloatArray:
        """Expected information, shape (q, q)."""
        parts = zip(self._shares, structures, self.groups, strict=True)
        return np.asarray(sum(share * group.expected(structure, theta) for share, structure, group in parts))

    def observed(self, structures: Structures, theta: FloatArray) -> FloatArray:
        """Hessian of ``value``, shape (q, q)."""
        parts = zip(self._shares, structures, self.groups, strict=True)
        return np.asarray(sum(share * group.observed(structure, theta) for share, structure, group in parts))

    def scores(self, structures: Structures, theta: FloatArray) -> list[FloatArray]:
        """Derivatives of the rows' log-likelihoods, (n, q) per group."""
        return [group.scores(structure, theta) for structure, group in zip(structures, self.groups, strict=True)]


SemData = CompleteData | IncompleteData
"""Data that a model can be held against, in standard units; information and value are for one row."""


def as_problem(data: SemData, structures: Structures) -> Problem:
    """Pose the fit of a model to data as a problem for ``climb``."""
    return Problem(
        value=lambda theta: data.value(structures, theta),
        gradient=lambda theta: data.gradient(structures, theta),
        metric=lambda theta: data.expected(structures, theta),
        hessian=lambda theta: data.observed(structures, theta),
    )
