"""A file with answers, read, judged and checked in one call."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl

from pxanalysis.errors import SurveyError
from pxanalysis.journey.model import Journey
from pxanalysis.journey.reading import read_journey
from pxanalysis.survey.checking.headers import whole_number_columns
from pxanalysis.survey.checking.validated import ValidatedTable
from pxanalysis.survey.checking.validation import validate_answers
from pxanalysis.survey.columns.by_form import judge_by_form
from pxanalysis.survey.columns.judge import Judgement
from pxanalysis.survey.form_changes import find_touchpoint_gaps
from pxanalysis.survey.form_rule import FormRule
from pxanalysis.survey.forms import describe_forms, find_form_gaps
from pxanalysis.survey.policy import SurveyPolicy
from pxanalysis.survey.questionnaire_exports import translate_export
from pxanalysis.survey.responses import Responses
from pxanalysis.survey.sources.companions import add_labels
from pxanalysis.survey.sources.read import RawTable, read_source

__all__ = ["check_judged", "name_practice", "read_survey", "read_table"]

_log = logging.getLogger(__name__)


def read_table(
    path: str | Path,
    journey: Journey,
    *,
    columns: Mapping[str, str] | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    practice: str | None = None,
) -> RawTable:
    """Read a file, and turn a tool's export of the journey's own questionnaire back into the journey's columns.

    Columns are judged afterwards: a tool's codes are not the journey's, so they would look like another scale.

    Parameters
    ----------
    practice
        The practice of every answer in a file without a column of it.
    """
    raw = read_source(
        path, delimiter=delimiter, encoding=encoding, whole_numbers=whole_number_columns(journey, columns)
    )
    raw = add_labels(raw, Path(path).parent)
    raw = raw if columns else translate_export(raw, journey)
    return raw if practice is None else name_practice(raw, (columns or {}).get("practice_id", "practice_id"), practice)


def name_practice(raw: RawTable, column: str, practice: str) -> RawTable:
    """The table with a column of the practice, when it has none: all answers are of this one."""
    if column in raw.cells.columns:
        return raw
    note = f"{raw.name}: no column names the practice; every answer is of '{practice}', as study.toml says."
    return replace(raw, cells=raw.cells.with_columns(pl.lit(practice).alias(column)), notes=(*raw.notes, note))


def check_judged(
    raw: RawTable,
    judged: Judgement,
    journey: Journey,
    *,
    columns: Mapping[str, str] | None = None,
    policy: SurveyPolicy | None = None,
) -> ValidatedTable:
    """Check the rows of a file whose columns were judged."""
    return validate_answers(judged.table, journey, columns=columns, policy=policy, original=raw, known=judged.problems)


def read_survey(
    path: str | Path,
    *,
    journey: str | Path | Journey,
    columns: dict[str, str] | None = None,
    policy: SurveyPolicy | None = None,
    readings: Mapping[str, str | Mapping[str, str]] | None = None,
    forms: FormRule | None = None,
    practice: str | None = None,
) -> Responses:
    """Read and check one file with answers, outside any study.

    Parameters
    ----------
    path
        CSV or Parquet.
    journey
        A journey, its catalogue id, or the path of its YAML file.
    columns
        Journey id to the file's column name, where they differ.
    readings
        Journey id to how its column is read, where the file leaves a doubt: ``{"nps": "1-11"}``,
        ``{"returned": "1=yes, 2=no"}``, ``{"age": "leave-out"}``.
    forms
        What tells the version of the questionnaire; each is judged apart.
    practice
        The practice of every answer in a file without a column of it.

    Returns
    -------
    Responses. Without ``forms``, questions that a part of the people was not asked are found from what is missing, as
    in a study: scores leave them out (``.uncommon_items``), and this is logged as a warning.

    Raises
    ------
    SurveyError
        When the file cannot be used as a whole, or a column can be read in more than one way; single bad rows and
        cells are in ``.rejected``.
    """
    model = read_journey(journey) if isinstance(journey, str | Path) else journey
    raw = read_table(path, model, columns=columns, practice=practice)
    judged = judge_by_form(raw, model, forms, columns=columns, policy=policy, readings=readings)
    judged.check_usable()
    if judged.asked:
        raise SurveyError(
            "\n".join(str(verdict) for verdict in judged.asked)
            + "\n(read_survey takes these lines as readings={name: text}.)"
        )
    table = check_judged(raw, judged, model, columns=columns, policy=policy)
    if table.accepted.height == 0:
        reason = table.rejected["reason"][0] if table.rejected.height else "no rows"
        raise SurveyError(f"{raw.name}: every row was refused; the first because: {reason}.")
    gaps = () if forms is not None else find_form_gaps(table.accepted, model)
    changes = () if forms is not None else find_touchpoint_gaps(table.accepted, model)
    for said in (*describe_forms(gaps), *(gap.describe() for gap in changes)):
        _log.warning("%s: %s", raw.name, said)
    return Responses(
        journey=model,
        table=table.accepted,
        rejected=table.rejected,
        uncommon_items=frozenset(gap.item for gap in gaps),
    )
