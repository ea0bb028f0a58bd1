"""The answers that are there now: of each row its practice, its person, and what was answered, by hashes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import polars as pl

from pxanalysis.analysis.privacy.fingerprints import AnswerHashes
from pxanalysis.analysis.privacy.respondents import Respondents, identify_people

if TYPE_CHECKING:
    from pxanalysis.arrays import IntArray
    from pxanalysis.survey.responses import Responses

__all__ = ["KnownAnswers", "PracticeRows", "SmallInts", "know_answers"]

SmallInts = npt.NDArray[np.signedinteger[Any]]
"""Whole numbers in as few bytes as they need: there is one per answer and part."""


@dataclass(frozen=True, eq=False)
class PracticeRows:
    """Which rows are of which practice.

    Attributes
    ----------
    names
        Of the practices, as they first come.
    of_row
        Place of each row's practice among them; shape (rows,).
    """

    names: Sequence[str]
    of_row: SmallInts

    @classmethod
    def of(cls, practices: pl.Series) -> PracticeRows:
        """Number the practices."""
        rows = practices.cast(pl.String).to_frame("practice")
        names = rows.unique(maintain_order=True).with_row_index("place")
        place = rows.join(names, on="practice", how="left", maintain_order="left")["place"]
        return cls(names["practice"].to_list(), place.cast(pl.Int32).to_numpy())

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def place(self) -> dict[str, int]:
        """Place of each practice."""
        return {name: place for place, name in enumerate(self.names)}

    @cached_property
    def rows(self) -> list[IntArray]:
        """Rows of each practice, in order."""
        order = np.argsort(self.of_row, kind="stable").astype(np.int32)
        return np.split(order, np.cumsum(self.count())[:-1]) if len(self) else []

    def rows_of(self, practice: str) -> IntArray:
        """Rows of a practice, in order; none where it is not there."""
        place = self.place.get(practice)
        return np.empty(0, dtype=np.int32) if place is None else self.rows[place]

    def count(self, which: np.ndarray | slice = slice(None)) -> IntArray:
        """How many rows each practice has, or how many of some of them; shape (practices,)."""
        return np.bincount(self.of_row[which], minlength=len(self))

    def take(self, rows: IntArray) -> PracticeRows:
        """Keep some rows, and practices that have any of them."""
        there = np.flatnonzero(self.count(rows))
        place = np.full(len(self), -1, dtype=np.int32)
        place[there] = np.arange(len(there))
        return PracticeRows([self.names[one] for one in there.tolist()], place[self.of_row[rows]])


@dataclass(frozen=True, slots=True, eq=False)
class KnownAnswers:
    """The answers that are there now, row by row.

    Attributes
    ----------
    practices, people
        Whose they are.
    elements
        Hashes of the answers by part.
    """

    practices: PracticeRows
    people: Respondents
    elements: AnswerHashes

    def take(self, rows: IntArray) -> KnownAnswers:
        """Some of the rows."""
        return KnownAnswers(self.practices.take(rows), self.people.take(rows), self.elements.take(rows))


def know_answers(responses: Responses, before: Respondents, key: bytes) -> KnownAnswers:
    """Know people and their answers by their hashes; ``before`` are those who were known in an earlier release."""
    people = identify_people(responses.table, before, key)
    practices = PracticeRows.of(responses.table["practice_id"])
    return KnownAnswers(practices, people, AnswerHashes.of(responses, people.codes, key))
