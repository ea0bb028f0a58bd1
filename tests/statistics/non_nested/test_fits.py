"""A criterion explained by some columns: least squares when it is continuous, logistic regression when it is
binary.
"""

from __future__ import annotations

import numpy as np
import pytest

from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.non_nested import fit_model


def test_one_class_and_a_perfect_metric_are_refused() -> None:
    with pytest.raises(NotEstimableError, match="one class"):
        fit_model(np.ones(9), np.arange(9.0)[:, None], "binary")
    with pytest.raises(NotEstimableError, match="without any error"):
        fit_model(np.zeros(9), np.arange(9.0)[:, None], "continuous")
