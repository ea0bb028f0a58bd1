"""What a practice can do first: gains, ranks and advice per practice and touchpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pxanalysis.analysis.priorities.effects import DriverEffects
from pxanalysis.analysis.priorities.ranking import Draws
from pxanalysis.analysis.priorities.settings import PrioritySettings
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import AnalysisError
from pxanalysis.figures.charts.intervals import plot_intervals
from pxanalysis.figures.charts.shares import plot_shares
from pxanalysis.result import Result, standard_columns
from pxanalysis.statistics.conventions import TOP
from pxanalysis.statistics.notes import Note
from pxanalysis.statistics.resampling.intervals import percentile_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pxanalysis.journey.model import Journey

__all__ = ["PrioritiesResult", "WhatIf"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class WhatIf(Result):
    """What would happen to the outcome when scores changed.

    Attributes
    ----------
    changes
        Points on 0-100 by which each touchpoint's score was changed.
    outcome
        Id of the outcome.
    frame
        One row per practice: ``practice_id, estimate, ci_low, ci_high`` (outcome points), ``nps, nps_low, nps_high``
        (proportion, -1 to 1), ``reason``.
    confidence
        Of the intervals.
    """

    changes: dict[str, float]
    outcome: str
    frame: pd.DataFrame
    confidence: float

    def tidy(self) -> pd.DataFrame:
        """One row per practice, see ``frame``."""
        return standard_columns(self.frame.assign(term=self.frame["practice_id"]))

    def glance(self) -> pd.DataFrame:
        """One row: the changes and the mean gain over the practices."""
        asked = "; ".join(f"{name} {points:+g}" for name, points in self.changes.items())
        mean = float(self.frame["estimate"].mean())
        return pd.DataFrame([{"outcome": self.outcome, "changes": asked, "mean_gain": mean}])


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PrioritiesResult(Result):
    """Where each practice wins most, and how sure that is.

    Attributes
    ----------
    frame
        One row per practice and touchpoint: ``practice_id, touchpoint, importance, performance, performance_low,
        performance_high, share_negative, improvement_score, target, gain, gain_low, gain_high, gain_nps, rank,
        rank_low, rank_high, p_top3, status, needed_n, suppressed, reason, n, effect`` with interval (outcome points per
        point), ``ipma`` (effect times what is missing to 100), ``met_share``, the interval of ``gain_nps`` (a
        proportion), the gains to the 75th-percentile practice and to the stated target by themselves, ``p_rank3``
        (probability of being among the first three, with anything to gain or not), ``needed_from`` (``practice`` or
        ``all``), ``reason_code``, ``gain_error`` (standard deviation of the draws of the gain), and ``effect, gain,
        rank, p`` with ``_measured`` and ``_corrected``: with scores as measured, and with their error taken out. Where
        there are both, ``gain`` and ``effect`` are their mean, intervals hold both, ``rank`` is by the sum of both and
        ``p_top3`` the smaller one; where the two put another one first, or differ on the first three, advice is
        undecided.
    outcome
        Id of the outcome that gains are in.
    settings
        Confidence, certainty from which on something is advised, draws and seed, fewest patients.
    target
        What gains are held against: ``p75`` (the practice at the 75th percentile), ``stated``, or ``none``.
    notes
        What a careful reader should know.
    journey
        Where ideas come from.
    effects, net_effects
        Effects on the outcome and on the NPS (None with the reason in ``notes``).
    performance, met, met_draws
        Shapes (J, p), (J, p) and (B, J, p) (or (1, J, p) when everybody meets everything): shrunken performance (NaN
        where suppressed) and the proportion of patients who meet each touchpoint.
    practices
        Ids of the J practices.
    names
        What touchpoints are called in the study's language, by id.
    """

    frame: pd.DataFrame
    outcome: str
    settings: PrioritySettings
    target: str
    notes: tuple[Note, ...]
    journey: Journey
    effects: DriverEffects
    net_effects: DriverEffects | None
    performance: FloatArray
    met: FloatArray
    met_draws: Draws
    practices: tuple[str, ...]
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def smallest_gain(self) -> float:
        """Smallest gain worth having, in outcome points."""
        return self.settings.smallest_gain * self.effects.spread

    def tidy(self) -> pd.DataFrame:
        """One row per practice and touchpoint: ``estimate`` is the possible gain in the outcome, with its interval.

        ``practice_id, term`` (touchpoint), ``estimate, std_error`` (spread of the draws), ``ci_low, ci_high``,
        ``importance`` (share of the outcome's variance), ``performance`` with interval (0-100, after case mix,
        shrunken), ``share_negative`` (proportion below 50), ``target`` (0-100), ``rank`` with interval, ``p_top3``
        (probability of being among the first three with a gain worth having: small for what is as good as it should
        be, whatever its place), ``status`` (``act``, ``undecided``, ``keep``), ``needed_n`` (more responses; NaN when
        ten times as many would not do), ``suppressed``, ``reason``; further columns as in ``frame``.
        """
        names = {"touchpoint": "term", "gain": "estimate", "gain_low": "ci_low", "gain_high": "ci_high"}
        return standard_columns(self.frame.rename(columns=names | {"gain_error": "std_error"}))

    def glance(self) -> pd.DataFrame:
        """One row: practices, how many have something to act on, how many abstain."""
        shown = self.frame[~self.frame["suppressed"]]
        per_practice = shown.groupby("practice_id")["status"].agg(set)
        acting = per_practice.map(lambda found: "act" in found).astype(bool)
        open_ones = per_practice.map(lambda found: "undecided" in found).astype(bool) & ~acting
        return pd.DataFrame(
            [
                {
                    "outcome": self.outcome,
                    "target": self.target,
                    "n_practices": len(self.practices),
                    "n_suppressed": len(self.practices) - len(per_practice),
                    "n_act": int(acting.sum()),
                    "n_abstain": int(open_ones.sum()),
                    "n_keep": int((~acting & ~open_ones).sum()),
                    "n_obs": self.effects.n_obs,
                    "n_bootstrap": self.settings.n_bootstrap,
                    "notes": " ".join(map(str, self.notes)),
                }
            ]
        )

    def ideas(self, practice_id: str) -> pd.DataFrame:
        """The journey's ideas for what the practice could do first, in order of rank.

        One row per idea of the first three touchpoints that are not ``keep``: ``touchpoint, rank, status, idea`` and
        ``title_<language>, text_<language>``.
        """
        self._position(practice_id)
        mine = self.frame[(self.frame["practice_id"] == practice_id) & self.frame["status"].isin(["act", "undecided"])]
        known = {touchpoint.id: touchpoint.ideas for touchpoint in self.journey.touchpoints}
        rows = [
            {"touchpoint": row.touchpoint, "rank": row.rank, "status": row.status, "idea": idea.id}
            | {f"title_{language}": idea.title[language] for language in self.journey.languages}
            | {f"text_{language}": idea.text[language] for language in self.journey.languages}
            for row in mine[mine["rank"] <= TOP].sort_values("rank").itertuples(index=False)
            for idea in known.get(str(row.touchpoint), ())
        ]
        texts = [f"{part}_{language}" for part in ("title", "text") for language in self.journey.languages]
        return pd.DataFrame(rows, columns=["touchpoint", "rank", "status", "idea", *texts])

    @property
    def labels(self) -> Mapping[str, str]:
        """What touchpoints are called in the study's language."""
        return self.names

    def plot(self, practice_id: str | None = None, ax: Axes | None = None) -> Axes:
        """Draw what one practice could win per touchpoint, largest on top; all practices: how often what is advised.

        With one practice in the study that is the one.
        """
        if practice_id is None and len(self.practices) > 1:
            advice = pd.crosstab(self.frame["touchpoint"].map(self.label), self.frame["status"], normalize="index")
            shares = advice.reindex(columns=["act", "undecided", "keep"], fill_value=0.0)
            return plot_shares(shares.sort_values("act", ascending=False), "proportion of practices", ax=ax)
        chosen = self.practices[0] if practice_id is None else practice_id
        self._position(chosen)
        mine = self.tidy().query("practice_id == @chosen").dropna(subset="estimate")
        mine = mine.sort_values("estimate", ascending=False).assign(label=lambda rows: rows["term"].map(self.label))
        axis = f"gain in {self.outcome} at the target ({self.settings.confidence:.0%} interval)"
        return plot_intervals(mine, axis, reference=0.0, ax=ax)

    def what_if(self, changes: Mapping[str, float], practice_id: str | None = None) -> WhatIf:
        """What the outcome would become when touchpoints scored so many points more or less.

        Parameters
        ----------
        changes
            Points on 0-100 per touchpoint, for example ``{"reception": 10}``. A score does not pass 0 or 100: the
            change is cut off there, per practice.
        practice_id
            One practice, or all when None.

        Raises
        ------
        AnalysisError
            For an unknown touchpoint or practice, or a change that is not a number.

        Notes
        -----
        The sum of effect x change x proportion of patients who meet the touchpoint, with the uncertainty of both.
        """
        chosen = range(len(self.practices)) if practice_id is None else [self._position(practice_id)]
        columns = [self._column(name) for name in changes]
        points = np.array([float(value) for value in changes.values()])
        if not np.isfinite(points).all():
            raise AnalysisError(f"changes: expected finite numbers of points, received {dict(changes)}.")
        rows = [self._changed(practice, columns, points) for practice in chosen]
        return WhatIf(dict(changes), self.outcome, pd.DataFrame(rows), self.settings.confidence)

    def _position(self, practice_id: str) -> int:
        if practice_id not in self.practices:
            raise AnalysisError(f"practice_id: no practice '{practice_id}' among the {len(self.practices)} practices.")
        return self.practices.index(practice_id)

    def _column(self, touchpoint: str) -> int:
        if touchpoint not in self.effects.drivers:
            why = self.effects.left_out.get(touchpoint)
            known = f"it is not in the model: {why}" if why else f"there are: {', '.join(self.effects.drivers)}"
            raise AnalysisError(f"changes: no effect is known of '{touchpoint}'; {known}.")
        return self.effects.drivers.index(touchpoint)

    def _changed(self, practice: int, columns: list[int], points: FloatArray) -> dict[str, object]:
        now = self.performance[practice, columns]
        row: dict[str, object] = {"practice_id": self.practices[practice]}
        change = np.clip(now + points, 0.0, 100.0) - now
        change = np.where(np.sign(change) == np.sign(points), change, 0.0)
        met, met_draws = self.met[practice, columns], self.met_draws[:, practice, columns]
        for names, effects in (
            (("estimate", "ci_low", "ci_high"), self.effects),
            (("nps", "nps_low", "nps_high"), self.net_effects),
        ):
            if effects is None or np.isnan(now).any():
                row |= dict.fromkeys(names, np.nan)
                continue
            ends = [
                percentile_interval((one.draws[:, columns] * change * met_draws).sum(axis=1), self.settings.confidence)
                for one in effects.versions
            ]
            low, high = min(float(end) for end, _ in ends), max(float(end) for _, end in ends)
            row |= dict(zip(names, (float((effects.effect[columns] * change * met).sum()), low, high), strict=True))
        hidden = [self.effects.drivers[columns[i]] for i in np.flatnonzero(np.isnan(now))]
        row["reason"] = f"fewer than {self.settings.minimum_n} respondents on {', '.join(hidden)}" if hidden else ""
        return row
