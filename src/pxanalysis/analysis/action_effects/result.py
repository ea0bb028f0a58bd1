"""What came after actions: each by itself, by kind, and all together, with the checks that allow to say so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from pxanalysis.result import Result, standard_columns
from pxanalysis.statistics.conventions import MINIMUM_N

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pxanalysis.analysis.action_effects.cells import StudyCells
    from pxanalysis.analysis.action_effects.event_study import Estimator, EventStudy
    from pxanalysis.survey.action_list import Action

__all__ = ["ActionEffects"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ActionEffects(Result):
    """Changes after actions beyond regression to the mean and the general trend, in points of the score (0-100).

    Attributes
    ----------
    actions
        One row per action, in no order of effect: ``action_id, practice_id, touchpoint, kind, idea, decided_on,
        in_place_on``; ``look`` (months),
        ``until`` (last month looked at), ``n_before, n_after``, ``score_before, score_after``,
        ``raw_change``, of which ``regression`` (to the mean) and ``trend`` (general); ``estimate, std_error, ci_low,
        ci_high``, ``n_compared``; ``verdict``, ``text``, ``more_needed``, ``elsewhere`` (largest |d/s| at the
        practice's other touchpoints), ``smallest_change``, ``reason``.
    kinds
        One row per kind of action: ``kind, estimate, std_error, ci_low, ci_high, next_low, next_high, n_practices,
        n_actions, effort_hours, cost, reason``.
    programme
        One row: mean over acting practices, with ``n_practices`` and ``reason``.
    checks
        One row: ``share_placebo`` (of practices without an action whose lowest touchpoint seems to change),
        ``n_placebo``, ``sound``.
    cells, register
        The monthly scores and the actions that it rests on, for `event_study`.
    n_obs, n_practices, n_compared
        Dated answers in months that are over; practices; those without an action.
    """

    actions: pd.DataFrame
    kinds: pd.DataFrame
    programme: pd.DataFrame
    checks: pd.DataFrame
    cells: StudyCells
    register: tuple[Action, ...]
    n_obs: int
    n_practices: int
    n_compared: int

    def tidy(self) -> pd.DataFrame:
        """One row per action, kind and for the programme; ``scale`` says which."""
        parts = [
            self.actions.assign(scale="action", term=self.actions["action_id"]),
            self.kinds.assign(scale="kind", term=self.kinds["kind"]),
            self.programme.assign(scale="programme", term="programme"),
        ]
        columns = ["scale", "term", "estimate", "std_error", "ci_low", "ci_high", "reason"]
        rows = pd.concat([part[columns] for part in parts if len(part)], ignore_index=True)
        text = [*self.actions["text"], *[""] * (len(rows) - len(self.actions))]
        return standard_columns(rows.assign(text=text))

    def glance(self) -> pd.DataFrame:
        """One row: answers, practices, actions that were looked at, and whether the self-check holds."""
        check = self.checks.iloc[0]
        return pd.DataFrame(
            [
                {
                    "method": "shrunken difference-in-differences",
                    "n_obs": self.n_obs,
                    "n_practices": self.n_practices,
                    "n_compared": self.n_compared,
                    "n_actions": len(self.actions),
                    "n_looked_at": int(self.actions["look"].notna().sum()),
                    "share_placebo": check["share_placebo"],
                    "sound": check["sound"],
                }
            ]
        )

    def event_study(
        self,
        touchpoint: str | None = None,
        *,
        estimator: Estimator = "imputation",
        months: int = 3,
        minimum_n: int = MINIMUM_N,
        confidence: float = 0.95,
    ) -> EventStudy:
        """Look at one touchpoint by time since the action, as a researcher would (extra ``research``).

        Arguments, what is raised and sources: `pxanalysis.analysis.action_effects.event_study.estimate_event_study`.
        """
        from pxanalysis.analysis.action_effects.event_study import estimate_event_study

        return estimate_event_study(
            self.cells,
            self.register,
            touchpoint=touchpoint,
            estimator=estimator,
            months=months,
            minimum_n=minimum_n,
            confidence=confidence,
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the kinds of action and the programme with their intervals."""
        from pxanalysis.figures.charts.intervals import plot_intervals

        rows = self.tidy()
        pooled = rows[rows["scale"] != "action"].assign(label=rows["term"])
        reasons = "; ".join(dict.fromkeys(pooled["reason"]))
        return plot_intervals(pooled, "change of the score (0-100)", reference=0.0, reason=reasons, ax=ax)
