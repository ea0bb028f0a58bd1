"""Weights that make those who answered like those who were invited, one characteristic after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pxanalysis.arrays import FloatArray
from pxanalysis.errors import AnalysisError

__all__ = ["RakedWeights", "rake"]


@dataclass(frozen=True, slots=True, eq=False)
class RakedWeights:
    """Weights by raking.

    Attributes
    ----------
    weights
        One per respondent, mean 1, shape (n,).
    effective_n
        Kish (1965): (Σw)² / Σw²; how many equally weighted answers they are worth.
    iterations
        Rounds until every margin was met within the tolerance.
    """

    weights: FloatArray
    effective_n: float
    iterations: int


def rake(
    categories: Mapping[str, Sequence[str]],
    targets: Mapping[str, Mapping[str, float]],
    *,
    tolerance: float = 1e-9,
    most_rounds: int = 500,
) -> RakedWeights:
    """Iterative proportional fitting to margins (Deming & Stephan 1940; Deville, Särndal & Sautory 1993, raking ratio).

    Parameters
    ----------
    categories
        Per characteristic the category of each respondent, shape (n,).
    targets
        Per characteristic the share of each category among all who could answer; shares are scaled to sum to 1.

    Raises
    ------
    AnalysisError
        When a category with a share has nobody who answered (no weight can stand in for them), somebody is in a
        category without a share, or the margins contradict each other.
    """
    codes, shares = _encode(categories, targets)
    n = len(next(iter(codes.values())))
    weights = np.ones(n)
    for iteration in range(1, most_rounds + 1):
        for name, code in codes.items():
            total = np.bincount(code, weights, len(shares[name])) / n
            weights *= (shares[name] / total)[code]
        gap = max(
            float(np.abs(np.bincount(code, weights, len(shares[name])) / n - shares[name]).max())
            for name, code in codes.items()
        )
        if gap < tolerance:
            return RakedWeights(weights, float(weights.sum() ** 2 / (weights**2).sum()), iteration)
    raise AnalysisError(
        f"raking: after {most_rounds} rounds a margin is still {gap:.2g} off; the shares of {', '.join(codes)} "
        "contradict each other among those who answered. Use fewer characteristics, or join categories."
    )


def _encode(
    categories: Mapping[str, Sequence[str]], targets: Mapping[str, Mapping[str, float]]
) -> tuple[dict[str, np.ndarray], dict[str, FloatArray]]:
    codes, shares = {}, {}
    if not categories or not len(next(iter(categories.values()))):
        raise AnalysisError("raking: expected at least one characteristic and one respondent.")
    for name, values in categories.items():
        levels = {level: share for level, share in targets[name].items() if share > 0}
        strange = sorted(set(values) - levels.keys())
        if strange:
            raise AnalysisError(
                f"raking: '{strange[0]}' of {name} answered but has no share among the invited; correct the margin."
            )
        nobody = sorted(levels.keys() - set(values))
        if nobody:
            raise AnalysisError(
                f"raking: nobody of {name} '{nobody[0]}' answered, so no weight can stand in for them; join it with "
                "another category, and say in the report that they are not heard."
            )
        place = {level: n for n, level in enumerate(levels)}
        codes[name] = np.array([place[value] for value in values])
        total = sum(levels.values())
        shares[name] = np.array([share / total for share in levels.values()])
    return codes, shares
