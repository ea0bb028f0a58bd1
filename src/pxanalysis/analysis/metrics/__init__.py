"""KTV, NPS, CES and behaviours: every figure with its interval."""

from __future__ import annotations

from pxanalysis.analysis.metrics.definitions import METRICS, Metric, metrics_of
from pxanalysis.analysis.metrics.differences import MetricDifferences, Side, difference_of_sides, estimate_differences
from pxanalysis.analysis.metrics.distributions import estimate_distributions
from pxanalysis.analysis.metrics.estimate import estimate_metrics
from pxanalysis.analysis.metrics.grouped import Period
from pxanalysis.analysis.metrics.result import MetricsResult
from pxanalysis.analysis.metrics.sample_size import needed_n_for_mean, needed_n_for_net, needed_n_for_share
from pxanalysis.statistics.proportions.intervals import adjusted_wald, kish_n, wilson

__all__ = [
    "METRICS",
    "Metric",
    "MetricDifferences",
    "MetricsResult",
    "Period",
    "Side",
    "adjusted_wald",
    "difference_of_sides",
    "estimate_differences",
    "estimate_distributions",
    "estimate_metrics",
    "kish_n",
    "metrics_of",
    "needed_n_for_mean",
    "needed_n_for_net",
    "needed_n_for_share",
    "wilson",
]
