"""What a study chooses about its priorities."""

from __future__ import annotations

from dataclasses import dataclass

from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.conventions import MINIMUM_N
from pxanalysis.statistics.inputs import check_confidence

__all__ = ["PrioritySettings"]


@dataclass(frozen=True, slots=True)
class PrioritySettings:
    """Choices that hold for all practices.

    Attributes
    ----------
    n_bootstrap, seed
        Draws of the effects and of the practices' true means, and with which seed.
    minimum_n
        Fewest patients that a figure is shown on.
    confidence
        Of the intervals, proportion.
    certainty
        Probability of being among the first three, with a gain worth having, from which on a touchpoint is advised;
        below one minus this it is left alone, between the two it is undecided.
    smallest_gain
        Smallest gain worth having, as a proportion of the outcome's standard deviation between patients.
    """

    n_bootstrap: int = 1000
    seed: int = 1
    minimum_n: int = MINIMUM_N
    confidence: float = 0.95
    certainty: float = 0.8
    smallest_gain: float = 0.02

    def __post_init__(self) -> None:
        check_confidence(self.confidence)
        if not 0.5 < self.certainty < 1:
            raise AnalysisError(f"certainty: expected a probability between 0.5 and 1, received {self.certainty}.")
        if self.smallest_gain < 0:
            raise AnalysisError(
                f"smallest_gain: expected 0 or more standard deviations of the outcome, received {self.smallest_gain}."
            )
        if self.minimum_n < 1:
            raise AnalysisError(f"minimum_n: expected 1 or more, received {self.minimum_n}.")
        if self.n_bootstrap < 1:
            raise AnalysisError(f"n_bootstrap: expected 1 or more draws, received {self.n_bootstrap}.")
