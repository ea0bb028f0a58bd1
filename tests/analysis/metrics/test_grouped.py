"""Tests of: Sums per group that every metric is made from: one pass over the answers, no loop over groups."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from metrics_data import TIGHT, R, patients  # noqa: F401

from pxanalysis.analysis.metrics.grouped import group_quantile, group_sums


def test_pooled_mean_coverage_with_clusters() -> None:
    """Thirty practices that differ: the pooled interval must cover the mean over practices, a naive one does not."""
    rng = np.random.default_rng(11)
    hits, naive, runs = 0, 0, 1500
    codes = np.repeat(np.arange(30), 20)
    zeros, ones = np.zeros(600, dtype=np.intp), np.ones(600)
    from scipy.stats import t as student

    for _ in range(runs):
        values = rng.normal(0, 0.5, 30)[codes] + rng.normal(size=600)
        sums = group_sums(values, zeros, 1, ones, codes)
        hits += abs(sums.mean[0]) < student.ppf(0.975, sums.df[0]) * sums.error[0]
        naive += abs(sums.mean[0]) < 1.96 * values.std(ddof=1) / math.sqrt(600)
    assert 0.93 < hits / runs < 0.97
    assert naive / runs < 0.80


# --- Survey statistics against R ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("design", "column", "weighted", "clustered"),
    [
        ("clustered", "grade", False, True),
        ("weighted", "grade", True, False),
        ("both", "grade", True, True),
        ("both_binary", "binary", True, True),
    ],
)
def test_survey_package(patients: pd.DataFrame, design: str, column: str, weighted: bool, clustered: bool) -> None:
    """R survey 4.1-1 svymean (reference.R); 1e-9, R printed 12 digits."""
    n = len(patients)
    weights = patients["weight"].to_numpy() if weighted else np.ones(n)
    clusters = pd.factorize(patients["practice"])[0].astype(np.intp) if clustered else None
    sums = group_sums(patients[column].to_numpy(float), np.zeros(n, dtype=np.intp), 1, weights, clusters)
    assert sums.mean[0] == pytest.approx(R["survey"][design]["mean"], **TIGHT)
    assert sums.error[0] == pytest.approx(R["survey"][design]["se"], **TIGHT)


def test_survey_domains(patients: pd.DataFrame) -> None:
    """R svyby counts all 24 practices as clusters, ours those with answers in the group: √ of the G/(G−1) apart."""
    health = pd.Categorical(patients["health"])
    clusters = pd.factorize(patients["practice"])[0].astype(np.intp)
    values, weights = patients["grade"].to_numpy(), patients["weight"].to_numpy()
    sums = group_sums(values, health.codes.astype(np.intp), 3, weights, clusters)
    present = sums.df + 1
    ratio = np.sqrt((present / (present - 1)) / (24 / 23))
    np.testing.assert_allclose(sums.mean, R["survey"]["domain"]["mean"], rtol=1e-9)
    np.testing.assert_allclose(sums.error, ratio * np.array(R["survey"]["domain"]["se"]), rtol=1e-9)


@given(st.lists(st.integers(1, 10), min_size=1, max_size=50))
def test_median_is_numpys(answers: list[int]) -> None:
    values = np.array(answers, dtype=float)
    zeros = np.zeros(values.size, dtype=np.intp)
    assert group_quantile(values, zeros, 1, np.ones(values.size), np.array([0.5]))[0] == np.median(values)
