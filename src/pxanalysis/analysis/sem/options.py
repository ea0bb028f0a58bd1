"""How a structural equation model is estimated: one checked record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.inputs import check_confidence

__all__ = ["Estimator", "Information", "SemMissing", "SemOptions"]

Estimator = Literal["auto", "ML", "MLR", "MLM", "WLSMV", "DWLS"]
"""``auto``: ML on a frame; on responses MLR, by practice where there are enough, else the practice bootstrap."""

SemMissing = Literal["fiml", "listwise"]
"""``fiml`` uses every row with an answer; ``listwise`` only complete ones."""

Information = Literal["expected", "observed"]

CHOICES = {"estimator": Estimator, "missing": SemMissing, "information": Information}


@dataclass(frozen=True, slots=True)
class SemOptions:
    """How to estimate.

    Attributes
    ----------
    estimator, missing
        See ``Estimator`` and ``SemMissing``.
    information
        Behind standard errors; None: observed with missing answers and for MLR, else expected (as lavaan).
    std_lv
        Whether latents have variance 1 and all loadings are free, instead of the first loading being 1.
    fixed_x
        Whether the moments of observed covariates are the sample's; never with missing answers.
    means
        Whether intercepts are part of the model; they are when answers are missing or there are groups.
    confidence
        Of the intervals, a proportion.
    n_bootstrap, seed
        Samples of practices (or respondents) where a bootstrap is made, and its seed.
    """

    estimator: Estimator = "auto"
    missing: SemMissing = "fiml"
    information: Information | None = None
    std_lv: bool = False
    fixed_x: bool = True
    means: bool = False
    confidence: float = 0.95
    n_bootstrap: int = 1000
    seed: int = 1

    def __post_init__(self) -> None:
        for name, alias in CHOICES.items():
            value = getattr(self, name)
            if value is not None and value not in get_args(alias):
                raise AnalysisError(f"{name}: expected one of {', '.join(get_args(alias))}, received '{value}'.")
        check_confidence(self.confidence)
        if self.n_bootstrap < 100:
            raise AnalysisError(f"n_bootstrap: expected at least 100, received {self.n_bootstrap}.")
