"""Columns of a file in which more than one version of the questionnaire stands, judged version by version.

Versions code in their own way: 1 and 2 for yes and no in one, 1 and 0 in the next. Together they look like one scale
that nobody used; apart each can be read, or asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from pxanalysis.survey.checking.headers import match_columns
from pxanalysis.survey.checking.parsing import parse_dates
from pxanalysis.survey.columns.evidence import FileEvidence
from pxanalysis.survey.columns.judge import FileRules, Judgement, judge_evidence
from pxanalysis.survey.form_rule import FormRule, name_forms

if TYPE_CHECKING:
    from collections.abc import Callable

    from pxanalysis.journey.model import Journey
    from pxanalysis.survey.columns.verdict import Verdict
    from pxanalysis.survey.policy import SurveyPolicy
    from pxanalysis.survey.sources.raw import RawTable

__all__ = ["FormRules", "judge_by_form", "judge_forms"]

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

    def judge(evidence: FileEvidence, form: str | None = None) -> FileRules:
        return judge_evidence(
            evidence,
            raw.name,
            journey,
            policy=policy,
            readings=readings,
            date_format=date_format,
            form=form,
            labels=raw.labels,
        )

    names = match_columns(raw, journey, columns or {})
    evidence = FileEvidence(journey, names, date_format)
    evidence.add(raw)
    whole = judge(evidence)
    if rule is None or not rule.is_told_by(raw.cells.columns):
        return whole.apply(raw)
    return judge_forms(whole, rule, [raw], lambda: FileEvidence(journey, names, date_format), judge).apply(raw)


def judge_forms(
    whole: FileRules,
    rule: FormRule,
    parts: Iterable[RawTable],
    begin: Callable[[], FileEvidence],
    judge: Callable[[FileEvidence, str], FileRules],
) -> FileRules | FormRules:
    """Judge the columns of a file per version of the questionnaire.

    Parameters
    ----------
    whole
        How its columns are read by all rows together.
    parts
        All its rows, part by part.
    begin, judge
        What begins to gather evidence of some rows, and what judges it for a version.
    """
    found: dict[str, FileEvidence] = {}
    for part in parts:
        forms = _find_forms(part, whole, rule)
        for form in forms.unique():
            if form not in found:
                found[form] = begin()
            found[form].add(_select(part, forms == form))
    rules = {form: judge(found[form], form) for form in sorted(found)}
    if len(rules) == 1:
        return next(iter(rules.values()))
    own = {form: _restrict(one, shared=False) for form, one in rules.items()}
    return FormRules(_restrict(whole, shared=True), own, rule, whole.names)


@dataclass(frozen=True, slots=True, eq=False)
class FormRules:
    """How the columns of a file are read in which more than one version stands.

    Attributes
    ----------
    shared
        Of the columns that are the same on every version.
    own
        Of all others, by version.
    names
        Journey id to the file's column.
    """

    shared: FileRules
    own: Mapping[str, FileRules]
    rule: FormRule
    names: Mapping[str, str]

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """One per column that is the same on every version, and one per version of any other."""
        own = (replace(one, form=form) for form, rules in self.own.items() for one in rules.verdicts)
        return (*self.shared.verdicts, *own)

    def apply(self, raw: RawTable) -> Judgement:
        """Read rows of the file so."""
        whole = self.shared.apply(raw)
        forms = _find_forms(raw, self.shared, self.rule)
        shared = list(self.shared.names.values())
        tables: list[pl.DataFrame] = []
        rows: list[pl.Series] = []
        problems = [whole.problems]
        for form in forms.unique().sort():
            index = (forms == form).arg_true()
            part = self.own[form].apply(_select(raw, forms == form))
            tables.append(_as_text(part.table.cells.drop(shared)))
            rows.append(index)
            found = part.problems
            problems.append(found.with_columns(index.cast(pl.Int64).gather(found["index"]).alias("index")))
        if not tables:
            return whole
        apart = pl.concat(tables)[pl.concat(rows).arg_sort()]
        cells = [whole.table.cells[name] if name in shared else apart[name] for name in raw.cells.columns]
        table = replace(raw, cells=pl.DataFrame(cells))
        return Judgement(table, self.verdicts, pl.concat(problems).sort("index", maintain_order=True))


def _restrict(rules: FileRules, *, shared: bool) -> FileRules:
    """Those of columns that are the same on every version, or of the others."""
    names = {name: column for name, column in rules.names.items() if (name in _OF_THE_FILE) == shared}
    return FileRules(names, {name: rules.rules[name] for name in names})


def _select(raw: RawTable, rows: pl.Series) -> RawTable:
    return replace(raw, cells=raw.cells.filter(rows), rows=raw.rows.filter(rows))


def _find_forms(raw: RawTable, whole: FileRules, rule: FormRule) -> pl.Series:
    """Version of each row; ``UNKNOWN_FORM`` where it is not known."""
    if rule.column is not None:
        forms = name_forms(rule, raw.cells[rule.column], pl.Series(dtype=pl.Date))
    else:
        days = pl.Series([None], dtype=pl.Date).new_from_index(0, raw.cells.height)
        if "completed_on" in whole.names:
            days = whole.rules["completed_on"].apply(raw.cells[whole.names["completed_on"]])[0]
        forms = name_forms(rule, None, days if days.dtype == pl.Date else parse_dates(days)[0])
    return forms.replace({"": UNKNOWN_FORM})


def _as_text(cells: pl.DataFrame) -> pl.DataFrame:
    """One type, so that what versions hold can stand below each other; whole numbers without a decimal point."""
    whole = [
        pl.col(name).cast(pl.Int64)
        for name, dtype in cells.schema.items()
        if dtype.is_float() and bool((cells[name].drop_nulls() == cells[name].drop_nulls().floor()).all())
    ]
    return cells.with_columns(whole).cast(pl.String)
