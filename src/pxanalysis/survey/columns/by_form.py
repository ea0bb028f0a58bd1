"""Columns of a file in which more than one version of the questionnaire stands, judged version by version.

Versions code in their own way: 1 and 2 for yes and no in one, 1 and 0 in the next. Together they look like one scale
that nobody used; apart each can be read, or asked about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from pxanalysis.survey.checking.headers import match_columns
from pxanalysis.survey.checking.parsing import parse_dates
from pxanalysis.survey.columns.judge import Judgement, judge_columns
from pxanalysis.survey.form_rule import FormRule, name_forms

if TYPE_CHECKING:
    from pxanalysis.journey.model import Journey
    from pxanalysis.survey.policy import SurveyPolicy
    from pxanalysis.survey.sources.raw import RawTable

__all__ = ["judge_by_form"]

UNKNOWN_FORM = "unknown"
"""Version of rows of which it is not known."""
_OF_THE_FILE = ("response_id", "practice_id", "completed_on", "role", "channel", "simulated")
"""Columns that are the same on every version."""


def judge_by_form(
    raw: RawTable,
    journey: Journey,
    rule: FormRule | None,
    *,
    columns: Mapping[str, str] | None = None,
    policy: SurveyPolicy | None = None,
    readings: Mapping[str, str | Mapping[str, str]] | None = None,
    date_format: str | None = None,
) -> Judgement:
    """Judge a file's columns per version of the questionnaire; without a rule, or with one version, all rows together.

    ``readings`` may hold tables for one version, under ``form=NAME``; the other parameters are those of
    :func:`~pxanalysis.survey.columns.judge.judge_columns`.
    """

    def judge(part: RawTable, form: str | None = None) -> Judgement:
        return judge_columns(
            part, journey, columns=columns, policy=policy, readings=readings, date_format=date_format, form=form
        )

    names = match_columns(raw, journey, columns or {})
    if rule is None or (rule.column is not None and rule.column not in raw.cells.columns):
        return judge(raw)
    whole = judge(raw)
    forms = _find_forms(raw, whole, rule, names).replace({"": UNKNOWN_FORM})
    kinds = forms.unique().sort().to_list()
    if len(kinds) == 1:
        return judge(raw, str(kinds[0]))
    rows = {str(kind): (forms == kind).arg_true() for kind in kinds}
    parts = {
        kind: judge(replace(raw, cells=raw.cells[index], rows=raw.rows[index]), kind) for kind, index in rows.items()
    }
    shared = [names[name] for name in _OF_THE_FILE if name in names]
    order = pl.concat(list(rows.values())).arg_sort()
    apart = pl.concat([_as_text(part.table.cells.drop(shared)) for part in parts.values()])[order]
    table = raw.cells.select(whole.table.cells[name] if name in shared else apart[name] for name in raw.cells.columns)
    problems = [whole.problems.filter(pl.col("column").is_in(_OF_THE_FILE))]
    verdicts = [verdict for verdict in whole.verdicts if verdict.name in _OF_THE_FILE]
    for kind, part in parts.items():
        own = part.problems.filter(~pl.col("column").is_in(_OF_THE_FILE))
        problems.append(own.with_columns(rows[kind].cast(pl.Int64).gather(own["index"]).alias("index")))
        verdicts += [replace(one, form=kind) for one in part.verdicts if one.name not in _OF_THE_FILE]
    return Judgement(replace(raw, cells=table), tuple(verdicts), pl.concat(problems).sort("index", maintain_order=True))


def _find_forms(raw: RawTable, whole: Judgement, rule: FormRule, names: Mapping[str, str]) -> pl.Series:
    """Version of each row, "" where it is not known."""
    if rule.column is not None:
        return name_forms(rule, raw.cells[rule.column], pl.Series(dtype=pl.Date))
    nothing = pl.Series([None], dtype=pl.Date).new_from_index(0, raw.cells.height)
    days = whole.table.cells[names["completed_on"]] if "completed_on" in names else nothing
    return name_forms(rule, None, days if days.dtype == pl.Date else parse_dates(days)[0])


def _as_text(cells: pl.DataFrame) -> pl.DataFrame:
    """One type, so that what versions hold can stand below each other; whole numbers without a decimal point."""
    whole = [
        pl.col(name).cast(pl.Int64)
        for name, dtype in cells.schema.items()
        if dtype.is_float() and bool((cells[name].drop_nulls() == cells[name].drop_nulls().floor()).all())
    ]
    return cells.with_columns(whole).cast(pl.String)
