"""How far practices are: which share of ideas was realised in time, how long that took, which journeys are finished."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pxanalysis.result import Result, standard_columns
from pxanalysis.statistics.conventions import IN_TIME
from pxanalysis.statistics.inputs import check_confidence
from pxanalysis.statistics.proportions.intervals import wilson, z_value
from pxanalysis.survey.action_list import Action

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ActionProgress", "estimate_progress"]


TOO_YOUNG = f"no idea is {IN_TIME} days old yet"
NOT_HALF = "fewer than half of the ideas were realised so far"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ActionProgress(Result):
    """Progress of a programme of improvement.

    Attributes
    ----------
    practices
        One row per practice, and one for all with ``practice_id`` "": ``n_ideas``, ``n_old`` (61 days or older),
        ``n_realised`` (of those, in place within 61 days), ``estimate`` (their share) with ``ci_low, ci_high``,
        ``median_days`` to realisation, how many are ``idea, chosen, started, done, dropped``, ``running`` (whether
        anything is still open), and the reasons ``reason, median_reason``.
    curve
        ``day, share, ci_low, ci_high, n_open``: share of all ideas in place so many days after they came up.
    n_finished, n_running
        Journeys (practices with ideas) of which every idea is done or dropped, and others.
    ideas_per_journey
        Mean number of ideas.
    today
        The day as of which this is.
    """

    practices: pd.DataFrame
    curve: pd.DataFrame
    n_finished: int
    n_running: int
    ideas_per_journey: float
    today: date

    def tidy(self) -> pd.DataFrame:
        """One row per practice: the share of ideas that were realised in time."""
        return standard_columns(self.practices.assign(term="realised in time", std_error=np.nan))

    def glance(self) -> pd.DataFrame:
        """One row: ideas, journeys finished and running, ideas per journey."""
        whole = self.practices[self.practices["practice_id"] == ""].iloc[0]
        return pd.DataFrame(
            [
                {
                    "n_ideas": whole["n_ideas"],
                    "share_in_time": whole["estimate"],
                    "median_days": whole["median_days"],
                    "n_finished": self.n_finished,
                    "n_running": self.n_running,
                    "ideas_per_journey": self.ideas_per_journey,
                    "today": self.today.isoformat(),
                }
            ]
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the share of ideas in place against the days since they came up."""
        from pxanalysis.figures.charts.drawing import axes_for

        ax = axes_for(ax)
        ax.step(self.curve["day"], self.curve["share"], where="post", color="0.2")
        ax.fill_between(
            self.curve["day"], self.curve["ci_low"], self.curve["ci_high"], step="post", color="0.85", linewidth=0
        )
        ax.axvline(IN_TIME, color="0.6", linewidth=0.8, linestyle=(0, (2, 3)))
        ax.set(xlabel="days since the idea", ylabel="share of ideas in place", ylim=(0, 1), xlim=(0, None))
        return ax


def estimate_progress(
    actions: Iterable[Action], *, today: date | None = None, confidence: float = 0.95
) -> ActionProgress:
    """Estimate how far practices are with their ideas.

    A share counts ideas of 61 days or older, dropped ones included, and is realised when it was in place within 61 days
    (Wilson interval). The curve is Kaplan and Meier's, with an idea that was dropped counted as one that is not
    realised to this day: taken out on the day it was dropped, it would be counted as if it could still have been.
    """
    check_confidence(confidence)
    day, listed = today or date.today(), [one for one in actions if one.idea_on is not None]
    owners = sorted({one.practice_id for one in listed})
    rows = [_row("", listed, day, confidence)]
    rows += [_row(name, [one for one in listed if one.practice_id == name], day, confidence) for name in owners]
    practices = pd.DataFrame(rows)
    own = practices[practices["practice_id"] != ""]
    running = int(own["running"].sum())
    return ActionProgress(
        practices=practices,
        curve=_curve(listed, day, confidence),
        n_finished=len(own) - running,
        n_running=running,
        ideas_per_journey=len(listed) / len(owners) if owners else 0.0,
        today=day,
    )


def _row(practice_id: str, actions: Sequence[Action], today: date, confidence: float) -> dict[str, object]:
    old = [one for one in actions if one.idea_on is not None and (today - one.idea_on).days >= IN_TIME]
    realised = [one for one in old if _in_time(one)]
    low, high = (float(end) for end in wilson(len(realised) / len(old), len(old), confidence)) if old else (np.nan,) * 2
    median = _median_days(actions, today)
    status = pd.Series([one.status for one in actions], dtype=object)
    return {
        "practice_id": practice_id,
        "n_ideas": len(actions),
        "n_old": len(old),
        "n_realised": len(realised),
        "estimate": len(realised) / len(old) if old else np.nan,
        "ci_low": low,
        "ci_high": high,
        "median_days": median,
        **{name: int((status == name).sum()) for name in ("idea", "chosen", "started", "done", "dropped")},
        "running": bool(status.isin(["idea", "chosen", "started"]).any()),
        "reason": "" if old else TOO_YOUNG,
        "median_reason": "" if np.isfinite(median) else NOT_HALF,
    }


def _in_time(action: Action) -> bool:
    idea, there = action.idea_on, action.in_place_on
    return idea is not None and there is not None and there - idea <= timedelta(days=IN_TIME)


def _durations(actions: Sequence[Action], today: date) -> tuple[np.ndarray, np.ndarray]:
    """Days from idea to in place, or to today, and whether it is in place."""
    there = np.array([one.in_place_on is not None for one in actions], dtype=bool)
    days = [((one.in_place_on or today) - one.idea_on).days for one in actions if one.idea_on is not None]
    return np.array(days, dtype=np.float64), there


def _median_days(actions: Sequence[Action], today: date) -> float:
    curve = _curve(actions, today, 0.95)
    reached = curve[curve["share"] >= 0.5 - 1e-12]
    return float(reached["day"].iloc[0]) if len(reached) else float("nan")


def _curve(actions: Sequence[Action], today: date, confidence: float) -> pd.DataFrame:
    """Share in place by day, from 0, with log-log intervals cut to 0 and 1."""
    # statsmodels is heavy and only this curve needs it
    from statsmodels.duration.survfunc import SurvfuncRight

    days, there = _durations(actions, today)
    first = {"day": [0.0], "share": [0.0], "ci_low": [0.0], "ci_high": [0.0], "n_open": [float(len(days))]}
    if not there.any():
        return pd.DataFrame(first)
    found = SurvfuncRight(np.maximum(days, 0.5), there.astype(np.float64))
    open_share, error = np.asarray(found.surv_prob), np.asarray(found.surv_prob_se)
    with np.errstate(divide="ignore", invalid="ignore"):
        # log(−log S) ± z·SE/(S log S) (Kalbfleisch & Prentice 1980): stays between 0 and 1
        width = z_value(confidence) * error / (open_share * np.log(open_share))
        low, high = open_share ** np.exp(-width), open_share ** np.exp(width)
    known = (open_share > 0) & (open_share < 1)
    low, high = np.where(known, np.minimum(low, high), open_share), np.where(known, np.maximum(low, high), open_share)
    rows = pd.DataFrame(
        {
            "day": np.asarray(found.surv_times),
            "share": 1.0 - open_share,
            "ci_low": 1.0 - high,
            "ci_high": 1.0 - low,
            "n_open": np.asarray(found.n_risk, dtype=np.float64),
        }
    )
    return pd.concat([pd.DataFrame(first), rows], ignore_index=True)
