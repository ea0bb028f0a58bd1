"""A model of ordered answers: DWLS estimates with WLSMV errors and the scaled-and-shifted chi-square."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from pxanalysis.analysis.sem.cells import ScaledModel, scale_model
from pxanalysis.analysis.sem.estimate import Fitted, check_counts
from pxanalysis.analysis.sem.model import SemModel
from pxanalysis.analysis.sem.options import SemOptions
from pxanalysis.analysis.sem.parameters import PARAMETER_COLUMNS, infer, list_parameters, list_r2, warn_inadmissible
from pxanalysis.analysis.sem.rows import ModelRows
from pxanalysis.analysis.sem.syntax import ModelSyntax
from pxanalysis.analysis.sem.table import ParameterTable, build_table
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.statistics.covariance_structure.likelihood import GroupMoments
from pxanalysis.statistics.covariance_structure.measures import chi_square_p, comparative_fit, rmsea
from pxanalysis.statistics.covariance_structure.objective import CompleteData
from pxanalysis.statistics.covariance_structure.ordinal import (
    OrdinalData,
    OrdinalFit,
    complex_beside,
    fit_ordinal,
    prepare_ordinal,
    scaled_shifted,
    unit_variances,
)
from pxanalysis.statistics.covariance_structure.semopy_estimate import estimate_by_semopy
from pxanalysis.statistics.covariance_structure.solution import Solution, plain_start, unidentified
from pxanalysis.statistics.covariance_structure.standardise import standardise
from pxanalysis.statistics.covariance_structure.structure import imply
from pxanalysis.statistics.inputs import Matrix
from pxanalysis.statistics.moments.polychoric import answer_categories

__all__ = ["fit_ordered"]

STEP = 1e-30
ROBUST = "not given for ordered answers; see the scaled one"
NORMAL = "ordered answers have no normal likelihood"


def _without_residuals(table: ParameterTable) -> ParameterTable:
    """Observed variances follow from the rest: 1 less what is explained."""
    observed = set(table.observed)
    for row in table.rows:
        if row.operator == "~" and row.right in observed:
            raise AnalysisError(
                f"syntax: '{row.term}': with ordered answers '{row.right}' cannot explain another variable; measure it "
                f"by a latent ('{row.right}_ =~ {row.right}'), or use estimator='MLR'."
            )
    own = [row.operator == "~~" and row.left == row.right and row.left in observed for row in table.rows]
    fixed = [replace(row, number=-1, value=0.0) if is_own else row for row, is_own in zip(table.rows, own, strict=True)]
    kept = {old: new for new, old in enumerate(sorted({row.number for row in fixed if row.number >= 0}))}
    rows = tuple(replace(row, number=kept.get(row.number, -1)) for row in fixed)
    return replace(table, rows=rows, n_parameters=len(kept))


def _start(whole: ScaledModel, model: ScaledModel, data: OrdinalData) -> FloatArray:
    """Where semopy's maximum-likelihood fit to the polychoric correlations is, without the residual variances."""
    structure, target = whole.structures[0], model.structures[0]
    found = estimate_by_semopy(structure, data.correlation, data.n).theta
    if found is None:
        found = plain_start(structure, GroupMoments(data.n, np.zeros(len(data.correlation)), data.correlation))
    start = np.zeros(target.n_parameters)
    start[target.parameter[target.free]] = found[structure.parameter[target.free]]
    return start


def fit_ordered(parsed: ModelSyntax, rows: ModelRows, options: SemOptions) -> SemModel:
    """Fit a model to ordered answers (complete rows of one group)."""
    if len(rows.group_labels) > 1:
        raise NotEstimableError("ordered answers are for one group here; use estimator='MLR' for groups.")
    notes = []
    complete = np.isfinite(rows.numbers).all(axis=1)
    if not complete.all():
        notes.append(f"ordered answers need complete rows: {int((~complete).sum())} rows were left out")
        rows = replace(
            rows,
            numbers=rows.numbers[complete],
            groups=rows.groups[complete],
            clusters=rows.clusters[complete],
            positions=rows.positions[complete],
            n_dropped=rows.n_dropped + int((~complete).sum()),
            incomplete=False,
        )
    if rows.n_clusters > 1:
        notes.append("patients are taken to be independent: errors of ordered answers do not allow for practices")
        rows = replace(rows, n_clusters=1)
    full = build_table(parsed, std_lv=options.std_lv, fixed_x=False)
    table = _without_residuals(full)
    check_counts(full)
    codes, answers = answer_categories(Matrix(rows.numbers, rows.names))
    data = prepare_ordinal(codes, rows.names)
    p = len(rows.names)
    model = scale_model(table, np.ones(p), [(np.zeros(p), data.correlation)])
    whole = scale_model(full, np.ones(p), [(np.zeros(p), data.correlation)])
    fit = fit_ordinal(model.structures[0], data, _start(whole, model, data))
    return _model(parsed, rows, options, table, model, data, fit, answers, notes)


