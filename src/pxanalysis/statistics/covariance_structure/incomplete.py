"""Normal likelihood of incomplete data, by missingness pattern (full-information maximum likelihood, "FIML")."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from pxanalysis.arrays import FloatArray
from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.covariance_structure.structure import (
    Implied,
    Structure,
    imply,
    mean_slopes,
    moment_slopes,
    pull_back,
    slope_columns,
)
from pxanalysis.statistics.moments.em import (
    Patterns,
    PatternStatistics,
    Score,
    find_patterns,
    fit_em,
    observed_information,
    pack,
    padded_inverses,
    pattern_statistics,
    score_patterns,
    triangle_information,
)

__all__ = ["IncompleteGroup", "prepare_group", "saturated_scores"]

STEP = 1e-30


@dataclass(frozen=True, slots=True, eq=False)
class IncompleteGroup:
    """Rows of one group.

    Attributes
    ----------
    rows
        Shape (n, p), NaN where missing, in standard units.
    patterns, statistics
        Which cells are there, and their sums.
    mean, cov, loglik
        Of the saturated model: its estimate and its log-likelihood.
    last
        Where the likelihood was last asked for, and what it was.
    """

    rows: FloatArray
    patterns: Patterns
    statistics: PatternStatistics
    mean: FloatArray
    cov: FloatArray
    loglik: float
    last: dict[str, Any] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.rows)

    def value(self, structure: Structure, theta: FloatArray) -> float:
        """Log-likelihood below the saturated one, per row, at parameters (q,); infinite where Σ is not positive."""
        implied = imply(structure, theta[None])
        if np.linalg.eigvalsh(implied.cov[0])[0] <= 0:
            return float("inf")
        return (self.loglik - float(self._score(implied).loglik[0])) / self.n

    def _score(self, implied: Implied) -> Score:
        """Gradient and likelihood at implied moments; what was asked last is kept, since all ask at the same place."""
        place = implied.mean.tobytes() + implied.cov.tobytes()
        if self.last.get("place") != place:
            score = score_patterns(implied.mean, implied.cov, self.statistics)
            self.last.update(place=place, score=score)
        found: Score = self.last["score"]
        return found

    def gradient(self, structure: Structure, theta: FloatArray) -> FloatArray:
        """Gradient of ``value``, shape (q,)."""
        implied = imply(structure, theta[None])
        score = self._score(implied)
        slope: FloatArray = pull_back(structure, implied, -0.5 * score.cov, -score.mean)[0]
        return slope / self.n

    def expected(self, structure: Structure, theta: FloatArray) -> FloatArray:
        """Expected information of one row given the patterns there are, shape (q, q)."""
        implied = imply(structure, theta[None])
        p = structure.n_observed
        inverse = padded_inverses(implied.cov, self.statistics.observed)[0][0]
        weight = self.statistics.weight[0]
        packed = pack(inverse)
        by_mean = np.einsum("m,mij->ij", weight, inverse)
        by_cov = triangle_information((packed * weight[:, None]).T @ packed, p)
        slopes_cov, slopes_mean = moment_slopes(structure, theta)
        low = pack(slopes_cov)
        information: FloatArray = slopes_mean @ by_mean @ slopes_mean.T + low @ by_cov @ low.T
        return information / self.n

    def observed(self, structure: Structure, theta: FloatArray) -> FloatArray:
        """Hessian of ``value``, shape (q, q): that of the moments, carried over, and the model's own curvature."""
        place = theta.tobytes()
        if self.last.get("hessian of") != (structure, place):
            self.last.update({"hessian of": (structure, place), "hessian": self._observed(structure, theta)})
        hessian: FloatArray = self.last["hessian"]
        return hessian

    def _observed(self, structure: Structure, theta: FloatArray) -> FloatArray:
        implied = imply(structure, theta[None])
        saturated = observed_information(implied.mean[0], implied.cov[0], self.statistics)
        slopes_cov, slopes_mean = moment_slopes(structure, theta)
        slopes = np.concatenate([slopes_mean, pack(slopes_cov)], axis=1)
        score = self._score(implied)
        beside = imply(structure, theta + STEP * 1j * np.eye(theta.size))
        curved = pull_back(structure, beside, -0.5 * score.cov + 0j, -score.mean + 0j).imag / STEP
        hessian: FloatArray = (slopes @ saturated @ slopes.T + 0.5 * (curved + curved.T)) / self.n
        return hessian

    def scores(self, structure: Structure, theta: FloatArray) -> FloatArray:
        """Derivative of each row's log-likelihood to the parameters, shape (n, q)."""
        implied = imply(structure, theta[None])
        columns = np.concatenate([implied.reach[0], implied.spread[0]], axis=1)
        slopes = slope_columns(structure)
        level = mean_slopes(structure, implied)[0].T
        out = np.empty((self.n, slopes.first.size))
        for rows, inverse, pulled in self._by_pattern(implied.mean[0], implied.cov[0]):
            product = columns.T @ inverse @ columns
            toward = pulled @ columns
            cells = toward[:, slopes.first] * toward[:, slopes.second] - product[slopes.first, slopes.second]
            out[rows] = cells * slopes.weight + pulled @ level
        scores: FloatArray = structure.gather(out)
        return scores

    def _by_pattern(
        self, mean: FloatArray, cov: FloatArray
    ) -> Iterator[tuple[npt.NDArray[np.intp], FloatArray, FloatArray]]:
        """Rows of each pattern, the padded inverse (p, p), and the rows' deviations times it."""
        inverses = padded_inverses(cov[None], self.patterns.observed)[0][0]
        filled = np.where(np.isfinite(self.rows), self.rows - mean, 0.0)
        order = np.argsort(self.patterns.of_row, kind="stable")
        parts = np.split(order, np.cumsum(np.bincount(self.patterns.of_row, minlength=self.patterns.count))[:-1])
        for rows, inverse in zip(parts, inverses, strict=True):
            yield rows, inverse, filled[rows] @ inverse


def prepare_group(rows: FloatArray, label: str = "") -> IncompleteGroup:
    """Sum up rows (n, p) in standard units and fit the saturated model to them.

    Raises
    ------
    NotEstimableError
        When the saturated model has no estimate.
    """
    patterns = find_patterns(rows)
    weights = np.ones(len(rows))
    statistics = pattern_statistics(np.nan_to_num(rows), patterns, weights)
    centre, spread = np.nanmean(rows, axis=0), np.nanvar(rows, axis=0)
    fit = fit_em(statistics, centre, np.diag(spread))
    if not fit.converged:
        raise NotEstimableError(
            f"means and covariances of incomplete answers{label} cannot be estimated: {fit.reason}."
        )
    return IncompleteGroup(rows, patterns, statistics, fit.mean, fit.cov, fit.loglik)


def saturated_scores(group: IncompleteGroup) -> FloatArray:
    """Derivative of each row's log-likelihood to means and packed covariances at their estimate, shape (n, s)."""
    p = group.rows.shape[1]
    rows_, columns_ = np.tril_indices(p)
    twice = np.where(rows_ == columns_, 0.5, 1.0)
    out = np.empty((group.n, p + rows_.size))
    for rows, inverse, pulled in group._by_pattern(group.mean, group.cov):
        out[rows, :p] = pulled
        out[rows, p:] = (pulled[:, rows_] * pulled[:, columns_] - inverse[rows_, columns_]) * twice
    return out
