"""Reliability of scales beside psych, semTools and lavaan."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pxanalysis.analysis.reliability import estimate_scale_reliability
from pxanalysis.arrays import FloatArray
from pxanalysis.audit.record import Check, beside
from pxanalysis.statistics.factor.alpha import (
    alpha_std_error,
    correlations,
    cronbach_alpha,
    feldt_interval,
    item_statistics,
    mean_inter_item,
    standardised_alpha,
)
from pxanalysis.statistics.factor.omega import (
    average_variance_extracted,
    composite_reliability,
    omega_implied,
    omega_observed,
    omega_standardised,
    ordinal_reliability,
)
from pxanalysis.statistics.factor.one_factor import fit_factors
from pxanalysis.statistics.moments.two_way_tables import PolychoricFit

__all__ = ["check_reliability", "ordinal_fit"]

SCALES = ("agree", "consc", "extra", "neuro", "open")
PSYCH, SEMTOOLS = "R psych 2.2.9", "R semTools 0.5-6"


def check_reliability(folder: Path) -> Iterator[Check]:
    """Alpha and its relatives, omega by each definition, ordinal omega."""
    for scale in SCALES:
        yield from _alpha(scale, _read(folder, "psych_alpha_bfi")[scale])
    yield from _test_scores(folder)
    yield from _omega(folder)
    yield from _ordinal(folder)


def _read(folder: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "sem" / f"{name}.json").read_text(encoding="utf-8"))
    return found


def _matrix(table: dict[str, Any]) -> FloatArray:
    return np.array(table["values"], dtype=np.float64)


def _alpha(scale: str, known: dict[str, Any]) -> Iterator[Check]:
    cov, n, total = _matrix(known["covariance"]), known["n_rows"], known["total"]
    alpha, r = float(cronbach_alpha(cov)), correlations(cov)
    feldt = known["feldt"]
    for statistic, ours, outside in (
        ("alpha", alpha, total["raw_alpha"]),
        ("standardised alpha", standardised_alpha(r), total["std.alpha"]),
        ("mean correlation of items", mean_inter_item(r), total["average_r"]),
        ("error of alpha", alpha_std_error(cov, n), total["ase"]),
        ("Feldt's interval of alpha", feldt_interval(alpha, n, 5), [feldt["lower.ci"], feldt["upper.ci"]]),
    ):
        values = np.atleast_1d(np.asarray(outside, float))
        terms = [f"bfi {scale}"] if len(values) == 1 else [f"bfi {scale}, low", f"bfi {scale}, high"]
        yield from beside(statistic, terms, np.atleast_1d(ours), values, PSYCH, rtol=1e-11)
    found, items = item_statistics(cov), [f"bfi {scale} {number}" for number in range(1, 6)]
    rest = [one["r.drop"] for one in known["item_stats"]]
    dropped = [one["raw_alpha"] for one in known["alpha_drop"]]
    yield from beside("item with the rest", items, found.item_rest, rest, PSYCH, rtol=1e-11)
    yield from beside("alpha without the item", items, found.alpha_if_dropped, dropped, PSYCH, rtol=1e-11)


def _test_scores(folder: Path) -> Iterator[Check]:
    """Scales of Holzinger & Swineford's test scores, from the answers themselves."""
    rows, known = pd.read_csv(folder / "sem" / "hs_ordinal4.csv"), _read(folder, "psych_hs")
    for scale in ("visual", "textual", "speed", "first_six"):
        expected = known["scales"][scale]
        found = estimate_scale_reliability(rows, expected["items"], n_bootstrap=0)
        alpha = found["alpha"]
        yield from beside(
            "alpha with error and interval",
            [f"test scores {scale}, {what}" for what in ("alpha", "error", "low", "high")],
            [alpha.estimate, alpha.std_error, alpha.ci_low, alpha.ci_high],
            [expected["total"]["raw_alpha"], expected["total"]["ase"], *expected["feldt"]], PSYCH, rtol=1e-11,
        )  # fmt: skip
        # R's factanal stops at about 1e-5 in the loadings
        loadings = found.item_table["loading"].abs()
        yield from beside("loading", expected["items"], loadings, expected["loadings"], "R factanal 4.2.2", atol=2e-5)
    pair = estimate_scale_reliability(rows, ["x4", "x5"], n_bootstrap=0)["spearman_brown"].estimate
    yield from beside("Spearman-Brown", ["x4 and x5"], [pair], [known["spearman_brown_pair"]], PSYCH, rtol=1e-11)


