"""What each practice can do first: gain, rank and advice, with the uncertainty of drivers and practice."""

from __future__ import annotations

from pxanalysis.analysis.priorities.estimate import estimate_priorities
from pxanalysis.analysis.priorities.result import PrioritiesResult, WhatIf
from pxanalysis.analysis.priorities.settings import PrioritySettings

__all__ = ["PrioritiesResult", "PrioritySettings", "WhatIf", "estimate_priorities"]
