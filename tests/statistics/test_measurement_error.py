"""Error variances from items, and covariances without them: known truth, what must hold, and refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.factor.alpha import cronbach_alpha
from pxanalysis.statistics.measurement_error import correct_covariance, item_error, item_spread, scale_error


def random_covariance(seed: int, size: int) -> np.ndarray:
    factor = np.random.default_rng(seed).standard_normal((size, size + 2))
    return factor @ factor.T / (size + 2)


@given(st.integers(0, 1000), st.integers(2, 6))
def test_error_of_a_scale_is_what_alpha_leaves_of_its_variance(seed: int, k: int) -> None:
    cov = random_covariance(seed, k)
    mean_variance = cov.sum() / k**2
    error = scale_error(*item_spread(cov), 1 / k)
    assert error == pytest.approx((1 - cronbach_alpha(cov)) * mean_variance, rel=1e-9)


def test_slopes_on_true_scores_come_back_from_population_covariances() -> None:
    """S = T + e: with the true error variances the slopes are those on T, to rounding."""
    truth = random_covariance(3, 4)
    slopes, error = np.array([0.5, -0.2, 0.3, 0.1]), np.array([0.3, 0.0, 0.5, 0.1]) * np.diagonal(truth)
    whole = np.empty((5, 5))
    whole[:4, :4] = truth + np.diag(error)
    whole[:4, 4] = whole[4, :4] = truth @ slopes
    whole[4, 4] = slopes @ truth @ slopes + 1.0
    found = correct_covariance(whole, error)
    assert float(found.kappa) == 1.0
    np.testing.assert_allclose(np.linalg.solve(found.covariance[:4, :4], found.covariance[:4, 4]), slopes, rtol=1e-9)
    np.testing.assert_allclose(whole[:4, :4].diagonal(), truth.diagonal() + error, rtol=1e-12)  # input unchanged


@given(st.integers(0, 1000), st.integers(1, 6), st.floats(0.0, 3.0))
def test_the_guard_keeps_covariances_those_of_real_variables(seed: int, p: int, times: float) -> None:
    """However large the stated errors are, R² stays below 1 and the matrix positive definite."""
    cov = random_covariance(seed, p + 1)
    found = correct_covariance(cov, times * np.diagonal(cov)[:p])
    assert np.linalg.eigvalsh(found.covariance)[0] > 0
    assert 0 < found.kappa <= 1
    inner, link = found.covariance[:p, :p], found.covariance[:p, p]
    assert link @ np.linalg.solve(inner, link) / found.covariance[p, p] < 1


def test_without_error_nothing_changes_and_many_samples_are_as_one() -> None:
    cov = np.stack([random_covariance(seed, 4) for seed in range(5)])
    np.testing.assert_array_equal(correct_covariance(cov, np.zeros((5, 3))).covariance, cov)
    error = 0.2 * np.einsum("bii->bi", cov)[:, :3]
    together = correct_covariance(cov, error)
    for one in range(5):
        np.testing.assert_allclose(together.covariance[one], correct_covariance(cov[one], error[one]).covariance)


def test_one_question_of_known_reliability() -> None:
    assert float(item_error(np.array(200.0), 0.7)) == pytest.approx(60.0)


@pytest.mark.parametrize(
    ("error", "message"), [(np.zeros(2), "expected 3 variances"), (np.array([0, -1.0, 0]), "0 or more")]
)
def test_what_makes_no_sense_is_refused(error: np.ndarray, message: str) -> None:
    with pytest.raises(AnalysisError, match=message):
        correct_covariance(random_covariance(1, 4), error)
