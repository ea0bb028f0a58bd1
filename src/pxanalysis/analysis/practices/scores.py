"""Scores of practices beside each other, as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pxanalysis.errors import AnalysisError
from pxanalysis.figures.charts.scores import plot_spread
from pxanalysis.statistics.conventions import MINIMUM_N
from pxanalysis.survey.responses import check_responses
from pxanalysis.survey.scores import ScoreLevel, score_responses

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pxanalysis.survey.responses import Responses

__all__ = ["plot_scores"]


def plot_scores(
    responses: Responses, touchpoint: str | None = None, *, level: ScoreLevel = "touchpoint", ax: Axes | None = None
) -> Axes:
    """Draw how patients' scores (0-100) are spread: per practice for one touchpoint, else per touchpoint.

    A practice, or a touchpoint, with fewer than ten scores is left out; the title says how many are. Boxes are
    quartiles, whiskers the 5th and 95th percentile; single patients are not drawn.

    Raises
    ------
    AnalysisError
        For an unknown touchpoint, or when nothing has ten scores.
    """
    check_responses(responses, "plot_scores(responses)")
    scores = score_responses(responses, level)
    if touchpoint is None:
        rows = scores.melt(var_name="label").dropna()
        names, title = responses.labels, ""
    elif touchpoint in scores:
        rows = scores[[touchpoint]].set_axis(["value"], axis=1).assign(label=responses.practice_ids).dropna()
        names = {practice_id: one.name or practice_id for practice_id, one in responses.practice_list.items()}
        title = responses.labels.get(touchpoint, touchpoint)
    else:
        raise AnalysisError(
            f"touchpoint: expected one of {', '.join(map(str, scores.columns))}, received '{touchpoint}'."
        )
    count = rows.groupby("label")["value"].transform("size")
    shown = rows[count >= MINIMUM_N]
    if shown.empty:
        raise AnalysisError(f"responses: nothing has {MINIMUM_N} scores, so nothing can be shown.")
    hidden = rows["label"].nunique() - shown["label"].nunique()
    note = f"{hidden} with fewer than {MINIMUM_N} answers left out" if hidden else ""
    if touchpoint is not None:
        order = shown.groupby("label")["value"].mean().sort_values(ascending=False).index
        shown = shown.set_index("label").loc[order].reset_index()
    shown = shown.assign(label=shown["label"].map(lambda one: names.get(one, one)))
    return plot_spread(shown, "score (0-100)", title=" · ".join(filter(None, (title, note))), ax=ax)
