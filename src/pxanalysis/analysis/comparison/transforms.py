"""The forms in which a metric is reported: mean, two best answers, best answer, net score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pxanalysis.analysis.comparison.plan import Transform
from pxanalysis.arrays import FloatArray

if TYPE_CHECKING:
    from pxanalysis.journey.model import Outcome, Scale

__all__ = ["MetricScale"]


@dataclass(frozen=True, slots=True)
class MetricScale:
    """One metric, turned so that a high answer is good.

    Attributes
    ----------
    id, kind, label
        Of the outcome in the journey.
    low, high
        Ends of the answer scale.
    turned
        Whether answers were turned around (effort, where low is good).
    """

    id: str
    kind: str
    label: str
    low: float
    high: float
    turned: bool

    @classmethod
    def of_outcome(cls, outcome: Outcome, scale: Scale, language: str = "en") -> MetricScale:
        """Describe an outcome of a journey."""
        label = outcome.label[language if language in outcome.label.languages else sorted(outcome.label.languages)[0]]
        turned = outcome.direction == "lower-is-better"
        return cls(outcome.id, outcome.kind, label, float(scale.min), float(scale.max), turned)

    def orient(self, answers: FloatArray) -> FloatArray:
        """Answers (n,) so that high is good, on the same range."""
        return self.low + self.high - answers if self.turned else answers

    def negative_to(self) -> float:
        """Highest oriented answer that a net score counts as −1: KTV 5, NPS 6, CES the two hardest."""
        return {"ktv": 5.0, "nps": 6.0}.get(self.kind, self.low + 1.0)

    def reason(self, transform: Transform) -> str:
        """Why a form is not defined for this metric, or ""."""
        if transform == "net" and self.kind in {"ktv", "nps"} and self.high != 10:
            return (
                f"{self.id}: a net score is defined for answers up to 10, this was asked on {self.low:g}-{self.high:g}"
            )
        if transform == "net" and self.kind == "ces" and self.high - self.low < 3:
            return f"{self.id}: two easiest minus two hardest takes at least four answers"
        return ""

    def apply(self, oriented: FloatArray, transform: Transform) -> FloatArray:
        """Oriented answers (n,) in one form; missing stays missing.

        Examples
        --------
        >>> effort = MetricScale("ces", "ces", "Ease", 1, 5, turned=True)
        >>> effort.apply(effort.orient(np.array([1.0, 3.0, 5.0])), "net").tolist()
        [1.0, 0.0, -1.0]
        """
        if transform == "mean":
            return oriented
        best = oriented >= (self.high if transform == "top" else self.high - 1.0)
        form = best.astype(np.float64)
        if transform == "net":
            form -= oriented <= self.negative_to()
        return np.where(np.isfinite(oriented), form, np.nan)

    @property
    def note(self) -> str:
        """What a reader has to know of how it was asked, or ""."""
        if self.kind == "nps" and self.high == 10 and self.low == 1:
            return (
                f"{self.id} was asked on 1-10, not 0-10: detractors are 1-6, nothing was recoded, and its net score is "
                "not comparable with an NPS asked on 0-10."
            )
        return f"{self.id} is effort: answers were turned around, so that high is easy." if self.turned else ""
