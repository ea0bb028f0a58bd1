"""What a fit is told."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FEW_RESPONDENTS", "FitSettings"]

FEW_RESPONDENTS = "fewer people than a figure may rest on"
"""Reason of every suppressed row."""


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
    """

    outcome: str = "ktv"
    minimum_n: int = 10
    n_bootstrap: int = 1000
    seed: int = 1
    case_mix: tuple[str, ...] | None = None
    confidence: float = 0.95
