"""Which metric predicts better: non-nested tests, areas, cross-validation, dominance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats
from sklearn.metrics import r2_score

from pxanalysis.arrays import FloatArray, IntArray
from pxanalysis.audit.metric_lab.sample import CASE_MIX, CRITERIA, METRICS, PAIRS, Lab, Rows, codes_of, kind_of
from pxanalysis.audit.record import estimated
from pxanalysis.statistics.non_nested import compare_linear, fit_model, vuong_test
from pxanalysis.statistics.non_nested.fits import ModelFit
from pxanalysis.statistics.prediction.cross_validation import (
    OutOfSample,
    PredictionScores,
    predict_left_out,
    score_predictions,
)
from pxanalysis.statistics.prediction.discrimination import areas_under_curve
from pxanalysis.statistics.prediction.fit_dominance import dominance_of_subsets, fit_index, subset_fits
from pxanalysis.statistics.relative_importance.shapley import lmg_shares

__all__ = ["auc", "dominance", "fits_and_cv", "non_nested", "vuong"]

Z = stats.norm.ppf(0.975)


def non_nested(lab: Lab) -> Rows:
    """J, Cox and encompassing tests of what patients spend."""
    rows, section = lab.sample("spend"), "non_nested"
    y, codes = rows["spend"].to_numpy(), codes_of(rows)
    for extra, label in (([], "no case mix"), (CASE_MIX, "case mix: age + complex")):
        for a, b in PAIRS:
            columns = (rows[[a, *extra]].to_numpy(float), rows[[b, *extra]].to_numpy(float))
            for found, own, other in zip(compare_linear(y, *columns, codes), "12", "21", strict=True):
                j = f"{label}; M{own} + fitted(M{other})"
                clustered = f"{label}; cluster by practice CR1 (vcovCL HC1); M{own} + fitted(M{other})"
                cox = f"{label}; fitted(M{own}) ~ M{other}"
                full = f"{label}; M{own} vs. encompassing"
                yield (section, "J_estimate", a, b, "spend", j), found.j.estimate
                yield (section, "J_t", a, b, "spend", j), found.j.statistic
                yield (section, "J_p", a, b, "spend", j), found.j.p_value
                yield (section, "J_t", a, b, "spend", clustered), estimated(found.j_clustered).statistic
                yield (section, "cox_estimate", a, b, "spend", cox), found.cox.estimate
                yield (section, "cox_z", a, b, "spend", cox), found.cox.statistic
                yield (section, "cox_p", a, b, "spend", cox), found.cox.p_value
                yield (section, "encompassing_F", a, b, "spend", full), found.encompassing.statistic
                yield (section, "encompassing_p", a, b, "spend", full), found.encompassing.p_value


def vuong(lab: Lab) -> Rows:
    """Vuong's tests of each pair of metrics."""
    section = "vuong"
    unequal = "a linear + quadratic, b linear (unequal parameters: the correction bites)"
    for c in CRITERIA:
        rows = lab.sample(c)
        y = rows[c].to_numpy(float)
        for a, b in PAIRS:
            squared = np.column_stack([rows[a], rows[a] ** 2]).astype(float)
            for one, other, label in (
                (rows[[a]].to_numpy(float), rows[[b]].to_numpy(float), "one metric each"),
                (
                    rows[[a, *CASE_MIX]].to_numpy(float),
                    rows[[b, *CASE_MIX]].to_numpy(float),
                    "case mix in both: age + complex",
                ),
                (squared, rows[[b]].to_numpy(float), unequal),
            ):
                fits = fit_model(y, one, kind_of(c)), fit_model(y, other, kind_of(c))
                for correction in ("none", "aic", "bic"):
                    found = vuong_test(*fits, correction=correction)
                    variant = f"{label}; adj={correction}"
                    yield (section, "z", a, b, c, variant), found.z
                    yield (section, "p_a_better", a, b, c, variant), found.p_first_better
                    yield (section, "p_b_better", a, b, c, variant), found.p_second_better
                variant = f"{label}; variance of the log-likelihood difference, divisor n"
                yield (section, "omega2", a, b, c, variant), found.omega2
                variant = f"{label}; weighted chi-square by imhof, regression coefficients only (no sigma)"
                yield (section, "p_distinguishable", a, b, c, variant), found.p_distinguishable
                yield (section, "bic_diff_ci_low", a, b, c, label), found.bic_low
                yield (section, "bic_diff_ci_high", a, b, c, label), found.bic_high
                yield (section, "bic_a", a, b, c, label), fits[0].bic
                yield (section, "bic_b", a, b, c, label), fits[1].bic
                if label == "one metric each" and c != "spend":
                    # pscl divides by the standard deviation with n - 1: another definition, not shown by the package
                    z = vuong_test(*fits, correction="none").z * np.sqrt((len(y) - 1) / len(y))
                    variant = (
                        "one metric each; pscl::vuong Raw (printed, 7 digits; divides by sd with n-1, "
                        "so = nonnest2 z * sqrt((n-1)/n))"
                    )
                    yield (section, "z", a, b, c, variant), z


