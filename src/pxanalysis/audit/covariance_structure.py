"""Structural equation models, moments and ordered answers beside lavaan."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pxanalysis.analysis.sem import SemModel, SemOptions, fit_sem
from pxanalysis.audit.record import Check, beside
from pxanalysis.statistics.moments.estimate import estimate_moments
from pxanalysis.statistics.moments.polychoric import estimate_polychoric

__all__ = ["check_covariance_structure", "check_moments"]

LAVAAN = "R lavaan 0.6-14"
EXACT = [
    "hs_cfa_ml",
    "hs_cfa_mlm",
    "hs_cfa_mlr",
    "hs_cfa_ml_meanstructure",
    "pd_sem_ml",
    "pd_sem_mlr",
    "hs_missing10_fiml",
    "hs_missing10_fiml_expected",
    "hs_missing10_fiml_mlr",
    "hs_missing10_listwise",
    "hs_mimic_fixedx_true",
    "hs_mimic_fixedx_false",
    "hs_latent_plus_covariates",
    "hs_path",
    "journey500_obs_ml",
    "journey500_lat_ml",
    "journey500_seq_ml",
    "journey500_obs_mlr",
    "journey500_lat_mlr",
    "journey500_seq_mlr",
]
# lavaan's own stopping rule leaves its parameters good to about 1e-5 (with equality constraints 1e-4) in these
LESS_EXACT = {
    "pd_effects": 2e-5,
    "pd_equal_loadings_effects": 2e-4,
    "hs_invariance_configural": 1e-4,
    "hs_invariance_metric": 1e-4,
    "hs_invariance_scalar": 1e-4,
    "hs_invariance_strict": 1e-4,
    "hs_ordinal4_wlsmv": 1e-5,
    "hs_ordinal4_dwls": 1e-5,
}
ESTIMATORS: dict[str, str] = {"robust.sem": "MLM", "robust.huber.white": "MLR", "standard": "ML"}
LAVAAN_COLUMNS = {"estimate": "est", "std_error": "se", "std_lv": "std.lv", "std_all": "std.all"}
HS = [f"x{number}" for number in range(1, 10)]


def check_covariance_structure(folder: Path) -> Iterator[Check]:
    """Parameters, errors, standardised values and fit measures of 28 models whose data may be copied."""
    for name, tolerance in (dict.fromkeys(EXACT, 1e-6) | LESS_EXACT).items():
        reference = _read(folder, "sem_models", name)
        rows = pd.read_csv(folder / "sem_models" / reference["meta"]["data_file"])
        model = _fit(name, reference, rows)
        for ours, theirs in LAVAAN_COLUMNS.items():
            found = list(_pairs(name, model, reference, ours, theirs))
            terms, mine, lavaan = zip(*found, strict=True)
            yield from beside(f"{name}: {ours}", terms, mine, lavaan, LAVAAN, rtol=tolerance, atol=tolerance / 100)
        # lavaan's EM for the saturated model stops at 1e-5, and its search for the RMSEA interval at about 1e-8
        rtol = max(tolerance, 3e-6 if "fiml" in name else 0)
        known = {key: value for key, value in reference["fit_measures"].items() if value is not None}
        shared = [key for key in model.measures if key in known]
        yield from beside(
            f"{name}: fit",
            shared,
            [model.measures[key] for key in shared],
            [known[key] for key in shared],
            LAVAAN,
            rtol=rtol,
            atol=1e-7,
        )


def _read(folder: Path, room: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / room / f"lavaan_{name}.json").read_text(encoding="utf-8"))
    return found


def _options(name: str, reference: dict[str, Any]) -> SemOptions:
    if "ordinal" in name:
        return SemOptions(estimator="WLSMV" if name.endswith("wlsmv") else "DWLS", missing="listwise")
    return SemOptions(
        estimator=ESTIMATORS[reference["se"]],  # type: ignore[arg-type]  # a name from the file
        missing="fiml" if reference["missing"] in ("ml", "ml.x") else "listwise",
        fixed_x=bool(reference["fixed_x"]),
        means=bool(reference["meanstructure"]),
        information=reference["information"][0],
    )


def _fit(name: str, reference: dict[str, Any], rows: pd.DataFrame) -> SemModel:
    more: dict[str, Any] = {}
    if "group" in reference["meta"]:
        # lavaan numbers groups by their first row; ours are sorted by label
        order = {label: str(number) for number, label in enumerate(reference["meta"]["group_labels"])}
        more = {"group": rows["school"].map(order).to_numpy(), "invariance": name.rsplit("_", 1)[1]}
    return fit_sem(rows, syntax=reference["meta"]["model"], options=_options(name, reference), **more)


def _pairs(
    name: str, model: SemModel, reference: dict[str, Any], ours: str, theirs: str
) -> Iterator[tuple[str, float, float]]:
    """Term, our value and lavaan's, for every parameter that lavaan gives a value."""
    known = {
        (row["lhs"], row["op"], "" if row["op"] == ":=" else row["rhs"], row["group"]): float(row[ours])
        for row in model.parameters.to_dict("records")
    }
    for row in reference["parameters"]:
        value, op = row.get(theirs), row["op"]
        if value is None or op == "~*~" or (op == "~1" and "ordinal" in name) or (theirs == "se" and value == 0):
            continue
        if theirs == "std.lv" and op == ":=":
            continue  # of a defined parameter ours gives the whole standardised value only
        group = str(row["group"] - 1) if "group" in reference["meta"] else ""
        rhs = "" if op == ":=" else row["rhs"]
        key = (row["lhs"], op, rhs, group)
        key = key if key in known else (rhs, op, row["lhs"], group)
        yield " ".join(filter(None, key)), known[key], float(value)


