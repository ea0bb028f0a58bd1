"""Whether scales measure different things: heterotrait-monotrait ratios with bootstrap upper limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
import pandas as pd

from pxanalysis.arrays import FloatArray, IntArray
from pxanalysis.errors import AnalysisError
from pxanalysis.result import Result, standard_columns
from pxanalysis.statistics.factor.pairwise import pairwise_correlations, pairwise_replicates
from pxanalysis.statistics.inputs import as_generator, check_confidence, check_weights, encode_clusters, numeric_matrix
from pxanalysis.statistics.resampling.weights import draw_counts, resampling_units

__all__ = ["Discriminant", "estimate_discriminant", "heterotrait_monotrait"]


def _pair_means(correlation: FloatArray, rows: IntArray, columns: IntArray, geometric: bool) -> FloatArray:
    """Arithmetic or geometric mean of the absolute correlations of the given cells, (..., p, p) -> (...)."""
    values = np.abs(correlation[..., rows, columns])
    if not geometric:
        mean: FloatArray = values.mean(axis=-1)
        return mean
    logs = np.log(np.maximum(values, np.finfo(np.float64).tiny))
    return np.asarray(np.exp(logs.mean(axis=-1)), dtype=np.float64)


def heterotrait_monotrait(correlation: FloatArray, scales: Sequence[IntArray], *, geometric: bool) -> FloatArray:
    """HTMT (arithmetic, Henseler et al. 2015) or HTMT2 (geometric, Roemer et al. 2021) of every pair of scales.

    Parameters
    ----------
    correlation
        Item correlations, shape (..., p, p); absolute values are used.
    scales
        Item positions of each of the m scales; a scale of one item counts as perfectly consistent.

    Returns
    -------
    Shape (..., m(m-1)/2), pairs in the order of ``itertools.combinations``.
    """
    within = []
    for items in scales:
        if len(items) == 1:
            within.append(np.ones(correlation.shape[:-2]))
            continue
        a, b = np.tril_indices(len(items), -1)
        within.append(_pair_means(correlation, items[a], items[b], geometric))
    ratios = []
    for i, j in combinations(range(len(scales)), 2):
        rows, columns = (part.ravel() for part in np.meshgrid(scales[i], scales[j], indexing="ij"))
        between = _pair_means(correlation, rows, columns, geometric)
        below = np.sqrt(within[i] * within[j])
        ratios.append(np.divide(between, below, out=np.full(below.shape, np.nan), where=below > 0))
    return np.stack(ratios, axis=-1)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Discriminant(Result):
    """HTMT and HTMT2 of every pair of scales.

    Attributes
    ----------
    pairs
        One row per pair: ``scale, other, htmt, htmt_upper, htmt2, htmt2_upper, n, distinct, reason``; the upper
        limits are one-sided percentile limits, ``n`` the smallest number of joint answers to two of their items.
    threshold
        Scales are ``distinct`` when the upper limit of HTMT2 stays under it.
    n_obs, n_units, unit, n_bootstrap, confidence
        Rows used, practices (or respondents) that were resampled, replicates and level of the upper limits.
    """

    pairs: pd.DataFrame
    threshold: float
    n_obs: int
    n_units: int
    unit: str
    n_bootstrap: int
    confidence: float

    def tidy(self) -> pd.DataFrame:
        """One row per pair of scales: ``estimate`` is HTMT, ``ci_high`` its one-sided upper limit."""
        pairs = self.pairs.assign(term=self.pairs["scale"] + " ~ " + self.pairs["other"])
        return standard_columns(pairs.assign(estimate=pairs["htmt"], ci_high=pairs["htmt_upper"]))

    def glance(self) -> pd.DataFrame:
        """One row: sizes, threshold, and how many pairs are distinct."""
        facts = ("n_obs", "n_units", "unit", "n_bootstrap", "confidence", "threshold")
        row: dict[str, object] = {fact: getattr(self, fact) for fact in facts}
        return pd.DataFrame([row | {"n_pairs": len(self.pairs), "n_distinct": int(self.pairs["distinct"].sum())}])

    def table(self, statistic: str = "htmt2") -> pd.DataFrame:
        """Square table of ``htmt``, ``htmt2`` or their ``_upper`` limits, 1 on the diagonal."""
        if statistic not in ("htmt", "htmt_upper", "htmt2", "htmt2_upper"):
            raise AnalysisError(f"statistic: expected htmt, htmt2 or one of them with _upper, received '{statistic}'.")
        names = list(dict.fromkeys([*self.pairs["scale"], *self.pairs["other"]]))
        square = pd.DataFrame(np.eye(len(names)), index=names, columns=names)
        for one, other, value in self.pairs[["scale", "other", statistic]].itertuples(index=False):
            square.loc[one, other] = square.loc[other, one] = value
        return square


def estimate_discriminant(
    data: object,
    scales: Mapping[str, Sequence[str]],
    *,
    clusters: object = None,
    weights: object = None,
    threshold: float = 0.9,
    confidence: float = 0.95,
    n_bootstrap: int = 1000,
    seed: np.random.Generator | int = 0,
) -> Discriminant:
    """Estimate HTMT and HTMT2 of every pair of scales, with upper limits from a bootstrap of practices.

    Correlations are taken over the rows that answer both items, so that a contact some patients never have
    (planned missingness) does not cost the others.

    Parameters
    ----------
    data
        DataFrame with the items of all scales, pointing the same way, NaN where missing.
    scales
        Items of each scale; scales do not share items.
    clusters
        Practice of each row; None (or one practice) resamples respondents.
    threshold
        Under which the upper limit of HTMT2 shows that two scales differ: .85 or .90 (a test against a limit below 1,
        not against 0).

    Raises
    ------
    AnalysisError
        With fewer than two scales, a scale without items, an item in two scales, or wrong input, by name.
    """
    names = list(scales)
    items = [str(item) for name in names for item in scales[name]]
    _check_scales(scales, items)
    matrix = numeric_matrix(data, items)
    case_weights = check_weights(weights, len(matrix.numbers))
    codes, _ = encode_clusters(clusters, len(matrix.numbers))
    rows = np.flatnonzero(np.isfinite(matrix.numbers).any(axis=1) & (case_weights > 0))
    rng = as_generator(seed)
    units = resampling_units(codes[rows], rng)
    values, used_weights = matrix.numbers[rows], case_weights[rows]
    starts = np.cumsum([0, *(len(scales[name]) for name in names)])
    places = [np.arange(low, high) for low, high in pairwise(starts)]
    if n_bootstrap:
        counts = draw_counts(units.count, n_bootstrap, rng)
        replicates = pairwise_replicates(values, used_weights, units.of_row, counts)
    else:
        replicates = np.empty((0, len(items), len(items)))
    correlation = pairwise_correlations(values, used_weights)
    answered = np.isfinite(values).astype(np.float64)
    pairs = _pairs(correlation, replicates, places, names, answered.T @ answered, check_confidence(confidence))
    upper = pairs["htmt2_upper"]
    return Discriminant(
        pairs=pairs.assign(distinct=(upper < threshold) & upper.notna())[PAIR_COLUMNS],
        threshold=threshold,
        n_obs=int(rows.size),
        n_units=units.count,
        unit=units.kind,
        n_bootstrap=n_bootstrap,
        confidence=confidence,
    )


PAIR_COLUMNS = ["scale", "other", "htmt", "htmt_upper", "htmt2", "htmt2_upper", "n", "distinct", "reason"]


def _check_scales(scales: Mapping[str, Sequence[str]], items: list[str]) -> None:
    if len(scales) < 2:
        raise AnalysisError(f"scales: expected at least two, received {len(scales)}.")
    empty = [name for name, members in scales.items() if len(members) == 0]
    if empty:
        raise AnalysisError(f"scales: '{empty[0]}' has no items.")
    shared = sorted({item for item in items if items.count(item) > 1})
    if shared:
        raise AnalysisError(f"scales: item '{shared[0]}' belongs to more than one scale; give it to one of them.")


def _pairs(
    correlation: FloatArray,
    replicates: FloatArray,
    places: list[IntArray],
    names: list[str],
    joint: FloatArray,
    confidence: float,
) -> pd.DataFrame:
    columns: dict[str, FloatArray] = {}
    for term, geometric in (("htmt", False), ("htmt2", True)):
        columns[term] = heterotrait_monotrait(correlation, places, geometric=geometric)
        draws = heterotrait_monotrait(replicates, places, geometric=geometric)
        columns[f"{term}_upper"] = np.array([_quantile(column, confidence) for column in draws.T])
    both = list(combinations(range(len(names)), 2))
    n = [int(joint[np.ix_([*places[i], *places[j]], [*places[i], *places[j]])].min()) for i, j in both]
    missing = np.isnan(columns["htmt2"])
    undrawn = "" if len(replicates) else "no bootstrap samples were drawn, so there is no upper limit"
    reason = np.where(missing, "an item is constant, or two of their items were never answered together", undrawn)
    frame = pd.DataFrame({"scale": [names[i] for i, _ in both], "other": [names[j] for _, j in both], **columns})
    return frame.assign(n=n, reason=reason)


def _quantile(values: FloatArray, confidence: float) -> float:
    usable = values[np.isfinite(values)]
    return float(np.quantile(usable, confidence)) if usable.size > 1 else np.nan
