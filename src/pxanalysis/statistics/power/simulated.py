"""Power by simulation, with its Monte-Carlo error, where no formula knows about practices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pxanalysis.arrays import FloatArray
from pxanalysis.errors import AnalysisError

__all__ = ["SimulatedPower", "simulate_arms", "simulate_dependent_correlations", "simulate_driver"]

_CHUNK = 4_000_000


@dataclass(frozen=True, slots=True)
class SimulatedPower:
    """Share of simulated studies in which the effect was found.

    Attributes
    ----------
    power
        Proportion.
    monte_carlo_error
        Its standard error, √(p(1 − p)/studies).
    studies
        Number of simulated studies.
    """

    power: float
    monte_carlo_error: float
    studies: int


def _share(hits: FloatArray) -> SimulatedPower:
    p = float(hits.mean())
    return SimulatedPower(p, float(np.sqrt(p * (1.0 - p) / hits.size)), int(hits.size))


def simulate_dependent_correlations(
    correlations: tuple[float, float, float],
    practices: int,
    per_practice: int,
    icc: float,
    *,
    alpha: float = 0.05,
    studies: int = 2000,
    seed: int = 1,
) -> SimulatedPower:
    """Power of the difference of two correlations with one criterion, patients nested in practices.

    Everything is normal, with the same correlations within and between practices; the test is t on influence
    functions summed per practice, with G − 1 degrees of freedom. With ``practices`` = the number of people and one per
    practice it is the test for independent people.

    Parameters
    ----------
    correlations
        r1, r2 (each metric with the criterion) and r12 (the two metrics).
    icc
        Share of the variance of all three between practices.
    """
    from scipy.stats import t

    r1, r2, r12 = correlations
    matrix = np.array([[1.0, r12, r1], [r12, 1.0, r2], [r1, r2, 1.0]])
    if np.linalg.eigvalsh(matrix)[0] <= 0:
        raise AnalysisError(f"correlations: {r1}, {r2} and {r12} cannot go together.")
    root, rng = np.linalg.cholesky(matrix).T, np.random.default_rng(seed)
    edge = float(t.ppf(1.0 - alpha / 2.0, practices - 1))
    step = max(1, _CHUNK // (practices * per_practice * 3))
    hits = []
    for start in range(0, studies, step):
        size = (min(step, studies - start), practices, per_practice, 3)
        rows = np.sqrt(1.0 - icc) * rng.standard_normal(size)
        if icc > 0:
            rows += np.sqrt(icc) * rng.standard_normal((size[0], practices, 1, 3))
        hits.append(np.abs(_clustered_t(rows @ root)) > edge)
    return _share(np.concatenate(hits).astype(np.float64))


def _clustered_t(rows: FloatArray) -> FloatArray:
    """Statistic t of r1 − r2 in each study, from standardised rows (B, G, m, 3)."""
    z = rows - rows.mean(axis=(1, 2), keepdims=True)
    z /= np.sqrt((z**2).mean(axis=(1, 2), keepdims=True))
    y = z[..., 2]
    gap, influence = np.zeros(len(rows)), np.zeros(y.shape)
    for sign, column in ((1.0, 0), (-1.0, 1)):
        x = z[..., column]
        r = (x * y).mean(axis=(1, 2))
        gap += sign * r
        influence += sign * (x * y - r[:, None, None] * (x**2 + y**2) / 2.0)
    groups, n = rows.shape[1], rows.shape[1] * rows.shape[2]
    error = np.sqrt((influence.sum(axis=2) ** 2).sum(axis=1) * groups / (groups - 1.0)) / n
    return np.asarray(gap / error)


def simulate_driver(
    beta: float,
    r2: float,
    vif: float,
    practices: int,
    per_practice: int,
    icc: float,
    *,
    alpha: float = 0.05,
    studies: int = 1000,
    seed: int = 1,
) -> SimulatedPower:
    """Power of one driver's coefficient with errors summed per practice (CR1, G − 1 degrees of freedom).

    The driver is what the other drivers leave of it, with variance 1/VIF, and the residual has variance 1 − R²; of
    both, ``icc`` lies between practices.
    """
    from scipy.stats import t

    rng = np.random.default_rng(seed)
    edge = float(t.ppf(1.0 - alpha / 2.0, practices - 1))
    hits = []
    for _ in range(studies):
        x, e = (
            scale
            * (
                np.sqrt(icc) * rng.standard_normal((practices, 1))
                + np.sqrt(1.0 - icc) * rng.standard_normal((practices, per_practice))
            )
            for scale in (vif**-0.5, (1.0 - r2) ** 0.5)
        )
        y = beta * x + e
        centred = x - x.mean()
        squares = float((centred**2).sum())
        slope = float((centred * y).sum()) / squares
        scores = (centred * (y - y.mean() - slope * centred)).sum(axis=1)
        error = np.sqrt(practices / (practices - 1.0) * (scores**2).sum()) / squares
        hits.append(abs(slope) > edge * error)
    return _share(np.array(hits, dtype=np.float64))


def simulate_arms(
    effect: float,
    practices: int,
    per_practice: int,
    icc: float,
    *,
    alpha: float = 0.05,
    studies: int = 20_000,
    seed: int = 1,
) -> SimulatedPower:
    """Power of the t test of practice means between two arms of ``practices`` each."""
    from scipy.stats import ttest_ind

    rng = np.random.default_rng(seed)
    spread = np.sqrt(icc + (1.0 - icc) / per_practice)
    first, second = rng.normal(0.0, spread, (2, studies, practices))
    hits = ttest_ind(first, second + effect, axis=1).pvalue < alpha
    return _share(np.asarray(hits, dtype=np.float64))