def check_moments(folder: Path) -> Iterator[Check]:
    """Means and covariances with and without holes, and polychoric correlations."""
    rows = pd.read_csv(folder / "sem" / "hs_missing10.csv")[HS]
    # lavaan's EM stops at steps of 1e-5, which its log-likelihood shows: ours is 3e-8 higher
    for missing, kind, tolerance in (("em", "fiml", 1e-5), ("listwise", "listwise", 1e-10)):
        reference = _read(folder, "sem", f"hs_missing10_{kind}")
        found = estimate_moments(rows, method=missing)  # type: ignore[arg-type]  # one of its names
        sample = reference["sample"]
        means = [sample["mean"][item] for item in HS]
        yield from beside(f"mean ({missing})", HS, found.mean[HS], means, LAVAAN, rtol=tolerance, atol=tolerance)
        yield from beside(
            f"covariance ({missing})", _pair_names(), _lower(found.cov), _lower(_square(sample["cov"])), LAVAAN,
            rtol=tolerance, atol=tolerance,
        )  # fmt: skip
        expected = reference["fit_measures"]["unrestricted.logl"]
        yield from beside("log-likelihood", [missing], [found.loglik], [expected], LAVAAN, rtol=1e-9)
    yield from _polychoric(folder)


def _polychoric(folder: Path) -> Iterator[Check]:
    reference = _read(folder, "sem", "hs_ordinal4_wlsmv")
    found = estimate_polychoric(pd.read_csv(folder / "sem" / "hs_ordinal4.csv")[HS])
    yield from beside(
        "polychoric correlation", _pair_names(), _lower(found.correlation), _lower(_square(reference["polychoric"])),
        LAVAAN, atol=4e-8,
    )  # fmt: skip
    thresholds = reference["thresholds"]
    yield from beside(
        "threshold", thresholds, found.thresholds["estimate"], list(thresholds.values()), LAVAAN, atol=1e-12
    )
    variances = list(reference["gamma_diag"].values())[len(thresholds) :]
    yield from beside(
        "polychoric variance times n", _pair_names(), _lower(found.std_error**2 * found.n_obs), variances, LAVAAN,
        rtol=1e-6,
    )  # fmt: skip


def _square(table: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(table["values"], index=table["rows"], columns=table["cols"]).loc[HS, HS]


def _places() -> list[tuple[int, int]]:
    return [(row, column) for column in range(len(HS)) for row in range(column + 1, len(HS))]


def _pair_names() -> list[str]:
    return [f"{HS[row]} with {HS[column]}" for row, column in _places()]


def _lower(square: pd.DataFrame) -> list[float]:
    """Below the diagonal, column by column, as lavaan lists them."""
    values = square.loc[HS, HS].to_numpy(dtype=np.float64)
    return [float(values[place]) for place in _places()]
