"""Tests of: Whose spread the error of a practice rests on: that of all patients together, its own, or the more
cautious one.
"""

from __future__ import annotations

import numpy as np
import pytest
from practices_data import codes  # noqa: F401

from pxanalysis.analysis.practices.spread import half_widths, uncertainties
from pxanalysis.statistics.random_effects.shrinkage import difference_from_mean
from pxanalysis.statistics.regression.fixed_effects import fit_fixed_effects


def _different_by_chance(sd: np.ndarray, sizes: np.ndarray, draw: str, samples: int = 400) -> dict[str, np.ndarray]:
    """Share of samples in which each of the practices, all with one mean, is called different."""
    rng = np.random.default_rng(31)
    codes = np.repeat(np.arange(sizes.size), sizes)
    spread = sd[codes]
    found = {name: np.zeros(sizes.size) for name in ("pooled", "separate", "wider")}
    for _ in range(samples):
        if draw == "normal":
            y = 8.5 + spread * rng.normal(size=codes.size)
        else:  # one in ten very dissatisfied
            y = 8.5 + spread * np.where(rng.random(codes.size) < 0.1, -3.0, 1 / 3)
        fit = fit_fixed_effects(y, np.zeros((codes.size, 0)), codes, sizes.size)
        _, delta, _ = difference_from_mean(fit.adjusted, fit.error, np.ones(sizes.size))
        for name in found:
            _, of = uncertainties(fit, np.ones(sizes.size), name, 0.95)
            found[name] += np.abs(delta) > half_widths(of, 0.95)
    return {name: count / samples for name, count in found.items()}


SIZES = np.array([12, 15, 18, 22, 25, 30, 40, 45, 50, 60, 70, 84, 100, 120])


@pytest.mark.slow
def test_practices_of_unequal_spread_are_not_called_different_too_often() -> None:
    """With 400 samples of 6 small practices the standard error of a share of .05 is .0045; three are allowed for."""
    small = SIZES < 40
    wide = _different_by_chance(np.where(small, 1.6, 1.0), SIZES, "normal")
    assert wide["pooled"][small].mean() > 0.12, "the fault that the wider interval is for"
    assert wide["wider"][small].mean() < 0.05 + 0.014
    narrow = _different_by_chance(np.where(small, 0.6, 1.2), SIZES, "normal")
    assert narrow["wider"].mean() < 0.05
    equal = _different_by_chance(np.ones(SIZES.size), SIZES, "normal")
    assert 0.02 < equal["wider"].mean() < 0.05
    skewed = _different_by_chance(np.ones(SIZES.size), SIZES, "skewed")
    assert skewed["separate"][:3].mean() > 0.10, "a few alike answers seem certain"
    assert skewed["wider"].mean() < 0.05
