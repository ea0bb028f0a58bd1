"""What is known of each practice: scores per touchpoint after case mix, who met what, how many are negative."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pxanalysis.analysis.practices.case_mix import build_case_mix
from pxanalysis.arrays import FloatArray
from pxanalysis.statistics.inputs import encode_clusters
from pxanalysis.statistics.regression.fixed_effects import remove_case_mix
from pxanalysis.survey.scores import NEGATIVE_BELOW, ScoreLevel, find_unmet, score_responses

if TYPE_CHECKING:
    from pxanalysis.survey.responses import Responses

__all__ = ["PracticeScores", "gather_scores"]


@dataclass(frozen=True, slots=True, eq=False)
class PracticeScores:
    """Scores of all responses, whether or not they hold the outcome.

    Attributes
    ----------
    drivers
        Names of the p drivers.
    practices
        Ids of the J practices.
    codes
        Practice of each response, shape (n,).
    scores
        Shape (n, p), 0-100, NaN where not answered or not met; as the average patient would have answered, when there
        is case mix.
    responses, rated, negative
        Shapes (J,), (J, p), (J, p): responses; those with a score; those with a score below 50.
    met, not_met
        Shape (J, p): responses that met the driver, and that did not (``find_unmet``).
    """

    drivers: tuple[str, ...]
    practices: tuple[str, ...]
    codes: npt.NDArray[np.intp]
    scores: FloatArray
    responses: FloatArray
    rated: FloatArray
    negative: FloatArray
    met: FloatArray
    not_met: FloatArray


def gather_scores(
    responses: Responses, drivers: tuple[str, ...], level: ScoreLevel, case_mix: tuple[str, ...] = ()
) -> PracticeScores:
    """Gather the scores of the drivers in all responses; ``case_mix`` names what they are adjusted for."""
    codes, practices = encode_clusters(responses.practice_ids, responses.n)
    scores = score_responses(responses, level)[list(drivers)].to_numpy(dtype=np.float64)
    absent = find_unmet(responses, level)[list(drivers)].to_numpy()
    size = len(practices)
    return PracticeScores(
        drivers=drivers,
        practices=practices,
        codes=codes,
        scores=_adjusted(responses, scores, codes, size, case_mix),
        responses=np.bincount(codes, minlength=size).astype(np.float64),
        rated=_count(np.isfinite(scores), codes, size),
        negative=_count(scores < NEGATIVE_BELOW, codes, size),
        met=_count(~absent, codes, size),
        not_met=_count(absent, codes, size),
    )


def _adjusted(
    responses: Responses, scores: FloatArray, codes: npt.NDArray[np.intp], size: int, case_mix: tuple[str, ...]
) -> FloatArray:
    if not case_mix:
        return scores
    mix = build_case_mix({name: _characteristic(responses, name) for name in case_mix}, codes, size)
    return remove_case_mix(scores, mix.x, codes, size)


def _characteristic(responses: Responses, name: str) -> pd.Series[Any]:
    variable = next(variable for variable in responses.journey.case_mix if variable.id == name)
    if variable.type == "number":
        return responses.numbers([name])[name]
    levels = [level.id for level in variable.levels]
    return pd.Series(pd.Categorical(responses.table[name].to_list(), categories=levels))


def _count(flags: npt.NDArray[np.bool_], codes: npt.NDArray[np.intp], size: int) -> FloatArray:
    return np.column_stack([np.bincount(codes, column, minlength=size) for column in flags.T]).astype(np.float64)
