"""Tests of: The rows of a driver model as sums per group of alike rows, for any part of the rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from driver_data import as_responses, plain_journey
from regression_data import DRIVERS, linear_study

from pxanalysis.analysis.drivers import sums
from pxanalysis.analysis.drivers.design import DriverDesign, build_design
from pxanalysis.analysis.drivers.moments import moments_of_sums
from pxanalysis.analysis.drivers.sums import sum_rows
from pxanalysis.analysis.drivers.validation import cross_validated_r2
from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.moments.estimate import estimate_moments


def holed_design(n: int = 900) -> DriverDesign:
    """Two touchpoints that many did not meet, cells that are missing, and weights."""
    answers, practice = linear_study(n=n, practices=12)
    rng = np.random.default_rng(21)
    met = pd.DataFrame(rng.random((n, 2)) < 0.7, columns=["t1_item", "t2_item"])
    for name in met:
        answers["ktv"] += 0.5 * met[name]
        answers[name] = answers[name].where(met[name])
    columns = [f"{name}_item" for name in DRIVERS]
    answers[columns] = answers[columns].mask(rng.random((n, 3)) < 0.1)
    responses = as_responses(plain_journey(DRIVERS), answers, practice, met)
    return build_design(responses, weights=0.2 + rng.random(n))


def row_by_row(design: DriverDesign, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, covariance and the clearing slopes from the rows themselves, each column cleared by least squares."""
    raw, weights, met = design.numbers, design.weights, design.met
    slopes = np.zeros((met.shape[1], raw.shape[1]))
    for column in range(raw.shape[1]):
        here = rows & np.isfinite(raw[:, column])
        root = np.sqrt(weights[here])
        columns = np.column_stack([np.ones(here.sum()), met[here]]) * root[:, None]
        slopes[:, column] = np.linalg.lstsq(columns, raw[here, column] * root)[0][1:]
    centre = np.average(met[rows], axis=0, weights=weights[rows])
    found = estimate_moments((raw - (met - centre) @ slopes)[rows], weights=weights[rows])
    return found.mean.to_numpy(), found.cov.to_numpy(), slopes


@pytest.mark.parametrize("at_once", [7, 4096])
def test_moments_of_some_parts_are_those_of_their_rows(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(sums, "ROWS_AT_ONCE", at_once)
    design = holed_design()
    part = design.codes % 5
    of_parts = sum_rows(design, part)
    assert of_parts.rows.sum() == len(part)
    for left_out in range(6):
        moments = moments_of_sums(of_parts.of_parts(np.arange(5) != left_out), "em")
        mean, covariance, slopes = row_by_row(design, part != left_out)
        np.testing.assert_allclose(moments.mean, mean, rtol=1e-9)
        np.testing.assert_allclose(moments.covariance, covariance, rtol=1e-9)
        np.testing.assert_allclose(moments.clearing.slopes, slopes, rtol=1e-9)


def test_cross_validation_takes_off_what_missing_cells_add() -> None:
    design = holed_design()
    rng = np.random.default_rng(4)
    fold = rng.permutation(np.arange(12) % 10)[design.codes]
    squares = variance = 0.0
    for test in range(10):
        mean, covariance, slopes = row_by_row(design, fold != test)
        met = np.average(design.met[fold != test], axis=0, weights=design.weights[fold != test])
        shift = (design.met - met) @ slopes
        centre = np.average(design.rated[fold != test], weights=design.weights[fold != test])
        inner = covariance[:-1, :-1]
        beta = np.linalg.solve(inner, covariance[:-1, -1])
        for row in np.flatnonzero(fold == test):
            cells = (design.numbers[row] - shift[row] - mean)[:-1]
            seen, gone = np.isfinite(cells), np.isnan(cells)
            expected = inner[np.ix_(gone, seen)] @ np.linalg.inv(inner[np.ix_(seen, seen)])
            cells[gone] = expected @ cells[seen]
            left = inner[np.ix_(gone, gone)] - expected @ inner[np.ix_(seen, gone)]
            error = design.rated[row] - shift[row, -1] - mean[-1] - cells @ beta
            squares += design.weights[row] * (error**2 - beta[gone] @ left @ beta[gone])
            variance += design.weights[row] * (design.rated[row] - centre) ** 2
    found, note = cross_validated_r2(design, seed=4)
    assert note is None
    assert found == pytest.approx(1 - squares / variance, rel=1e-9)


def test_a_fold_that_cannot_be_fitted_says_which_column_is_to_blame() -> None:
    answers, practice = linear_study(n=600, practices=2)
    answers["t1_item"] = np.where(practice == 0, answers["t1_item"], 50.0)
    found, note = cross_validated_r2(build_design(as_responses(plain_journey(DRIVERS), answers, practice)))
    assert np.isnan(found)
    assert note is not None
    assert "column 't1' is constant (every answer is 50)" in str(note.plain()["reason"])


def test_infinite_case_mix_is_refused_by_name() -> None:
    answers, practice = linear_study(n=100, practices=5)
    text = {"nl": "x", "en": "x"}
    journey = plain_journey(DRIVERS, case_mix=[{"id": "age", "label": text, "type": "number"}])
    answers["age"] = np.where(np.arange(100) == 3, np.inf, 40.0 + np.arange(100))
    design = build_design(as_responses(journey, answers, practice), case_mix=("age",))
    with pytest.raises(AnalysisError, match="column 'age' holds infinite values"):
        sum_rows(design)
