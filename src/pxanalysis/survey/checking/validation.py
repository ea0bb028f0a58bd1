"""From a raw table to accepted rows and rejected ones, every failure with file, row, column, value and reason."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from pxanalysis.journey.form import own_columns
from pxanalysis.survey.checking.cell_tables import (
    CellTable,
    StoredCells,
    is_repetitive,
    parse_cells,
    stored_type,
    tabulate_cells,
)
from pxanalysis.survey.checking.headers import (
    expected_columns,
    list_unused,
    match_columns,
    note_columns,
)
from pxanalysis.survey.checking.parsing import (
    dont_know_name,
    not_applicable_name,
)
from pxanalysis.survey.checking.schema import KEY_COLUMNS, REPEATED, AnswerSchema, build_schema, scale_of
from pxanalysis.survey.checking.validated import ValidatedTable
from pxanalysis.survey.policy import SurveyPolicy
from pxanalysis.survey.responses import REJECTED_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pxanalysis.journey.model import Journey
    from pxanalysis.survey.checking.known_ids import KnownIds
    from pxanalysis.survey.sources.read import RawTable

__all__ = ["validate_answers"]


def validate_answers(
    raw: RawTable,
    journey: Journey,
    *,
    columns: Mapping[str, str] | None = None,
    policy: SurveyPolicy | None = None,
    date_format: str | None = None,
    original: RawTable | None = None,
    known: pl.DataFrame | None = None,
    before: KnownIds | None = None,
    tables: Mapping[str, CellTable] | None = None,
) -> ValidatedTable:
    """Check a raw table against the journey.

    Parameters
    ----------
    original
        The file as it was before its columns were judged: what is shown of refused rows and cells.
    known
        Cells that were found unreadable when columns were judged: ``index, column, reason, action``.
    before
        Ids of the rows above these, when ``raw`` is a part of a file; those of ``raw`` are added.
    tables
        By journey id, what the different cells of a column are, where all of the file's are known.
    columns
        Journey id (or ``practice_id``, ``response_id``, ``completed_on``, ...) to the export's column name, where
        they differ.
    policy
        What happens to bad answers; by default the cell is dropped and the row stays.

    Raises
    ------
    SurveyError
        When the practice column is not there, a mapped column is not there, or no item is.
    """
    policy = policy or SurveyPolicy()
    names = match_columns(raw, journey, columns or {})
    notes = [*raw.notes, *note_columns(raw, journey, names, policy.keep)]
    checking = _Checking(journey, policy, names, date_format)
    typed, odd = checking.look_up(raw, tables or {})
    ids = typed["response_id"]
    seen = None if before is None else before.seen(ids)
    problems = checking.find_problems(raw, odd if seen is None else odd | seen, seen)
    refuses = pl.col("column").is_in([*KEY_COLUMNS, ""]) | (policy.bad_answer == "reject-row")
    action = pl.when(refuses).then(pl.lit("row rejected")).otherwise(pl.lit("cell dropped")).alias("action")
    problems = problems.with_columns(action)
    if known is not None and known.height:
        decided = known.with_columns(pl.coalesce(pl.col("action"), action))
        problems = pl.concat([decided, problems]).unique(["index", "column"], keep="first", maintain_order=True)
        problems = problems.sort("index", maintain_order=True)
    usable = _find_usable(problems, len(ids))
    unused = usable if before is None or seen is None else usable & ~before.add(ids, seen, usable)
    problems = _allow_second_try(problems, ids, unused)
    accepted = _drop_cells(typed, problems.filter(pl.col("action") == "cell dropped"))
    blank = _blank_rows(accepted, journey).with_columns(action)
    refused = problems.filter(pl.col("action") == "row rejected")["index"]
    blank = blank.filter(~pl.col("index").is_in(refused.implode()))
    problems = pl.concat([problems, blank]).sort("index", maintain_order=True)
    rejected = _describe(problems, original or raw, names, typed["practice_id"])
    aside = _set_aside(raw, names, typed, own_columns(journey) | set(policy.keep))
    gone = pl.concat([refused, blank["index"]]).unique()
    if len(gone):
        keep = ~pl.int_range(typed.height, eager=True).is_in(gone.implode())
        accepted, aside = accepted.filter(keep), aside.filter(keep)
    return ValidatedTable(
        _finish(accepted, journey),
        rejected,
        aside,
        tuple(notes),
        len(gone) + len(raw.bad_lines),
        "response_id" not in names,
    )


def _find_usable(problems: pl.DataFrame, rows: int) -> pl.Series:
    """Rows that are refused for nothing but a repeated id; Boolean."""
    refused = problems.filter((pl.col("action") == "row rejected") & (pl.col("reason") != REPEATED))["index"]
    return ~pl.int_range(rows, eager=True).is_in(refused.implode())


def _allow_second_try(problems: pl.DataFrame, ids: pl.Series, unused: pl.Series) -> pl.DataFrame:
    """A response id may stand again when every row that had it before was refused.

    ``unused``: rows that can be used and whose id no usable row of an earlier part has.
    """
    repeated = pl.col("reason") == REPEATED
    if not problems.select(repeated.any()).item():
        return problems
    first = ids.rename("id").to_frame().with_row_index("index").cast({"index": pl.Int64}).filter(unused)
    first = first.filter(pl.col("id").is_first_distinct())
    return problems.filter(~(repeated & pl.col("index").is_in(first["index"].implode())))


def _problems(failed: pl.Series, column: str, reason: str) -> pl.DataFrame:
    index = failed.arg_true()
    return pl.DataFrame(
        {"index": index.cast(pl.Int64), "column": [column] * len(index), "reason": [reason] * len(index)},
        schema={"index": pl.Int64, "column": pl.String, "reason": pl.String},
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Checking:
    """Checks of one file: all rows by what their different cells are, and those in which something is odd in full."""

    journey: Journey
    policy: SurveyPolicy
    names: Mapping[str, str]
    date_format: str | None

    @property
    def schema(self) -> AnswerSchema:
        """What typed answers have to be."""
        return build_schema(self.journey, self.policy)

    def tabulate(self, cells: pl.Series, name: str) -> CellTable:
        """What each different one of a column's cells is."""
        return tabulate_cells(
            cells, name, self.journey, self.schema, missing=self.policy.missing, date_format=self.date_format
        )

    def look_up(self, raw: RawTable, tables: Mapping[str, CellTable]) -> tuple[pl.DataFrame, pl.Series]:
        """Answers as they are stored, without cells that cannot be used, and rows in which something is odd."""
        out: list[pl.Series] = []
        odd = pl.Series([False]).new_from_index(0, raw.cells.height)
        for name, column in self.names.items():
            cells = raw.cells[column]
            if is_repetitive(self.journey, name):
                found = (tables.get(name) or self.tabulate(cells, name)).look_up(cells)
            else:
                found = StoredCells(parse_cells(cells, name, self.journey, missing=self.policy.missing).values)
            out.append(found.values.alias(name))
            flags = {not_applicable_name(name): found.not_applicable, dont_know_name(name): found.dont_know}
            out += [flag.alias(beside) for beside, flag in flags.items() if flag is not None]
            odd = odd if found.unusable is None else odd | found.unusable
        if "response_id" not in self.names:
            out.append(_number_rows(raw))
        table = pl.DataFrame(out)
        ids = table["response_id"]
        return table, odd | ids.is_duplicated() | ids.is_null() | table["practice_id"].is_null()

    def find_problems(self, raw: RawTable, odd: pl.Series, seen: pl.Series | None) -> pl.DataFrame:
        """What is wrong with the cells of odd rows: position in the table, column, reason.

        ``seen``: rows whose id stands on a row before all of these.
        """
        index = odd.arg_true().cast(pl.Int64)
        if not len(index):
            return _problems(pl.Series([], dtype=pl.Boolean), "", "")
        typed, problems = self._parse(replace(raw, cells=raw.cells[index], rows=raw.rows.gather(index)))
        if seen is not None:
            problems = pl.concat([problems, _problems(seen.gather(index), "response_id", REPEATED)])
        problems = pl.concat([problems, _check(typed, self.schema)])
        problems = problems.unique(["index", "column"], keep="first", maintain_order=True)
        return problems.with_columns(index.gather(problems["index"]).alias("index"))

    def _parse(self, raw: RawTable) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Typed columns under journey ids, and the cells that could not be read."""
        out: list[pl.Series] = []
        found: list[pl.DataFrame] = [_problems(pl.Series([], dtype=pl.Boolean), "", "")]
        for name, column in self.names.items():
            parsed = parse_cells(
                raw.cells[column], name, self.journey, missing=self.policy.missing, date_format=self.date_format
            )
            out.append(parsed.values.alias(name))
            found.append(_problems(parsed.failed, name, parsed.reason))
        if "response_id" not in self.names:
            out.append(_number_rows(raw))
        return pl.DataFrame(out), pl.concat(found)


def _number_rows(raw: RawTable) -> pl.Series:
    """Ids for rows that have none."""
    return raw.rows.to_frame("row").select(pl.format("{}:{}", pl.lit(raw.name), "row")).to_series().alias("response_id")


def _check(typed: pl.DataFrame, schema: AnswerSchema) -> pl.DataFrame:
    """Every failure of the schema as index, column, reason; only rows with one go through pandera."""
    rows = typed.select(schema.find_failing(typed.columns)).to_series().arg_true().cast(pl.Int64)
    empty = pl.DataFrame(schema={"index": pl.Int64, "column": pl.String, "reason": pl.String})
    if not len(rows):
        return empty
    # as in schema: heavy
    from pandera.errors import SchemaErrors

    try:
        schema.schema.validate(typed[rows], lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases.select(pl.col("index").cast(pl.Int64), "column", "check")
        reasons = pl.DataFrame(
            [(column, check, reason) for (column, check), reason in schema.reasons.items()],
            schema={"column": pl.String, "check": pl.String, "reason": pl.String},
            orient="row",
        )
        failures: pl.DataFrame = cases.join(reasons, on=["column", "check"], how="left", maintain_order="left")
        failures = failures.select(empty.columns)
        return failures.with_columns(rows.gather(failures["index"]).alias("index"))
    return empty


def _blank_rows(typed: pl.DataFrame, journey: Journey) -> pl.DataFrame:
    """Rows without any answer to an item or outcome."""
    asked = [placed.id for placed in journey.items] + [outcome.id for outcome in journey.rated_outcomes]
    present = [name for name in asked if name in typed.columns]
    flags = [name for name in typed.columns if name.startswith(not_applicable_name(""))]
    answered = pl.any_horizontal(*[pl.col(name).is_not_null() for name in present], *[pl.col(name) for name in flags])
    return _problems(
        typed.select(~answered).to_series(), "", "no valid answer to any item or outcome; an empty questionnaire"
    )


def _describe(problems: pl.DataFrame, raw: RawTable, names: dict[str, str], practices: pl.Series) -> pl.DataFrame:
    """The rejected table, with what the file has in the cell and, for a refused row, what it holds of the journey."""
    index = problems["index"].to_list()
    rows = raw.cells[index] if index else raw.cells.head(0)
    numbers = raw.rows.gather(index)
    values = [
        None if column not in names or rows[names[column]][i] is None else str(rows[names[column]][i])
        for i, column in enumerate(problems["column"])
    ]
    used = set(names.values())
    records = [
        json.dumps(
            {k: v for k, v in rows.row(i, named=True).items() if k in used and v is not None and v == v},
            ensure_ascii=False,
            default=str,
        )
        if action == "row rejected"
        else None
        for i, action in enumerate(problems["action"])
    ]
    described = pl.DataFrame(
        {
            "file": [raw.name] * len(index),
            "row": numbers.cast(pl.Int64),
            "column": [names.get(column, column) for column in problems["column"]],
            "value": values,
            "reason": problems["reason"],
            "action": problems["action"],
            "record": records,
            "practice_id": practices.gather(index),
        },
        schema=REJECTED_COLUMNS,
    )
    unread = pl.DataFrame(
        [(raw.name, line.row, "", None, line.reason, "row rejected", line.text, None) for line in raw.bad_lines],
        schema=REJECTED_COLUMNS,
        orient="row",
    )
    return pl.concat([described, unread]).sort("row", maintain_order=True)


def _drop_cells(typed: pl.DataFrame, problems: pl.DataFrame) -> pl.DataFrame:
    changed = [
        typed[str(column)].scatter(group["index"], None).alias(str(column))
        for (column,), group in problems.group_by(["column"], maintain_order=True)
        if column in typed.columns
    ]
    return typed.with_columns(changed)


def _set_aside(raw: RawTable, names: dict[str, str], typed: pl.DataFrame, own: frozenset[str]) -> pl.DataFrame:
    """Columns of our own questionnaire, behind the id and row of their response; any other (an address) is left out."""
    aside = [typed["response_id"], raw.rows.alias("row")]
    aside += [raw.cells[name] for name in list_unused(raw, names) if name in own]
    return pl.DataFrame(aside)


def _finish(accepted: pl.DataFrame, journey: Journey) -> pl.DataFrame:
    """Put every expected column in place."""
    out: list[pl.Expr] = []
    for name in expected_columns(journey):
        absent = pl.lit(value=False) if name == "simulated" else pl.lit(None, dtype=stored_type(journey, name))
        out.append(pl.col(name) if name in accepted.columns else absent.alias(name))
        scale = scale_of(journey, name)
        if name == "simulated":
            out[-1] = out[-1].fill_null(value=False)
        for flag, codes in (
            (not_applicable_name(name), scale is not None and scale.not_applicable),
            (dont_know_name(name), scale is not None and scale.dont_know),
        ):
            if codes:
                out.append(pl.col(flag) if flag in accepted.columns else pl.lit(value=False).alias(flag))
    return accepted.select(out)
