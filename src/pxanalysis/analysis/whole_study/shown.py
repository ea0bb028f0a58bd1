"""Whose answers the study's figures may rest on: what is hidden must not come out of what is shown.

Shrunken means, reliabilities and the variance between practices can be solved for the mean of a practice that took part
in them, however well its own row is hidden. So no figure at all rests on a hidden practice (fewer than ``minimum_n``
responses), and none that describes or compares practices rests on a hidden cell (a question that fewer people of a
practice answered).

Only the effects of the driver model, and of case mix on touchpoint scores, rest on hidden cells of practices that are
shown: a touchpoint that a quarter of the patients meet would otherwise drop out of a study of small practices, while
its effect stands on all who met it. Such an effect cannot be solved for one practice's answers: it is a ratio of
moments over pairs of answers of every patient, and the moments are not released.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from pxanalysis.analysis.metrics.grouped import row_weights
from pxanalysis.arrays import FloatArray
from pxanalysis.statistics.random_effects.variance import PracticeStats
from pxanalysis.survey.scores import score_responses

if TYPE_CHECKING:
    from pxanalysis.survey.responses import Responses

__all__ = ["of_shown_practices", "shown_items", "shown_stats", "weights_of"]


def of_shown_practices(responses: Responses, minimum_n: int) -> Responses:
    """Responses of practices with at least ``minimum_n`` of them."""
    counts = responses.table.group_by("practice_id").len()
    enough = counts.filter(pl.col("len") >= minimum_n)["practice_id"]
    return responses if len(enough) == counts.height else responses.where(pl.col("practice_id").is_in(enough.implode()))


def weights_of(responses: Responses, column: str | None) -> FloatArray | None:
    """Weights of these responses, shape (n,); None where everybody counts the same."""
    return None if column is None else row_weights(responses, column)


def shown_stats(stats: PracticeStats, people: FloatArray, minimum_n: int) -> PracticeStats:
    """Statistics of J practices on K columns without the cells on fewer than ``minimum_n`` people."""
    shown = people >= minimum_n
    return PracticeStats(
        np.where(shown, stats.n, 0.0), np.where(shown, stats.mean, np.nan), np.where(shown, stats.ss, 0.0)
    )


def shown_items(responses: Responses, minimum_n: int) -> Responses:
    """Responses without the item answers of a hidden cell: of a touchpoint, or of an item, on too few people."""
    codes, practices = responses.practice_codes
    scores, items = score_responses(responses), responses.items

    def few(answered: np.ndarray) -> np.ndarray:
        return np.asarray(np.bincount(codes, answered, minlength=len(practices)) < minimum_n)[codes]

    hidden = {name: few(np.isfinite(scores[name])) for name in scores}
    columns = {}
    for placed in responses.journey.items:
        gone = hidden[placed.touchpoint.id] | few(np.isfinite(items[placed.id]))
        columns[placed.id] = pl.when(~pl.lit(pl.Series(gone))).then(pl.col(placed.id))
    return replace(responses, table=responses.table.with_columns(**columns))
