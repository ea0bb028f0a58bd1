"""Tests of: How well a score tells two classes apart: the area under the ROC curve with DeLong's errors."""

from __future__ import annotations

import numpy as np
import pytest
from prediction_data import CODES, RNG, ROWS

from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.prediction.discrimination import areas_under_curve, replicate_areas


def test_areas_in_samples_are_areas_of_the_sampled_rows() -> None:
    scores, positive = np.rint(ROWS[:, :2]), ROWS[:, 2] > 0
    counts = RNG.multinomial(12, np.full(12, 1 / 12), 4).astype(np.int32)
    found = replicate_areas(scores, positive, CODES, counts)
    for sample, row in zip(found, counts, strict=True):
        rows = np.concatenate([np.flatnonzero(j == CODES) for j in np.repeat(np.arange(12), row)])
        np.testing.assert_allclose(sample, areas_under_curve(scores[rows], positive[rows]).estimate)


def test_an_area_needs_two_of_each_class() -> None:
    with pytest.raises(NotEstimableError, match="1 positive and 3 negative"):
        areas_under_curve(np.arange(4.0)[:, None], np.array([True, False, False, False]))
