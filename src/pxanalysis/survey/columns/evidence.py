"""What the columns of a file hold, gathered part by part: enough to judge each as a whole, however long the file is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from pxanalysis.survey.checking.headers import check_one_header
from pxanalysis.survey.checking.schema import scale_of
from pxanalysis.survey.columns.dates import DayOrder, day_keys
from pxanalysis.survey.columns.ids import find_odd_ids
from pxanalysis.survey.columns.tally import merge_tallies, tally_cells

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pxanalysis.journey.model import Journey
    from pxanalysis.survey.sources.raw import RawTable

__all__ = ["MOST_PEOPLE", "ColumnEvidence", "ColumnKind", "FileEvidence"]

ColumnKind = Literal["codes", "days", "ids", "text"]
"""What of a column is kept: every different cell, every different day, ids that look spoilt, or a count only."""

MOST_PEOPLE = 2**16
"""People by whose answers it is told which way a question runs: of a longer file every second, fourth, ... row."""
_AT_ONCE = 16
"""Tallies of parts that are added up together."""


class ColumnEvidence:
    """One column: its different cells with their number.

    Attributes
    ----------
    n
        Cells that hold something.
    """

    def __init__(self, column: str, kind: ColumnKind, date_format: str | None) -> None:
        self.kind = kind
        self.n = 0
        self._column, self._format = column, date_format
        self._parts: list[pl.DataFrame] = []
        self._tally: pl.DataFrame | None = None
        self._order = DayOrder()

    def add(self, cells: pl.Series) -> None:
        """Take in the cells of the next rows."""
        self.n += len(cells) - cells.null_count()
        keys = self.find_keys(cells)
        if self.kind == "text":
            keys = keys.clear()
        elif self.kind == "ids":
            keys = keys.filter(find_odd_ids(keys))
        elif self.kind == "days" and keys.dtype == pl.String:
            self._order.add(keys)
        self._tally = None
        self._parts.append(tally_cells(keys))
        if len(self._parts) > _AT_ONCE:
            self._parts = [merge_tallies(self._parts)]

    def find_keys(self, cells: pl.Series) -> pl.Series:
        """The cells as they are told apart: of dates the day."""
        return day_keys(cells, self._format) if self.kind == "days" else cells

    def tally(self) -> pl.DataFrame:
        """Different cells by their value, and how often each stands there: cell, times."""
        if self._tally is None:
            self._tally = merge_tallies(self._parts)
        return self._tally

    @property
    def cells(self) -> pl.Series:
        """Each different cell once, under the export's name of the column."""
        return self.tally()["cell"].alias(self._column)

    @property
    def times(self) -> pl.Series:
        """How often each of them stands in the column."""
        return self.tally()["times"]

    @property
    def in_order(self) -> tuple[bool, bool]:
        """Whether the rows are in order of date when it is read day first, and month first."""
        return self._order.found


class FileEvidence:
    """The columns of a file that the journey knows.

    Parameters
    ----------
    names
        Journey id to the file's column.
    date_format
        How study.toml says that dates are written.

    Attributes
    ----------
    columns
        By journey id.
    rows
        How many were taken in.
    """

    def __init__(self, journey: Journey, names: Mapping[str, str], date_format: str | None = None) -> None:
        self.names = dict(names)
        self.columns = {
            name: ColumnEvidence(column, _tell_kind(journey, name), date_format) for name, column in names.items()
        }
        self._rated = [column for name, column in self.names.items() if scale_of(journey, name) is not None]
        self._people: list[pl.DataFrame] = []
        self.rows, self._step = 0, 1

    def add(self, raw: RawTable) -> None:
        """Take in the next rows.

        Raises
        ------
        SurveyError
            When a second header stands among them, in another order.
        """
        check_one_header(raw)
        for name, column in self.names.items():
            self.columns[name].add(raw.cells[column])
        first = -self.rows % self._step
        self._people.append(raw.cells.select(self._rated).gather_every(self._step, first))
        self.rows += raw.cells.height
        while -(-self.rows // self._step) > MOST_PEOPLE:
            self._step *= 2
            self._people = [pl.concat(self._people).gather_every(2)]

    def people(self) -> pl.DataFrame:
        """Rated cells of every row, or of evenly spread ones where there are very many."""
        self._people = [pl.concat(self._people)]
        return self._people[0]


def _tell_kind(journey: Journey, name: str) -> ColumnKind:
    if name in {"response_id", "practice_id"}:
        return "ids"
    if name == "completed_on":
        return "days"
    numbers = {variable.id for variable in journey.case_mix if variable.type == "number"}
    coded = numbers | {"simulated"} | {outcome.id for outcome in journey.behaviours}
    return "codes" if name in coded or scale_of(journey, name) is not None else "text"
