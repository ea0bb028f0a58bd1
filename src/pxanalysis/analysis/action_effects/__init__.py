"""Did it work? What came after actions, beyond regression to the mean and what happened everywhere."""

from pxanalysis.analysis.action_effects.estimate import estimate_action_effects
from pxanalysis.analysis.action_effects.result import ActionEffects

__all__ = ["ActionEffects", "estimate_action_effects"]
