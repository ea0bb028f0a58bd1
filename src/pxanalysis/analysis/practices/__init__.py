"""Practices side by side: how they differ, how reliably, and after how much case mix."""

from __future__ import annotations

from pxanalysis.analysis.practices.case_mix import CaseMix, build_case_mix, no_case_mix
from pxanalysis.analysis.practices.compare import PracticeComparison, compare_practices
from pxanalysis.analysis.practices.least_squares import remove_case_mix
from pxanalysis.analysis.practices.reliability import (
    gls_mean,
    needed_n,
    practice_reliability,
    shrink_means,
    shrunken_error,
)
from pxanalysis.analysis.practices.reml import RemlFit, fit_reml
from pxanalysis.analysis.practices.variance import (
    PracticeStats,
    VarianceComponents,
    icc_interval,
    practice_stats,
    variance_components,
)

__all__ = [
    "CaseMix",
    "PracticeComparison",
    "PracticeStats",
    "RemlFit",
    "VarianceComponents",
    "build_case_mix",
    "compare_practices",
    "fit_reml",
    "gls_mean",
    "icc_interval",
    "needed_n",
    "no_case_mix",
    "practice_reliability",
    "practice_stats",
    "remove_case_mix",
    "shrink_means",
    "shrunken_error",
    "variance_components",
]
