"""Scores of respondents on latent variables: by regression (Thurstone) or Bartlett's unbiased ones."""

from __future__ import annotations

import numpy as np

from pxanalysis.arrays import FloatArray
from pxanalysis.statistics.covariance_structure.structure import ARROW, TWO_HEADED, Structure, imply
from pxanalysis.statistics.moments.em import find_patterns

__all__ = ["bartlett_scores", "regression_scores"]


def regression_scores(structure: Structure, theta: FloatArray, rows: FloatArray, mean: FloatArray) -> FloatArray:
    """Expected latents given what was answered, shape (n, m), for rows (n, p) with NaN where missing.

    ``mean`` (p,) is what rows deviate from when the model has no means.
    """
    implied = imply(structure, theta[None])
    p = structure.n_observed
    centre = implied.mean[0] if structure.has_means else mean
    scores = np.full((len(rows), structure.n_variables - p), np.nan)
    patterns = find_patterns(rows)
    for number, seen in enumerate(patterns.observed):
        of = patterns.of_row == number
        if not seen.any():
            continue
        weights = np.linalg.solve(implied.cov[0][np.ix_(seen, seen)], implied.all_cov[0][:p][seen][:, p:])
        scores[of] = (rows[of][:, seen] - centre[seen]) @ weights + implied.all_mean[0, p:]
    return scores


def bartlett_scores(structure: Structure, theta: FloatArray, rows: FloatArray, mean: FloatArray) -> FloatArray:
    """Generalised least squares of items on latents, shape (n, m); NaN for rows with a missing item."""
    p, v = structure.n_observed, structure.n_variables
    arrows, between = np.zeros((v, v)), np.zeros((v, v))
    values = structure.value.copy()
    values[structure.free] = theta[structure.parameter[structure.free]]
    one, two = structure.kind == ARROW, structure.kind == TWO_HEADED
    arrows[structure.row[one], structure.column[one]] = values[one]
    between[structure.row[two], structure.column[two]] = between[structure.column[two], structure.row[two]] = values[
        two
    ]
    items = np.flatnonzero((arrows[:p, p:] != 0).any(axis=1))
    loadings = arrows[:p, p:][items]
    weighted = np.linalg.solve(between[np.ix_(items, items)], loadings)
    centre = mean
    if structure.has_means:
        centre = np.zeros(p)
        level = structure.kind == 2
        at = np.zeros(v)
        at[structure.row[level]] = values[level]
        centre = at[:p]
    scores: FloatArray = (rows[:, items] - centre[items]) @ np.linalg.solve(loadings.T @ weighted, weighted.T).T
    return scores
