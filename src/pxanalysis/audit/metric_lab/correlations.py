"""Correlations with each criterion, and whether two of them differ."""

from __future__ import annotations

from scipy import stats
from statsmodels.stats.multitest import multipletests

from pxanalysis.audit.metric_lab.sample import CRITERIA, METRICS, PAIRS, Lab, Rows
from pxanalysis.statistics.dependent_correlations import (
    OVERLAPPING_TESTS,
    Overlapping,
    compare_overlapping,
    meng_interval,
    zou_overlapping,
)
from pxanalysis.statistics.dependent_correlations.record import fisher_limits

__all__ = ["correlations", "dependent"]


def correlations(lab: Lab) -> Rows:
    """Pearson, Spearman and Kendall with each criterion, with intervals."""
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
    """Tests of two correlations with the same criterion, and Holm's adjustment of them."""
    section, p_values = "dependent_correlations", {}
    for c in CRITERIA:
        rows = lab.sample(c)
        r = rows[[*METRICS, c]].corr()
        for a, b in PAIRS:
            three = Overlapping(float(r[a][c]), float(r[b][c]), float(r[a][b]), len(rows))
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
    for name, named in (("williams", "williams1959"), ("hittner", "hittner2003")):
        for family in (*[(c,) for c in CRITERIA], CRITERIA):
            keys = [(c, a, b) for c in family for a, b in PAIRS]
            adjusted = multipletests([p_values[named, *key] for key in keys], method="holm")[1]
            variant = f"{name} within criterion, 3 tests" if len(family) == 1 else f"{name} over criteria, 9 tests"
            for (c, a, b), p in zip(keys, adjusted, strict=True):
                yield ("holm", "p_holm", a, b, c, variant), p
