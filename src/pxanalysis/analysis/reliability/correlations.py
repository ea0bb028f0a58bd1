"""How scores go together, as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pxanalysis.figures.charts.scores import plot_heatmap
from pxanalysis.statistics.conventions import MINIMUM_N
from pxanalysis.survey.responses import check_responses
from pxanalysis.survey.scores import ScoreLevel, score_responses

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pxanalysis.survey.responses import Responses

__all__ = ["plot_correlations"]


def plot_correlations(responses: Responses, level: ScoreLevel = "touchpoint", *, ax: Axes | None = None) -> Axes:
    """Draw Pearson correlations of scores, each pair over the patients who have both.

    A pair that fewer than ten patients have stays empty.
    """
    check_responses(responses, "plot_correlations(responses)")
    scores = score_responses(responses, level)
    table = scores.corr(min_periods=MINIMUM_N)
    words = [responses.labels.get(str(name), str(name)) for name in table]
    axis = "correlation"
    if table.isna().to_numpy()[np.tril_indices(len(table), -1)].any():
        axis = f"correlation (empty: fewer than {MINIMUM_N} patients have both)"
    return plot_heatmap(table.set_axis(words, axis=0).set_axis(words, axis=1), axis, ax=ax)