def _omega(folder: Path) -> Iterator[Check]:
    known, psych, total = (
        _read(folder, f"{name}_bfi") for name in ("semtools_reliability", "psych_alpha", "psych_omega")
    )
    cov = _matrix(known["cfa"]["covariance"])
    fit = fit_factors(cov[None], np.repeat(np.arange(5), 5))
    yield from beside(
        "correlation of factors", [f"{one} with {two}" for one in SCALES for two in SCALES], fit.correlations[0],
        _matrix(known["latent_cor"]), "R lavaan 0.6-14", atol=2e-8,
    )  # fmt: skip
    for place, scale in enumerate(SCALES):
        own = slice(5 * place, 5 * place + 5)
        block, loading, unique = cov[own, own], fit.loadings[0, own], fit.uniquenesses[0, own]
        standard, hand = loading / np.sqrt(np.diag(block)), known["by_hand_standardized"][scale]
        alone = _matrix(psych[scale]["covariance"])
        one = omega_standardised(fit_factors(alone[None], np.zeros(5, dtype=np.intp)).uniquenesses[0], alone)
        for statistic, ours, outside, source in (
            ("omega, observed variance", omega_observed(loading, block), known["compRelSEM"][scale], SEMTOOLS),
            (
                "omega, implied variance",
                omega_implied(loading, unique),
                known["compRelSEM_obsvar_false"][scale],
                SEMTOOLS,
            ),
            ("composite reliability", composite_reliability(standard), hand["CR"], SEMTOOLS),
            ("average variance extracted", average_variance_extracted(standard), hand["AVE"], SEMTOOLS),
            ("omega, one factor, standardised", one, total[scale]["omega_total_1factor_ml"], PSYCH),
        ):
            yield from beside(statistic, [f"bfi {scale}"], [float(ours)], [outside], source, atol=1e-6)


def ordinal_fit(folder: Path) -> PolychoricFit:
    """Polychorics, thresholds and variances of agreeableness in bfi, as lavaan has them."""
    known, fitted = _read(folder, "ordinal_reliability_bfi_agree"), _read(folder, "lavaan_bfi_ordinal_wlsmv")
    values = list(fitted["gamma_diag"].values())[len(fitted["thresholds"]) :]
    places = [(row, column) for column in range(25) for row in range(column + 1, 25)]
    variance = np.zeros((5, 5))
    for (row, column), value in zip(places, values, strict=True):
        if row < 5 and column < 5:
            variance[row, column] = variance[column, row] = value
    thresholds = np.array(list(known["cfa"]["thresholds"].values())).reshape(5, 5)
    return PolychoricFit(thresholds, _matrix(known["cfa"]["polychoric"]), variance, np.zeros((5, 5), dtype=bool))


def _ordinal(folder: Path) -> Iterator[Check]:
    """Agreeableness, from lavaan's polychoric correlations and the variances of these."""
    known = _read(folder, "ordinal_reliability_bfi_agree")
    found = ordinal_reliability(ordinal_fit(folder))
    for statistic, ours, outside in (
        ("categorical omega (Green & Yang)", found.categorical_omega, known["compRelSEM_green_yang"]),
        ("ordinal omega", found.latent_omega, known["compRelSEM_latent_scale"]),
        ("ordinal alpha", standardised_alpha(_matrix(known["polychoric"])), known["ordinal_alpha"]),
    ):
        yield from beside(statistic, ["bfi agree"], [float(ours)], [outside], SEMTOOLS, atol=1e-5)
