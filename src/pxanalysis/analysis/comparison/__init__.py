"""Which of several metrics is the better one, for what, and how sure that is."""

from pxanalysis.analysis.comparison.compare import compare_metrics
from pxanalysis.analysis.comparison.plan import ComparisonPlan, Criterion, Exclusion, Hypothesis, read_plan
from pxanalysis.analysis.comparison.result import MetricComparison

__all__ = [
    "ComparisonPlan",
    "Criterion",
    "Exclusion",
    "Hypothesis",
    "MetricComparison",
    "compare_metrics",
    "read_plan",
]
