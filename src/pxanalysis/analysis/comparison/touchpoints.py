"""Are the metrics driven by the same touchpoints: profiles of importance, and how far apart two of them are."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import polars as pl

from pxanalysis.analysis.comparison.association import adjust_family, resample
from pxanalysis.analysis.comparison.sample import ComparisonSample
from pxanalysis.analysis.drivers.fit import fit_drivers
from pxanalysis.analysis.drivers.model import DriverModel
from pxanalysis.analysis.importance.shares import share_out
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.resampling.few_practices import bootstrap_expansion

if TYPE_CHECKING:
    from pxanalysis.journey.model import Text

__all__ = ["Profiles", "compare_profiles"]

Profiles = tuple[pd.DataFrame, pd.DataFrame]

FEWEST_SAMPLES = 100


def compare_profiles(sample: ComparisonSample, n_bootstrap: int, seed: int, confidence: float) -> Profiles:
    """Compare which touchpoints the metrics are driven by.

    A metric's profile is the share of each touchpoint in what all touchpoints explain of it (LMG). The distance of two
    profiles is half the sum of the absolute differences: 0 the same, 1 nothing in common.

    Returns
    -------
    profiles
        One row per metric and touchpoint: ``term, touchpoint, label, estimate`` (share, sums to 1), ``std_error,
        ci_low, ci_high, r2``.
    distances
        One row per pair: ``term, first, second, n, estimate`` (distance), ``by_chance`` (95 % of samples in which both
        had the same profile stay below it), ``p_value`` (share of those samples that are at least as far apart),
        ``p_holm, reason``.

    Notes
    -----
    A distance is never below 0, so an interval around it says nothing of equality. The replicates' deviations from the
    profiles found are what samples would show if the profiles were the same.
    """
    names = [metric.id for metric in sample.metrics]
    answered = sample.responses.where(pl.all_horizontal(pl.col(names).is_not_null()))
    models = [fit_drivers(answered, name, n_bootstrap=n_bootstrap, seed=seed, cross_validate=False) for name in names]
    shares = [_profile(model, share_out(model, model.covariance)) for model in models]
    draws = _shared_draws(models, n_bootstrap, seed)
    units = resample(models[0].design.codes if len(models[0].design.practices) > 1 else None, answered.n, confidence)
    labels = {t.id: _in_english(t.label) for t in sample.responses.journey.touchpoints}
    rows = [
        {
            "term": name,
            "touchpoint": touchpoint,
            "label": labels[touchpoint],
            **units.row(float(share[t]), draw[:, t]),
            "r2": model.r2,
        }
        for name, model, share, draw in zip(names, models, shares, draws, strict=True)
        for t, touchpoint in enumerate(model.drivers)
    ]
    distances = []
    for i, j in combinations(range(len(names)), 2):
        gap = shares[i] - shares[j]
        chance = np.abs(draws[i] - draws[j] - gap).sum(axis=1) / 2.0
        chance *= bootstrap_expansion(units.units, confidence)
        found = float(np.abs(gap).sum() / 2.0)
        distances.append(
            {
                "term": f"{names[i]} − {names[j]}",
                "first": names[i],
                "second": names[j],
                "n": answered.n,
                "estimate": found,
                "by_chance": float(np.quantile(chance, confidence)),
                "p_value": np.nan if units.reason else float((1 + (chance >= found).sum()) / (1 + chance.size)),
                "reason": units.reason,
            }
        )
    table = pd.DataFrame(distances)
    return pd.DataFrame(rows).drop(columns="p_value"), table.assign(p_holm=adjust_family(table["p_value"]))


def _in_english(text: Text) -> str:
    return text["en" if "en" in text.languages else sorted(text.languages)[0]]


def _profile(model: DriverModel, shares: FloatArray) -> FloatArray:
    """Shares of what is explained: shape (..., p), summing to 1."""
    total = shares.sum(axis=-1, keepdims=True)
    if np.ndim(shares) == 1 and not total[0] > 0:
        raise NotEstimableError(f"the touchpoints explain nothing of '{model.outcome}', so it has no profile.")
    return np.asarray(shares / np.where(total > 0, total, np.nan))


def _shared_draws(models: list[DriverModel], n_bootstrap: int, seed: int) -> list[FloatArray]:
    """Profiles (B', p) in the samples that all models can use; the samples are the same for all."""
    drivers = {model.drivers for model in models}
    if len(drivers) > 1:
        raise NotEstimableError("not every touchpoint can be used for every metric, so profiles cannot be compared.")
    found = [model.bootstrap(n_bootstrap, seed=seed) for model in models]
    if any(not np.array_equal(one.counts, found[0].counts) for one in found[1:]):
        raise NotEstimableError("the metrics were answered in different practices; profiles cannot be compared.")
    shares = [
        _profile(model, share_out(model, one.covariance, met_variance=one.met_variance))
        for model, one in zip(models, found, strict=True)
    ]
    usable = np.logical_and.reduce([np.isfinite(share).all(axis=1) for share in shares])
    if usable.sum() < min(FEWEST_SAMPLES, n_bootstrap):
        raise NotEstimableError(f"only {int(usable.sum())} of {n_bootstrap} samples could be used.", "bootstrap_failed")
    return [share[usable] for share in shares]
