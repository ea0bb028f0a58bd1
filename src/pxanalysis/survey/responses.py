"""Validated answers: accepted rows as one table, rejected rows with their reason."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from pxanalysis.arrays import IntArray
from pxanalysis.errors import AnalysisError
from pxanalysis.survey.policy import NOT_APPLICABLE_PREFIX

if TYPE_CHECKING:
    import pandas as pd

    from pxanalysis.journey.model import Journey

__all__ = ["REJECTED_COLUMNS", "Practice", "Responses", "check_responses"]


@dataclass(frozen=True, slots=True)
class Practice:
    """What the list says of one practice.

    Attributes
    ----------
    name
        What it is called in reports; None: it is shown by its id.
    invited
        Number of patients invited in the period that the answers cover; None: not known.
    """

    name: str | None = None
    invited: int | None = None


REJECTED_COLUMNS = {
    "file": pl.String,
    "row": pl.Int64,
    "column": pl.String,
    "value": pl.String,
    "reason": pl.String,
    "action": pl.String,
    "record": pl.String,
    "practice_id": pl.String,
}
"""Columns of the rejected table: where, what was found, why, what was done, the whole row as JSON, and whose it is."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Responses:
    """Answers to one journey's questionnaire.

    Attributes
    ----------
    journey
        What was asked.
    table
        One row per response (Polars). Always: ``response_id``, ``practice_id``, ``completed_on`` (date or null),
        ``role``, ``channel``, ``simulated``. Per item a whole number or null, on the item's own scale, and
        ``na:<item>`` (true: "does not apply to me") for items with not-applicable codes. Outcomes, behaviours
        (0/1), case-mix variables and open questions under their ids. ``form_version`` where study.toml says what tells
        the version of the questionnaire; "" where it is not known.
    rejected
        One row per refused row or cell: ``file, row, column, value, reason, action, record, practice_id`` (null where
        the row has none).
    practice_list
        What each practice is called and how many of its patients were invited, by practice id; one that is not in it
        is shown by its id.
    language
        In which results are labelled; the journey's first when None.
    uncommon_items
        Items that not every form of the questionnaire asked; scores of touchpoints and steps leave them out.
    items_needed
        Share (0-1] of a touchpoint's or step's items that has to be answered for a score.
    """

    journey: Journey
    table: pl.DataFrame
    rejected: pl.DataFrame
    practice_list: dict[str, Practice] = field(default_factory=dict)
    language: str | None = None
    uncommon_items: frozenset[str] = frozenset()
    items_needed: float = 0.5

    def __repr__(self) -> str:
        return (
            f"Responses({self.n} responses of {len(self.practices)} practices, journey={self.journey.id!r}, "
            f"rejected={self.rejected.height})"
        )

    @property
    def n(self) -> int:
        """Number of accepted responses."""
        return self.table.height

    @property
    def practice_ids(self) -> npt.NDArray[np.object_]:
        """Practice of each response, shape (n,), strings."""
        return self.table["practice_id"].to_numpy().astype(object)

    @property
    def practice_codes(self) -> tuple[IntArray, tuple[str, ...]]:
        """Practice of each response as codes 0..J-1 of shape (n,), and the J practice ids, sorted."""
        names = self.practices
        codes = self.table["practice_id"].cast(pl.Enum(names)).to_physical().to_numpy()
        return codes.astype(np.intp), tuple(names)

    @property
    def practices(self) -> list[str]:
        """Ids of the practices, sorted."""
        return sorted(self.table["practice_id"].unique().to_list())

    @property
    def labels(self) -> dict[str, str]:
        """What steps, touchpoints, items, outcomes and case-mix variables are called, by id."""
        language = self.language or self.journey.languages[0]
        steps = {step.id: step.label[language] for step in self.journey.steps}
        touchpoints = {touchpoint.id: touchpoint.label[language] for touchpoint in self.journey.touchpoints}
        items = {placed.id: placed.item.text[language] for placed in self.journey.items}
        outcomes = {outcome.id: outcome.label[language] for outcome in self.journey.outcomes}
        return steps | touchpoints | items | outcomes | {one.id: one.label[language] for one in self.journey.case_mix}

    @property
    def simulated(self) -> bool:
        """Whether any response is simulated; then every page says so."""
        return bool(self.table["simulated"].any())

    @property
    def frame(self) -> pd.DataFrame:
        """All accepted answers as a new pandas DataFrame, shape (n, columns)."""
        return self.table.to_pandas()

    def numbers(self, columns: list[str]) -> pd.DataFrame:
        """Numeric columns as a new pandas DataFrame of float64, missing as NaN, shape (n, len(columns)).

        Raises
        ------
        AnalysisError
            When a column does not exist or is not numeric; the message names it.
        """
        absent = [name for name in columns if name not in self.table.columns]
        if absent:
            raise AnalysisError(
                f"responses have no column '{absent[0]}'. Items and outcomes of the journey are columns by their id; "
                f"there are: {', '.join(c for c in self.table.columns if not c.startswith(NOT_APPLICABLE_PREFIX))}."
            )
        try:
            return self.table.select(pl.col(columns).cast(pl.Float64)).to_pandas()
        except pl.exceptions.InvalidOperationError as error:
            words = [name for name in columns if not self.table[name].dtype.is_numeric()]
            raise AnalysisError(f"column '{words[0]}' holds words, not numbers; leave it out.") from error

    @property
    def items(self) -> pd.DataFrame:
        """Answers to all items in journey order, raw on their own scale, NaN where not answered or not applicable."""
        return self.numbers([placed.id for placed in self.journey.items])

    @property
    def not_applicable(self) -> pd.DataFrame:
        """Whether an item was answered "not applicable", shape (n, items), Boolean, journey order."""
        flags = [
            pl.col(NOT_APPLICABLE_PREFIX + placed.id).fill_null(value=False).alias(placed.id)
            if NOT_APPLICABLE_PREFIX + placed.id in self.table.columns
            else pl.lit(value=False).alias(placed.id)
            for placed in self.journey.items
        ]
        return self.table.with_columns(flags).select([placed.id for placed in self.journey.items]).to_pandas()

    def of_practice(self, practice_id: str) -> Responses:
        """Return the responses of one practice (the rejected table is kept whole)."""
        return replace(self, table=self.table.filter(pl.col("practice_id") == practice_id))

    def where(self, condition: pl.Expr) -> Responses:
        """Return the responses for which a Polars expression holds, for example ``pl.col("age") > 65``."""
        return replace(self, table=self.table.filter(condition))

    def _repr_html_(self) -> str:
        return (
            f"<p>{self.n} responses from {len(self.practices)} practices to <em>{self.journey.id}</em>; "
            f"{self.rejected.height} rejected rows or cells (see <code>.rejected</code>).</p>"
        )


def check_responses(value: object, call: str) -> None:
    """Refuse what is not :class:`Responses`, with the call as it should be.

    Raises
    ------
    AnalysisError
        Naming what was received.
    """
    if not isinstance(value, Responses):
        raise AnalysisError(
            f"responses: expected Responses, as study.responses or read_survey(...) gives them, received "
            f"{type(value).__name__} {value!r:.60}. Call {call}."
        )
