"""How reliable scales are, by every definition in use, and whether they measure different things."""

from __future__ import annotations

from pxanalysis.analysis.reliability.correlations import plot_correlations
from pxanalysis.analysis.reliability.discriminant import Discriminant, estimate_discriminant
from pxanalysis.analysis.reliability.journey import Reliability, ScaleLevel, estimate_reliability, scales_of
from pxanalysis.analysis.reliability.records import DEFINITIONS, REASONS, Coefficient, ScaleReliability
from pxanalysis.analysis.reliability.scale import estimate_scale_reliability
from pxanalysis.analysis.reliability.verdict import VERDICTS, Verdict, VerdictCode
from pxanalysis.statistics.factor.composites import Composites, estimate_composites
from pxanalysis.statistics.factor.measurement import MeasurementModel, estimate_measurement

__all__ = [
    "DEFINITIONS",
    "REASONS",
    "VERDICTS",
    "Coefficient",
    "Composites",
    "Discriminant",
    "MeasurementModel",
    "Reliability",
    "ScaleLevel",
    "ScaleReliability",
    "Verdict",
    "VerdictCode",
    "estimate_composites",
    "estimate_discriminant",
    "estimate_measurement",
    "estimate_reliability",
    "estimate_scale_reliability",
    "plot_correlations",
    "scales_of",
]
