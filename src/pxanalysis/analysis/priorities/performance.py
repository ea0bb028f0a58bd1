"""How well each practice really does on each touchpoint, as draws that carry its patients' sampling variation.

A practice's mean is shrunk, m = mu + R(mean - mu). What is left uncertain about the true mean, given the variance
components, has between touchpoints t and s of one practice the covariance

    (1-R_t)(1-R_s) B_ts + R_t R_s W_ts n_ts / (n_t n_s),

with B between practices, W between patients of the practice, n_ts the patients who rated both; where patients vary as
much as elsewhere, its diagonal is the posterior variance B_tt (1-R_t). Near the ceiling patients vary less: W follows
the practice's level. B and the centre mu are uncertain themselves, with few practices very much so: every draw has
its own, from their posterior under a flat prior on the standard deviation between practices (Gelman 2006).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pxanalysis.analysis.priorities.centres import as_correlation, draw_centres
from pxanalysis.arrays import FloatArray, IntArray
from pxanalysis.statistics.conventions import FEWEST_PRACTICES
from pxanalysis.statistics.random_effects.reliability import gls_mean, practice_reliability, shrink_means
from pxanalysis.statistics.random_effects.variance import PracticeStats, practice_stats, variance_components

__all__ = ["PracticePerformance", "draw_performance", "estimate_performance", "grown_sd"]

Draws = npt.NDArray[np.float32]

FEWEST_FOR_LINE = 10
MOST_UNEVEN = 3.0
CHUNK_CELLS = 2_000_000


@dataclass(frozen=True, slots=True, eq=False)
class PracticePerformance:
    """J practices on p touchpoints.

    Attributes
    ----------
    n
        Shape (J, p): patients who rated it, with weights Kish's effective number.
    mean
        Shape (J, p): their mean on 0-100 (after case mix); NaN without ratings.
    shrunk
        Shape (J, p): empirical-Bayes mean; equal to ``mean`` with fewer than 5 practices.
    sd
        Shape (J, p): what is uncertain about the true mean, given the variance components.
    factor
        Shape (J, p, p): the uncertain part of practice j is ``sd * (factor @ z)`` with z standard normal.
    unevenness
        Shape (J, p): variance between patients of the practice as a multiple of that in all practices.
    centre, between
        Shapes (B, p): centre of the practices and variance between them, draws. Empty (0, p) when means are not
        shrunk.
    within
        Shape (p,): variance between patients of a practice.
    """

    n: FloatArray
    mean: FloatArray
    shrunk: FloatArray
    sd: FloatArray
    factor: FloatArray
    unevenness: FloatArray
    centre: FloatArray
    between: FloatArray
    within: FloatArray


def estimate_performance(
    scores: FloatArray,
    codes: IntArray,
    n_practices: int,
    n_bootstrap: int,
    rng: np.random.Generator,
    weights: FloatArray | None = None,
) -> PracticePerformance:
    """Estimate the practices' means and how uncertain they are.

    Parameters
    ----------
    scores
        Shape (n, p), 0-100, NaN where not rated.
    codes
        Practice of each row, 0 ... J-1.
    weights
        Shape (n,), case weights; None: all the same.
    """
    stats = practice_stats(scores, codes, n_practices, weights)
    parts = variance_components(stats)
    within, sigma2 = np.nan_to_num(parts.sigma2_within), np.nan_to_num(parts.sigma2_between)
    shrinks = n_practices >= FEWEST_PRACTICES
    mu = gls_mean(stats.mean, stats.n, sigma2, within)
    filled = np.where(stats.n > 0, stats.mean, mu)
    weight = practice_reliability(stats.n, sigma2, within) if shrinks else (stats.n > 0).astype(float)
    weight = np.nan_to_num(weight)
    residuals = np.nan_to_num(scores - stats.mean[codes])
    overlap = _overlap(np.isfinite(scores) * (1.0 if weights is None else weights[:, None]), codes, n_practices)
    unevenness = _unevenness(stats, mu + weight * (filled - mu), within)
    noise = np.sqrt(within * unevenness)
    sampling = _correlations(residuals, np.isfinite(scores)) * noise[:, :, None] * noise[:, None, :] * overlap
    spread = _between(filled - mu, weight, sampling, sigma2)
    left = 1.0 - weight
    error = left[:, :, None] * left[:, None, :] * spread * shrinks
    error += weight[:, :, None] * weight[:, None, :] * sampling
    sd = np.sqrt(np.einsum("jtt->jt", error))
    centre = between = np.empty((0, scores.shape[1]))
    if shrinks:
        noise_of_mean = within * unevenness / np.maximum(stats.n, 1.0)
        centre, between = draw_centres(stats, noise_of_mean, spread, n_bootstrap, rng)
    return PracticePerformance(
        n=stats.n,
        mean=stats.mean,
        shrunk=mu + weight * (filled - mu) if shrinks else stats.mean,
        sd=sd,
        factor=_factors(error, sd),
        unevenness=unevenness,
        centre=centre,
        between=between,
        within=within,
    )


def _unevenness(stats: PracticeStats, level: FloatArray, within: FloatArray) -> FloatArray:
    """Practices' own variance between patients, smoothed on their level by a straight line, over the pooled one."""
    free = np.maximum(stats.n - 1.0, 0.0)
    spread = stats.ss / np.maximum(free, 1.0) / np.where(within > 0, within, 1.0)
    mass = np.maximum(free.sum(axis=0), 1.0)
    offset = level - (free * level).sum(axis=0) / mass
    squares = (free * offset**2).sum(axis=0)
    cross = (free * offset * spread).sum(axis=0)
    slope = np.divide(cross, squares, out=np.zeros_like(cross), where=squares > 1e-9 * mass)
    enough = (stats.n > 1).sum(axis=0) >= FEWEST_FOR_LINE
    ratio = 1.0 + np.where(enough, slope, 0.0) * offset
    return np.asarray(np.clip(ratio, 1.0 / MOST_UNEVEN, MOST_UNEVEN))


