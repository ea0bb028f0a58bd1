"""A closer look at a fitted model: what to free, where it misses, and respondents' scores."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd

from pxanalysis.analysis.sem.cells import cell_factor
from pxanalysis.analysis.sem.estimate import Fitted
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.covariance_structure.factor_scores import bartlett_scores, regression_scores
from pxanalysis.statistics.covariance_structure.modification import modification_indices
from pxanalysis.statistics.covariance_structure.structure import ARROW, TWO_HEADED, imply

__all__ = ["list_modifications", "list_residuals", "list_scores"]


def _candidates(fitted: Fitted) -> Iterator[tuple[str, int, int, int]]:
    """Terms that are not in the model, each with its cell: cross-loadings, covariances, paths between explained."""
    table, structure = fitted.table, fitted.model.structures[0]
    names = (*table.observed, *table.latents)
    there = set(zip(structure.kind.tolist(), structure.row.tolist(), structure.column.tolist(), strict=True))
    p, v = len(table.observed), len(names)
    indicators = {row.right for row in table.rows if row.operator == "=~"}
    covariates = set(table.covariates)
    for latent in range(p, v):
        for item in range(p):
            if names[item] in indicators and (ARROW, item, latent) not in there:
                yield f"{names[latent]} =~ {names[item]}", ARROW, item, latent
    for low, high in combinations(range(v), 2):
        same = (low < p) == (high < p)
        if same and (TWO_HEADED, high, low) not in there and not covariates & {names[low], names[high]}:
            yield f"{names[low]} ~~ {names[high]}", TWO_HEADED, high, low
    inner = [i for i, name in enumerate(names) if name not in indicators and name not in covariates]
    explained = {row.left for row in table.rows if row.operator == "~"}
    for target in inner:
        for source in inner:
            if target != source and names[target] in explained and (ARROW, target, source) not in there:
                yield f"{names[target]} ~ {names[source]}", ARROW, target, source


def list_modifications(fitted: Fitted) -> pd.DataFrame:
    """See ``SemModel.modification_indices``."""
    fitted.refuse_ordered("modification indices")
    if fitted.table.n_groups > 1:
        raise NotEstimableError("modification indices are for one group; fit the group by itself.")
    candidates = list(_candidates(fitted))
    if not candidates:
        return pd.DataFrame(columns=["term", "mi", "change", "std_all_change"])
    kind, row, column = (np.array([one[part] for one in candidates], dtype=np.intp) for part in (1, 2, 3))
    structure, theta = fitted.model.structures[0], fitted.solution.theta
    found = modification_indices(fitted.data, structure, theta, kind, row, column)
    scale = fitted.model.scale
    factor = np.array([cell_factor(int(k), int(r), int(c), scale) for k, r, c in zip(kind, row, column, strict=True)])
    spread = np.sqrt(np.diag(imply(structure, theta[None]).all_cov[0]))
    unit = np.where(kind == ARROW, spread[column] / spread[row], 1.0 / (spread[row] * spread[column]))
    own = np.full(len(spread), np.nan)
    diagonal = (structure.kind == TWO_HEADED) & (structure.row == structure.column)
    cells = np.where(structure.parameter >= 0, theta[np.maximum(structure.parameter, 0)], structure.value)
    own[structure.row[diagonal]] = cells[diagonal]
    with np.errstate(invalid="ignore", divide="ignore"):
        residual = 1.0 / np.sqrt(own[row] * own[column])
    unit = np.where((kind == TWO_HEADED), residual, unit)
    table = pd.DataFrame(
        {
            "term": [one[0] for one in candidates],
            "mi": found.chi_square,
            "change": found.change * factor,
            "std_all_change": found.change * unit,
        }
    )
    return table.dropna(subset=["mi"]).sort_values("mi", ascending=False, ignore_index=True)


def list_residuals(fitted: Fitted, kind: Literal["cor", "raw"]) -> pd.DataFrame:
    """See ``SemModel.residuals``; of the first group."""
    implied = imply(fitted.model.structures[0], fitted.solution.theta[None]).cov[0]
    sample = fitted.data.moments[0].cov
    unit = fitted.model.scale[: len(sample)]
    size = 1.0 / np.sqrt(np.diag(sample)) if kind == "cor" else unit
    names = list(fitted.table.observed)
    return pd.DataFrame((sample - implied) * np.outer(size, size), index=names, columns=names)


def list_scores(fitted: Fitted, method: Literal["regression", "bartlett"]) -> pd.DataFrame:
    """See ``SemModel.factor_scores``."""
    fitted.refuse_ordered("factor scores")
    table, unit = fitted.table, fitted.model.scale
    p = len(table.observed)
    out = np.full((len(fitted.rows.numbers), len(table.latents)), np.nan)
    for group, structure in enumerate(fitted.model.structures):
        of = fitted.rows.groups == group
        rows: FloatArray = (fitted.rows.numbers[of] - fitted.centre[group]) / unit[:p]
        score = regression_scores if method == "regression" else bartlett_scores
        out[of] = score(structure, fitted.solution.theta, rows, fitted.data.moments[group].mean) * unit[p:]
    return pd.DataFrame(out, columns=list(table.latents), index=fitted.rows.positions)
