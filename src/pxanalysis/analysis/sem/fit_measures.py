"""All fit measures of a fitted model, in lavaan's names and order; what is not given carries its reason."""

from __future__ import annotations

import numpy as np

from pxanalysis.analysis.sem.estimate import Fitted
from pxanalysis.arrays import FloatArray
from pxanalysis.statistics.covariance_structure.independence import baseline_chi_square, baseline_model
from pxanalysis.statistics.covariance_structure.measures import (
    chi_square_p,
    comparative_fit,
    goodness_of_fit,
    rmsea,
    srmr,
)
from pxanalysis.statistics.covariance_structure.objective import CompleteData, Structures
from pxanalysis.statistics.covariance_structure.robust import (
    cluster_meat,
    satorra_bentler_trace,
    score_meat,
    yuan_bentler_trace,
)

__all__ = ["measure_fit"]


def measure_fit(fitted: Fitted) -> tuple[dict[str, float], dict[str, str]]:
    """Measures by name, and why others are not given."""
    table, solution, n = fitted.table, fitted.solution, float(fitted.data.sizes.sum())
    chi_square, df = fitted.chi_square, fitted.df
    baseline, baseline_df = baseline_chi_square(fitted.data, fitted.given)
    compared = comparative_fit(chi_square, df, baseline, baseline_df)
    close = rmsea(chi_square, df, n, table.n_groups)
    loglik = solution.loglik + _units(fitted)
    q = table.n_parameters
    measures = {
        "npar": float(q),
        "chisq": chi_square,
        "df": float(df),
        "pvalue": chi_square_p(chi_square, df),
        "baseline.chisq": baseline,
        "baseline.df": float(baseline_df),
        "cfi": compared.cfi,
        "tli": compared.tli,
        "rmsea": close.estimate,
        "rmsea.ci.lower": close.low,
        "rmsea.ci.upper": close.high,
        "rmsea.pvalue": close.p_close,
        "srmr": srmr(fitted.model.structures, solution.theta, fitted.data.moments),
        "logl": loglik,
        "unrestricted.logl": solution.saturated_loglik + _units(fitted),
        "aic": -2 * loglik + 2 * q,
        "bic": -2 * loglik + q * float(np.log(n)),
        "ntotal": n,
    }
    reasons = {}
    if fitted.data.complete:
        measures |= _goodness(fitted)
    else:
        reasons["gfi"] = reasons["agfi"] = "not defined with missing answers"
    if df == 0:
        reasons |= dict.fromkeys(("pvalue", "rmsea.pvalue"), "the model has no degrees of freedom: it fits by itself")
    if fitted.meat is not None:
        return _with_robust(fitted, measures, reasons)
    return measures, reasons


def _units(fitted: Fitted) -> float:
    """What the log-likelihood changes by in the units of the data, less that of given covariates."""
    rows, unit = fitted.rows.numbers, fitted.model.scale[: len(fitted.table.observed)]
    change = -float(np.isfinite(rows).sum(axis=0) @ np.log(unit))
    c = fitted.covariates
    if c.size:
        for group in fitted.data.moments:
            block = group.cov[np.ix_(c, c)] * np.outer(unit[c], unit[c])
            change += 0.5 * group.n * (c.size * (np.log(2 * np.pi) + 1) + float(np.linalg.slogdet(block)[1]))
    return change


def _goodness(fitted: Fitted) -> dict[str, float]:
    p, df = len(fitted.table.observed), fitted.df
    structures, theta = fitted.model.structures, fitted.solution.theta
    gfi = goodness_of_fit(structures, theta, fitted.data.moments, fitted.covariates)
    moments = (p * (p + 1) // 2 + (p if fitted.table.has_means else 0)) * fitted.table.n_groups
    return {"gfi": gfi, "agfi": 1.0 - moments / df * (1.0 - gfi) if df > 0 else 1.0}


def _scaling(fitted: Fitted, structures: Structures, theta: FloatArray, meat: FloatArray, df: int) -> float:
    """Scaling factor of a chi-square with df degrees of freedom."""
    data = fitted.data
    if fitted.options.estimator == "MLM" and isinstance(data, CompleteData):
        bread = data.expected(structures, theta)
        return satorra_bentler_trace(data, structures, theta, bread, meat) / df
    codes = fitted.cluster_codes if fitted.rows.n_clusters > 1 else None
    own = float(np.trace(np.linalg.solve(data.observed(structures, theta), meat)))
    return (yuan_bentler_trace(data, codes, means=structures[0].has_means) - own) / df


def _with_robust(
    fitted: Fitted, measures: dict[str, float], reasons: dict[str, str]
) -> tuple[dict[str, float], dict[str, str]]:
    df, baseline_df = fitted.df, int(measures["baseline.df"])
    names = ("chisq.scaled", "pvalue.scaled", "chisq.scaling.factor", "cfi.robust", "tli.robust", "rmsea.robust")
    if df == 0:
        return measures, reasons | dict.fromkeys(names, "the model has no degrees of freedom: it fits by itself")
    assert fitted.meat is not None
    codes = fitted.cluster_codes if fitted.rows.n_clusters > 1 else None
    if codes is not None and fitted.rows.n_clusters <= fitted.table.n_parameters:
        return measures, reasons | dict.fromkeys(names, FEW_PRACTICES)
    scale = _scaling(fitted, fitted.model.structures, fitted.solution.theta, fitted.meat, df)
    structures, theta = baseline_model(fitted.data, fitted.given, means=fitted.table.has_means)
    scores = fitted.data.scores(structures, theta)
    meat = score_meat(scores) if codes is None else cluster_meat(scores, codes)
    scale_baseline = _scaling(fitted, structures, theta, meat, baseline_df)
    scaled, scaled_baseline = measures["chisq"] / scale, measures["baseline.chisq"] / scale_baseline
    n, groups = measures["ntotal"], fitted.table.n_groups
    compared = comparative_fit(scaled, df, scaled_baseline, baseline_df)
    close = rmsea(measures["chisq"], scale * df, n, groups)
    measures |= {
        "chisq.scaled": scaled,
        "df.scaled": float(df),
        "pvalue.scaled": chi_square_p(scaled, df),
        "chisq.scaling.factor": scale,
        "baseline.chisq.scaled": scaled_baseline,
        "baseline.chisq.scaling.factor": scale_baseline,
        "cfi.scaled": compared.cfi,
        "tli.scaled": compared.tli,
        "rmsea.scaled": close.estimate,
        "rmsea.ci.lower.scaled": close.low,
        "rmsea.ci.upper.scaled": close.high,
        "rmsea.pvalue.scaled": close.p_close,
    }
    if not fitted.data.complete:
        return measures, reasons | dict.fromkeys(("cfi.robust", "tli.robust", "rmsea.robust"), ROBUST_INCOMPLETE)
    robust = comparative_fit(measures["chisq"], df, measures["baseline.chisq"], baseline_df, (scale, scale_baseline))
    near = rmsea(measures["chisq"], df, n, groups, scale)
    measures |= {"cfi.robust": robust.cfi, "tli.robust": robust.tli, "rmsea.robust": near.estimate}
    measures |= {
        "rmsea.ci.lower.robust": near.low,
        "rmsea.ci.upper.robust": near.high,
        "rmsea.pvalue.robust": near.p_close,
    }
    return measures, reasons


FEW_PRACTICES = "fewer practices than parameters: the robust chi-square cannot be estimated"
ROBUST_INCOMPLETE = "not given with missing answers; see the scaled one"
