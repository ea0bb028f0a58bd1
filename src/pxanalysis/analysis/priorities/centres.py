"""Where practices lie and how far apart, as draws from the posterior of a normal hierarchical model.

With means y_j of known sampling variance s_j, a flat prior on the standard deviation tau between practices and on their
centre, the posterior of tau is known up to a constant (Gelman et al., Bayesian Data Analysis, section 5.4; Gelman 2006
on the prior), so that it is drawn from a grid, touchpoint by touchpoint.
"""

from __future__ import annotations

import numpy as np

from pxanalysis.arrays import FloatArray
from pxanalysis.statistics.random_effects.variance import PracticeStats

__all__ = ["as_correlation", "draw_centres"]

STEPS = 150
REACH = 6.0
PRACTICES_AT_ONCE = 200
SMALLEST = 1e-9


def as_correlation(matrix: FloatArray) -> FloatArray:
    """The nearest matrix without negative eigenvalues, scaled to a diagonal of ones; shape (p, p)."""
    filled = (matrix + matrix.T) / 2
    np.fill_diagonal(filled, 1.0)
    values, vectors = np.linalg.eigh(filled)
    fixed = (vectors * np.maximum(values, 1e-6)) @ vectors.T
    scale = np.sqrt(np.diagonal(fixed))
    return np.asarray(fixed / np.outer(scale, scale))


def draw_centres(
    stats: PracticeStats, sampling: FloatArray, between: FloatArray, n_draws: int, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Draw centre and variance between practices, each of shape (n_draws, p).

    Parameters
    ----------
    stats
        Number, mean and sum of squares of J practices on p touchpoints.
    sampling
        Shape (J, p): variance of each mean about the practice's true mean.
    between
        Shape (p, p): estimated covariance between practices; centres of touchpoints that go together are drawn
        together.
    """
    p = sampling.shape[1]
    noise = np.where(stats.n > 0, np.maximum(sampling, SMALLEST), np.inf)
    means = np.where(stats.n > 0, stats.mean, 0.0)
    grid = np.linspace(0.0, 1.0, STEPS)[:, None] * REACH * _spread(means, noise)
    offset = means.sum(axis=0) / np.maximum(np.isfinite(noise).sum(axis=0), 1)
    total, first, second, logs = _sums(means - offset, noise, grid**2)
    mean = first / total
    log_density = -0.5 * (np.log(total) + logs + second - first * mean)
    density = np.exp(log_density - log_density.max(axis=0))
    reached = np.cumsum(density, axis=0) / density.sum(axis=0)
    drawn = rng.random((n_draws, p))
    place = np.stack([np.searchsorted(reached[:, column], drawn[:, column]) for column in range(p)], axis=1)
    place = np.minimum(place, STEPS - 1)
    columns = np.arange(p)
    scale = np.sqrt(np.maximum(np.diagonal(between), SMALLEST))
    together = np.linalg.cholesky(as_correlation(between / np.outer(scale, scale)))
    shift = rng.standard_normal((n_draws, p)) @ together.T
    centre = offset + mean[place, columns] + shift / np.sqrt(total[place, columns])
    return centre, grid[place, columns] ** 2


def _spread(means: FloatArray, noise: FloatArray) -> FloatArray:
    """A generous standard deviation of the means, shape (p,)."""
    here = np.isfinite(noise)
    count = np.maximum(here.sum(axis=0), 1)
    centre = means.sum(axis=0) / count
    variance = np.where(here, (means - centre) ** 2, 0.0).sum(axis=0) / np.maximum(count - 1, 1)
    return np.asarray(np.sqrt(np.maximum(variance, SMALLEST)))


def _sums(means: FloatArray, noise: FloatArray, tau2: FloatArray) -> tuple[FloatArray, ...]:
    """Sums over practices of w, w y, w y² and log(1/w), w = 1/(s + tau²); each of shape (steps, p)."""
    sums = [np.zeros(tau2.shape) for _ in range(4)]
    for start in range(0, len(means), PRACTICES_AT_ONCE):
        part = slice(start, start + PRACTICES_AT_ONCE)
        variance = noise[part] + tau2[:, None, :]
        weight = 1.0 / variance
        away = np.where(np.isfinite(noise[part]), means[part], 0.0)
        sums[0] += weight.sum(axis=1)
        sums[1] += (weight * away).sum(axis=1)
        sums[2] += (weight * away**2).sum(axis=1)
        sums[3] += np.where(np.isfinite(variance), np.log(np.where(np.isfinite(variance), variance, 1.0)), 0.0).sum(
            axis=1
        )
    return tuple(sums)
