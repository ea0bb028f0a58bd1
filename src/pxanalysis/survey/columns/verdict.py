"""What was decided about one column of one file, on what evidence, and what would answer a question about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import polars as pl

from pxanalysis.survey.columns.tally import count_cells

__all__ = ["DROPPED", "NO_PROBLEMS", "JudgedColumn", "Verdict", "collect_problems", "name_examples", "shorten"]

DROPPED = "cell dropped"
"""What is done with a cell whose row stays."""

NO_PROBLEMS = pl.DataFrame(schema={"index": pl.Int64, "column": pl.String, "reason": pl.String, "action": pl.String})
"""Cells that could not be read: position in the table, journey id, reason, and what is done (null: by the policy)."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one column is read.

    Attributes
    ----------
    file, column
        Where it stands; ``name`` is the journey's id for it.
    decision
        ``read``: as ``evidence`` says; ``ask``: nothing is used of it until ``lines`` stands in study.toml;
        ``refuse``: the file cannot be used.
    evidence
        What was found, with numbers.
    n
        Cells that hold something.
    examples
        Cells as the file has them, the most frequent first.
    lines
        What answers the question under ``[readings]`` in study.toml; the likely one first.
    holds
        Too much of the column cannot be read: reports wait for the answer.
    said
        Whether a person should be told although nothing is asked.
    form
        Version of the questionnaire whose rows were judged; empty: all rows.
    """

    file: str
    column: str
    name: str
    decision: Literal["read", "ask", "refuse"]
    evidence: str
    n: int = 0
    examples: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    holds: bool = False
    said: bool = True
    form: str = ""

    def __str__(self) -> str:
        of_form = f", form {self.form}" if self.form else ""
        place = f"{self.file}{of_form}, column '{self.column}': {self.evidence}"
        if self.examples:
            place += f" (for example {', '.join(self.examples)})"
        if self.decision != "ask":
            return f"{place}."
        return (
            f"{place}. Nothing of it is used until study.toml says, under {self.section}: "
            f"{'   or: '.join(self.lines)}   ('leave-out': not at all; 'as-it-stands': as the journey has it.)"
        )

    @property
    def section(self) -> str:
        """Where in study.toml the answer stands."""
        return f'[readings."form={self.form}"]' if self.form else "[readings]"

    def record(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True, eq=False)
class JudgedColumn:
    """A column's cells as they are to be checked, and how that was decided.

    Attributes
    ----------
    cells
        One per cell that was judged (each different one once); null where it could not be read or the column is asked
        about.
    problems
        As :data:`NO_PROBLEMS`, by position among these cells.
    """

    cells: pl.Series
    verdict: Verdict
    problems: pl.DataFrame = field(default_factory=lambda: NO_PROBLEMS)


def collect_problems(where: pl.Series, name: str, reason: str, action: str | None = None) -> pl.DataFrame:
    """Problems of the cells for which ``where`` (Boolean) holds."""
    index = where.fill_null(value=False).arg_true().cast(pl.Int64)
    return pl.DataFrame({"index": index}).with_columns(
        pl.lit(name).alias("column"), pl.lit(reason).alias("reason"), pl.lit(action, dtype=pl.String).alias("action")
    )


def name_examples(cells: pl.Series, most: int = 5, times: pl.Series | None = None) -> tuple[str, ...]:
    """The most frequent cells, each in quotation marks with its number, and how many others there are.

    ``times``: how often each of the cells stands there; None: once.
    """
    counts = count_cells(cells.cast(pl.String), times, frequent_first=True)
    more = (f"and {len(counts) - most} more",) if len(counts) > most else ()
    shown = (f"'{shorten(str(value))}' ({number}x)" for value, number in counts[:most])
    return (*shown, *more)


def shorten(text: str, most: int = 40) -> str:
    """A text in one line, with … where it was cut."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
