"""The table of estimates: parameters with error, interval and standardised values, and what is defined from them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from pxanalysis.analysis.sem.cells import cell_factor
from pxanalysis.analysis.sem.estimate import Fitted
from pxanalysis.analysis.sem.records import each_row
from pxanalysis.analysis.sem.syntax import ModelSyntax
from pxanalysis.arrays import FloatArray
from pxanalysis.statistics.covariance_structure.standardise import explained_variance, standardise, standardised_slopes
from pxanalysis.statistics.covariance_structure.structure import AnyArray

__all__ = ["PARAMETER_COLUMNS", "defined_values", "infer", "list_parameters", "list_r2", "warn_inadmissible"]

PARAMETER_COLUMNS = [
    "term", "lhs", "op", "rhs", "group", "label", "estimate", "std_error", "z", "p_value", "ci_low", "ci_high",
    "std_lv", "std_all", "std_all_error", "free",
]  # fmt: skip

STEP = 1e-30


def infer(estimate: FloatArray, error: FloatArray, confidence: float) -> dict[str, FloatArray]:
    """Estimates with error, z, p and normal interval; NaN where there is no error, as for what is fixed."""
    known = error > 0
    z = np.divide(estimate, error, out=np.full_like(estimate, np.nan), where=known)
    reach = float(ndtri(0.5 + confidence / 2)) * np.where(known, error, np.nan)
    return {
        "estimate": estimate,
        "std_error": np.where(known, error, np.nan),
        "z": z,
        "p_value": 2 * ndtr(-np.abs(z)),
        "ci_low": estimate - reach,
        "ci_high": estimate + reach,
    }


def _group_rows(fitted: Fitted, group: int, confidence: float) -> pd.DataFrame:
    structure, theta = fitted.model.structures[group], fitted.solution.theta
    rows, scale = fitted.model.rows[group], fitted.model.scale
    kinds = zip(structure.kind, structure.row, structure.column, strict=True)
    places = [(int(kind), int(row), int(column)) for kind, row, column in kinds]
    factor = np.array([cell_factor(*place, scale) for place in places])
    latent_unit = np.where(np.arange(len(scale)) < structure.n_observed, scale, 1.0)
    latent_factor = np.array([cell_factor(*place, latent_unit) for place in places])
    number = structure.parameter
    values = np.where(number >= 0, theta[np.maximum(number, 0)], structure.value) * factor
    errors = np.sqrt(np.maximum(np.diag(fitted.covariance), 0))
    error = np.where(number >= 0, errors[np.maximum(number, 0)], 0.0) * factor
    slopes = standardised_slopes(structure, theta)
    spread = np.sqrt(np.maximum((slopes @ fitted.covariance * slopes).sum(axis=1), 0))
    facts = {
        "term": [row.term for row in rows],
        "lhs": [row.left for row in rows],
        "op": [row.operator for row in rows],
        "rhs": [row.right for row in rows],
        "group": fitted.rows.group_labels[group],
        "label": [row.label for row in rows],
        **infer(values, error, confidence),
        "std_lv": standardise(structure, theta[None], "latent")[0] * latent_factor,
        "std_all": standardise(structure, theta[None])[0],
        "std_all_error": np.where(spread > 1e-12, spread, np.nan),
        "free": number >= 0,
    }
    return pd.DataFrame(facts)[PARAMETER_COLUMNS]


def list_parameters(fitted: Fitted, syntax: ModelSyntax, confidence: float) -> pd.DataFrame:
    """One row per parameter of every group, then one per defined parameter."""
    parts = [_group_rows(fitted, group, confidence) for group in range(fitted.table.n_groups)]
    if syntax.definitions:
        parts.append(_defined_rows(fitted, syntax, confidence))
    return pd.concat(parts, ignore_index=True)


def _labelled(fitted: Fitted) -> dict[str, int | float]:
    """Number of the parameter behind each label, or the value it is fixed at."""
    known: dict[str, int | float] = {}
    for row in fitted.table.rows:
        if row.label and row.label not in known:
            known[row.label] = row.number if row.number >= 0 else float(row.value or 0.0)
    return known


def defined_values(fitted: Fitted, syntax: ModelSyntax, theta: AnyArray) -> AnyArray:
    """Defined parameters in the units of the data at parameters (b, q) in standard units, shape (b, d)."""
    values: dict[str, AnyArray] = {}
    for label, place in _labelled(fitted).items():
        fixed = isinstance(place, float)
        values[label] = np.full(len(theta), place) if fixed else theta[:, int(place)] * fitted.model.factor[int(place)]
    for name, expression in syntax.definitions:
        values[name] = expression(values) + np.zeros(len(theta))
    return np.stack([values[name] for name, _ in syntax.definitions], axis=1)


def _standard_labels(fitted: Fitted, theta: AnyArray) -> Mapping[str, AnyArray]:
    """Standardised values behind each label at parameters (b, q)."""
    values: dict[str, AnyArray] = {}
    for structure, rows in zip(fitted.model.structures, fitted.model.rows, strict=True):
        cells = standardise(structure, theta)
        for position, row in enumerate(rows):
            if row.label:
                values.setdefault(row.label, cells[:, position])
    return values


def _standard_defined(fitted: Fitted, syntax: ModelSyntax, theta: AnyArray) -> AnyArray:
    values = dict(_standard_labels(fitted, theta))
    for name, expression in syntax.definitions:
        values[name] = expression(values) + np.zeros(len(theta))
    return np.stack([values[name] for name, _ in syntax.definitions], axis=1)


def _defined_rows(fitted: Fitted, syntax: ModelSyntax, confidence: float) -> pd.DataFrame:
    theta = fitted.solution.theta
    beside = theta + STEP * 1j * np.eye(theta.size)
    slopes = defined_values(fitted, syntax, beside).imag.T / STEP
    standard = _standard_defined(fitted, syntax, beside).imag.T / STEP
    variance, spread = (np.einsum("dq,qr,dr->d", s, fitted.covariance, s) for s in (slopes, standard))
    estimate = defined_values(fitted, syntax, theta[None])[0]
    names = [name for name, _ in syntax.definitions]
    together = _standard_defined(fitted, syntax, theta[None])[0]
    facts = {
        "term": [f"{name} := {expression.text}" for name, expression in syntax.definitions],
        "lhs": names,
        "op": ":=",
        "rhs": [expression.text for _, expression in syntax.definitions],
        "group": "",
        "label": names,
        **infer(estimate, np.sqrt(np.maximum(variance, 0)), confidence),
        "std_lv": np.nan,
        "std_all": together,
        "std_all_error": np.sqrt(np.maximum(spread, 0)),
        "free": False,
    }
    return pd.DataFrame(facts)[PARAMETER_COLUMNS]


def list_r2(fitted: Fitted) -> pd.DataFrame:
    """Explained variance of every variable that has a cause: ``group, variable, r2``."""
    names = (*fitted.table.observed, *fitted.table.latents)
    parts = []
    for label, structure in zip(fitted.rows.group_labels, fitted.model.structures, strict=True):
        r2 = explained_variance(structure, fitted.solution.theta)
        parts += [(label, name, float(value)) for name, value in zip(names, r2, strict=True) if np.isfinite(value)]
    return pd.DataFrame(parts, columns=["group", "variable", "r2"])


def warn_inadmissible(parameters: pd.DataFrame) -> list[str]:
    """Sentences on negative variances and correlations beyond 1 (Heywood cases), by parameter."""
    operator, estimate = parameters["op"].to_numpy(), parameters["estimate"].to_numpy(dtype=np.float64)
    own = (parameters["lhs"] == parameters["rhs"]).to_numpy()
    beyond = np.abs(parameters["std_all"].to_numpy(dtype=np.float64)) > 1
    negative = (operator == "~~") & own & (estimate < 0)
    pairs, loadings = (operator == "~~") & ~own & beyond, (operator == "=~") & beyond
    if not (negative | pairs | loadings).any():
        return []
    found = [
        f"inadmissible solution (Heywood case): the variance of '{row.lhs}' is {row.estimate:.3g}, below 0"
        for row in each_row(parameters[negative])
    ]
    found += [
        f"inadmissible solution: '{row.lhs}' and '{row.rhs}' correlate {row.std_all:.2f}; combine them"
        for row in each_row(parameters[pairs])
    ]
    found += [
        f"inadmissible solution (Heywood case): '{row.rhs}' loads {row.std_all:.2f} on '{row.lhs}'"
        for row in each_row(parameters[loadings])
    ]
    return found
