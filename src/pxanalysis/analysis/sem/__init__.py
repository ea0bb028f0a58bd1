"""Structural equation models: from a journey or a researcher's own syntax to estimates, fit, effects and pictures."""

from __future__ import annotations

from pxanalysis.analysis.sem.door import fit_journey_model, fit_sem
from pxanalysis.analysis.sem.effects import Effects
from pxanalysis.analysis.sem.invariance import Invariance, compare_groups, scaled_difference
from pxanalysis.analysis.sem.ipma import Ipma, estimate_composite_ipma
from pxanalysis.analysis.sem.journey import JourneyModel, write_journey_model
from pxanalysis.analysis.sem.model import SemModel
from pxanalysis.analysis.sem.options import SemOptions
from pxanalysis.analysis.sem.rankings import RankingAgreement, compare_rankings
from pxanalysis.analysis.sem.sam import SamPaths

__all__ = [
    "Effects",
    "Invariance",
    "Ipma",
    "JourneyModel",
    "RankingAgreement",
    "SamPaths",
    "SemModel",
    "SemOptions",
    "compare_groups",
    "compare_rankings",
    "estimate_composite_ipma",
    "fit_journey_model",
    "fit_sem",
    "scaled_difference",
    "write_journey_model",
]
