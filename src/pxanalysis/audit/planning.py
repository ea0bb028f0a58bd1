"""Planning beside R's pwr and stats, statsmodels, and simulation: each value by the formula its row names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from pxanalysis.audit.record import Check
from pxanalysis.errors import StudyError
from pxanalysis.statistics import power as pw

__all__ = ["check_planning", "planning_values"]

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


def planning_values(folder: Path) -> pd.DataFrame:
    """The 82 rows of the reference: what is asked, by which variant, value, absolute tolerance, source."""
    files = ("expected_r.csv", "expected_sim.csv")
    found = [pd.read_csv(folder / "metric_lab" / "power" / name, keep_default_na=False) for name in files]
    return pd.concat(found, ignore_index=True)


def check_planning(folder: Path) -> Iterator[Check]:
    """Every planned number; coverage and the size of a test are simulated in the package's own tests."""
    for row in planning_values(folder).to_dict("records"):
        asks, quantity, variant = str(row["asks"]), str(row["quantity"]), str(row["variant"])
        if quantity == "coverage" or asks.startswith("size of the test"):
            continue
        room = float(row["tol_abs"])
        # asymptotic formula beside a simulation of the finite-sample test: two points of power beside its error
        if str(row["source"]).startswith("simulation"):
            room += 0.02
        found = _planned(asks, quantity, variant)
        yield Check(quantity, f"{asks}; {variant}", found, float(row["value"]), max(room, 1e-9), str(row["source"]))


def _planned(asks: str, quantity: str, variant: str) -> float:
    if asks.startswith("n per practice"):
        words = asks.split()
        return float(np.ceil(pw.n_for_reliability(float(words[-1]), float(words[5])) - 1e-9))
    found = _formula(asks, "n_unrounded" if quantity == "n" else quantity, variant)()
    return float(np.ceil(found - 1e-6)) if quantity in {"n", "practices_per_arm"} else float(found)


def _formula(asks: str, quantity: str, variant: str) -> Callable[[], float]:
    if asks.startswith("test-retest"):
        return FORMULAS["test-retest", "n_unrounded", "Walter"]
    fitting = [key for key in FORMULAS if asks.startswith(key[0]) and quantity == key[1] and variant.startswith(key[2])]
    if not fitting:
        raise StudyError(f"planning reference: no formula for {asks!r}, {quantity!r}, {variant!r}; add it to FORMULAS.")
    return FORMULAS[max(fitting, key=lambda key: len(key[0]))]
