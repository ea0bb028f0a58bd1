"""The cumulative-logit likelihood: chances of ordered answers between two edges, and Newton steps to its maximum.

``P(y <= k) = F(threshold_k - x'b)`` with F logistic (McCullagh 1980); with two answers it is the logistic model. The
log-likelihood is concave, so Newton's method with step halving finds its one maximum.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from pxanalysis.arrays import FloatArray

__all__ = ["AnswerTerms", "answer_terms", "climb_likelihood"]

_STEPS = 60


@dataclass(frozen=True, slots=True, eq=False)
class AnswerTerms:
    """Per patient, shape (n,): chance of the given answer; distribution and density of the logistic at its edges."""

    chance: FloatArray
    upper: FloatArray
    lower: FloatArray
    dense_upper: FloatArray
    dense_lower: FloatArray


def answer_terms(above: FloatArray, below: FloatArray) -> AnswerTerms:
    """Chance of an answer that lies between two edges on the logit scale, infinite for the outermost answers.

    Parameters
    ----------
    above, below
        Shape (n,): threshold of the answer and of the one under it, less the linear predictor.
    """
    upper, lower = expit(above), expit(below)
    # With both edges far up, the difference of the upper tails keeps the digits that F(above) - F(below) loses.
    chance = np.where(above + below > 0, expit(-below) - expit(-above), upper - lower)
    return AnswerTerms(chance, upper, lower, upper * expit(-above), lower * expit(-below))


def climb_likelihood(
    height: Callable[[FloatArray], float],
    parts: Callable[[FloatArray], tuple[FloatArray, FloatArray]],
    start: FloatArray,
    *,
    solve: Callable[[FloatArray, FloatArray], FloatArray],
    ran_away: Callable[[FloatArray, float], bool],
    tolerance: float,
) -> tuple[FloatArray, float] | None:
    """Newton's method with step halving.

    Parameters
    ----------
    height, parts
        Log-likelihood; score (q,) and observed information (q, q), at given parameters.
    solve
        Step from information and score; may raise ``LinAlgError``.
    ran_away
        Whether parameters with this log-likelihood are on their way to infinity.
    tolerance
        A step below this, in every parameter, is the last.

    Returns
    -------
    Parameters and log-likelihood at the maximum; None when there is no finite one.
    """
    parameters, best = start, height(start)
    for _ in range(_STEPS):
        score, information = parts(parameters)
        try:
            step = solve(information, score)
        except np.linalg.LinAlgError:
            return None
        size = 1.0
        while (found := height(parameters + size * step)) < best - 1e-12 * abs(best) and size > 1e-10:
            size /= 2.0
        if np.isfinite(found):
            parameters, best = parameters + size * step, found
        if ran_away(parameters, best):
            return None
        if np.abs(step).max() < tolerance:
            return parameters, best
    return None
