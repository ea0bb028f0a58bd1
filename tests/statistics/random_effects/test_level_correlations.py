"""Correlations of people within practices, and of practices' means, in the sample and in samples of practices."""

from __future__ import annotations

import numpy as np
import pandas as pd
from prediction_data import CODES, RNG, ROWS

from pxanalysis.statistics.random_effects.level_correlations import correlate_levels


def test_levels_are_those_of_pandas() -> None:
    counts = np.vstack([np.ones(12), RNG.multinomial(12, np.full(12, 1 / 12), 5)]).astype(np.int32)
    found = correlate_levels(ROWS, CODES, counts)
    frame = pd.DataFrame(ROWS)
    means = frame.groupby(CODES).transform("mean")
    np.testing.assert_allclose(found.within, (frame - means).corr().iloc[:2, 2], rtol=1e-10)
    np.testing.assert_allclose(found.between, frame.groupby(CODES).mean().corr().iloc[:2, 2], rtol=1e-10)
    np.testing.assert_allclose(found.within_replicates[0], found.within)
    drawn = np.repeat(np.arange(12), counts[3])
    many = pd.concat([frame[j == CODES].assign(unit=k) for k, j in enumerate(drawn)])
    centred = many[[0, 1, 2]] - many.groupby("unit")[[0, 1, 2]].transform("mean")
    np.testing.assert_allclose(found.within_replicates[3], centred.corr().iloc[:2, 2], rtol=1e-10)
    np.testing.assert_allclose(
        found.between_replicates[3], many.groupby("unit")[[0, 1, 2]].mean().corr().iloc[:2, 2], rtol=1e-10
    )