def _overlap(weight: FloatArray, codes: IntArray, n_practices: int) -> FloatArray:
    """n_ts / (n_t n_s) per practice, shape (J, p, p); 0 where nobody rated both.

    With weights it is the sum of their products over the product of their sums: of one touchpoint, one over Kish's
    effective number.
    """
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=n_practices))
    joint = np.zeros((n_practices, weight.shape[1], weight.shape[1]))
    mass = np.ones((n_practices, weight.shape[1]))
    start = 0
    for practice, end in enumerate(ends):
        rows = weight[order[start:end]].astype(np.float64)
        joint[practice] = rows.T @ rows
        mass[practice] = rows.sum(axis=0)
        start = end
    mass = np.where(mass > 0, mass, 1.0)
    return np.asarray(joint / (mass[:, :, None] * mass[:, None, :]))


def _correlations(residuals: FloatArray, answered: npt.NDArray[np.bool_]) -> FloatArray:
    """Correlations between touchpoints over the patients who rated both, shape (p, p), positive semidefinite."""
    squares = (residuals**2).T @ answered
    scale = np.sqrt(squares * squares.T)
    return as_correlation(np.divide(residuals.T @ residuals, scale, out=np.zeros_like(scale), where=scale > 0))


def _between(offsets: FloatArray, weight: FloatArray, sampling: FloatArray, sigma2: FloatArray) -> FloatArray:
    """Covariance between practices, shape (p, p): moments of the means less their sampling part, weighted by R."""
    both = np.sqrt(weight[:, :, None] * weight[:, None, :])
    total = np.einsum("jts,jt,js->ts", both, offsets, offsets) - (both * sampling).sum(axis=0)
    mass = both.sum(axis=0)
    moments = np.divide(total, mass, out=np.zeros_like(total), where=mass > 0)
    scale = np.sqrt(np.maximum(np.diagonal(moments), 0.0))
    scale = np.outer(scale, scale)
    correlation = np.divide(moments, scale, out=np.zeros_like(moments), where=scale > 0)
    return as_correlation(np.clip(correlation, -1.0, 1.0)) * np.sqrt(np.outer(sigma2, sigma2))


def _factors(error: FloatArray, sd: FloatArray) -> FloatArray:
    """Cholesky factors of the correlations of the uncertain parts, shape (J, p, p)."""
    safe = np.where(sd > 0, sd, 1.0)
    correlation = error / (safe[:, :, None] * safe[:, None, :])
    diagonal = np.arange(sd.shape[1])
    correlation[:, diagonal, diagonal] = 1.0 + 1e-6
    return np.linalg.cholesky(correlation)


def _chunks(count: int, cells: int) -> Iterator[slice]:
    size = max(1, CHUNK_CELLS // cells)
    return (slice(start, min(start + size, count)) for start in range(0, count, size))


def draw_performance(performance: PracticePerformance, n_draws: int, rng: np.random.Generator) -> Draws:
    """Draw the practices' true means, shape (n_draws, J, p), 0-100 (not cut off)."""
    practices, p = performance.n.shape
    out = np.empty((n_draws, practices, p), dtype=np.float32)
    for part in _chunks(n_draws, practices * p):
        size = part.stop - part.start
        noise = rng.standard_normal((practices, size, p), dtype=np.float32)
        noise = noise @ np.swapaxes(performance.factor, 1, 2).astype(np.float32)
        centre, sd = _redrawn(performance, part)
        out[part] = centre + sd * np.swapaxes(noise, 0, 1)
    return out


def _redrawn(performance: PracticePerformance, part: slice) -> tuple[FloatArray, FloatArray]:
    """Shrunken means and their uncertainty under the variance components of each bootstrap sample, (b, J, p)."""
    if not len(performance.centre):
        return performance.shrunk[None], performance.sd[None]
    rows = np.arange(part.start, part.stop) % len(performance.centre)
    mu, between = performance.centre[rows][:, None, :], performance.between[rows][:, None, :]
    filled = np.where(performance.n > 0, performance.mean, 0.0)
    centre = shrink_means(filled, performance.n, mu, between, performance.within)
    return np.where(np.isfinite(centre), centre, mu), _sd(performance, performance.n, between)


def _sd(performance: PracticePerformance, n: FloatArray, between: FloatArray) -> FloatArray:
    """What is uncertain about a shrunken mean of n patients: sqrt((1-R)² B + R² W / n)."""
    weight = np.nan_to_num(practice_reliability(n, between, performance.within))
    sampling = performance.within * performance.unevenness / np.maximum(n, 1.0)
    return np.sqrt((1.0 - weight) ** 2 * between + weight**2 * sampling)


def grown_sd(performance: PracticePerformance, growth: tuple[float, ...]) -> FloatArray:
    """How much smaller ``sd`` gets with each multiple of the responses, proportions of shape (growth, J, p)."""
    if not len(performance.centre):
        return np.broadcast_to(1.0 / np.sqrt(growth)[:, None, None], (len(growth), *performance.n.shape)).copy()
    between = np.median(performance.between, axis=0)
    left = _sd(performance, performance.n * np.array(growth)[:, None, None], between)
    now = np.broadcast_to(_sd(performance, performance.n, between), left.shape)
    return np.divide(left, now, out=np.ones_like(left), where=now > 0)
