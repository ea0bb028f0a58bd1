"""Errors of clusters, weights, pooling, measurement error and effects of actions beside their outside values."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from pxanalysis.analysis.drivers.pooling import pool_effects
from pxanalysis.analysis.sem import fit_sem
from pxanalysis.audit.record import Check, beside
from pxanalysis.statistics.action_effects.donut import average_programme, estimate_donut_difference
from pxanalysis.statistics.action_effects.shrunken import estimate_shrunken_difference
from pxanalysis.statistics.action_effects.windows import WindowMeans
from pxanalysis.statistics.raking import rake
from pxanalysis.statistics.regression.least_squares import fit_least_squares

__all__ = ["check_actions", "check_regression"]


BCG_REML = {
    "mean": -0.7145,
    "mean_error": 0.1798,
    "mean_low": -1.0669,
    "mean_high": -0.3622,
    "tau2": 0.3132,
    "tau2_error": 0.1664,
    "tau2_low": 0.1197,
    "tau2_high": 1.1115,
    "tau2_dl": 0.3088,
    "i2": 0.9222,
    "q": 152.2330,
}
"""Random effects of thirteen trials of BCG vaccine (Viechtbauer 2010, J. Stat. Softw. 36(3)), as printed."""


def check_regression(folder: Path) -> Iterator[Check]:
    """CR2 errors (clubSandwich), raking (loglin), random effects (metafor, as printed), measurement error (lavaan)."""
    yield from _clusters(folder)
    yield from _raking(folder)
    yield from _pooling(folder)
    yield from _measurement_error(folder)


def _clusters(folder: Path) -> Iterator[Check]:
    for model, part in pd.read_csv(folder / "cluster_errors" / "cr2.csv").groupby("model"):
        data = pd.read_csv(folder / "relative_importance" / f"{str(model).split()[0]}.csv")
        cars = str(model).startswith("mtcars")
        codes = pd.factorize(data["carb"] if cars else pd.Series(np.arange(30) % 10))[0].astype(np.intp)
        outcome = data["mpg" if cars else "rating"].to_numpy(dtype=float)
        columns = part["term"].iloc[1:].to_list()
        design = np.column_stack([np.ones(len(data)), data[columns].to_numpy(dtype=float)])
        fit = fit_least_squares(outcome, design, codes=codes)
        terms, source = [f"{model}: {term}" for term in part["term"]], "R clubSandwich 0.5.8"
        yield from beside("coefficient", terms, fit.coefficients, part["estimate"], source, rtol=1e-8)
        yield from beside("CR2 error", terms, fit.std_errors, part["std_error"], source, rtol=1e-8)
        yield from beside("Satterthwaite's degrees", terms, fit.degrees, part["degrees"], source, rtol=1e-7)


def _raking(folder: Path) -> Iterator[Check]:
    rows = pd.read_csv(folder / "raking" / "weights.csv", dtype={"age": str, "sex": str})
    people = rows.loc[rows.index.repeat(rows["answered"])]
    raked = rake(
        {"age": people["age"].to_list(), "sex": people["sex"].to_list()},
        {"age": {"1": 35, "2": 40, "3": 25}, "sex": {"1": 0.48, "2": 0.52}},
    )
    first = ~people.index.duplicated()
    terms = [f"age {row.age}, sex {row.sex}" for row in rows.itertuples()]
    yield from beside("raked weight", terms, raked.weights[first], rows["weight"], "R 4 loglin", rtol=1e-8)
    yield from beside(
        "effective n", ["raked"], [raked.effective_n], rows["effective_n"].iloc[:1], "R 4 loglin", rtol=1e-8
    )


def _pooling(folder: Path) -> Iterator[Check]:
    """Thirteen trials of BCG vaccine; half a unit of the last printed digit."""
    a, b, c, d = pd.read_csv(folder / "pooling" / "bcg.csv").iloc[:, 1:].to_numpy(dtype=float).T
    ratio = (np.log(a / (a + b)) - np.log(c / (c + d)))[:, None]
    variance = (1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))[:, None]
    pooled = pool_effects(ratio, variance, mean_test="normal")
    source = "Viechtbauer (2010), J. Stat. Softw. 36(3)"
    ours = [float(getattr(pooled, name)[0]) for name in BCG_REML]
    yield from beside("random effects, REML", BCG_REML, ours, list(BCG_REML.values()), source, atol=5.1e-5)
    limits = np.exp([pooled.new_low[0], pooled.new_high[0]])
    yield from beside("prediction interval", ["low", "high"], limits, [0.1546, 1.5490], source, atol=5.1e-5)
    simple = pool_effects(ratio, variance, method="dl", mean_test="normal")
    ours = [float(value[0]) for value in (simple.tau2, simple.mean, simple.mean_error, simple.i2)]
    terms, source = ("tau2", "mean", "mean_error", "i2"), "R metafor, manual of rma.uni"
    yield from beside(
        "random effects, DerSimonian-Laird", terms, ours, [0.3088, -0.7141, 0.1787, 0.9212], source, atol=5.1e-5
    )


def _measurement_error(folder: Path) -> Iterator[Check]:
    """Slopes after local SAM, which takes measurement error out touchpoint by touchpoint."""
    data = pd.read_csv(folder / "sem_models" / "sam_data_a.csv")
    items = [column for column in map(str, data) if "_" in column]
    scales: dict[str, list[str]] = {}
    for item in items:
        scales.setdefault(item.split("_")[0], []).append(item)
    measured = "\n".join(f"{scale} =~ {' + '.join(own)}" for scale, own in scales.items())
    rescaled = data.assign(**{item: 25.0 * (data[item] - 1) for item in items})
    model = fit_sem(rescaled, syntax=f"{measured}\nktv ~ {' + '.join(scales)}")
    sam = model.sam(n_bootstrap=100)
    size = sam.loadings.groupby("latent")["loading"].mean()
    slopes = sam.table.set_index("source")["estimate"] / size
    known = pd.read_csv(folder / "sem_models" / "sam_lavaan_a.csv").set_index("touchpoint")
    yield from beside(
        "local SAM slope",
        known.index,
        slopes[known.index],
        known["sam_slope"],
        "R lavaan 0.6-14 sam()",
        rtol=1e-6,
        atol=2e-4,
    )


def check_actions(folder: Path) -> Iterator[Check]:
    """Regression to the mean by exact normal theory, and a difference in differences by fixest."""
    room = folder / "action_effects"
    rows = pd.read_csv(room / "rtm_normal_theory.csv")
    for row in rows[rows["select"] == "x=70"].to_dict("records"):
        # 400 practices whose means spread exactly as theory has them; the first was measured at 70
        size, spread, mu = 400, row["tau2"] + row["s2"] / row["n"], row["mu"]
        rest = np.sqrt((spread * (size - 1) - 2 * (mu - 70.0) ** 2) / (size - 2))
        means = mu + np.r_[70.0 - mu, mu - 70.0, np.tile([rest, -rest], size // 2 - 1)]
        before = WindowMeans(means[:, None], np.full((size, 1), float(row["n"])))
        found = estimate_shrunken_difference(before, before, np.array([row["s2"]]), np.arange(size) > 0)
        term = f"measured 70, mean {mu:g}, n {row['n']:g}, tau2 {row['tau2']:.3g}"
        expected = float(found.expected[0, 0])
        source = "normal theory, integrated in R 4.2.2"
        yield from beside("true level expected", [term], [expected], [row["expected_true"]], source, rtol=1e-6)
    panel = pd.read_csv(room / "did_panel_A.csv").pivot_table(index=["practice", "treated"], columns="time", values="y")
    treated = panel.index.get_level_values("treated").to_numpy() == 1
    base, after = (WindowMeans(panel[[time]].to_numpy(), np.full((len(panel), 1), 40.0)) for time in (0, 1))
    own = estimate_donut_difference(base, after, np.array([200.0]), ~treated)
    effect = own.effect[treated, 0]
    mean = average_programme(
        effect, np.arange(len(effect)), np.zeros(len(effect), dtype=int), np.repeat(own.shared, len(effect))
    )
    source = "R fixest 0.12.2; pyfixest 0.60.0"
    yield from beside("difference in differences", ["panel A"], [mean.estimate], [7.631025], source, rtol=1e-6)
