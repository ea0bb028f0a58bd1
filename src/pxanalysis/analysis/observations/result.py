"""Observations along a journey: what was kept of a file, what was refused, and what to do with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pxanalysis.journey.experience_map.content import Measured, choose_role, draw_journey_map, phases_of, rank_ideas
from pxanalysis.journey.experience_map.exchange import export_map
from pxanalysis.journey.experience_map.observation import TEXTS, Observation, at
from pxanalysis.journey.experience_map.words import words_of
from pxanalysis.result import Result, standard_columns
from pxanalysis.statistics.conventions import MINIMUM_N

if TYPE_CHECKING:
    from datetime import date

    from matplotlib.axes import Axes

    from pxanalysis.analysis.observations.comparison import EmotionComparison
    from pxanalysis.figures.page.experience_map import MapDrawing
    from pxanalysis.journey.experience_map.checking import Checked
    from pxanalysis.journey.model import Journey
    from pxanalysis.survey.responses import Responses

__all__ = ["IDEA_COLUMNS", "NOT_A_SAMPLE", "Observations"]

NOT_A_SAMPLE = "people who were observed are chosen, not sampled: no interval"
"""Why the mean of what was observed has no standard error."""
IDEA_COLUMNS = ("idea", "touchpoint", "effort", "cost", "role", "votes", "date")
"""Columns of the list of ideas, with which a list of actions starts."""
REJECTED = ("place", "column", "value", "reason", "action")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Observations(Result):
    """What patients were seen and heard to do, think and feel; texts are masked.

    Attributes
    ----------
    journey
        Along which they were made.
    observations
        One each, in the order of the file.
    rejected
        What was refused: ``place, column, value, reason, action`` (the row or only the cell was left out).
    masked
        In how many texts something was masked, by column.
    notes
        What somebody should know of the file: two languages mixed, one touchpoint with most of the rows.
    source
        Name of the file.
    invented
        Nobody was observed: an example.
    """

    journey: Journey
    observations: tuple[Observation, ...]
    rejected: pd.DataFrame
    masked: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    source: str = ""
    invented: bool = False

    @classmethod
    def of(cls, journey: Journey, checked: Checked, source: str = "", *, invented: bool = False) -> Observations:
        """Make the result of the rows that were checked."""
        rows = [(one.place, one.column, one.value, one.reason, one.action) for one in checked.rejected]
        masked = {kind: count for kind, count in checked.masked.items() if count}
        rejected = pd.DataFrame(rows, columns=list(REJECTED))
        return cls(journey, tuple(checked.observations), rejected, masked, tuple(checked.notes), source, invented)

    @property
    def labels(self) -> Mapping[str, str]:
        """What touchpoints are called, in the journey's first language."""
        return {one.id: one.label[self.journey.languages[0]] for one in self.journey.touchpoints}

    @property
    def table(self) -> pd.DataFrame:
        """Every observation, a row each, texts in the journey's first language where they are written in it."""
        return self.to_frame(self.journey.languages[0])

    def to_frame(self, language: str) -> pd.DataFrame:
        """Every observation, a row each, with its texts in a language where they are written in it.

        Columns: ``touchpoint, role, source, date, feels`` (−2 to +2), the texts, ``effort, cost, votes``.
        """
        rows = [
            {"touchpoint": one.touchpoint, "role": one.role, "source": one.source, "date": one.date, "feels": one.feels}
            | {kind: one.text(kind, language) for kind in TEXTS}
            | {"effort": one.effort or "", "cost": one.cost, "votes": one.votes}
            for one in self.observations
        ]
        columns = ["touchpoint", "role", "source", "date", "feels", *TEXTS, "effort", "cost", "votes"]
        return pd.DataFrame(rows, columns=columns).astype({"feels": "Int64", "cost": "float64", "votes": "Int64"})

    def tidy(self) -> pd.DataFrame:
        """Mean feeling per touchpoint (``term``) and role (``group``; "" is all roles), −2 to +2.

        ``n`` observations of a feeling, ``low`` and ``high`` of them, ``share_negative`` (proportion below 0). No
        interval: ``reason`` says why.
        """
        roles = ["", *dict.fromkeys(one.role for one in self.observations if one.role)]
        rows = [self._row(one.id, role) for one in self.journey.touchpoints for role in roles]
        kept = [row for row in rows if row["group"] == "" or row["n"]]
        return standard_columns(pd.DataFrame(kept))

    def _row(self, touchpoint: str, role: str) -> dict[str, object]:
        seen = [one for one in at(self.observations, touchpoint) if not role or one.role == role]
        felt = np.array([one.feels for one in seen if one.feels is not None], dtype=np.float64)
        known = len(felt) > 0
        return {
            "term": touchpoint,
            "group": role,
            "estimate": felt.mean() if known else np.nan,
            "n": len(felt),
            "low": felt.min() if known else np.nan,
            "high": felt.max() if known else np.nan,
            "share_negative": (felt < 0).mean() if known else np.nan,
            "n_observations": len(seen),
            "reason": NOT_A_SAMPLE if known else "nobody was seen to feel something here",
        }

    def glance(self) -> pd.DataFrame:
        """How many observations, by source; touchpoints with any; refused; masked texts."""
        sources = pd.Series([one.source for one in self.observations], dtype=object).value_counts()
        return pd.DataFrame(
            {
                "journey": [self.journey.id],
                "n_observations": [len(self.observations)],
                "sources": [", ".join(f"{name} {count}" for name, count in sources.sort_index().items())],
                "touchpoints_seen": [len({one.touchpoint for one in self.observations})],
                "touchpoints": [len(self.journey.touchpoints)],
                "n_ideas": [sum("idea" in one.texts for one in self.observations)],
                "n_rejected": [len(self.rejected)],
                "n_masked": [sum(self.masked.values())],
                "invented": [self.invented],
                "notes": [" ".join(self.notes)],
            }
        )

    def ideas(self, language: str | None = None) -> pd.DataFrame:
        """Ideas, most votes first: ``idea, touchpoint, effort, cost, role, votes, date``; a role, never a name.

        The list that actions start from. ``cost`` in euros; an idea without votes has 0.
        """
        language = language or self.journey.languages[0]
        words_of(language, self.journey.languages)
        rows = [
            (one.text("idea", language), one.touchpoint, one.effort or "", one.cost, one.role, one.votes or 0, one.date)
            for one in rank_ideas(self.observations, language)
        ]
        return pd.DataFrame(rows, columns=list(IDEA_COLUMNS)).astype({"cost": "float64", "votes": "int64"})

    def to_actions(self, practice_id: str, on: date, language: str | None = None) -> pd.DataFrame:
        """Ideas as the first rows of a practice's list of actions, none of them chosen yet.

        Columns: ``practice_id, touchpoint, idea, cost, idea_on, why`` (votes, effort, and whose idea: a role).

        Parameters
        ----------
        on
            The day for ideas that have none.
        """
        language = language or self.journey.languages[0]
        words, ideas = words_of(language), self.ideas(language)
        roles = {one.id: one.label[language] for one in self.journey.roles}
        why = [
            ", ".join(filter(None, [
                words["vote_of"] if row["votes"] == 1 else words["votes_of"].format(n=row["votes"]),
                f"{words['effort'].lower()} {words[row['effort']]}" if row["effort"] else "",
                roles.get(row["role"], ""),
            ]))
            for row in ideas.to_dict("records")
        ]  # fmt: skip
        days = [on if pd.isna(day) else day for day in ideas["date"]]
        listed = ideas.assign(practice_id=practice_id, idea_on=days, why=why)
        return listed[["practice_id", "touchpoint", "idea", "cost", "idea_on", "why"]]

    def compare(
        self,
        answers: Responses | Mapping[str, Measured],
        *,
        minimum_n: int = MINIMUM_N,
        role: str | None = None,
        weights: str | None = None,
    ) -> EmotionComparison:
        """Hold the emotion that was observed beside the scores of a survey.

        Parameters
        ----------
        answers
            Answers on the same journey; or by touchpoint what was measured.
        minimum_n
            Smallest number of people a score may rest on.
        role
            Of this role only, on both sides.
        weights
            Column of the answers by which they are weighed.
        """
        from pxanalysis.analysis.observations.comparison import compare_emotions

        return compare_emotions(self, answers, minimum_n=minimum_n, role=role, weights=weights)

    def draw_experience_map(
        self,
        language: str | None = None,
        *,
        role: str | None = None,
        measured: EmotionComparison | Mapping[str, Measured] | None = None,
    ) -> MapDrawing:
        """Draw the map as on the wall of a workshop; it shows itself in JupyterLab, ``to_svg()`` writes it.

        Parameters
        ----------
        role
            Only what this role went through; all, with a curve each, when None.
        measured
            What :meth:`compare` found, or by touchpoint what was measured: scores come beside what was seen.
        """
        simulated = measured is not None and not isinstance(measured, Mapping) and measured.simulated
        made_up = (*(("invented",) if self.invented else ()), *(("simulated",) if simulated else ()))
        figures = _measured(measured)
        return draw_journey_map(
            self.journey, self.observations, language=language, role=role, measured=figures, made_up=made_up
        )

    def plot_experience_map(
        self,
        language: str | None = None,
        *,
        role: str | None = None,
        measured: EmotionComparison | Mapping[str, Measured] | None = None,
        ax: Axes | None = None,
    ) -> Axes:
        """Draw the curves of emotion, seen and measured, as a chart for a paper; parameters as of the drawing."""
        # matplotlib is heavy and only drawing needs it
        from pxanalysis.figures.charts.emotions import plot_emotions

        language = language or self.journey.languages[0]
        words = words_of(language, self.journey.languages)
        choose_role(self.journey, role)
        phases = phases_of(self.journey, self.observations, language, role, _measured(measured))
        points = [one for phase in phases for one in phase.touchpoints]
        roles = dict.fromkeys(feeling.role for one in points for feeling in one.feelings)
        curves = {
            name: np.array([next((f.mean for f in one.feelings if f.role == name), np.nan) for one in points])
            for name in roles
        }
        scores = np.array([np.nan if one.survey is None else _number(one.survey.feels) for one in points])
        return plot_emotions([one.label for one in points], curves, scores, words, ax=ax)

    plot = plot_experience_map

    def to_json(self, measured: EmotionComparison | Mapping[str, Measured] | None = None) -> str:
        """Return the map as JSON for other tools (``pxanalysis journeys map --schema``); it can be read back."""
        return export_map(self.journey, self.observations, _measured(measured), invented=self.invented)


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def _measured(measured: EmotionComparison | Mapping[str, Measured] | None) -> Mapping[str, Measured] | None:
    return measured if measured is None or isinstance(measured, Mapping) else measured.measured