def _model(
    parsed: ModelSyntax,
    rows: ModelRows,
    options: SemOptions,
    table: ParameterTable,
    model: ScaledModel,
    data: OrdinalData,
    fit: OrdinalFit,
    answers: list[FloatArray],
    notes: list[str],
) -> SemModel:
    robust = options.estimator == "WLSMV"
    covariance = fit.robust if robust else fit.naive
    bread = np.asarray(np.linalg.inv(fit.naive * data.n), dtype=np.float64)
    loose = unidentified(bread)
    if loose:
        terms = ", ".join(table.free[number].term for number in loose[:6])
        raise NotEstimableError(f"the model is not identified: the data cannot tell {terms} apart.", code="singular")
    settled = replace(model, structures=(unit_variances(model.structures[0], fit.theta),))
    moments = GroupMoments(data.n, np.zeros(len(rows.names)), data.correlation)
    solution = Solution(fit.theta, np.nan, np.nan, fit.optimum.largest_gradient, fit.optimum.n_iter, ("DWLS",), ())
    fitted = Fitted(
        table, rows, options, settled, CompleteData((moments,)), solution, bread, None, covariance, np.zeros((1, 1))
    )
    parameters = list_parameters(fitted, parsed, options.confidence)
    slopes = np.array([
        standardise(structure, theta[None])[0].imag / STEP
        for structure, theta in complex_beside(model.structures[0], fit.theta, STEP)
    ])  # fmt: skip
    spread = np.sqrt(np.maximum(np.einsum("qc,qr,rc->c", slopes, covariance, slopes), 0))
    error = parameters["std_all_error"].to_numpy(copy=True)
    error[: spread.size] = np.where(spread > 1e-12, spread, np.nan)
    parameters = parameters.assign(std_all_error=error)
    parameters = pd.concat([parameters, _threshold_rows(data, rows, answers, options.confidence)], ignore_index=True)
    measures, reasons = _measures(fitted, data, fit, robust=robust)
    return SemModel(
        syntax=parsed.text,
        parameters=parameters,
        measures=measures,
        reasons=reasons,
        r2=list_r2(fitted),
        errors="robust (WLSMV)" if robust else "DWLS",
        notes=(*notes, *warn_inadmissible(parameters)),
        n_obs=data.n,
        n_dropped=rows.n_dropped,
        n_practices=1,
        fitted=fitted,
        parsed=parsed,
    )


def _threshold_rows(data: OrdinalData, rows: ModelRows, answers: list[FloatArray], confidence: float) -> pd.DataFrame:
    parts = []
    for item, name in enumerate(rows.names):
        count = len(answers[item]) - 1
        estimate = data.thresholds[item, :count]
        error = np.sqrt(data.threshold_variance[item, :count] / (data.n - 1))
        facts = {
            "term": [f"{name} | t{k + 1}" for k in range(count)],
            "lhs": name,
            "op": "|",
            "rhs": [f"t{k + 1}" for k in range(count)],
            "group": "",
            "label": "",
            **infer(estimate, error, confidence),
            "std_lv": estimate,
            "std_all": estimate,
            "std_all_error": error,
            "free": True,
        }
        parts.append(pd.DataFrame(facts)[PARAMETER_COLUMNS])
    return pd.concat(parts, ignore_index=True)


def _measures(
    fitted: Fitted, data: OrdinalData, fit: OrdinalFit, *, robust: bool
) -> tuple[dict[str, float], dict[str, str]]:
    n, pairs, q = float(data.n), data.first.size, fitted.table.n_parameters
    df = pairs - q
    chi_square, baseline = (n - 1) * fit.discrepancy, (n - 1) * fit.baseline_discrepancy
    compared, close = comparative_fit(chi_square, df, baseline, pairs), rmsea(chi_square, df, n - 1)
    off = data.pairs - imply(fitted.model.structures[0], fit.theta[None]).cov[0][data.first, data.second]
    measures = {
        "npar": float(q + np.isfinite(data.thresholds).sum()),
        "chisq": chi_square,
        "df": float(df),
        "pvalue": chi_square_p(chi_square, df),
        "baseline.chisq": baseline,
        "baseline.df": float(pairs),
        "cfi": compared.cfi,
        "tli": compared.tli,
        "rmsea": close.estimate,
        "rmsea.ci.lower": close.low,
        "rmsea.ci.upper": close.high,
        "rmsea.pvalue": close.p_close,
        "srmr": float(np.sqrt((off**2).sum() / (pairs + len(data.correlation)))),
        "ntotal": n,
    }
    reasons = dict.fromkeys(("logl", "aic", "bic"), NORMAL) | dict.fromkeys(("cfi.robust", "rmsea.robust"), ROBUST)
    if not robust or df == 0:
        return measures, reasons
    scaled, factor, _ = scaled_shifted(chi_square, df, fit.traces)
    scaled_baseline, factor_baseline, _ = scaled_shifted(baseline, pairs, fit.baseline_traces)
    compared, close = comparative_fit(scaled, df, scaled_baseline, pairs), rmsea(scaled, df, n - 1)
    measures |= {
        "chisq.scaled": scaled,
        "df.scaled": float(df),
        "pvalue.scaled": chi_square_p(scaled, df),
        "chisq.scaling.factor": factor,
        "baseline.chisq.scaled": scaled_baseline,
        "baseline.chisq.scaling.factor": factor_baseline,
        "cfi.scaled": compared.cfi,
        "tli.scaled": compared.tli,
        "rmsea.scaled": close.estimate,
        "rmsea.ci.lower.scaled": close.low,
        "rmsea.ci.upper.scaled": close.high,
        "rmsea.pvalue.scaled": close.p_close,
    }
    return measures, reasons