def auc(lab: Lab) -> Rows:
    """Areas under the ROC curve and DeLong's comparison."""
    for c in CRITERIA[:2]:
        rows = lab.sample(c)
        found = areas_under_curve(rows[list(METRICS)].to_numpy(float), rows[c].to_numpy() == 1)
        for k, a in enumerate(METRICS):
            yield ("auc", "auc", a, "", c, "ties count half"), found.estimate[k]
            half = Z * found.std_error[k]
            yield ("auc", "ci_low", a, "", c, "DeLong 95 %"), found.estimate[k] - half
            yield ("auc", "ci_high", a, "", c, "DeLong 95 %"), found.estimate[k] + half
            yield ("auc", "variance", a, "", c, "DeLong"), found.covariance[k, k]
        for a, b in PAIRS:
            i, j = METRICS.index(a), METRICS.index(b)
            gap, error = found.difference(i, j)
            yield ("auc", "delong_z", a, b, c, "paired"), gap / error
            yield ("auc", "delong_p", a, b, c, "paired"), 2 * stats.norm.sf(abs(gap / error))
            yield ("auc", "delong_cov", a, b, c, "paired"), found.covariance[i, j]
            yield ("auc", "diff_ci_low", a, b, c, "auc(a)-auc(b), DeLong Wald"), gap - Z * error
            yield ("auc", "diff_ci_high", a, b, c, "auc(a)-auc(b), DeLong Wald"), gap + Z * error


@dataclass(frozen=True, slots=True, eq=False)
class _Predicted:
    """A criterion predicted by some metrics, in the sample and in practices left out; arrays of shape (n,)."""

    name: str
    criterion: str
    y: FloatArray
    fold: IntArray
    empty: ModelFit
    fit: ModelFit
    out: OutOfSample
    scores: PredictionScores


def fits_and_cv(lab: Lab) -> Rows:
    """Fit in the sample and in practices left out."""
    models: list[tuple[tuple[str, ...], str]] = [((m,), m) for m in METRICS]
    models += [(METRICS, "all three"), ((), "intercept only")]
    for c in CRITERIA:
        rows = lab.sample(c)
        y, fold, kind = rows[c].to_numpy(float), rows["fold"].to_numpy(), kind_of(c)
        empty = fit_model(y, np.empty((len(y), 0)), kind)
        for columns, name in models:
            x = rows[list(columns)].to_numpy(float)
            out = predict_left_out(y, x, fold, kind)
            one = _Predicted(name, c, y, fold, empty, fit_model(y, x, kind), out, score_predictions(y, out, kind))
            if kind == "continuous":
                yield from _linear_scores(one)
            else:
                yield from _binary_scores(one)


