"""How far practices and two waves agree."""

from __future__ import annotations

import numpy as np
import statsmodels.api as sm

from pxanalysis.audit.metric_lab.sample import METRICS, Lab, Rows, codes_of
from pxanalysis.audit.record import estimated
from pxanalysis.statistics.power import n_for_reliability
from pxanalysis.statistics.random_effects.reml import fit_reml
from pxanalysis.statistics.random_effects.retest import estimate_retest
from pxanalysis.statistics.random_effects.variance import practice_stats, variance_components

__all__ = ["icc", "retest"]


def icc(lab: Lab) -> Rows:
    """Share of the variance between practices, and answers needed for a reliable mean."""
    for a in (*METRICS, "ces"):
        rows = lab.first.dropna(subset=[a])
        stat = practice_stats(rows[[a]].to_numpy(float), codes_of(rows), 20)
        reml = estimated(fit_reml(stat.n[:, 0], stat.mean[:, 0], stat.ss[:, 0]))
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
    """Agreement of the two waves, measurement error and responsiveness."""
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
