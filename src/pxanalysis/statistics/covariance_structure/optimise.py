"""Climbing to the maximum: Fisher scoring with step halving, then Newton steps, and whether it is one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pxanalysis.arrays import FloatArray

__all__ = ["Optimum", "Problem", "climb", "climb_slowly", "rank_deficient"]

MAX_ITER = 120
RUNAWAY = 1e4
"""In standard units a parameter of this size says that there is no maximum to arrive at."""

DECREMENT = 1e-22
"""Half the expected change of the objective that is still to be had, per respondent, at which it stops."""

NEAR = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """An objective of parameters (q,): its value, gradient, a positive semi-definite metric, and its Hessian."""

    value: Callable[[FloatArray], float]
    gradient: Callable[[FloatArray], FloatArray]
    metric: Callable[[FloatArray], FloatArray]
    hessian: Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, slots=True, eq=False)
class Optimum:
    """Where it stopped.

    Attributes
    ----------
    theta
        Shape (q,).
    value, largest_gradient, n_iter, converged
        Objective, largest absolute gradient, iterations, and whether nothing is left to gain.
    """

    theta: FloatArray
    value: float
    largest_gradient: float
    n_iter: int
    converged: bool


def _solve(metric: FloatArray, slope: FloatArray) -> FloatArray:
    """Step along a metric that may be singular; the ridge grows until it is positive definite."""
    scale = np.sqrt(np.maximum(np.diag(metric), 1e-12))
    scaled = metric / np.outer(scale, scale)
    ridge = 0.0
    for _ in range(12):
        try:
            factor = np.linalg.cholesky(scaled + ridge * np.eye(len(scale)))
        except np.linalg.LinAlgError:
            ridge = max(10 * ridge, 1e-8)
            continue
        half = np.linalg.solve(factor, slope / scale)
        step: FloatArray = np.linalg.solve(factor.T, half) / scale
        return step
    plain: FloatArray = slope / scale**2
    return plain


def climb(problem: Problem, start: FloatArray, *, max_iter: int = MAX_ITER) -> Optimum:
    """Minimise ``problem`` from ``start`` (q,)."""
    theta, value, iteration, decrement = start.copy(), problem.value(start), 0, np.inf
    for iteration in range(1, max_iter + 1):
        slope = problem.gradient(theta)
        near = decrement < NEAR
        step = _solve((problem.hessian if near else problem.metric)(theta), slope)
        if near and slope @ step <= 0:
            step = _solve(problem.metric(theta), slope)
        decrement = float(slope @ step)
        if decrement < DECREMENT:
            return Optimum(theta, value, float(np.abs(slope).max(initial=0.0)), iteration, True)
        theta, value, moved = _halve(problem, theta, value, step, decrement)
        if np.abs(theta).max() > RUNAWAY:
            break
        if not moved:
            slope = problem.gradient(theta)
            return Optimum(theta, value, float(np.abs(slope).max(initial=0.0)), iteration, decrement < 1e-14)
    slope = problem.gradient(theta)
    return Optimum(theta, value, float(np.abs(slope).max(initial=0.0)), iteration, False)


def climb_slowly(problem: Problem, start: FloatArray) -> Optimum:
    """Minimise by BFGS, for starts from which full steps lead astray, and finish by ``climb``."""
    from scipy.optimize import minimize

    def value(theta: FloatArray) -> float:
        found = problem.value(theta)
        return found if np.isfinite(found) else 1e10

    with np.errstate(all="ignore"):
        near = minimize(value, start, jac=problem.gradient, method="BFGS", options={"maxiter": 2000, "gtol": 1e-7})
    return climb(problem, np.asarray(near.x, dtype=np.float64), max_iter=40)


def _halve(
    problem: Problem, theta: FloatArray, value: float, step: FloatArray, decrement: float
) -> tuple[FloatArray, float, bool]:
    """Take the longest of the halved steps that does not raise the objective (rounding aside)."""
    slack = 1e-12 * max(1.0, abs(value)) if decrement < NEAR else 0.0
    length = 1.0
    for _ in range(30):
        tried = theta - length * step
        new = problem.value(tried)
        if np.isfinite(new) and new <= value + slack:
            return tried, new, True
        length /= 2
    return theta, value, False


def rank_deficient(information: FloatArray) -> FloatArray:
    """Directions in which the information is (nearly) nil, in units of the parameters' own; shape (k, q), k may be 0.

    An information matrix without full rank says that the model is not identified (Rothenberg 1971).
    """
    scale = np.sqrt(np.maximum(np.diag(information), 1e-300))
    values, vectors = np.linalg.eigh(information / np.outer(scale, scale))
    directions: FloatArray = vectors.T[values < 1e-9]
    return directions
