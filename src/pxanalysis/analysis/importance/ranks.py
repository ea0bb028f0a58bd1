"""From replicates to intervals, ranks and the chance of being among the first."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from pxanalysis.arrays import FloatArray
from pxanalysis.statistics.resampling.intervals import bootstrap_interval

__all__ = ["pairwise_differences", "rank_drivers", "summarise_ranks"]


def rank_drivers(values: FloatArray) -> FloatArray:
    """Rank along the last axis, 1 for the largest; equals share the mean rank."""
    return np.asarray(rankdata(-values, axis=-1), dtype=np.float64)


def summarise_ranks(estimate: FloatArray, replicates: FloatArray, confidence: float) -> pd.DataFrame:
    """Rank of each driver with its interval and the proportion of samples in which it is among the first 1 and 3.

    Parameters
    ----------
    estimate, replicates
        Shapes (p,) and (B, p).

    Returns
    -------
    DataFrame of p rows: ``rank, rank_low, rank_high, p_top1, p_top3``. The interval holds whole ranks that samples
    really had.

    Examples
    --------
    >>> summarise_ranks(np.array([0.3, 0.1]), np.array([[0.3, 0.1], [0.1, 0.2]]), 0.95)[["rank", "p_top1"]]
       rank  p_top1
    0     1     0.5
    1     2     0.5
    """
    ranks = rank_drivers(replicates)
    tail = 0.5 - confidence / 2
    return pd.DataFrame(
        {
            "rank": np.floor(rank_drivers(estimate)).astype(np.int64),
            "rank_low": np.quantile(ranks, tail, axis=0, method="inverted_cdf").astype(np.int64),
            "rank_high": np.quantile(ranks, 1 - tail, axis=0, method="inverted_cdf").astype(np.int64),
            "p_top1": (ranks <= 1).mean(axis=0),
            "p_top3": (ranks <= 3).mean(axis=0),
        }
    )


def pairwise_differences(
    names: tuple[str, ...], estimate: FloatArray, replicates: FloatArray, confidence: float
) -> pd.DataFrame:
    """Difference in importance of every pair of drivers with its percentile interval.

    Returns
    -------
    DataFrame of p(p-1)/2 rows, the larger first: ``term, other, estimate, ci_low, ci_high`` and ``p_greater``, the
    proportion of bootstrap samples in which ``term`` is the more important one.
    """
    order = np.argsort(-estimate, kind="stable")
    rows = []
    for position, one in enumerate(order):
        for other in order[position + 1 :]:
            differences = replicates[:, one] - replicates[:, other]
            low, high = bootstrap_interval(np.zeros(1), differences[:, None], confidence)
            rows.append(
                {
                    "term": names[one],
                    "other": names[other],
                    "estimate": estimate[one] - estimate[other],
                    "ci_low": low[0],
                    "ci_high": high[0],
                    "p_greater": float((differences > 0).mean()),
                }
            )
    return pd.DataFrame(rows, columns=["term", "other", "estimate", "ci_low", "ci_high", "p_greater"])
