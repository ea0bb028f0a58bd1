"""What a comparison of metrics found: its frames, and what may be said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import pandas as pd

from pxanalysis.analysis.comparison.output.numbers import readable
from pxanalysis.analysis.comparison.plan import ComparisonPlan
from pxanalysis.analysis.provenance import DataFacts
from pxanalysis.errors import AnalysisError
from pxanalysis.result import Result

__all__ = ["TITLES", "ComparisonRecord", "FigureName", "Frame"]

Frame = Literal[
    "descriptives",
    "shares",
    "between_metrics",
    "associations",
    "differences",
    "verdicts",
    "hypotheses",
    "non_nested",
    "predictions",
    "combinations",
    "dominance",
    "levels",
    "discrimination",
    "stability",
    "retest",
    "responsiveness",
    "information",
    "unreliability",
    "profiles",
    "profile_distances",
]
"""What a comparison answers; each is one frame, whose columns are described at the function that makes it."""

FigureName = Literal["differences", "associations", "information", "profiles"]

TITLES: dict[Frame, str] = {
    "descriptives": "The metrics one by one",
    "shares": "Net scores and best answers, in the same people",
    "between_metrics": "How the metrics go together",
    "associations": "What goes with each criterion",
    "differences": "Which of two metrics goes with it more closely",
    "verdicts": "What may be said",
    "hypotheses": "The hypotheses of the plan",
    "non_nested": "Non-nested models",
    "predictions": "Predicting practices that were left out",
    "combinations": "Do two or three metrics beat the best one",
    "dominance": "Dominance of the metrics over the criterion",
    "levels": "Respondents and practices apart",
    "discrimination": "How well a metric tells practices apart",
    "stability": "Over two halves of the period",
    "retest": "The same people asked twice",
    "responsiveness": "Sensitivity to an action",
    "information": "What cut points and net scores lose",
    "unreliability": "If single questions are unreliable",
    "profiles": "What each metric is driven by",
    "profile_distances": "Are the metrics driven by the same touchpoints",
}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ComparisonRecord(Result):
    """What a comparison of metrics found.

    Attributes
    ----------
    frames
        One frame per question, see ``Frame``; a row that could not be estimated carries a ``reason``.
    plan, plan_hash
        What was planned, and its SHA-256, taken before anything was computed.
    preregistered
        Whether the plan came from a file.
    deviations
        Where the analysis differs from the plan.
    notes
        What a reader has to know, most important first.
    n_obs, n_complete, n_practices
        Responses after exclusions; those with every metric; practices.
    reported_on
        What practices are in the journey: ``practice``, ``hospital``, ``department`` or ``organisation``.
    n_excluded
        Responses left out, by reason.
    data
        The answers, by their hash, and how many there are.
    journey_id
        Of which they are.
    """

    frames: Mapping[str, pd.DataFrame]
    plan: ComparisonPlan
    plan_hash: str
    preregistered: bool
    deviations: tuple[str, ...]
    notes: tuple[str, ...]
    n_obs: int
    n_complete: int
    n_practices: int
    reported_on: str
    n_excluded: Mapping[str, int]
    data: DataFacts
    journey_id: str

    def __getitem__(self, name: Frame) -> pd.DataFrame:
        """Return a copy of one frame.

        Raises
        ------
        AnalysisError
            When there is no such frame.
        """
        if name not in self.frames:
            raise AnalysisError(f"expected one of {', '.join(get_args(Frame))}, received '{name}'.")
        return self.frames[name].copy()

    def tidy(self) -> pd.DataFrame:
        """One row per criterion, form and pair of metrics: Δr and every test, see ``differences``."""
        return self["differences"]

    def glance(self) -> pd.DataFrame:
        """One row: who was compared, on what, by which plan."""
        named = self.frames["verdicts"]
        return pd.DataFrame(
            [
                {
                    "n_obs": self.n_obs,
                    "n_complete": self.n_complete,
                    "n_excluded": sum(self.n_excluded.values()),
                    "n_practices": self.n_practices,
                    "metrics": ", ".join(self.frames["descriptives"]["term"]),
                    "criteria": ", ".join(named["criterion"]) if "criterion" in named else "",
                    "named": ", ".join(filter(None, named["term"])) or "none",
                    "plan": self.plan_hash[:12],
                    "preregistered": self.preregistered,
                    "deviations": len(self.deviations),
                }
            ]
        )

    def summary(self) -> str:
        """Return what may be said, in sentences."""
        units = f"{self.n_practices} {self.reported_on}s" if self.n_practices > 1 else "people are the units"
        plan = "by the plan" if self.preregistered else "exploratory (no plan file)"
        lines = [
            f"Comparison of metrics: {self.n_complete} of {self.n_obs} responses with every metric, {units}; {plan}, "
            f"{self.plan_hash[:12]}.",
            *(f"! Deviation from the plan: {text}" for text in self.deviations),
            *(f"- {readable(text)}" for text in self.notes),
            "",
        ]
        verdicts = self.frames["verdicts"]
        lines += list(verdicts["sentence"]) if "sentence" in verdicts else []
        for row in self.frames["hypotheses"].itertuples(index=False):
            lines.append(
                f"Hypothesis {readable(str(row.term))} on {row.criterion}: {row.outcome}. {row.reason}".rstrip()
            )
        return "\n".join(lines)

    def __repr__(self) -> str:
        return "\n".join(self.summary().splitlines()[:10])

    def _repr_html_(self) -> str:
        from html import escape

        lines = [escape(line) for line in self.summary().splitlines() if line]
        said = "".join(f"<li>{line[2:]}</li>" for line in lines if line[:2] in {"- ", "! "})
        head, *rest = [f"<p>{line}</p>" for line in lines if line[:2] not in {"- ", "! "}]
        return f"{head}<ul>{said}</ul>{''.join(rest)}"
