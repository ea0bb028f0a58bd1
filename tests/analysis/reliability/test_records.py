"""Tests of: Results of a reliability analysis: one coefficient, and one scale with all its coefficients and items."""

from __future__ import annotations

import numpy as np
from reliability_data import BASE, edge

from pxanalysis.analysis.reliability import (
    REASONS,
)


def test_copies_are_named_and_alpha_is_kept():
    found = edge({"a": BASE[:, 0], "b": BASE[:, 0] * 2, "c": BASE[:, 1]})
    assert found["omega_total"].reason == REASONS["singular"].format(item="a, b")
    assert np.isfinite(found["alpha"].estimate)
    assert found.verdict.basis == "alpha"
    assert found.reason_code == "singular"


def test_heywood_case_is_named():
    correlation = np.array([[1, 0.8, 0.7], [0.8, 1, 0.4], [0.7, 0.4, 1]])
    rows = np.random.default_rng(1).multivariate_normal(np.zeros(3), correlation, 4000)
    found = edge(rows)
    assert found["omega_total"].reason == REASONS["heywood"].format(item="0")
    assert found.verdict.basis == "alpha"


def test_many_answers_have_no_polychorics():
    found = edge(BASE)
    assert found["ordinal_alpha"].reason == REASONS["too-many-categories"].format(item="0")
