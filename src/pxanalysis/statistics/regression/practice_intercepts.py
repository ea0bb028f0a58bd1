"""Proportional odds with practice intercepts: P(Y ≤ k) = F(θ_k − a_j − xᵀβ).

Practices enter as sums per practice, never as n × J columns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import expit

from pxanalysis.arrays import FloatArray, IntArray
from pxanalysis.statistics.regression.cumulative_logit import AnswerTerms, answer_terms, climb_likelihood

__all__ = ["LogitFit", "expected_answer", "fit_cumulative_logit"]

_EXPONENT = 300.0

RUNAWAY = 30.0
"""A coefficient (per standard deviation) beyond this on the logit scale has no finite maximum."""


@dataclass(frozen=True, slots=True, eq=False)
class LogitFit:
    """Maximum-likelihood fit with K answers, J practices and p adjusters.

    Attributes
    ----------
    thresholds
        θ, shape (K−1,), increasing.
    intercepts
        a, shape (J,), the first 0.
    beta
        Shape (p,).
    covariance
        Of (θ, a₂..a_J, β), inverse of the observed information.
    log_likelihood
        At the maximum.
    """

    thresholds: FloatArray
    intercepts: FloatArray
    beta: FloatArray
    covariance: FloatArray
    log_likelihood: float

    def runaway(self, spread: FloatArray) -> IntArray:
        """Adjusters without a finite slope, by place: the likelihood is flat there (quasi-complete separation).

        Such a slope stops wherever the steps become too small to see, with a standard error of thousands
        (Albert & Anderson 1984, *Biometrika* 71, 1-10).

        Parameters
        ----------
        spread
            Standard deviation of each adjuster, shape (p,).
        """
        error = np.sqrt(np.diag(self.covariance)[len(self.covariance) - self.beta.size :])
        return np.flatnonzero(~(error * spread < RUNAWAY)).astype(np.intp)


@dataclass(frozen=True, slots=True, eq=False)
class _Data:
    answer: IntArray
    x: FloatArray
    codes: IntArray
    weights: FloatArray
    n_answers: int
    n_practices: int


def _terms(data: _Data, theta: FloatArray, eta: FloatArray) -> AnswerTerms:
    edges = np.concatenate([[-np.inf], theta, [np.inf]])
    terms = answer_terms(edges[data.answer + 1] - eta, edges[data.answer] - eta)
    return replace(terms, chance=np.maximum(terms.chance, 1e-300))


def _sums(codes: IntArray, amount: FloatArray, size: int) -> FloatArray:
    return np.bincount(codes, amount, minlength=size).astype(np.float64)


def _threshold_part(data: _Data, rows: AnswerTerms) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Score of θ, information of θ (tridiagonal), and per patient the cross-information of θ with the predictor."""
    edges, weight = data.n_answers - 1, data.weights
    is_top, is_bottom = data.answer == edges, data.answer == 0
    up, down = rows.dense_upper / rows.chance, rows.dense_lower / rows.chance
    slope_up = np.where(is_top, 0.0, up * (1 - 2 * rows.upper) - up**2)
    slope_down = np.where(is_bottom, 0.0, -down * (1 - 2 * rows.lower) - down**2)
    first = np.minimum(data.answer, edges - 1)
    second = np.maximum(data.answer - 1, 0)
    up, down = np.where(is_top, 0.0, up), np.where(is_bottom, 0.0, down)
    score = _sums(first, weight * up, edges) - _sums(second, weight * down, edges)
    info = np.diag(-_sums(first, weight * slope_up, edges) - _sums(second, weight * slope_down, edges))
    both = np.where(is_top | is_bottom, 0.0, weight * up * down)
    beside = _sums(first, both, edges)[1:]
    info[np.arange(1, edges), np.arange(edges - 1)] = info[np.arange(edges - 1), np.arange(1, edges)] = -beside
    cross = np.zeros((len(weight), edges))
    cross[np.arange(len(weight)), first] -= np.where(is_top, 0.0, weight * rows.dense_upper)
    cross[np.arange(len(weight)), second] -= np.where(is_bottom, 0.0, weight * rows.dense_lower)
    return score, info, cross


