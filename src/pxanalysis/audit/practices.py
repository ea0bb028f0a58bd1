"""Practices side by side, and metrics of answers that come in clusters, beside R."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pxanalysis.analysis.metrics.grouped import group_sums
from pxanalysis.analysis.practices import build_case_mix, overdispersion
from pxanalysis.analysis.practices.logit_adjustment import fit_logit_margins
from pxanalysis.arrays import IntArray
from pxanalysis.audit.record import Check, beside, estimated
from pxanalysis.statistics.proportions.intervals import difference_from_intervals, wilson
from pxanalysis.statistics.random_effects.reliability import shrink_means, shrunken_error
from pxanalysis.statistics.random_effects.reml import fit_reml
from pxanalysis.statistics.random_effects.shrinkage import between_variance
from pxanalysis.statistics.random_effects.variance import icc_interval, practice_stats, variance_components
from pxanalysis.statistics.regression.fixed_effects import fit_fixed_effects

__all__ = ["check_practices", "check_shares"]

BASE, LME4, METAFOR, SURVEY = "R 4.2.2", "R lme4 1.1-31", "R metafor 3.8-1", "R survey 4.1-1"
PRINTED = {"rtol": 1e-9, "atol": 1e-11}
"""R printed 12 digits."""
RATINGS = [9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7]
"""Shrout & Fleiss (1979), table 2: six targets, four judges."""


NEWCOMBE_10 = (
    (56, 70, 48, 80, 0.0524, 0.3339),
    (9, 10, 3, 10, 0.1705, 0.8090),
    (6, 7, 2, 7, 0.0582, 0.8062),
    (5, 56, 0, 29, -0.0381, 0.1926),
    (0, 10, 0, 20, -0.1611, 0.2775),
    (0, 10, 0, 10, -0.2775, 0.2775),
    (10, 10, 0, 20, 0.6791, 1.0),
    (10, 10, 0, 10, 0.6075, 1.0),
)
"""x and n of two groups, and the limits of their difference (Newcombe 1998b, table II, method 10), as printed."""


def check_practices(folder: Path) -> Iterator[Check]:
    """Variance components, shrinkage, case mix and overdispersion of 24 simulated practices."""
    known = json.loads((folder / "practices" / "reference.json").read_text(encoding="utf-8"))
    rows = pd.read_csv(folder / "practices" / "patients.csv")
    codes = pd.factorize(rows["practice"], sort=True)[0].astype(np.intp)
    yield from _variance(known, rows, codes)
    yield from _case_mix(known, rows, codes)
    yield from _spread(known, rows, codes)
    yield from _survey(known["survey"], rows)
    yield from _published()


def _variance(known: dict[str, Any], rows: pd.DataFrame, codes: IntArray) -> Iterator[Check]:
    stats = practice_stats(rows[["grade"]].to_numpy(), codes, 24)
    parts = variance_components(stats)
    for name, value in (("ms_between", parts.ms_between), ("ms_within", parts.ms_within), ("f", parts.f_value)):
        yield from beside("analysis of variance", [name], value, [known["anova"][name]], f"{BASE} aov", **PRINTED)
    fit = estimated(fit_reml(stats.n[:, 0], stats.mean[:, 0], stats.ss[:, 0]))
    names = ("sigma2_between", "sigma2_within", "mu", "se_mu")
    # lme4's optimiser stops near 1e-5
    outside = [known["lme4"][name] for name in names]
    yield from beside("REML", names, [getattr(fit, name) for name in names], outside, LME4, rtol=1e-5)
    between, within = fit.sigma2_between, fit.sigma2_within
    shrunk = shrink_means(stats.mean[:, 0], stats.n[:, 0], fit.mu, between, within)
    practices = sorted(rows["practice"].unique())
    yield from beside("shrunken mean", practices, shrunk, known["lme4"]["shrunken"], LME4, rtol=1e-6)
    errors = shrunken_error(stats.n[:, 0], between, within)
    yield from beside("error of the shrunken mean", practices, errors, known["lme4"]["cond_sd"], LME4, rtol=1e-5)
    ratings = practice_stats(np.array(RATINGS, float)[:, None], np.repeat(np.arange(6), 4), 6)
    agreement = variance_components(ratings)
    low, high = icc_interval(agreement, 0.95)
    expected = known["shrout_fleiss"]
    outside = [expected["icc"], expected["f"], max(0.0, expected["low"]), expected["high"]]
    ours = [agreement.icc[0], agreement.f_value[0], low[0], high[0]]
    yield from beside("ICC(1)", ["icc", "F", "low", "high"], ours, outside, "R psych 2.2.9", **PRINTED)


def _case_mix(known: dict[str, Any], rows: pd.DataFrame, codes: IntArray) -> Iterator[Check]:
    mix = build_case_mix(rows[["age", "health"]], codes, 24)
    practices = sorted(rows["practice"].unique())
    fit = estimated(fit_fixed_effects(rows["grade"].to_numpy(), mix.x, codes, 24))
    for name, terms, ours in (
        ("beta", mix.names, fit.beta),
        ("se_beta", mix.names, fit.beta_error),
        ("adjusted", practices, fit.adjusted),
        ("se", practices, fit.error),
    ):
        yield from beside(f"case mix, mean: {name}", terms, ours, known["ols"][name], f"{BASE} lm", **PRINTED)
    logit = estimated(fit_logit_margins(rows["binary"].to_numpy(float), mix.x, codes, 24))
    where = [int(name[1:]) for name in known["logistic"]["practices"]]
    for name, terms, ours in (
        ("beta", mix.names, logit.beta),
        ("se_beta", mix.names, logit.beta_error),
        ("adjusted", where, logit.adjusted[where]),
        ("se", where, logit.error[where]),
    ):
        yield from beside(f"case mix, share: {name}", terms, ours, known["logistic"][name], f"{BASE} glm", **PRINTED)
    ordered = estimated(fit_logit_margins(rows["ordinal"].to_numpy(float), mix.x, codes, 24))
    where, source = [int(name[1:]) for name in known["polr"]["practices"]], "R MASS 7.3-58 polr"
    # its BFGS stops at about the root of machine precision
    yield from beside(
        "case mix, ordered: beta", mix.names, ordered.beta, known["polr"]["beta"], source, rtol=1e-5, atol=1e-6
    )
    adjusted, outside = ordered.adjusted[where], known["polr"]["adjusted"]
    yield from beside("case mix, ordered: adjusted", where, adjusted, outside, source, rtol=1e-5, atol=1e-6)


def _spread(known: dict[str, Any], rows: pd.DataFrame, codes: IntArray) -> Iterator[Check]:
    stats = practice_stats(rows[["grade"]].to_numpy(), codes, 24)
    within = variance_components(stats).ms_within[0]
    found = between_variance(stats.mean[:, 0], within / stats.n[:, 0])
    yield from beside(
        "variance between practices", ["DerSimonian-Laird"], [found], [known["dl_means"]["tau2"]], METAFOR, rtol=1e-9
    )
    n = np.bincount(codes).astype(float)
    y, s = np.arcsin(np.sqrt(np.bincount(codes, rows["binary"]) / n)), 1 / (2 * np.sqrt(n))
    over = overdispersion(y, s, n, winsorise=0.0, method="winsorised")
    outside = [known["dl_shares"]["tau2"], known["dl_shares"]["q"]]
    yield from beside(
        "overdispersion of shares", ["tau2", "Q"], [over.tau2, over.phi * 24], outside, METAFOR, rtol=1e-9
    )


def _survey(known: dict[str, Any], rows: pd.DataFrame) -> Iterator[Check]:
    clusters = pd.factorize(rows["practice"])[0].astype(np.intp)
    n, weights = len(rows), rows["weight"].to_numpy()
    for design, column, weighted, clustered in (
        ("clustered", "grade", False, True),
        ("weighted", "grade", True, False),
        ("both", "grade", True, True),
        ("both_binary", "binary", True, True),
    ):
        found = group_sums(
            rows[column].to_numpy(float), np.zeros(n, dtype=np.intp), 1, weights if weighted else np.ones(n),
            clusters if clustered else None,
        )  # fmt: skip
        outside = [known[design]["mean"], known[design]["se"]]
        terms = [f"mean ({design})", f"error ({design})"]
        yield from beside("mean of a sample", terms, [found.mean[0], found.error[0]], outside, SURVEY, **PRINTED)


def _published() -> Iterator[Check]:
    """Davies' dyestuff example: variance components and predicted effects as printed."""
    means, n, ss = np.array([1505.0, 1528, 1564, 1498, 1600, 1470]), np.full(6, 5.0), np.full(6, 58830 / 6)
    fit = estimated(fit_reml(n, means, ss))
    ours, printed = [fit.sigma2_between, fit.sigma2_within, fit.mu], [1764.05, 2451.25, 1527.5]
    source = "Davies (1947); Box & Tiao (1973)"
    yield from beside("REML, dyestuff", ["between", "within", "mean"], ours, printed, source, atol=0.0051)
    effects = shrink_means(means, n, fit.mu, fit.sigma2_between, fit.sigma2_within) - fit.mu
    printed = [-17.6068, 0.3913, 28.5623, -23.0845, 56.7331, -44.9953]
    yield from beside("predicted effect, dyestuff", "ABCDEF", effects, printed, "Bates (2010), ch. 1", atol=2e-3)


def check_shares(folder: Path) -> Iterator[Check]:
    """Intervals of shares and of their differences, as printed by Newcombe (1998 a and b)."""
    del folder  # printed values: there is no file
    one = "Newcombe (1998a), table I, method 3"
    for x, m, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        terms = [f"{x} of {m}, low", f"{x} of {m}, high"]
        yield from beside(
            "Wilson's interval", terms, [float(end) for end in wilson(x / m, m)], [low, high], one, atol=5.1e-5
        )
    two = "Newcombe (1998b), table II, method 10"
    for a, m, b, k, low, high in NEWCOMBE_10:
        first, second = ((np.array(x / size), *wilson(x / size, size)) for x, size in ((a, m), (b, k)))
        limits = [float(end) for end in difference_from_intervals(second, first)]
        terms = [f"{a}/{m} - {b}/{k}, {end}" for end in ("low", "high")]
        yield from beside("interval of a difference of shares", terms, limits, [low, high], two, atol=5.1e-5)
