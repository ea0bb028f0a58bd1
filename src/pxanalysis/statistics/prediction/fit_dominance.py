"""Dominance of a few predictors by any index of fit that rises with the model (R², McFadden, Tjur)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pxanalysis.arrays import FloatArray
from pxanalysis.statistics.non_nested.fits import CriterionKind, ModelFit, fit_model
from pxanalysis.statistics.regression.explained_variance import subset_sizes
from pxanalysis.statistics.relative_importance.shapley import member_sums

__all__ = ["Dominance", "FitIndex", "dominance_of_subsets", "fit_index", "subset_fits"]


@dataclass(frozen=True, slots=True, eq=False)
class Dominance:
    """Azen & Budescu (2003), doi:10.1037/1082-989X.8.2.129; for logit models Azen & Traxel (2009).

    Attributes
    ----------
    full
        Index of the model with all p predictors.
    general
        Mean of ``conditional`` over the model sizes, shape (p,); sums to ``full``.
    conditional
        Mean gain of a predictor beside 0, 1, … p−1 others, shape (p, p).
    complete
        Proportion of submodels in which the row adds more than the column, (p, p), NaN on the diagonal.
    """

    full: float
    general: FloatArray
    conditional: FloatArray
    complete: FloatArray


def dominance_of_subsets(values: FloatArray) -> Dominance:
    """Dominance from the index of every subset, shape (2^p,); predictor j is bit j of the position.

    Examples
    --------
    >>> found = dominance_of_subsets(np.array([0.0, 0.3, 0.1, 0.35]))
    >>> found.general.round(3).tolist(), float(found.complete[0, 1])
    ([0.275, 0.075], 1.0)
    """
    players = values.size.bit_length() - 1
    sizes = subset_sizes(players)
    by_size = np.stack([np.where(sizes == size, values, 0.0) for size in range(players + 1)], axis=1)
    member, total = member_sums(by_size), by_size.sum(axis=0)
    models = np.array(
        [np.count_nonzero((sizes == size) & (np.arange(values.size) & 1 == 0)) for size in range(players)]
    )
    conditional = (member[:, 1:] - (total[:-1] - member[:, :-1])) / models
    complete = np.full((players, players), np.nan)
    subsets = np.arange(values.size)
    for one in range(players):
        for other in range(players):
            if one != other:
                without = subsets[(subsets >> one & 1 == 0) & (subsets >> other & 1 == 0)]
                complete[one, other] = np.mean(values[without | 1 << one] > values[without | 1 << other])
    return Dominance(float(values[-1]), conditional.mean(axis=1), conditional, complete)


def subset_fits(criterion: FloatArray, columns: FloatArray, kind: CriterionKind) -> list[ModelFit]:
    """Fit every subset of the columns (n, p), 2^p models, column j in those whose bit j is set."""
    players = columns.shape[1]
    return [
        fit_model(criterion, columns[:, [j for j in range(players) if subset >> j & 1]], kind)
        for subset in range(1 << players)
    ]


FitIndex = npt.NDArray[np.float64]


def fit_index(fits: list[ModelFit], criterion: FloatArray, index: str) -> FitIndex:
    """Index of each model: ``r2``, ``mcfadden`` (1 − ℓ/ℓ₀, the first model being the empty one) or ``tjur``."""
    if index == "r2":
        return np.array([1.0 - ((criterion - fit.fitted) ** 2).mean() / criterion.var() for fit in fits])
    if index == "mcfadden":
        empty = float(fits[0].loglik.sum())
        return np.array([1.0 - float(fit.loglik.sum()) / empty for fit in fits])
    yes = criterion == 1
    return np.array([float(fit.fitted[yes].mean() - fit.fitted[~yes].mean()) for fit in fits])
