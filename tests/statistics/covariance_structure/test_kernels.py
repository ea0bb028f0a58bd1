"""Slopes, information and replicates of covariance structures, against numerical derivatives and single fits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import semopy

from pxanalysis.statistics.covariance_structure.incomplete import prepare_group
from pxanalysis.statistics.covariance_structure.likelihood import (
    GroupMoments,
    case_scores,
    discrepancy,
    expected_information,
    gradient,
    observed_information,
)
from pxanalysis.statistics.covariance_structure.objective import CompleteData, IncompleteData, as_problem
from pxanalysis.statistics.covariance_structure.optimise import climb
from pxanalysis.statistics.covariance_structure.replicates import refit_replicates
from pxanalysis.statistics.covariance_structure.semopy_estimate import estimate_by_semopy, semopy_description
from pxanalysis.statistics.covariance_structure.solution import solve
from pxanalysis.statistics.covariance_structure.structure import ARROW, MEAN, TWO_HEADED, Structure, imply


def two_factors(*, means: bool = False) -> tuple[Structure, np.ndarray]:
    """Six items, two latents (6, 7), a path from the first to the second; parameters that generate data."""
    cells = [(ARROW, 1, 6, 0.9), (ARROW, 2, 6, 0.7), (ARROW, 4, 7, 0.8), (ARROW, 5, 7, 1.1), (ARROW, 7, 6, 0.5)]
    cells += [(TWO_HEADED, i, i, 0.6 + 0.05 * i) for i in range(6)]
    cells += [(TWO_HEADED, 6, 6, 0.8), (TWO_HEADED, 7, 7, 0.6), (TWO_HEADED, 4, 1, 0.1)]
    if means:
        cells += [(MEAN, i, 0, 0.3 * i) for i in range(6)]
    fixed = [(ARROW, 0, 6, 1.0), (ARROW, 3, 7, 1.0)]
    every = np.array(cells + fixed)
    kind, row, column = (every[:, i].astype(np.intp) for i in range(3))
    number = np.concatenate([np.arange(len(cells)), [-1, -1]]).astype(np.intp)
    return Structure(8, 6, kind, row, column, number, every[:, 3].copy(), len(cells)), every[: len(cells), 3]


def sample(n: int, seed: int, *, means: bool = False) -> np.ndarray:
    structure, theta = two_factors(means=means)
    implied = imply(structure, theta[None])
    return np.random.default_rng(seed).multivariate_normal(implied.mean[0], implied.cov[0], n)


def moments(rows: np.ndarray) -> GroupMoments:
    return GroupMoments(len(rows), rows.mean(axis=0), np.cov(rows.T, ddof=0))


def numerical(function, at: np.ndarray, step: float = 1e-6) -> np.ndarray:
    return np.array([(function(at + step * e) - function(at - step * e)) / (2 * step) for e in np.eye(at.size)])


@pytest.mark.parametrize("means", [False, True])
def test_the_gradient_is_that_of_half_the_discrepancy(means: bool) -> None:
    structure, theta = two_factors(means=means)
    groups = [moments(sample(200, 1, means=means))]
    slope = gradient([structure], theta[None], groups)[0]
    expected = numerical(lambda at: discrepancy([structure], at[None], groups)[0] / 2, theta)
    np.testing.assert_allclose(slope, expected, atol=1e-8)


@pytest.mark.parametrize("means", [False, True])
def test_observed_information_is_the_slope_of_the_gradient(means: bool) -> None:
    structure, theta = two_factors(means=means)
    groups = [moments(sample(200, 1, means=means))]
    expected = numerical(lambda at: gradient([structure], at[None], groups)[0], theta)
    np.testing.assert_allclose(observed_information([structure], theta, groups), expected, atol=1e-7)


def test_expected_information_is_the_observed_one_where_the_model_holds() -> None:
    structure, theta = two_factors(means=True)
    implied = imply(structure, theta[None])
    groups = [GroupMoments(100, implied.mean[0], implied.cov[0])]
    observed = observed_information([structure], theta, groups)
    np.testing.assert_allclose(expected_information([structure], theta[None], groups)[0], observed, atol=1e-12)


def test_scores_of_respondents_sum_to_the_gradient() -> None:
    structure, theta = two_factors(means=True)
    rows = sample(300, 2, means=True)
    scores = case_scores(structure, theta, rows, own_mean=rows.mean(axis=0))
    np.testing.assert_allclose(-scores.mean(axis=0), gradient([structure], theta[None], [moments(rows)])[0], atol=1e-12)


def test_without_missing_answers_incomplete_data_are_complete_data() -> None:
    structure, theta = two_factors(means=True)
    rows = sample(250, 3, means=True)
    whole, parts = CompleteData((moments(rows),), (rows,)), IncompleteData((prepare_group(rows),))
    assert parts.saturated_loglik == pytest.approx(whole.saturated_loglik, rel=1e-12)
    assert parts.value([structure], theta) == pytest.approx(whole.value([structure], theta), rel=1e-9)
    for name in ("gradient", "expected", "observed"):
        one, other = (getattr(data, name)([structure], theta) for data in (whole, parts))
        np.testing.assert_allclose(one, other, atol=1e-9)
    np.testing.assert_allclose(whole.scores([structure], theta)[0], parts.scores([structure], theta)[0], atol=1e-9)


def test_slopes_of_incomplete_data_are_those_of_their_likelihood() -> None:
    structure, theta = two_factors(means=True)
    rows = sample(200, 4, means=True)
    rows[np.random.default_rng(4).random(rows.shape) < 0.2] = np.nan
    data = IncompleteData((prepare_group(rows[np.isfinite(rows).any(axis=1)]),))
    np.testing.assert_allclose(
        data.gradient([structure], theta), numerical(lambda at: data.value([structure], at), theta), atol=1e-7
    )
    np.testing.assert_allclose(
        data.observed([structure], theta), numerical(lambda at: data.gradient([structure], at), theta), atol=1e-6
    )
    scores = data.scores([structure], theta)[0]
    np.testing.assert_allclose(-scores.mean(axis=0), data.gradient([structure], theta), atol=1e-10)


def test_replicates_fitted_together_are_those_fitted_one_by_one() -> None:
    structure, _ = two_factors()
    rows = sample(300, 5)
    full = solve(CompleteData((moments(rows),)), [structure])
    rng = np.random.default_rng(1)
    drawn = [rows[rng.integers(0, len(rows), len(rows))] for _ in range(30)]
    groups = [GroupMoments(300.0, np.array([d.mean(axis=0) for d in drawn]), np.array([moments(d).cov for d in drawn]))]
    together = refit_replicates([structure], full.theta, groups)
    assert together.valid.all()
    assert together.largest_decrement < 1e-11
    for number in (0, 13, 29):
        single = climb(as_problem(CompleteData((moments(drawn[number]),)), [structure]), full.theta)
        np.testing.assert_allclose(together.theta[number], single.theta, atol=2e-5)


def test_a_replicate_that_cannot_be_fitted_is_counted() -> None:
    structure, _ = two_factors()
    rows = sample(300, 6)
    full = solve(CompleteData((moments(rows),)), [structure])
    good = moments(rows).cov
    bad = good.copy()
    bad[2] = bad[:, 2] = 0.0  # a constant column
    done = refit_replicates(
        [structure], full.theta, [GroupMoments(300.0, np.zeros((3, 6)), np.array([good, bad, good]))]
    )
    assert done.valid.tolist() == [True, False, True]
    assert (done.n_refitted, done.n_failed) == (1, 1)
    assert np.isnan(done.theta[1]).all()


def test_semopy_is_given_everything_it_would_add_by_itself() -> None:
    structure, _ = two_factors()
    text = semopy_description(structure)
    assert "v6 =~ 1.00000000000000000*v0" in text
    found = estimate_by_semopy(structure, moments(sample(400, 7)).cov, 400)
    assert found.theta is not None
    assert np.isfinite(found.theta).all()


@pytest.mark.parametrize("by_loading", [True, False])
def test_semopy_starts_where_it_is_told_to_in_its_own_units(by_loading: bool) -> None:
    """Started at the maximum it has nothing to gain, also where it has a latent on another scale than we do."""
    structure, _ = two_factors()
    if not by_loading:
        parameter, value = structure.parameter.copy(), structure.value.copy()
        scale = (structure.kind == TWO_HEADED) & (structure.row == structure.column) & (structure.row >= 6)
        loading = (structure.kind == ARROW) & (structure.parameter < 0)
        parameter[loading], parameter[scale], value[scale] = parameter[scale], -1, 1.0
        structure = replace(structure, parameter=parameter, value=value)
    seen = moments(sample(400, 7))
    best = solve(CompleteData((seen,)), [structure]).theta
    names = [f"v{i}" for i in range(6)]
    model = semopy.Model(semopy_description(structure, best))
    model.load(cov=pd.DataFrame(seen.cov, index=names, columns=names), n_samples=400)
    at_start = model.obj_mlw(model.param_vals)
    model.fit(options={"ftol": 1e-12})
    assert at_start == pytest.approx(model.obj_mlw(model.param_vals), abs=1e-9)


def test_the_parameters_that_made_the_data_come_back() -> None:
    structure, theta = two_factors()
    estimates = np.array([solve(CompleteData((moments(sample(2_000, s)),)), [structure]).theta for s in range(12)])
    error = np.sqrt(
        np.diag(np.linalg.inv(expected_information([structure], theta[None], [moments(sample(50, 1))])[0])) / 2_000
    )
    assert (np.abs(estimates.mean(axis=0) - theta) < 4 * error / np.sqrt(12)).all()
