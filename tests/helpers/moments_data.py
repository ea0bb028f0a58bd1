"""What tests of several rooms share: means and covariances: against lavaan, against a known truth, and under
every wrong input.
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from places import TESTS

from pxanalysis.statistics.moments.estimate import estimate_moments

REFERENCE = TESTS / "reference" / "sem"


HS = [f"x{i}" for i in range(1, 10)]


def reference(name: str) -> dict:
    return json.loads((REFERENCE / name).read_text())


@pytest.fixture(scope="module")
def hs() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "hs_missing10.csv")[HS]


@pytest.fixture(scope="module")
def hs_fiml(hs):
    return estimate_moments(hs)


def planned_missing(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Normal rows, the same with column 2 missing whenever column 0 is high (missing at random), and the truth."""
    rng = np.random.default_rng(seed)
    cov = np.array([[1.0, 0.6, 0.7], [0.6, 2.0, 0.5], [0.7, 0.5, 1.5]])
    rows = rng.multivariate_normal([0.0, 1.0, 2.0], cov, n)
    holed = rows.copy()
    holed[rows[:, 0] > 0.3, 2] = np.nan
    return rows, holed, cov