def _linear_scores(one: _Predicted) -> Rows:
    yield ("fit", "r2", one.name, "", one.criterion, "in sample"), fit_index([one.empty, one.fit], one.y, "r2")[1]
    yield ("cv", "rmse", one.name, "", one.criterion, "5 folds of practices, pooled"), one.scores.rmse
    yield ("cv", "mae", one.name, "", one.criterion, "5 folds of practices, pooled"), one.scores.mae
    head = "5 folds of practices, pooled; 1-SSE/sum (y - "
    yield ("cv", "r2", one.name, "", one.criterion, f"{head}training-fold mean)^2"), one.scores.r2
    # the two other forms are shown by nobody here: the first knows the answers, the second averages over folds
    own = OutOfSample(one.out.predicted, np.full(len(one.y), one.y.mean()))
    yield (
        ("cv", "r2", one.name, "", one.criterion, f"{head}overall mean)^2"),
        score_predictions(one.y, own, "continuous").r2,
    )
    by_fold = [r2_score(one.y[one.fold == q], one.out.predicted[one.fold == q]) for q in range(1, 6)]
    variant = "mean over 5 folds of 1-SSE/sum (y - test-fold mean)^2 (scikit-learn r2_score per fold)"
    yield ("cv", "r2", one.name, "", one.criterion, variant), float(np.mean(by_fold))


def _binary_scores(one: _Predicted) -> Rows:
    yield ("fit", "log_loss", one.name, "", one.criterion, "in sample"), np.nan
    inside = score_predictions(one.y, OutOfSample(one.fit.fitted, one.out.baseline), "binary")
    yield ("fit", "log_loss", one.name, "", one.criterion, "in sample, mean, natural log"), inside.log_loss
    yield ("fit", "brier", one.name, "", one.criterion, "in sample"), inside.brier
    yield (
        ("fit", "r2_mcfadden", one.name, "", one.criterion, "in sample"),
        fit_index([one.empty, one.fit], one.y, "mcfadden")[1],
    )
    yield (
        ("fit", "r2_tjur", one.name, "", one.criterion, "in sample"),
        fit_index([one.empty, one.fit], one.y, "tjur")[1],
    )
    pooled = "5 folds of practices, pooled over patients"
    yield ("cv", "log_loss", one.name, "", one.criterion, pooled), one.scores.log_loss
    by_fold = [
        score_predictions(one.y[here], OutOfSample(one.out.predicted[here], one.out.baseline[here]), "binary").log_loss
        for here in (one.fold == q for q in range(1, 6))
    ]
    yield (
        ("cv", "log_loss", one.name, "", one.criterion, "5 folds of practices, mean of the fold means"),
        float(np.mean(by_fold)),
    )
    yield ("cv", "brier", one.name, "", one.criterion, pooled), one.scores.brier
    if one.name != "intercept only":
        yield (
            ("cv", "auc", one.name, "", one.criterion, "5 folds of practices, pooled out-of-fold probabilities"),
            one.scores.auc,
        )


def dominance(lab: Lab) -> Rows:
    """General, conditional and complete dominance."""
    for c, index, label in (
        ("spend", "r2", "R2"),
        ("returned", "mcfadden", "McFadden R2"),
        ("returned", "tjur", "Tjur R2"),
        ("recommended", "mcfadden", "McFadden R2"),
        ("recommended", "tjur", "Tjur R2"),
    ):
        rows = lab.sample(c)
        y = rows[c].to_numpy(float)
        found = dominance_of_subsets(
            fit_index(subset_fits(y, rows[list(METRICS)].to_numpy(float), kind_of(c)), y, index)
        )
        yield ("dominance", "full_model", "", "", c, label), found.full
        for k, a in enumerate(METRICS):
            yield ("dominance", "general", a, "", c, label), found.general[k]
            yield ("dominance", "standardized", a, "", c, label), found.general[k] / found.full
            yield ("dominance", "rank", a, "", c, label), 1 + np.sum(found.general > found.general[k])
            for others in range(3):
                yield ("dominance", f"conditional_{others}_others", a, "", c, label), found.conditional[k, others]
            for j, b in enumerate(METRICS):
                if j != k:
                    text = "domir Complete_Dominance[a,b]: share of submodels in which a adds more than b"
                    yield ("dominance", "complete", a, b, c, f"{label}; {text}"), found.complete[k, j]
    rows = lab.sample("spend")
    for extra, label in (
        ([], "R2 by relaimpo lmg (must equal domir)"),
        (CASE_MIX, "R2, case mix age + complex always in the model (relaimpo always=)"),
    ):
        covariance = np.cov(rows[[*extra, *METRICS, "spend"]].to_numpy(float).T)
        shares = lmg_shares(covariance, always=range(len(extra)))
        for a, share in zip(METRICS, shares, strict=True):
            yield ("dominance", "general", a, "", "spend", label), share
