"""Which group each response belongs to: its practice, a period, any other column, or all together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl

from pxanalysis.analysis.inputs import check_weights, encode_clusters
from pxanalysis.analysis.result import FloatArray
from pxanalysis.errors import AnalysisError

if TYPE_CHECKING:
    from pxanalysis.journey.model import Outcome
    from pxanalysis.survey.responses import Responses

__all__ = ["Grouping", "Period", "choose_outcomes", "group_responses", "outcome_answers", "row_weights"]

Period = Literal["month", "quarter", "year"]
IntArray = npt.NDArray[np.intp]

_EVERY: dict[str, str] = {"month": "1mo", "quarter": "1q", "year": "1y"}


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """Groups of responses.

    Attributes
    ----------
    codes
        Shape (n,), group of each row 0..G-1; −1 for rows that belong to none (no date, no value).
    labels
        G rows: ``practice_id`` ("" when practices are pooled) and, when asked for, ``group`` and ``period``.
    clusters
        Shape (n,), practice of each row where practices are pooled; None where a group lies within one practice.
    n_practices
        Practices in the responses.
    """

    codes: IntArray
    labels: pd.DataFrame
    clusters: IntArray | None
    n_practices: int


def _column(responses: Responses, name: str) -> pl.Series:
    if name not in responses.table.columns:
        raise AnalysisError(
            f"by: expected 'practice', None or a column of the responses, received '{name}'; there are: "
            f"{', '.join(c for c in responses.table.columns if ':' not in c)}."
        )
    return responses.table[name].cast(pl.String)


def group_responses(responses: Responses, by: str | None, period: Period | None) -> Grouping:
    """Give every response its group.

    Raises
    ------
    AnalysisError
        When ``by`` is no column or ``period`` no known length.
    """
    if period is not None and period not in get_args(Period):
        raise AnalysisError(f"period: expected one of {', '.join(get_args(Period))} or None, received '{period}'.")
    n = responses.n
    practices = responses.table["practice_id"]
    parts = {"practice_id": practices if by == "practice" else pl.Series([""] * n, dtype=pl.String)}
    if by not in {None, "practice"}:
        parts["group"] = _column(responses, str(by))
    if period is not None:
        dates = responses.table["completed_on"].cast(pl.Date)
        parts["period"] = dates.dt.truncate(_EVERY[period]).dt.strftime("%Y-%m" if period == "month" else "%Y-%m-%d")
    keys = pl.DataFrame({name: series.alias(name) for name, series in parts.items()}).to_pandas()
    known = keys.notna().all(axis=1).to_numpy()
    codes = np.full(n, -1, dtype=np.intp)
    seen = keys[known]
    codes[known] = seen.groupby(list(parts), sort=True).ngroup().to_numpy()
    labels = seen.drop_duplicates().sort_values(list(parts)).reset_index(drop=True)
    clusters, names = encode_clusters(responses.practice_ids, n)
    pooled = by != "practice" and len(names) > 1
    return Grouping(codes, labels, clusters if pooled else None, len(names) if n else 0)


def choose_outcomes(responses: Responses, outcome: str | list[str] | None) -> list[Outcome]:
    """Return the outcomes that are meant by an id, a kind, a list of them, or None for all of the journey.

    Raises
    ------
    AnalysisError
        When the journey has no such outcome, or one that was asked for was not collected.
    """
    if outcome is None:
        return list(responses.journey.outcomes)
    wanted = [outcome] if isinstance(outcome, str) else list(outcome)
    try:
        found = [responses.journey.outcome(name) for name in wanted]
    except KeyError as error:
        raise AnalysisError(f"outcome: {error.args[0]}.") from error
    absent = [one.id for one in found if one.id not in responses.table.columns]
    if absent:
        raise AnalysisError(f"outcome: '{absent[0]}' is in the journey but was not collected in these responses.")
    return found


def outcome_answers(responses: Responses, outcome: Outcome) -> FloatArray:
    """Answers to one outcome, shape (n,), NaN where missing or not collected."""
    if outcome.id not in responses.table.columns:
        return np.full(responses.n, np.nan)
    return responses.numbers([outcome.id])[outcome.id].to_numpy()


def row_weights(responses: Responses, weights: object) -> FloatArray:
    """Case weights of shape (n,), from a column name, an array or None (ones).

    Raises
    ------
    AnalysisError
        When weights are negative, missing or all zero, or of the wrong number.
    """
    if isinstance(weights, str):
        weights = responses.numbers([weights])[weights]
    if responses.n == 0:
        return np.ones(0)
    return check_weights(weights, responses.n)
