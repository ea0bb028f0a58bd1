"""Practices side by side: how they differ, how reliably, and after how much case mix."""

from __future__ import annotations

from pxanalysis.analysis.practices.case_mix import CaseMix, build_case_mix, no_case_mix
from pxanalysis.analysis.practices.caterpillar import CaterpillarResult, order_practices
from pxanalysis.analysis.practices.compare import PracticeComparison, compare_practices
from pxanalysis.analysis.practices.dispersion import Overdispersion, overdispersion
from pxanalysis.analysis.practices.funnel import FunnelResult, estimate_funnel
from pxanalysis.analysis.practices.scores import plot_scores
from pxanalysis.statistics.random_effects.reliability import (
    gls_mean,
    needed_n,
    practice_reliability,
    shrink_means,
    shrunken_error,
)
from pxanalysis.statistics.random_effects.reml import RemlFit, fit_reml
from pxanalysis.statistics.random_effects.variance import (
    PracticeStats,
    VarianceComponents,
    icc_interval,
    practice_stats,
    variance_components,
)
from pxanalysis.statistics.regression.fixed_effects import remove_case_mix

__all__ = [
    "CaseMix",
    "CaterpillarResult",
    "FunnelResult",
    "Overdispersion",
    "PracticeComparison",
    "PracticeStats",
    "RemlFit",
    "VarianceComponents",
    "build_case_mix",
    "compare_practices",
    "estimate_funnel",
    "fit_reml",
    "gls_mean",
    "icc_interval",
    "needed_n",
    "no_case_mix",
    "order_practices",
    "overdispersion",
    "plot_scores",
    "practice_reliability",
    "practice_stats",
    "remove_case_mix",
    "shrink_means",
    "shrunken_error",
    "variance_components",
]
