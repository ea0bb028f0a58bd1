"""Relative importance and dominance beside relaimpo, domir, rwa and iopsych."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from pxanalysis.analysis.importance.dominance import complete_dominance, conditional_dominance, general_dominance
from pxanalysis.arrays import FloatArray
from pxanalysis.audit.record import Check, beside
from pxanalysis.statistics.regression.explained_variance import subset_r2
from pxanalysis.statistics.relative_importance.methods import ImportanceMethod, importance_shares

__all__ = ["check_importance"]

OUTCOMES = {
    "swiss": "Fertility",
    "attitude": "rating",
    "longley": "Employed",
    "mtcars3": "mpg",
    "SQ_dims": "sat",
    "customerSat": "q1",
}
METHODS: dict[str, ImportanceMethod] = {
    "lmg": "lmg",
    "first": "first",
    "last": "last",
    "johnson_rw_raw": "johnson",
    "rwa_raw": "johnson",
    "genizi": "johnson",
}
"""Names of the reference; ``car``, ``pratt`` and ``betasq`` are not offered: they may be negative or mislead."""
DOMIR = "R domir 1.2.0"


def check_importance(folder: Path) -> Iterator[Check]:
    """Shares of R² by each method, and dominance, of six models; deterministic, so to 1e-8."""
    room = folder / "relative_importance"
    table = pd.read_csv(room / "reference_values.csv")
    for (model, method, source), part in table.groupby(["model", "method", "source"], sort=False):
        lmg = table[(table["model"] == model) & (table["method"] == "lmg")]
        if method == "R2":
            ours = subset_r2(_covariance(room, str(model), lmg["term"].to_list()))[-1:]
        elif method == "general_dominance":
            ours = general_dominance(_covariance(room, str(model), part["term"].to_list()))
        elif method in METHODS:
            ours = importance_shares(_covariance(room, str(model), part["term"].to_list()), METHODS[str(method)])
        else:
            continue
        terms = [f"{model}: {term}" for term in part["term"]]
        yield from beside(str(method), terms, ours, part["value"], f"R {source}", atol=1e-8)
    for model in ("swiss", "attitude", "longley", "mtcars3", "SQ_dims"):
        yield from _dominance(room, model)


def _dominance(room: Path, model: str) -> Iterator[Check]:
    conditional = pd.read_csv(room / f"conditional_dominance_{model}.csv", index_col=0)
    complete = pd.read_csv(room / f"complete_dominance_{model}.csv", index_col=0)
    names = list(conditional.index)
    covariance = _covariance(room, model, names)
    terms = [f"{model}: {name}, beside {others} others" for name in names for others in range(len(names))]
    yield from beside("conditional dominance", terms, conditional_dominance(covariance), conditional, DOMIR, atol=1e-8)
    terms = [f"{model}: {one} over {two}" for one in names for two in names if one != two]
    apart = ~np.eye(len(names), dtype=bool)  # nothing dominates itself: empty on both sides
    ours, outside = complete_dominance(covariance)[apart], complete.to_numpy()[apart]
    yield from beside("complete dominance", terms, ours, outside, DOMIR, atol=1e-8)


def _covariance(room: Path, model: str, terms: list[str]) -> FloatArray:
    """Covariances of the terms and, last, the outcome."""
    names, stored = [*terms, OUTCOMES[model]], room / f"covariance_{model}.csv"
    if stored.exists():
        return pd.read_csv(stored, index_col=0).loc[names, names].to_numpy(dtype=float)
    return pd.read_csv(room / f"{model.removesuffix('3')}.csv")[names].cov().to_numpy(dtype=float)
