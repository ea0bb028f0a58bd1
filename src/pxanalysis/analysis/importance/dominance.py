"""Dominance of one driver over another: on average, per model size, and in every model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
import pandas as pd

from pxanalysis.analysis.drivers.model import DriverModel
from pxanalysis.arrays import FloatArray
from pxanalysis.result import Result, standard_columns
from pxanalysis.statistics.regression.explained_variance import subset_r2, subset_sizes
from pxanalysis.statistics.relative_importance.shapley import member_sums

__all__ = [
    "DominanceResult",
    "complete_dominance",
    "conditional_dominance",
    "estimate_dominance",
    "general_dominance",
]


def conditional_dominance(covariance: FloatArray, *, outcome: int = -1, always: Sequence[int] = ()) -> FloatArray:
    """Mean gain in R² of a driver when it is one of 1, 2, ... p drivers in the model.

    Parameters
    ----------
    covariance
        Covariance or correlation matrix of drivers and outcome, shape (p+1, p+1).

    Returns
    -------
    Array of shape (p, p): driver, number of drivers in the model less one; proportions of the outcome's variance.

    Notes
    -----
    Azen & Budescu (2003), doi:10.1037/1082-989X.8.2.129.
    """
    explained = subset_r2(covariance, outcome=outcome, always=always)
    players = explained.shape[0].bit_length() - 1
    sizes = subset_sizes(players)
    by_size = np.stack([np.where(sizes == size, explained, 0.0) for size in range(players + 1)], axis=1)
    member = member_sums(by_size)
    total = by_size.sum(axis=0)
    models = np.array([comb(players - 1, size) for size in range(players)])
    return np.asarray((member[:, 1:] - (total[:-1] - member[:, :-1])) / models)


def general_dominance(covariance: FloatArray, *, outcome: int = -1, always: Sequence[int] = ()) -> FloatArray:
    """Mean of the conditional values over the model sizes, shape (p,): the same as the LMG shares."""
    return np.asarray(conditional_dominance(covariance, outcome=outcome, always=always).mean(axis=1))


def complete_dominance(covariance: FloatArray, *, outcome: int = -1, always: Sequence[int] = ()) -> FloatArray:
    """Proportion of the models without both in which driver i would add more than driver j.

    Parameters
    ----------
    covariance
        Covariance or correlation matrix of drivers and outcome, shape (p+1, p+1).

    Returns
    -------
    Array of shape (p, p), NaN on the diagonal; 1 means that row dominates column completely.

    Notes
    -----
    Azen & Budescu (2003), doi:10.1037/1082-989X.8.2.129.
    """
    explained = subset_r2(covariance, outcome=outcome, always=always)
    players = explained.shape[0].bit_length() - 1
    cube = explained.reshape((2,) * players)
    table = np.full((players, players), np.nan)
    for one in range(players):
        for other in range(one):
            axes = (players - 1 - one, players - 1 - other)
            first, second = np.moveaxis(cube, axes, (0, 1))[[1, 0], [0, 1]]
            table[one, other] = np.mean(first > second)
            table[other, one] = np.mean(second > first)
    return table


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DominanceResult(Result):
    """Which driver dominates which, and how thoroughly.

    Attributes
    ----------
    pairs
        One row per pair, the generally dominant one first: ``term, other, estimate`` (difference of their general
        dominance, which is that of their LMG shares), ``complete`` (proportion of models without both in which
        ``term`` adds more), ``dominance``: ``complete`` (in every model), ``conditional`` (on average at every model
        size), ``general`` (on average over the sizes).
    conditional
        Mean gain in R² by driver (row) and number of drivers in the model (column 1 ... p).
    complete
        Proportion of models in which the row's driver adds more than the column's.
    r2
        Proportion of variance explained.
    """

    pairs: pd.DataFrame
    conditional: pd.DataFrame
    complete: pd.DataFrame
    r2: float

    def tidy(self) -> pd.DataFrame:
        """One row per pair of drivers, see ``pairs``."""
        return standard_columns(self.pairs)

    def glance(self) -> pd.DataFrame:
        """One row: number of drivers, R², and how many pairs are dominated completely, conditionally, generally."""
        levels = self.pairs["dominance"].value_counts()
        counts = {f"n_{level}": int(levels.get(level, 0)) for level in ("complete", "conditional", "general")}
        return pd.DataFrame([{"n_drivers": len(self.conditional), "r2": self.r2, **counts}])


def estimate_dominance(model: DriverModel) -> DominanceResult:
    """Compare all pairs of drivers of a model over all models that the others make (at most 25 drivers)."""
    always = range(len(model.design.covariates))
    part = model.covariance[-1, -1] / model.total_variance
    conditional = conditional_dominance(model.covariance, always=always) * part
    complete = complete_dominance(model.covariance, always=always)
    general = conditional.mean(axis=1)
    order = np.argsort(-general, kind="stable").tolist()
    rows = []
    for position, one in enumerate(order):
        for other in order[position + 1 :]:
            everywhere = bool((conditional[one] > conditional[other]).all())
            level = "complete" if complete[one, other] == 1 else "conditional" if everywhere else "general"
            rows.append(
                {
                    "term": model.drivers[one],
                    "other": model.drivers[other],
                    "estimate": general[one] - general[other],
                    "complete": complete[one, other],
                    "dominance": level,
                }
            )
    names = list(model.drivers)
    return DominanceResult(
        pairs=pd.DataFrame(rows, columns=["term", "other", "estimate", "complete", "dominance"]),
        conditional=pd.DataFrame(conditional, index=names, columns=range(1, len(names) + 1)),
        complete=pd.DataFrame(complete, index=names, columns=names),
        r2=model.r2,
    )
