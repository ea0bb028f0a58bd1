"""Is one correlation larger than another: with a shared variable, without one, or in other people."""

from pxanalysis.statistics.dependent_correlations.clustered import ClusteredDifference, difference_clustered
from pxanalysis.statistics.dependent_correlations.independent import compare_independent, zou_independent
from pxanalysis.statistics.dependent_correlations.nonoverlapping import (
    NONOVERLAPPING_TESTS,
    FourCorrelations,
    compare_nonoverlapping,
    zou_nonoverlapping,
)
from pxanalysis.statistics.dependent_correlations.overlapping import (
    OVERLAPPING_TESTS,
    Overlapping,
    compare_overlapping,
    meng_interval,
    zou_overlapping,
)
from pxanalysis.statistics.dependent_correlations.record import CorrelationTest

__all__ = [
    "NONOVERLAPPING_TESTS",
    "OVERLAPPING_TESTS",
    "ClusteredDifference",
    "CorrelationTest",
    "FourCorrelations",
    "Overlapping",
    "compare_independent",
    "compare_nonoverlapping",
    "compare_overlapping",
    "difference_clustered",
    "meng_interval",
    "zou_independent",
    "zou_nonoverlapping",
    "zou_overlapping",
]
