"""From a parameter table and rows to estimates, errors and fit in the units of the data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pxanalysis.analysis.sem.cells import ScaledModel, scale_model
from pxanalysis.analysis.sem.options import SemOptions
from pxanalysis.analysis.sem.rows import ModelRows
from pxanalysis.analysis.sem.table import ParameterTable
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.covariance_structure.incomplete import prepare_group
from pxanalysis.statistics.covariance_structure.likelihood import GroupMoments
from pxanalysis.statistics.covariance_structure.objective import CompleteData, IncompleteData, SemData
from pxanalysis.statistics.covariance_structure.replicates import Replicates
from pxanalysis.statistics.covariance_structure.robust import cluster_meat, sandwich, score_meat
from pxanalysis.statistics.covariance_structure.solution import Solution, solve
from pxanalysis.statistics.covariance_structure.structure import IntArray

__all__ = ["Fitted", "degrees_of_freedom", "estimate_model"]


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A fitted model in standard units, with what is needed to bring it back.

    Attributes
    ----------
    table, rows, options
        What was asked.
    model, data, solution
        The cells, the data and the solution in standard units.
    bread, meat
        Information of one row and, where errors are robust, the mean cross-product of scores (None: not), (q, q).
    covariance
        Of the estimates in standard units, shape (q, q).
    replicates
        The model refitted to bootstrap samples of practices, where errors rest on them (None: not).
    centre
        Shape (g, p): what was taken off the columns of each group (0 where means are modelled).
    """

    table: ParameterTable
    rows: ModelRows
    options: SemOptions
    model: ScaledModel
    data: SemData
    solution: Solution
    bread: FloatArray
    meat: FloatArray | None
    covariance: FloatArray
    centre: FloatArray
    replicates: Replicates | None = None

    @property
    def df(self) -> int:
        """Degrees of freedom."""
        return degrees_of_freedom(self.table)

    @property
    def ordered(self) -> bool:
        """Whether answers are taken as ordered categories, for which there is no normal likelihood."""
        return self.options.estimator in ("WLSMV", "DWLS")

    def refuse_ordered(self, what: str) -> None:
        """Refuse what rests on the normal likelihood.

        Raises
        ------
        NotEstimableError
            When answers are ordered categories.
        """
        if self.ordered:
            raise NotEstimableError(f"{what}: not given for ordered answers; use estimator='MLR' for it.")

    @property
    def covariates(self) -> IntArray:
        """Positions of the covariates whose moments are given."""
        return np.array([self.table.observed.index(name) for name in self.table.covariates], dtype=np.intp)

    @property
    def given(self) -> IntArray:
        """Positions of observed variables that only explain; the baseline lets them go together."""
        return np.array([self.table.observed.index(name) for name in self.table.outside], dtype=np.intp)

    @property
    def chi_square(self) -> float:
        """Twice the log-likelihood below the saturated one."""
        return max(2.0 * (self.solution.saturated_loglik - self.solution.loglik), 0.0)

    @property
    def cluster_codes(self) -> list[IntArray]:
        """Practice of each row, per group."""
        return [self.rows.clusters[self.rows.groups == g] for g in range(self.table.n_groups)]


def degrees_of_freedom(table: ParameterTable) -> int:
    """Sample moments less parameters; the moments of given covariates count in neither."""
    p, c = len(table.observed), len(table.covariates)
    moments = p * (p + 1) // 2 - c * (c + 1) // 2 + (p - c if table.has_means else 0)
    return moments * table.n_groups - table.n_parameters


def check_counts(table: ParameterTable) -> None:
    """Refuse a model with more parameters than moments."""
    df = degrees_of_freedom(table)
    if df < 0:
        raise NotEstimableError(
            f"the model has {table.n_parameters} parameters, {-df} more than there are means, variances and "
            "covariances to find them from (negative degrees of freedom); fix or leave out paths, or add items. A "
            "latent needs three items, or two when it is related to another.",
            code="singular",
        )


def prepare_data(table: ParameterTable, rows: ModelRows) -> tuple[ScaledModel, SemData, FloatArray]:
    """Put rows in standard units and sum them up per group."""
    one = table.n_groups == 1
    parts = [rows.numbers] if one else [rows.numbers[rows.groups == g] for g in range(table.n_groups)]
    raw = [_moments(x, incomplete=rows.incomplete) for x in parts]
    spread = np.sqrt(np.average([np.diag(cov) for _, cov in raw], axis=0, weights=[len(x) for x in parts]))
    model = scale_model(table, spread, raw)
    unit = model.scale[: len(spread)]
    centre = np.zeros((len(parts), len(spread))) if table.has_means else np.array([mean for mean, _ in raw])
    if rows.incomplete:
        standard = [(x - middle) / unit for x, middle in zip(parts, centre, strict=True)]
        where = [f" in group '{label}'" if label else "" for label in rows.group_labels]
        groups = tuple(prepare_group(x, label) for x, label in zip(standard, where, strict=True))
        return model, IncompleteData(groups), centre
    moments = tuple(
        GroupMoments(len(x), (mean - middle) / unit, cov / np.outer(unit, unit))
        for x, (mean, cov), middle in zip(parts, raw, centre, strict=True)
    )
    return model, CompleteData(moments, tuple(parts), centre, unit), centre


def _moments(rows: FloatArray, *, incomplete: bool) -> tuple[FloatArray, FloatArray]:
    """Mean and covariance (of what is there: variances only)."""
    if incomplete:
        return np.nanmean(rows, axis=0), np.diag(np.nanvar(rows, axis=0))
    mean = rows.mean(axis=0)
    off = rows - mean
    return mean, off.T @ off / len(rows)


def estimate_model(table: ParameterTable, rows: ModelRows, options: SemOptions) -> Fitted:
    """Find the maximum-likelihood estimate and its errors.

    Raises
    ------
    NotEstimableError
        When the model is not identified or does not converge, naming the parameters, or what was tried.
    """
    check_counts(table)
    model, data, centre = prepare_data(table, rows)
    solution = solve(data, model.structures)
    if solution.unidentified:
        terms = [table.free[number].term for number in solution.unidentified][:6]
        raise NotEstimableError(
            f"the model is not identified: the data cannot tell {', '.join(terms)} apart. Fix one of them, give a "
            "latent more items, or state the reliability of a single item.",
            code="singular",
        )
    information = options.information or ("expected" if data.complete and options.estimator != "MLR" else "observed")
    if options.estimator == "MLM":
        information = "expected"
    asked = data.expected if information == "expected" else data.observed
    bread = asked(model.structures, solution.theta)
    n = float(data.sizes.sum())
    if options.estimator not in ("MLR", "MLM"):
        return Fitted(
            table,
            rows,
            options,
            model,
            data,
            solution,
            bread,
            None,
            np.asarray(np.linalg.inv(bread) / n, dtype=np.float64),
            centre,
        )
    scores = data.scores(model.structures, solution.theta)
    codes = [rows.clusters[rows.groups == g] for g in range(table.n_groups)]
    meat = score_meat(scores) if rows.n_clusters == 1 else cluster_meat(scores, codes)
    covariance = sandwich(bread, meat) / n
    return Fitted(table, rows, options, model, data, solution, bread, meat, covariance, centre)
