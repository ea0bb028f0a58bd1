"""Practices side by side: how they differ, how reliably, and after how much case mix."""

from __future__ import annotations

from pxanalysis.analysis.practices.variance import (
    PracticeStats,
    VarianceComponents,
    gls_mean,
    icc_interval,
    needed_n,
    practice_reliability,
    practice_stats,
    shrink_means,
    shrunken_error,
    variance_components,
)

__all__ = [
    "PracticeStats",
    "VarianceComponents",
    "gls_mean",
    "icc_interval",
    "needed_n",
    "practice_reliability",
    "practice_stats",
    "shrink_means",
    "shrunken_error",
    "variance_components",
]
