"""A planned study: how many people and practices, by which formula, and power against size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from pxanalysis.figures.charts.curve import plot_size_curve
from pxanalysis.figures.charts.shown import ShownFigure
from pxanalysis.result import Result, standard_columns
from pxanalysis.statistics.power import SimulatedPower

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pxanalysis.figures.charts.shown import ShownFigure

__all__ = ["StudyPlan"]

_VALUES = {"nps-margin": "half-width of the interval", "reliable-means": "reliability of a practice's mean"}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class StudyPlan(Result):
    """What a question takes.

    Attributes
    ----------
    question, asks, formula
        What was planned, in words, and by which formula.
    unit
        ``people``, ``people per practice`` or ``practices per arm``.
    assumptions
        All that the numbers rest on.
    unrounded, needed
        Units as if people were independent, and rounded up.
    design_effect
        How many times more people it takes because they come from practices.
    few_practices
        How many times more people t with practices − 1 degrees of freedom takes than the normal distribution.
    people, practices, per_practice
        In all, when people come from practices (NaN when not asked).
    simulated
        Power of the very test, with its Monte-Carlo error, at these numbers; None where the formula is exact.
    curve
        ``n, value``: power (or half-width, or reliability) against n.
    """

    question: str
    asks: str
    formula: str
    unit: str
    assumptions: Mapping[str, float]
    unrounded: float
    needed: int
    design_effect: float
    few_practices: float
    people: float
    practices: float
    per_practice: float
    simulated: SimulatedPower | None
    curve: pd.DataFrame

    def tidy(self) -> pd.DataFrame:
        """Rows ``term, estimate, unrounded``: what is needed, and with practices."""
        rows = [{"term": f"{self.unit}, independent", "estimate": float(self.needed), "unrounded": self.unrounded}]
        if self.people == self.people:
            rows += [
                {"term": "design effect", "estimate": self.design_effect, "unrounded": self.design_effect},
                {"term": "factor of few practices", "estimate": self.few_practices, "unrounded": self.few_practices},
                {
                    "term": "people in all",
                    "estimate": self.people,
                    "unrounded": self.unrounded * self.design_effect * self.few_practices,
                },
                {"term": "practices", "estimate": self.practices, "unrounded": self.practices},
                {"term": "people per practice", "estimate": self.per_practice, "unrounded": self.per_practice},
            ]
        if self.simulated is not None:
            rows.append(
                {
                    "term": "power, simulated",
                    "estimate": self.simulated.power,
                    "unrounded": self.simulated.power,
                    "std_error": self.simulated.monte_carlo_error,
                }
            )
        return standard_columns(pd.DataFrame(rows))

    def glance(self) -> pd.DataFrame:
        """One row: question, formula, assumptions, what is needed."""
        row = {"question": self.question, "unit": self.unit, "needed": self.needed, "formula": self.formula}
        return pd.DataFrame([row | dict(self.assumptions)])

    def summary(self) -> str:
        """Return what it takes, in sentences."""
        given = ", ".join(f"{key} = {value:g}" for key, value in self.assumptions.items())
        lines = [f"{self.needed} {self.unit} {self.asks} ({given}).", f"Formula: {self.formula}."]
        if self.people == self.people:
            lines.append(
                f"From practices: {self.people:.0f} people, {self.practices:.0f} practices of {self.per_practice:.0f} "
                f"(design effect {self.design_effect:.2f}; few practices, {self.few_practices:.2f} times more)."
            )
        if self.simulated is not None:
            lines.append(
                f"Simulated power with these numbers: {self.simulated.power:.3f} (Monte-Carlo error "
                f"{self.simulated.monte_carlo_error:.3f}, {self.simulated.studies} studies)."
            )
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.summary()

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw power (or half-width, or reliability) against n, with what is needed."""
        labels = (f"{self.unit}, independent", _VALUES.get(self.question, "power"))
        proportion = self.question != "nps-margin"
        return plot_size_curve(self.curve, self.needed, self.unrounded, labels, proportion=proportion, ax=ax)

    def figure(self) -> ShownFigure:
        """Draw the same for a page; it shows itself."""
        return ShownFigure(self.plot().get_figure(root=True))
