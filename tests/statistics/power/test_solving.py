"""Planning values that are simulated, simulations that meet their formula, and what cannot be planned."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats
from seldom import some_of

from pxanalysis.audit import references_folder
from pxanalysis.audit.planning import planning_values
from pxanalysis.errors import AnalysisError
from pxanalysis.statistics import power as pw
from pxanalysis.statistics.proportions.net_scores import paired_net_difference

EXPECTED = planning_values(references_folder())
FIRST = (0.45, 0.20)


def test_all_planning_values_are_there() -> None:
    """tests/audit holds the 69 that a formula gives; coverage and the size of a test are simulated below."""
    assert len(EXPECTED) == 82


def test_the_size_of_the_tests() -> None:
    row = EXPECTED[EXPECTED["asks"].str.startswith("size of the test")].iloc[0]
    found = pw.simulate_dependent_correlations((0.4, 0.4, 0.6), 150, 1, 0.0, studies=4000, seed=3)
    assert found.power == pytest.approx(float(row["value"]), abs=float(row["tol_abs"]) + 4 * found.monte_carlo_error)


@pytest.mark.parametrize("index", some_of(EXPECTED.index[EXPECTED["quantity"] == "coverage"], every=6))
def test_coverage_of_paired_net_scores(index: int) -> None:
    """Wald as simulated by the reference; its adjusted form there is n + 3, Q + 3."""
    row = EXPECTED.loc[index]
    words = row["asks"].replace(",", "").split()
    n, rho, top, low = int(words[6]), float(words[9]), float(words[11]), float(words[13])
    rng = np.random.default_rng(index)
    edges = stats.norm.ppf([low, 1 - top])
    covered = 0
    for _ in range(1500):
        x = rng.standard_normal(n)
        y = rho * x + np.sqrt(1 - rho**2) * rng.standard_normal(n)
        first, second = (np.digitize(values, edges) - 1.0 for values in (x, y))
        found = paired_net_difference(first, second, interval="wald" if row["variant"].startswith("Wald") else "rocks")
        covered += found.ci_low <= 1e-12 and found.ci_high >= -1e-12
    p = float(row["value"])
    assert covered / 1500 == pytest.approx(p, abs=float(row["tol_abs"]) + 4 * np.sqrt(p * (1 - p) / 1500))


def test_simulated_arms_meet_the_formula() -> None:
    found = pw.simulate_arms(0.3, 15, 30, 0.05)
    assert found.power == pytest.approx(pw.power_practice_arms(0.3, 15, 30, 0.05), abs=4 * found.monte_carlo_error)


def test_simulated_dependent_correlations_meet_the_formula() -> None:
    found = pw.simulate_dependent_correlations((0.45, 0.35, 0.6), 300, 1, 0.0, studies=3000)
    formula = pw.power_dependent_correlations(0.45, 0.35, 0.6, 300)
    assert found.power == pytest.approx(formula, abs=0.02 + 3 * found.monte_carlo_error)


def test_practices_cost_power() -> None:
    alone = pw.simulate_dependent_correlations((0.35, 0.25, 0.6), 400, 1, 0.0, studies=1000)
    nested = pw.simulate_dependent_correlations((0.35, 0.25, 0.6), 20, 20, 0.1, studies=1000)
    assert nested.power < alone.power - 3 * np.hypot(nested.monte_carlo_error, alone.monte_carlo_error)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: pw.n_for_correlation(0.0), "other than 0"),
        (lambda: pw.n_for_correlation(0.2, power=1.2), "power: expected"),
        (lambda: pw.n_for_dependent_correlations(0.3, 0.3, 0.5), "two different correlations"),
        (lambda: pw.n_for_dependent_correlations(0.9, -0.5, 0.9), "cannot go together"),
        (lambda: pw.n_for_net_difference((0.8, 0.4), (0.5, 0.2)), "at most 1"),
        (lambda: pw.n_for_net_margin(0.0, FIRST), "margin"),
        (lambda: pw.n_for_r2_increase(0.5, 0.4, 6), "increase and r2"),
        (lambda: pw.n_for_reliability(0.0, 0.8), "icc"),
        (lambda: pw.n_for_retest(0.6, 0.7), "at_least < expected"),
        (lambda: pw.design_effect(0.5, 0.05), "per_practice"),
        (lambda: pw.design_effect(5, 1.0), "icc"),
        (lambda: pw.practices_per_arm(0.0, 30, 0.05), "effect"),
        (lambda: pw.n_for_shares(0.5, 0.5), "two different shares"),
        (lambda: pw.n_for_means(0.0), "effect"),
    ],
)
def test_what_cannot_be_planned_is_refused(call: Callable[[], float], words: str) -> None:
    with pytest.raises(AnalysisError, match=words):
        call()