def _newton_parts(data: _Data, theta: FloatArray, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Score and observed information of (θ, a₂..a_J, β)."""
    rows = _terms(data, theta, eta)
    pull = data.weights * (rows.upper + rows.lower - 1.0)
    curve = data.weights * (rows.dense_upper + rows.dense_lower)
    score_t, info_tt, cross = _threshold_part(data, rows)
    j, p = data.n_practices, data.x.shape[1]
    score = np.concatenate([score_t, _sums(data.codes, pull, j)[1:], data.x.T @ pull])
    info_ta = np.vstack([_sums(data.codes, column, j)[1:] for column in cross.T])
    info_ax = np.column_stack(
        [_sums(data.codes, curve * column, j)[1:] for column in data.x.T] or [np.zeros((j - 1, 0))]
    )
    info_tx = cross.T @ data.x
    info_aa = np.diag(_sums(data.codes, curve, j)[1:])
    info_xx = (data.x * curve[:, None]).T @ data.x if p else np.zeros((0, 0))
    return score, np.block(
        [[info_tt, info_ta, info_tx], [info_ta.T, info_aa, info_ax], [info_tx.T, info_ax.T, info_xx]]
    )


def _log_likelihood(data: _Data, theta: FloatArray, eta: FloatArray) -> float:
    if np.any(np.diff(theta) <= 0):
        return -np.inf
    return float(data.weights @ np.log(_terms(data, theta, eta).chance))


def fit_cumulative_logit(
    answer: IntArray, x: FloatArray, codes: IntArray, n_practices: int, weights: FloatArray
) -> LogitFit | None:
    """Fit the proportional-odds model with practices as fixed effects.

    Parameters
    ----------
    answer
        Shape (n,): 0..K−1, each of them given by somebody.
    x, codes, weights
        Shapes (n, p), (n,), (n,). Practices in which everybody gives the highest, or everybody the lowest, answer
        have no finite intercept and must be left out.

    Returns
    -------
    The fit, or None when the likelihood has no finite maximum (the adjusters separate the answers).
    """
    data = _Data(answer, x, codes, weights, int(answer.max()) + 1, n_practices)
    edges = data.n_answers - 1
    share = np.cumsum(_sums(answer, weights, data.n_answers))[:-1] / weights.sum()
    params = np.concatenate([np.log(share / (1 - share)), np.zeros(n_practices - 1 + x.shape[1])])

    def split(values: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        theta, beta = values[:edges], values[edges + n_practices - 1 :]
        level = np.concatenate([[0.0], values[edges : edges + n_practices - 1]])
        return theta, level, beta, level[codes] + x @ beta

    def parts(values: FloatArray) -> tuple[FloatArray, FloatArray]:
        theta, _, _, eta = split(values)
        return _newton_parts(data, theta, eta)

    farthest = RUNAWAY * (1 + 1 / _spread(x))
    found = climb_likelihood(
        lambda values: _log_likelihood(data, split(values)[0], split(values)[3]),
        parts,
        params,
        solve=lambda info, score: _solve(info, score, slice(edges, edges + n_practices - 1)),
        ran_away=lambda values, height: bool(np.abs(values).max() > farthest),
        tolerance=1e-9,
    )
    if found is None:
        return None
    theta, level, beta, _ = split(found[0])
    covariance = _invert(parts(found[0])[1], slice(edges, edges + n_practices - 1))
    return LogitFit(theta, level, beta, covariance, found[1])


def _solve(info: FloatArray, score: FloatArray, practices: slice) -> FloatArray:
    """Solve ``info @ step = score``; the practices, whose block is diagonal, are eliminated first.

    Least squares for what is left, where the information may be singular; and for all of it where a practice tells
    nothing.
    """
    if not _each_tells(info, practices):
        return np.asarray(np.linalg.lstsq(info, score, rcond=None)[0])
    own, rest, beside, reduced = _eliminate(info, practices)
    step = np.empty_like(score)
    step[rest] = np.linalg.lstsq(reduced, score[rest] - (beside / own) @ score[practices], rcond=None)[0]
    step[practices] = (score[practices] - beside.T @ step[rest]) / own
    return step


def _each_tells(info: FloatArray, practices: slice) -> bool:
    own = np.diagonal(info)[practices]
    return bool(own.size) and float(own.min()) > 1e-12 * float(own.max())


def _eliminate(info: FloatArray, practices: slice) -> tuple[FloatArray, IntArray, FloatArray, FloatArray]:
    """Diagonal of the practices' block, places of the rest, its cross block, and its information without them."""
    own = np.diagonal(info)[practices]
    rest = np.r_[0 : practices.start, practices.stop : len(info)]
    beside = info[rest, practices]
    return own, rest, beside, info[np.ix_(rest, rest)] - (beside / own) @ beside.T


def _invert(info: FloatArray, practices: slice) -> FloatArray:
    """Inverse of the information, by blocks: that of the practices is diagonal."""
    if not _each_tells(info, practices):
        return np.asarray(np.linalg.inv(info), dtype=np.float64)
    own, rest, beside, reduced = _eliminate(info, practices)
    outer, across = np.linalg.inv(reduced), beside / own
    inverse = np.empty_like(info)
    inverse[np.ix_(rest, rest)] = outer
    inverse[rest, practices] = -outer @ across
    inverse[practices, rest] = inverse[rest, practices].T
    inverse[practices, practices] = across.T @ outer @ across + np.diag(1.0 / own)
    return inverse


def _spread(x: FloatArray) -> float:
    return float(x.std(axis=0).min()) if x.shape[1] else np.inf


def _distinct(x: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Rows of ``x`` (m, p), each once, and the sums of their weights: patients who are alike are expected alike."""
    kind = np.zeros(len(x), dtype=np.intp)
    for column in x.T:
        codes, values = pd.factorize(column)
        kind = pd.factorize(kind * max(len(values), 1) + codes)[0]
    first = np.zeros(kind.max(initial=-1) + 1, dtype=np.intp)
    first[kind[::-1]] = np.arange(len(kind))[::-1]
    return x[first], np.bincount(kind, weights, minlength=len(first)).astype(np.float64)


def _chances_below(base: FloatArray, levels: FloatArray) -> Callable[[float], FloatArray]:
    """F(base - level) for one level after another; exponentials are taken once, where none of them overflows."""
    if max(np.abs(base).max(initial=0.0), np.abs(levels).max(initial=0.0)) > _EXPONENT:
        return lambda level: np.asarray(expit(base - level))
    odds_above = np.exp(-base)
    return lambda level: 1.0 / (1.0 + np.exp(level) * odds_above)


def expected_answer(
    fit: LogitFit, values: FloatArray, x: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Mean answer if all patients of the study had gone to practice j (predictive margin), and its standard error.

    Parameters
    ----------
    values
        Shape (K,), increasing: the answers behind the codes 0..K−1.
    x, weights
        Shapes (m, p) and (m,): the patients averaged over.

    Returns
    -------
    Two arrays of shape (J,); errors by the delta method over thresholds, intercepts and slopes.
    """
    edges, practices = fit.thresholds.size, fit.intercepts.size
    gaps = np.diff(values)
    x, share = _distinct(x, weights / weights.sum())
    base = fit.thresholds[None, :] - (x @ fit.beta)[:, None]
    chance_below = _chances_below(base, fit.intercepts)
    shared = np.r_[0:edges, edges + practices - 1 : len(fit.covariance)]
    mean, error = np.empty(practices), np.empty(practices)
    for j, level in enumerate(fit.intercepts):
        below = chance_below(level)
        density = (below - below**2) * (share[:, None] * gaps)
        of_edges = density.sum(axis=0)
        own = [edges + j - 1] if j else []  # the first practice's intercept is 0, not estimated
        gradient = np.concatenate([-of_edges, density.sum(axis=1) @ x, [of_edges.sum()] * len(own)])
        places = np.append(shared, own).astype(np.intp)
        mean[j] = values[-1] - float(share @ (below @ gaps))
        error[j] = np.sqrt(gradient @ fit.covariance[np.ix_(places, places)] @ gradient)
    return mean, error
