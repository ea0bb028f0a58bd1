"""From a raw table to accepted rows and rejected ones, every failure with file, row, column, value and reason."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl

from pxanalysis.journey.form import own_columns
from pxanalysis.journey.parts import Scale
from pxanalysis.survey.checking.headers import (
    expected_columns,
    list_unused,
    match_columns,
    note_columns,
)
from pxanalysis.survey.checking.parsing import (
    dont_know_name,
    empty_cells,
    find_unknown,
    not_applicable_name,
    parse_answers,
    parse_dates,
    parse_flags,
    parse_numbers,
    parse_text,
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

_IDS = ("response_id", "practice_id")
_FLAG = Scale(min=0, max=1)


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
    typed, problems = _parse_columns(raw, journey, names, date_format, policy.missing)
    ids = typed["response_id"]
    seen = None if before is None else before.seen(ids)
    if seen is not None:
        problems = pl.concat([problems, _problems(seen, "response_id", REPEATED)])
    problems = pl.concat([problems, _check(typed, build_schema(journey, policy))])
    problems = problems.unique(["index", "column"], keep="first", maintain_order=True)
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
    gone = pl.concat([refused, blank["index"]]).unique()
    keep = ~pl.int_range(typed.height, eager=True).is_in(gone.implode())
    aside = _set_aside(raw, names, typed, own_columns(journey) | set(policy.keep)).filter(keep)
    refused_rows = int((~keep).sum()) + len(raw.bad_lines)
    return ValidatedTable(
        _finish(accepted.filter(keep), journey),
        rejected,
        aside,
        tuple(notes),
        refused_rows,
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


def _parse_columns(
    raw: RawTable, journey: Journey, names: dict[str, str], date_format: str | None, missing: tuple[str, ...]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Typed columns under journey ids, and the cells that could not be read (index is the position in the table)."""
    flags = {outcome.id for outcome in journey.behaviours} | {"simulated"}
    numeric = {variable.id for variable in journey.case_mix if variable.type == "number"}
    out: list[pl.Series] = []
    found: list[pl.DataFrame] = [_problems(pl.Series([], dtype=pl.Boolean), "", "")]
    for name in expected_columns(journey):
        if name not in names:
            continue
        cells = raw.cells[names[name]]
        scale = scale_of(journey, name)
        if missing and name not in _IDS:
            cells = empty_cells(cells, missing, _FLAG if name in flags else scale)
        if scale is not None:
            values, unmet, failed = parse_answers(cells, scale)
            if scale.not_applicable:
                out.append(unmet.alias(not_applicable_name(name)))
            if scale.dont_know:
                out.append(find_unknown(cells, scale).alias(dont_know_name(name)))
            reason = (
                f"expected a whole number {scale.min}-{scale.max}, found text; give the answer as its number, or name "
                "what means no answer under [source] missing in study.toml"
            )
        elif name in flags:
            values, failed = parse_flags(cells)
            reason = "expected 0 (no) or 1 (yes), found text; map other codes in the export"
        elif name in numeric:
            values, failed = parse_numbers(cells)
            reason = "expected a number, found text"
        elif name == "completed_on":
            values, failed = parse_dates(cells, date_format)
            reason = (
                f"expected a date as {date_format or '2025-12-31 or 31-12-2025'}; else set date_format in study.toml"
            )
        else:
            values, failed, reason = parse_text(cells), pl.Series([], dtype=pl.Boolean), ""
        out.append(values.alias(name))
        found.append(_problems(failed, name, reason))
    if "response_id" not in names:
        out.append(pl.Series("response_id", [f"{raw.name}:{row}" for row in raw.rows], dtype=pl.String))
    return pl.DataFrame(out), pl.concat(found)


def _check(typed: pl.DataFrame, schema: AnswerSchema) -> pl.DataFrame:
    """Every failure of the schema as index, column, reason; only rows with one go through pandera."""
    # as in schema: heavy
    from pandera.errors import SchemaErrors

    rows = typed.select(schema.find_failing(typed.columns)).to_series().arg_true().cast(pl.Int64)
    empty = pl.DataFrame(schema={"index": pl.Int64, "column": pl.String, "reason": pl.String})
    if not len(rows):
        return empty
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
    """Put every expected column in place, with its stored type."""
    whole = {placed.id for placed in journey.items} | {outcome.id for outcome in journey.outcomes}
    numbers = {variable.id for variable in journey.case_mix if variable.type == "number"}
    out: list[pl.Expr] = []
    for name in expected_columns(journey):
        source = pl.col(name) if name in accepted.columns else pl.lit(None)
        if name == "simulated":
            out.append((source.cast(pl.Float64).fill_null(0) == 1).alias(name))
        elif name == "completed_on":
            out.append(source.cast(pl.Date).alias(name))
        elif name in whole:
            scale = scale_of(journey, name)
            wide = scale is not None and (scale.max > 127 or scale.min < -128)
            out.append(source.cast(pl.Int16 if wide else pl.Int8).alias(name))
            if scale is not None and scale.not_applicable:
                flag = not_applicable_name(name)
                out.append((pl.col(flag) if flag in accepted.columns else pl.lit(value=False)).alias(flag))
            if scale is not None and scale.dont_know:
                flag = dont_know_name(name)
                out.append((pl.col(flag) if flag in accepted.columns else pl.lit(value=False)).alias(flag))
        else:
            out.append(source.cast(pl.Float64 if name in numbers else pl.String).alias(name))
    return accepted.select(out)
