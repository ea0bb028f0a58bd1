"""82 planning values of R, statsmodels and simulation, each by the formula its row names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from seldom import some_of

from pxanalysis.errors import AnalysisError
from pxanalysis.statistics import power as pw
from pxanalysis.statistics.proportions.net_scores import paired_net_difference

FOLDER = Path(__file__).parents[2] / "reference" / "metric_lab" / "power"
EXPECTED = pd.concat(
    [pd.read_csv(FOLDER / name, keep_default_na=False) for name in ("expected_r.csv", "expected_sim.csv")],
    ignore_index=True,
)
FIRST, SECOND = (0.45, 0.20), (0.60, 0.12)
Z = stats.norm.isf(0.025) + stats.norm.ppf(0.8)

DEPENDENT = "two dependent correlations .45 and .35 with a criterion, .60 between the metrics: power with n "

# (start of asks, quantity, start of variant) to value; n is n_unrounded rounded up
FORMULAS: dict[tuple[str, str, str], Callable[[], float]] = {
    ("n for a correlation", "n_unrounded", "pwr"): lambda: pw.n_for_correlation(0.2),
    ("n for a correlation", "n_unrounded", "plain"): lambda: pw.n_for_correlation(0.2, approximation="z"),
    ("power for a correlation of .30", "power", "pwr"): lambda: pw.power_correlation(0.3, 100),
    ("power for a correlation of .30", "power", "plain"): lambda: pw.power_correlation(0.3, 100, approximation="z"),
    ("power for a correlation of .20", "power", "t test"): lambda: pw.power_correlation(0.2, 193),
    (f"{DEPENDENT}300", "power", ""): lambda: pw.power_dependent_correlations(0.45, 0.35, 0.6, 300),
    (f"{DEPENDENT}508", "power", ""): lambda: pw.power_dependent_correlations(0.45, 0.35, 0.6, 508),
    ("two dependent", "power", "Dunn"): lambda: pw.power_dependent_correlations(0.45, 0.35, 0.6, 300),
    ("two dependent", "n_unrounded", "Dunn"): lambda: pw.n_for_dependent_correlations(0.45, 0.35, 0.6),
    ("R2 increase", "n_unrounded", "pwr"): lambda: pw.n_for_r2_increase(0.02, 0.4, 6),
    ("R2 increase", "n_unrounded", "lambda = f2*N"): lambda: pw.n_for_r2_increase(0.02, 0.4, 6, noncentrality="n"),
    ("R2 increase", "power", "lambda = f2*(u"): lambda: pw.power_r2_increase(0.02, 0.4, 6, 250),
    ("R2 increase", "power", "lambda = f2*n"): lambda: pw.power_r2_increase(0.02, 0.4, 6, 250, noncentrality="n"),
    ("R2 increase", "power", "random normal"): lambda: pw.power_r2_increase(0.02, 0.4, 6, 250),
    ("two practices, KTV", "n_unrounded", "pwr"): lambda: pw.n_for_means(0.5 / 1.4),
    ("two practices, KTV", "n_unrounded", "TTest"): lambda: pw.n_for_means(0.5 / 1.4),
    ("two practices, KTV", "n_unrounded", "normal"): lambda: 2 * (Z * 1.4 / 0.5) ** 2,  # not offered: t is exact
    ("the same with n 40", "power", ""): lambda: pw.power_means(0.5 / 1.4, 40, 80),
    ("two practices, promoters", "n_unrounded", ""): lambda: pw.n_for_net_difference(FIRST, SECOND),
    ("the same, n 150", "power", ""): lambda: pw.power_net_difference(FIRST, SECOND, 150),
    ("two practices, top-box .45 and .60, n 170", "power", ""): lambda: pw.power_shares(0.6, 0.45, 170),
    ("two practices, top-box", "n_unrounded", "pwr"): lambda: pw.n_for_shares(0.45, 0.6, method="arcsine"),
    ("two practices, top-box", "n_unrounded", "NormalInd"): lambda: pw.n_for_shares(0.45, 0.6, method="arcsine"),
    ("two practices, top-box", "n_unrounded", "power.prop"): lambda: pw.n_for_shares(0.45, 0.6),
    ("two practices, top-box", "n_unrounded", "unpooled"): lambda: pw.n_for_shares(0.45, 0.6, method="unpooled"),
    ("two practices, top-box", "n_unrounded", "Fleiss"): lambda: pw.n_for_shares(0.45, 0.6, method="continuity"),
    ("n for a 95 %", "n_unrounded", "Wald"): lambda: pw.n_for_net_margin(0.1, FIRST, adjusted=False),
    ("n for a 95 %", "n_unrounded", "adjusted"): lambda: pw.n_for_net_margin(0.1, FIRST),
    ("design effect", "design_effect", ""): lambda: pw.design_effect(30, 0.05),
    ("ICC .05, mean 30", "design_effect", ""): lambda: pw.design_effect(30, 0.05, 0.6),
    ("effective n", "effective_n", ""): lambda: pw.effective_n(20, 30, 0.05),
    ("two arms", "n_per_arm_unrounded", ""): lambda: pw.n_for_means(0.3) * pw.design_effect(30, 0.05),
    # by the design effect alone: patients would give the degrees of freedom; not offered
    ("two arms", "practices_per_arm", "rounded"): lambda: pw.n_for_means(0.3) * pw.design_effect(30, 0.05) / 30,
    ("two arms", "practices_per_arm_unrounded", ""): lambda: pw.practices_per_arm(0.3, 30, 0.05),
    ("two arms", "practices_per_arm", "noncentral"): lambda: pw.practices_per_arm(0.3, 30, 0.05),
    ("two arms of 15", "power", ""): lambda: pw.power_practice_arms(0.3, 15, 30, 0.05),
    ("paired waves", "n_unrounded", ""): lambda: pw.n_for_paired_means(0.3, 1.4, 0.7),
    ("test-retest", "n_unrounded", "Walter"): lambda: pw.n_for_retest(0.8, 0.7),
}


def _formula(row: pd.Series) -> Callable[[], float]:
    quantity = "n_unrounded" if row["quantity"] == "n" else row["quantity"]
    fitting = [
        key
        for key in FORMULAS
        if row["asks"].startswith(key[0]) and quantity == key[1] and row["variant"].startswith(key[2])
    ]
    if row["asks"].startswith("test-retest"):
        return FORMULAS["test-retest", "n_unrounded", "Walter"]
    assert fitting, f"no formula for {row.to_dict()}"
    return FORMULAS[max(fitting, key=lambda key: len(key[0]))]


def _is_simulated(row: pd.Series) -> bool:
    return row["source"].startswith("simulation")


def _is_reliability(row: pd.Series) -> bool:
    return row["asks"].startswith("n per practice")


# coverage and the size of a test are simulated below
PLANNED = [
    index
    for index, row in EXPECTED.iterrows()
    if row["quantity"] != "coverage" and not row["asks"].startswith("size of the test")
]


@pytest.mark.parametrize("index", PLANNED)
def test_planning_value(index: int) -> None:
    row = EXPECTED.loc[index]
    if _is_reliability(row):
        words = row["asks"].split()
        found = np.ceil(pw.n_for_reliability(float(words[-1]), float(words[5])) - 1e-9)
    else:
        found = _formula(row)()
    if row["quantity"] in {"n", "practices_per_arm"} and not _is_reliability(row):
        found = np.ceil(found - 1e-6)
    room = float(row["tol_abs"])
    # asymptotic formula beside a simulation of the finite-sample test: two points of power beside its error
    if _is_simulated(row):
        room += 0.02
    assert found == pytest.approx(float(row["value"]), abs=max(room, 1e-9))


def test_all_planning_values_are_there() -> None:
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
