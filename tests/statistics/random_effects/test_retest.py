"""The same people asked twice: how far the two answers agree, and how large a change has to be to mean anything."""

from __future__ import annotations

import numpy as np
import pytest

from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.random_effects.retest import estimate_retest


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [(np.arange(4.0), np.arange(4.0), "at least 5"), (np.arange(9.0), np.arange(9.0) + 1, "do not differ")],
)
def test_retest_edges(first: np.ndarray, second: np.ndarray, words: str) -> None:
    with pytest.raises(NotEstimableError, match=words):
        estimate_retest(first, second)
