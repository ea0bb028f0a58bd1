"""What a fit is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pxanalysis.analysis.drivers.correction import Measurement
from pxanalysis.statistics.conventions import MINIMUM_N

__all__ = ["FEW_RESPONDENTS", "PROTECTS_OTHERS", "FitSettings"]

PrioritiesFrom = Literal["regression", "sem"]

FEW_RESPONDENTS = "fewer people than a figure may rest on"
"""Reason of a row that is suppressed because it is on too few people."""

PROTECTS_OTHERS = "hidden so that another figure on few people cannot be worked out"
"""Reason of a row that is on enough people, but would give away one that is not."""


@dataclass(frozen=True, slots=True)
class FitSettings:
    """Settings of one fit.

    Attributes
    ----------
    outcome
        Id or kind of the outcome that the drivers explain.
    minimum_n
        No figure on fewer people; 10 or more.
    n_bootstrap, seed
        Replicates of the practice-cluster bootstrap, and their seed.
    case_mix
        Ids of the case-mix variables; None: all of the journey's.
    confidence
        Of all intervals, a proportion.
    measurement
        Whether effects are those of scores as measured, with their error taken out, or both.
    priorities
        What gains are made of: the effects of the driver regression, or total effects of latent touchpoints.
    second_outcome
        Outcome that the order of touchpoints is looked up for as well, such as whether patients came back: what they
        did is less coloured by halo than what they say.
    weights
        Column of the responses with a weight for each, 0 or more; None: everybody counts the same.
    """

    outcome: str = "ktv"
    minimum_n: int = MINIMUM_N
    n_bootstrap: int = 1000
    seed: int = 1
    case_mix: tuple[str, ...] | None = None
    confidence: float = 0.95
    measurement: Measurement = "both"
    priorities: PrioritiesFrom = "regression"
    second_outcome: str | None = None
    weights: str | None = None
