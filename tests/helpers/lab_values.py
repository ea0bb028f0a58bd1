"""What the package gives for every row of the metric lab's reference, keyed as the rows are.

The key is (section, quantity, a, b, criterion, variant). Three kinds of rows are met by plain code beside the package,
because the package does not show them, and the reason stands where they are computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats
from sklearn.metrics import r2_score
from statsmodels.stats.multitest import multipletests

from pxanalysis.statistics.dependent_correlations import (
    OVERLAPPING_TESTS,
    Overlapping,
    compare_overlapping,
    difference_clustered,
    meng_interval,
    zou_overlapping,
)
from pxanalysis.statistics.dependent_correlations.record import fisher_limits
from pxanalysis.statistics.non_nested import compare_linear, fit_model, vuong_test
from pxanalysis.statistics.power import n_for_reliability
from pxanalysis.statistics.prediction.cross_validation import OutOfSample, predict_left_out, score_predictions
from pxanalysis.statistics.prediction.discrimination import areas_under_curve, replicate_areas
from pxanalysis.statistics.prediction.fit_dominance import dominance_of_subsets, fit_index, subset_fits
from pxanalysis.statistics.proportions.net_scores import compare_net_scores, estimate_net_score, paired_net_difference
from pxanalysis.statistics.proportions.paired import compare_paired_shares, mcnemar_clustered
from pxanalysis.statistics.random_effects.reml import fit_reml
from pxanalysis.statistics.random_effects.retest import estimate_retest
from pxanalysis.statistics.random_effects.variance import practice_stats, variance_components
from pxanalysis.statistics.regression.least_squares import bias_reduced, sum_by_cluster
from pxanalysis.statistics.regression.proportional_odds import (
    CategoricalFit,
    category_probabilities,
    fit_categorical,
    robust_errors,
)
from pxanalysis.statistics.relative_importance.shapley import lmg_shares
from pxanalysis.statistics.resampling.practices import bootstrap_moments

LAB = Path(__file__).parents[1] / "reference" / "metric_lab"
METRICS = ("ktv", "nps", "ease")
PAIRS = tuple(combinations(METRICS, 2))
CRITERIA = ("returned", "recommended", "spend")
CASE_MIX = ["age", "complex"]
Z = stats.norm.ppf(0.975)

Key = tuple[str, str, str, str, str, str]
Rows = Iterator[tuple[Key, float]]


class Lab:
    """The 800 rows of the reference, oriented, and the samples its README defines."""

    def __init__(self) -> None:
        self.rows = pd.read_csv(LAB / "patients.csv").assign(ease=lambda rows: 6 - rows["ces"])
        folds = pd.read_csv(LAB / "folds.csv")
        self.first = self.rows[self.rows["wave"] == 1].merge(folds, on="practice_id", how="left")
        second = self.rows[self.rows["wave"] == 2]
        self.both = self.first.merge(second, on="patient_id", suffixes=("_1", "_2"))

    def sample(self, criterion: str) -> pd.DataFrame:
        return self.first.dropna(subset=[*METRICS, criterion])


def _codes(rows: pd.DataFrame) -> np.ndarray:
    return pd.factorize(rows["practice_id"], sort=True)[0].astype(np.intp)


def _kind(criterion: str) -> str:
    return "continuous" if criterion == "spend" else "binary"


def correlations(lab: Lab) -> Rows:
    for c in CRITERIA:
        rows = lab.sample(c)
        yield ("sample", "n_listwise", "", "", c, ""), len(rows)
        yield ("sample", "n_practices", "", "", c, ""), rows["practice_id"].nunique()
        yield ("correlation", "pearson", "ces_raw", "", c, "listwise"), rows["ces"].corr(rows[c])
        for a in METRICS:
            r, n = rows[a].corr(rows[c]), len(rows)
            yield ("correlation", "pearson", a, "", c, "listwise"), r
            low, high = fisher_limits(r, n)
            yield ("correlation", "pearson_ci_low", a, "", c, "listwise fisher z"), low
            yield ("correlation", "pearson_ci_high", a, "", c, "listwise fisher z"), high
            yield ("correlation", "pearson_p", a, "", c, "listwise"), stats.pearsonr(rows[a], rows[c]).pvalue
            yield ("correlation", "spearman", a, "", c, "listwise, mid-ranks"), stats.spearmanr(rows[a], rows[c])[0]
            yield ("correlation", "kendall_tau_b", a, "", c, "listwise"), stats.kendalltau(rows[a], rows[c])[0]
            pair = lab.first[[a, c]].dropna()
            yield ("correlation", "pearson", a, "", c, "pairwise"), pair[a].corr(pair[c])
            yield ("correlation", "n_pairwise", a, "", c, "pairwise"), len(pair)
        for a, b in PAIRS:
            variant = "listwise sample of the criterion"
            yield ("correlation", "pearson_between_metrics", a, b, c, variant), rows[a].corr(rows[b])


def dependent(lab: Lab) -> Rows:
    section, p_values = "dependent_correlations", {}
    for c in CRITERIA:
        rows = lab.sample(c)
        r = rows[[*METRICS, c]].corr()
        for a, b in PAIRS:
            three = Overlapping(r.loc[a, c], r.loc[b, c], r.loc[a, b], len(rows))
            yield (section, "difference", a, b, c, "r(a,crit)-r(b,crit)"), three.difference
            for test in compare_overlapping(three, tuple(OVERLAPPING_TESTS)):
                yield (section, "statistic", a, b, c, test.name), test.statistic
                yield (section, "p_two_sided", a, b, c, test.name), test.p_value
                if test.df is not None:
                    yield (section, "df", a, b, c, test.name), test.df
                p_values[test.name, c, a, b] = test.p_value
            (williams,) = compare_overlapping(three, ("williams1959",))
            yield (section, "statistic", a, b, c, "williams by psych::r.test"), williams.statistic
            for name, limits in (
                ("zou2007, of r1-r2", zou_overlapping(three)),
                ("meng1992, of z1-z2", meng_interval(three)),
            ):
                yield (section, "ci_low", a, b, c, name), limits[0]
                yield (section, "ci_high", a, b, c, name), limits[1]
    for name, test in (("williams", "williams1959"), ("hittner", "hittner2003")):
        for family in (*[(c,) for c in CRITERIA], CRITERIA):
            keys = [(c, a, b) for c in family for a, b in PAIRS]
            adjusted = multipletests([p_values[test, *key] for key in keys], method="holm")[1]
            variant = f"{name} within criterion, 3 tests" if len(family) == 1 else f"{name} over criteria, 9 tests"
            for (c, a, b), p in zip(keys, adjusted, strict=True):
                yield ("holm", "p_holm", a, b, c, variant), p


def non_nested(lab: Lab) -> Rows:
    rows, section = lab.sample("spend"), "non_nested"
    y, codes = rows["spend"].to_numpy(), _codes(rows)
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
                yield (section, "J_t", a, b, "spend", clustered), found.j_clustered.statistic
                yield (section, "cox_estimate", a, b, "spend", cox), found.cox.estimate
                yield (section, "cox_z", a, b, "spend", cox), found.cox.statistic
                yield (section, "cox_p", a, b, "spend", cox), found.cox.p_value
                yield (section, "encompassing_F", a, b, "spend", full), found.encompassing.statistic
                yield (section, "encompassing_p", a, b, "spend", full), found.encompassing.p_value


def vuong(lab: Lab) -> Rows:
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
                fits = fit_model(y, one, _kind(c)), fit_model(y, other, _kind(c))
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


def fits_and_cv(lab: Lab) -> Rows:
    models = [*[((m,), m) for m in METRICS], (METRICS, "all three"), ((), "intercept only")]
    for c in CRITERIA:
        rows = lab.sample(c)
        y, fold, kind = rows[c].to_numpy(float), rows["fold"].to_numpy(), _kind(c)
        empty = fit_model(y, np.empty((len(y), 0)), kind)
        for columns, name in models:
            x = rows[list(columns)].to_numpy(float)
            fit = fit_model(y, x, kind)
            out = predict_left_out(y, x, fold, kind)
            scores = score_predictions(y, out, kind)
            if kind == "continuous":
                yield from _linear_scores(y, fold, fit, out, scores, name, c, empty)
            else:
                yield from _binary_scores(y, fold, fit, out, scores, name, c, empty)


def _linear_scores(y, fold, fit, out, scores, name, c, empty) -> Rows:
    yield ("fit", "r2", name, "", c, "in sample"), fit_index([empty, fit], y, "r2")[1]
    yield ("cv", "rmse", name, "", c, "5 folds of practices, pooled"), scores.rmse
    yield ("cv", "mae", name, "", c, "5 folds of practices, pooled"), scores.mae
    head = "5 folds of practices, pooled; 1-SSE/sum (y - "
    yield ("cv", "r2", name, "", c, f"{head}training-fold mean)^2"), scores.r2
    # the two other forms are shown by nobody here: the first knows the answers, the second averages over folds
    own = OutOfSample(out.predicted, np.full(len(y), y.mean()))
    yield ("cv", "r2", name, "", c, f"{head}overall mean)^2"), score_predictions(y, own, "continuous").r2
    by_fold = [r2_score(y[fold == q], out.predicted[fold == q]) for q in range(1, 6)]
    variant = "mean over 5 folds of 1-SSE/sum (y - test-fold mean)^2 (scikit-learn r2_score per fold)"
    yield ("cv", "r2", name, "", c, variant), np.mean(by_fold)


def _binary_scores(y, fold, fit, out, scores, name, c, empty) -> Rows:
    yield ("fit", "log_loss", name, "", c, "in sample"), np.nan
    inside = score_predictions(y, OutOfSample(fit.fitted, out.baseline), "binary")
    yield ("fit", "log_loss", name, "", c, "in sample, mean, natural log"), inside.log_loss
    yield ("fit", "brier", name, "", c, "in sample"), inside.brier
    yield ("fit", "r2_mcfadden", name, "", c, "in sample"), fit_index([empty, fit], y, "mcfadden")[1]
    yield ("fit", "r2_tjur", name, "", c, "in sample"), fit_index([empty, fit], y, "tjur")[1]
    pooled = "5 folds of practices, pooled over patients"
    yield ("cv", "log_loss", name, "", c, pooled), scores.log_loss
    by_fold = [
        score_predictions(y[here], OutOfSample(out.predicted[here], out.baseline[here]), "binary").log_loss
        for here in (fold == q for q in range(1, 6))
    ]
    yield ("cv", "log_loss", name, "", c, "5 folds of practices, mean of the fold means"), np.mean(by_fold)
    yield ("cv", "brier", name, "", c, pooled), scores.brier
    if name != "intercept only":
        yield ("cv", "auc", name, "", c, "5 folds of practices, pooled out-of-fold probabilities"), scores.auc


def dominance(lab: Lab) -> Rows:
    for c, index, label in (
        ("spend", "r2", "R2"),
        ("returned", "mcfadden", "McFadden R2"),
        ("returned", "tjur", "Tjur R2"),
        ("recommended", "mcfadden", "McFadden R2"),
        ("recommended", "tjur", "Tjur R2"),
    ):
        rows = lab.sample(c)
        y = rows[c].to_numpy(float)
        found = dominance_of_subsets(fit_index(subset_fits(y, rows[list(METRICS)].to_numpy(float), _kind(c)), y, index))
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


def icc(lab: Lab) -> Rows:
    for a in (*METRICS, "ces"):
        rows = lab.first.dropna(subset=[a])
        stat = practice_stats(rows[[a]].to_numpy(float), _codes(rows), 20)
        reml = fit_reml(stat.n[:, 0], stat.mean[:, 0], stat.ss[:, 0])
        parts = variance_components(stat)
        n, mean_n = stat.n[:, 0], stat.n[:, 0].mean()
        msb, msw = float(parts.ms_between[0]), float(parts.ms_within[0])
        yield ("icc", "n", a, "", "", "wave 1, available cases"), n.sum()
        yield ("icc", "tau2", a, "", "", "REML"), reml.sigma2_between
        yield ("icc", "sigma2", a, "", "", "REML"), reml.sigma2_within
        yield ("icc", "icc1", a, "", "", "REML"), reml.icc
        # maximum likelihood underestimates the practices' variance and is shown nowhere
        ml = sm.MixedLM(rows[a].to_numpy(float), np.ones(len(rows)), groups=rows["practice_id"]).fit(reml=False)
        between = float(np.asarray(ml.cov_re)[0, 0])
        yield ("icc", "icc1", a, "", "", "ML"), between / (between + ml.scale)
        yield ("icc", "n0", a, "", "", "ANOVA (N - sum n^2/N)/(K-1)"), parts.n0[0]
        yield ("icc", "msb", a, "", "", "ANOVA"), msb
        yield ("icc", "msw", a, "", "", "ANOVA"), msw
        yield ("icc", "icc1", a, "", "", "ANOVA with n0"), parts.icc[0]
        # the mean practice size where n0 belongs is wrong when sizes differ, and is shown nowhere
        wrong = "ANOVA with mean n (multilevel::ICC1 / wrong when sizes differ)"
        yield ("icc", "icc1", a, "", "", wrong), (msb - msw) / (msb + (mean_n - 1) * msw)
        yield ("icc", "icc2", a, "", "", "ANOVA (MSB-MSW)/MSB"), 1 - 1 / parts.f_value[0]
        yield ("icc", "F", a, "", "", "ANOVA"), parts.f_value[0]
        for name, value in (("REML", reml.icc), ("ANOVA with n0", float(parts.icc[0]))):
            for r in (0.7, 0.8, 0.9):
                needed = n_for_reliability(value, r)
                yield ("icc", "n_needed_unrounded", a, "", "", f"{name} reliability {r}"), needed
                yield ("icc", "n_needed", a, "", "", f"{name} reliability {r}"), np.ceil(needed - 1e-9)


def retest(lab: Lab) -> Rows:
    for a in (*METRICS, "ces"):
        pair = lab.both[[f"{a}_1", f"{a}_2"]].dropna().to_numpy(float)
        found = estimate_retest(pair[:, 0], pair[:, 1])
        yield ("retest", "n", a, "", "", "pairs complete in both waves"), found.n
        yield ("retest", "pearson", a, "", "", ""), found.pearson
        for form, name in (("agreement", "ICC(2,1) absolute agreement"), ("consistency", "ICC(3,1) consistency")):
            values = [getattr(found, f"icc_{form}{end}") for end in ("", "_low", "_high")]
            yield ("retest", "icc", a, "", "", name), values[0]
            yield ("retest", "icc_ci_low", a, "", "", f"{name} 95 %"), values[1]
            yield ("retest", "icc_ci_high", a, "", "", f"{name} 95 %"), values[2]
            if form == "agreement":
                yield ("retest", "icc", a, "", "", "ICC(2,1) by irr::icc"), values[0]
                yield ("retest", "icc_ci_low", a, "", "", "ICC(2,1) by irr::icc 95 %"), values[1]
                yield ("retest", "icc_ci_high", a, "", "", "ICC(2,1) by irr::icc 95 %"), values[2]
        yield ("retest", "sem", a, "", "", "consistency: sqrt(MSE) = SD(difference)/sqrt(2)"), found.sem_consistency
        yield ("retest", "sem", a, "", "", "agreement: sqrt(var occasion + MSE)"), found.sem_agreement
        # the form with wave 1's standard deviation mixes two definitions; it is shown nowhere
        mixed = pair[:, 0].std(ddof=1) * np.sqrt(1 - found.icc_agreement)
        yield ("retest", "sem", a, "", "", "SD(wave 1) * sqrt(1 - ICC(2,1)) (not the same quantity)"), mixed
        for form in ("consistency", "agreement"):
            yield ("retest", "srd", a, "", "", f"1.96*sqrt(2)*SEM {form}"), getattr(found, f"srd_{form}")
        yield ("retest", "loa_low", a, "", "", "Bland-Altman mean diff - z*SD diff"), found.loa_low
        yield ("retest", "loa_high", a, "", "", "Bland-Altman mean diff + z*SD diff"), found.loa_high
        yield ("responsiveness", "mean_change", a, "", "", "wave 2 - wave 1"), found.mean_change
        yield ("responsiveness", "srm", a, "", "", "mean change / SD of change"), found.srm
        yield ("responsiveness", "effect_size", a, "", "", "mean change / SD wave 1 (Kazis)"), found.effect_size
        yield ("responsiveness", "paired_t", a, "", "", ""), found.t
        yield ("responsiveness", "paired_p", a, "", "", ""), found.p_value


def top_box(lab: Lab) -> Rows:
    rows = lab.first.dropna(subset=list(METRICS))
    top = {a: rows[a].to_numpy() >= (5 if a == "ease" else 9) for a in METRICS}
    yield ("top_box", "n", "", "", "", "listwise over the metrics"), len(rows)
    share = "ktv 9-10, nps 9-10, ease 5 (ces 1); listwise over the metrics"
    plain, p_values = "no continuity correction", []
    for a in METRICS:
        yield ("top_box", "share", a, "", "", share), top[a].mean()
    clustered = "(sum d_k)^2 / sum d_k^2, d_k = b_k - c_k per practice (Durkalski 2003 / Obuchowski-type), 1 df"
    for a, b in PAIRS:
        found = compare_paired_shares(top[a], top[b])
        p_values.append(found.p_value)
        for quantity, variant, value in (
            ("b", "top on a only", found.only_first),
            ("c", "top on b only", found.only_second),
            ("mcnemar_chi2", plain, found.chi2),
            ("mcnemar_chi2", "continuity correction", found.chi2_corrected),
            ("mcnemar_p", plain, found.p_value),
            ("exact_p", "exact binomial", found.exact_p),
            ("mid_p", "mid-p", found.mid_p),
            ("difference", "", found.estimate),
            ("ci_low", "Wald paired", found.wald_low),
            ("ci_high", "Wald paired", found.wald_high),
            ("ci_low", "Bonett-Price 2012 adjusted Wald", found.ci_low),
            ("ci_high", "Bonett-Price 2012 adjusted Wald", found.ci_high),
            ("mcnemar_clustered_chi2", clustered, mcnemar_clustered(top[a], top[b], _codes(rows))[0]),
        ):
            yield ("top_box", quantity, a, b, "", variant), value
    for (a, b), p in zip(PAIRS, multipletests(p_values, method="holm")[1], strict=True):
        yield ("top_box", "p_holm", a, b, "", "McNemar no continuity correction, 3 tests"), p


def _classes(values: pd.Series) -> np.ndarray:
    answers = values.dropna().to_numpy(float)
    return (answers >= 9).astype(float) - (answers <= 6)


def nps(lab: Lab) -> Rows:
    groups = {
        "wave 1 all": lab.first["nps"],
        "PR04 wave 1": lab.first.loc[lab.first["practice_id"] == "PR04", "nps"],
        "PR02 wave 1": lab.first.loc[lab.first["practice_id"] == "PR02", "nps"],
    }
    found = {name: estimate_net_score(_classes(answers)) for name, answers in groups.items()}
    for name, one in found.items():
        yield ("nps", "n", "", "", "", name), one.n
        yield ("nps", "promoters", "", "", "", name), one.positive
        yield ("nps", "detractors", "", "", "", name), one.negative
        yield ("nps", "net_score", "", "", "", name), one.estimate
        yield ("nps", "se", "", "", "", f"{name} divisor n"), one.std_error
        yield ("nps", "adjusted_score", "", "", "", f"{name} adjusted Wald (Rocks 2016)"), one.adjusted
        for adjusted, label in ((True, "adjusted Wald (Rocks 2016)"), (False, "Wald")):
            low, high = one.interval(adjusted=adjusted)
            yield ("nps", "ci_low", "", "", "", f"{name} {label}"), low
            yield ("nps", "ci_high", "", "", "", f"{name} {label}"), high
    head = "PR04 - PR02 independent"
    for adjusted, label in ((True, f"{head} adjusted Wald, each sample by Rocks"), (False, f"{head} Wald")):
        gap = compare_net_scores(found["PR02 wave 1"], found["PR04 wave 1"], adjusted=adjusted)
        yield ("nps", "ci_low", "", "", "", label), gap.ci_low
        yield ("nps", "ci_high", "", "", "", label), gap.ci_high
    yield ("nps", "difference", "", "", "", head), gap.estimate
    yield from _paired_nps(lab)


def _paired_nps(lab: Lab) -> Rows:
    pair = lab.both[["nps_1", "nps_2"]].dropna()
    x, y = _classes(pair["nps_1"]), _classes(pair["nps_2"])
    names = {-1: "detractor", 0: "passive", 1: "promoter"}
    for i, one in names.items():
        for j, other in names.items():
            variant = "paired table: a = wave 1 class, b = wave 2 class"
            yield ("nps", "count", one, other, "", variant), np.sum((x == i) & (y == j))
    head = "wave 2 - wave 1, divisor n"
    wald = paired_net_difference(x, y, interval="wald")
    yield ("nps", "paired_difference", "", "", "", head), wald.estimate
    yield ("nps", "paired_se", "", "", "", head), wald.std_error
    yield ("nps", "variance_wave1", "", "", "", head), x.var()
    yield ("nps", "variance_wave2", "", "", "", head), y.var()
    yield ("nps", "covariance", "", "", "", head), np.mean(x * y) - x.mean() * y.mean()
    yield ("nps", "variance_of_difference_per_patient", "", "", "", head), wald.std_error**2 * len(x)
    yield ("nps", "paired_z", "", "", "", "paired Wald"), wald.estimate / wald.std_error
    rocks = "paired adjusted Wald n+3, Q+3 (product of Rocks margins)"
    for interval, label in (
        ("wald", "paired Wald"),
        ("rocks", rocks),
        ("bonett-price", "paired adjusted Wald n+2, Q+2 (Bonett-Price device; advised)"),
        ("t", "paired t on the -1/0/1 scores"),
    ):
        found = paired_net_difference(x, y, interval=interval)
        yield ("nps", "ci_low", "", "", "", label), found.ci_low
        yield ("nps", "ci_high", "", "", "", label), found.ci_high
        if interval == "rocks":  # centre and error of the adjusted interval, which are not shown apart
            yield ("nps", "paired_difference", "", "", "", rocks), (found.ci_low + found.ci_high) / 2
            yield ("nps", "paired_se", "", "", "", rocks), (found.ci_high - found.ci_low) / 2 / Z


def clustered(lab: Lab) -> Rows:
    section = "dependent_correlations_cluster"
    sandwich = "cluster sandwich times sqrt(G/(G-1)) (lavaan 0.6-14)"
    percentile = "percentile; tolerance .2 SE"
    for c in CRITERIA:
        rows = lab.sample(c)
        y, codes = rows[c].to_numpy(float), _codes(rows)
        drawn = bootstrap_moments(rows[[*METRICS, c]].to_numpy(float), codes, 4000, 4)
        spread = np.sqrt(np.diagonal(drawn.cov, axis1=1, axis2=2))
        r = drawn.cov[:, :3, 3] / (spread[:, :3] * spread[:, 3:])
        for a in METRICS:
            error = difference_clustered(rows[a].to_numpy(float), None, y, codes).std_error
            yield ("correlation_cluster", "se", a, "", c, sandwich), error
        areas = None
        if c != "spend":
            areas = replicate_areas(rows[list(METRICS)].to_numpy(float), y == 1, drawn.units, drawn.counts)
        for a, b in PAIRS:
            i, j = METRICS.index(a), METRICS.index(b)
            found = difference_clustered(rows[a].to_numpy(float), rows[b].to_numpy(float), y, codes)
            yield (section, "difference", a, b, c, ""), found.estimate
            yield (section, "se", a, b, c, sandwich), found.std_error
            yield (section, "z", a, b, c, sandwich), found.estimate / found.std_error
            gap = r[:, i] - r[:, j]
            yield (section, "boot_se", a, b, c, "4000 resamples of practices, seed 4; tolerance 8 %"), gap.std(ddof=1)
            yield (section, "boot_ci_low", a, b, c, percentile), np.quantile(gap, 0.025)
            yield (section, "boot_ci_high", a, b, c, percentile), np.quantile(gap, 0.975)
            if areas is not None:
                text = "difference of AUC, 4000 resamples of practices, seed 4; tolerance 8 %"
                yield ("auc_cluster", "boot_se", a, b, c, text), (areas[:, i] - areas[:, j]).std(ddof=1)
        yield from _joint(rows, c, codes)


def _dense_cr2(fit: CategoricalFit, x: np.ndarray, y: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """CR2 of a logit with clubSandwich's root of the adjustment, by matrices of n_j x n_j.

    Bell & McCaffrey's condition A(I − H)ΦA' = Φ has more than one root when the weights differ: the package takes the
    symmetric one of the weighted rows, clubSandwich that of D(Φ − XMX')D with D² = Φ on the scale of the answers. The
    errors differ by less than .3 % here; the degrees of freedom are the same.
    """
    design = np.column_stack([np.ones(len(x)), x])
    chance = category_probabilities(fit, x)[:, 1]
    weight = chance * (1 - chance)
    bread = np.linalg.inv((design * weight[:, None]).T @ design)
    meat = np.zeros_like(bread)
    for j in range(codes.max() + 1):
        here = codes == j
        part, d = design[here] * weight[here, None], np.diag(weight[here] ** 0.5)
        inner = d @ (np.diag(weight[here]) - part @ bread @ part.T) @ d
        values, vectors = np.linalg.eigh(inner)
        root = d @ (vectors / np.sqrt(values)) @ vectors.T @ d
        score = design[here].T @ root @ (y[here] - chance[here])
        meat += np.outer(score, score)
    return bread @ meat @ bread


def _joint(rows: pd.DataFrame, c: str, codes: np.ndarray) -> Rows:
    x = rows[[*METRICS, *CASE_MIX]].to_numpy(float)
    unit = " (spend/100)" if c == "spend" else ""
    model = "OLS" if c == "spend" else "logit"
    if c == "spend":
        y, design = rows[c].to_numpy(float) / 100, np.column_stack([np.ones(len(x)), x])
        estimate = np.linalg.lstsq(design, y, rcond=None)[0]
        sums = sum_by_cluster(design, y - design @ estimate, codes)
        covariance, degrees = bias_reduced(sums)
    else:
        fit = fit_categorical(rows[c].to_numpy(float), x, units=codes)
        estimate, sums = fit.parameters, fit.sums
        degrees = robust_errors(fit, clustered=True)[1]
        covariance = _dense_cr2(fit, x, rows[c].to_numpy(float), codes)
    bread = np.linalg.inv(sums.information.sum(axis=0))
    groups = len(sums.score)
    plain = groups / (groups - 1) * bread @ sums.score.T @ sums.score @ bread
    for k, a in enumerate(METRICS, start=1):
        yield ("joint_model", "estimate", a, "", c, f"{model}: ktv+nps+ease+age+complex{unit}"), estimate[k]
        yield ("joint_model", "se", a, "", c, f"CR2 by practice{unit}"), np.sqrt(covariance[k, k])
        yield ("joint_model", "df", a, "", c, "Satterthwaite"), degrees[k]
        variant = f"CR by practice, factor G/(G-1) only (vcovCL HC0){unit}"
        yield ("joint_model", "se", a, "", c, variant), np.sqrt(plain[k, k])


PARTS = (correlations, dependent, non_nested, vuong, auc, fits_and_cv, dominance, icc, retest, top_box, nps, clustered)


def all_values() -> dict[Key, float]:
    lab = Lab()
    return {key: float(value) for part in PARTS for key, value in part(lab) if np.isfinite(value)}
