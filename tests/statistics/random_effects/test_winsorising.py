"""Tests of: How much of the spread of normal values winsorising takes away, for samples of any size."""

from __future__ import annotations

import numpy as np
import pytest

from pxanalysis.statistics.random_effects.winsorising import winsorised_share


@pytest.mark.parametrize(("k", "winsorise"), [(2, 0.1), (3, 0.2), (10, 0.1), (11, 0.1), (25, 0.45), (300, 0.1)])
def test_what_winsorising_leaves_of_normal_values(k: int, winsorise: float) -> None:
    z = np.random.default_rng(k).normal(size=(max(2000, 400_000 // k), k))
    z -= z.mean(axis=1, keepdims=True)
    low, high = np.quantile(z, [winsorise, 1 - winsorise], axis=1, keepdims=True)
    kept = (np.clip(z, low, high) ** 2).sum(axis=1) / (k - 1)
    error = kept.std() / np.sqrt(len(kept))
    assert winsorised_share(k, winsorise) == pytest.approx(kept.mean(), abs=4 * error)
    assert winsorised_share(301, winsorise) == pytest.approx(winsorised_share(300, winsorise), abs=2e-3)
