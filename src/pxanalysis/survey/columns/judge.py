"""Every column of a file judged: what is read and how, what is asked, and whether the file can be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from pxanalysis.errors import SurveyError
from pxanalysis.survey.checking.headers import match_columns
from pxanalysis.survey.checking.parsing import parse_answers, parse_numbers
from pxanalysis.survey.checking.schema import scale_of
from pxanalysis.survey.columns.dates import judge_dates
from pxanalysis.survey.columns.direction import find_directions
from pxanalysis.survey.columns.flags import judge_flags
from pxanalysis.survey.columns.ids import judge_ids
from pxanalysis.survey.columns.labelled import ask_labelled
from pxanalysis.survey.columns.numbers import judge_numbers
from pxanalysis.survey.columns.readings import LEAVE_OUT, Reading, readings_of_file
from pxanalysis.survey.columns.scales import ScaleColumn, judge_scales
from pxanalysis.survey.columns.verdict import NO_PROBLEMS, JudgedColumn, Verdict, name_examples
from pxanalysis.survey.policy import SurveyPolicy

if TYPE_CHECKING:
    from pxanalysis.arrays import FloatArray
    from pxanalysis.journey.model import Journey
    from pxanalysis.survey.sources.read import RawTable

__all__ = ["Judgement", "judge_columns"]


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """A file whose columns were judged.

    Attributes
    ----------
    table
        The file with its cells as they are to be checked; a column that is asked about is empty.
    verdicts
        One per column that the journey knows.
    problems
        Cells that could not be read; see :data:`~pxanalysis.survey.columns.verdict.NO_PROBLEMS`.
    """

    table: RawTable
    verdicts: tuple[Verdict, ...]
    problems: pl.DataFrame

    @property
    def asked(self) -> tuple[Verdict, ...]:
        """Columns of which nothing is used until study.toml answers."""
        return tuple(verdict for verdict in self.verdicts if verdict.decision == "ask")

    @property
    def refused(self) -> tuple[Verdict, ...]:
        """Columns for which the file cannot be used."""
        return tuple(verdict for verdict in self.verdicts if verdict.decision == "refuse")

    def check_usable(self) -> None:
        """Refuse a file whose ids are spoilt.

        Raises
        ------
        SurveyError
            Naming every such column.
        """
        if self.refused:
            raise SurveyError("\n".join(str(verdict) for verdict in self.refused))


def judge_columns(
    raw: RawTable,
    journey: Journey,
    *,
    columns: Mapping[str, str] | None = None,
    policy: SurveyPolicy | None = None,
    readings: Mapping[str, str | Mapping[str, str]] | None = None,
    date_format: str | None = None,
    form: str | None = None,
) -> Judgement:
    """Judge the columns of a file that the journey knows.

    Parameters
    ----------
    columns
        Journey id to the export's column name, where they differ.
    readings
        What study.toml answers under ``[readings]``: journey id to how its column is read, or a pattern of file names
        to such a table.
    form
        Version of the questionnaire that all rows are of, where it is known.

    Raises
    ------
    SurveyError
        When the practice column is not there, a mapped column is not there, no item is, or a reading is none.
    """
    policy = policy or SurveyPolicy()
    names = match_columns(raw, journey, columns or {})
    answers = readings_of_file(readings or {}, raw.name, form)
    _check_known(answers, journey)
    judged: dict[str, JudgedColumn] = {}
    scaled: list[ScaleColumn] = []
    low_is_good = {placed.id for placed in journey.items if placed.item.direction == "lower-is-better"}
    low_is_good |= {outcome.id for outcome in journey.outcomes if outcome.direction == "lower-is-better"}
    for name, column in names.items():
        cells, reading = raw.cells[column], answers.get(name)
        scale = scale_of(journey, name)
        if reading is not None and reading.text == LEAVE_OUT:
            judged[name] = _leave_out(cells, raw.name, name)
        elif scale is not None:
            scaled.append(ScaleColumn(name, cells, scale, reading, name not in low_is_good))
        else:
            judged[name] = _judge_other(cells, raw.name, name, journey, policy, reading, date_format)
    judged |= judge_scales(scaled, raw.name, policy.missing, policy.most_refused)
    for name, column in names.items():
        scale = scale_of(journey, name)
        if scale is not None and name not in answers and column in raw.labels:
            asked = ask_labelled(judged[name], raw.cells[column], raw.labels[column], scale)
            judged |= {} if asked is None else {name: asked}
    judged |= _ask_reversed(judged, journey, raw.name, answers)
    table = raw.cells.with_columns([judged[name].cells.alias(column) for name, column in names.items()])
    problems = pl.concat([NO_PROBLEMS, *(one.problems for one in judged.values())])
    verdicts = tuple(judged[name].verdict for name in names)
    return Judgement(replace(raw, cells=table), verdicts, problems)


def _check_known(answers: Mapping[str, Reading], journey: Journey) -> None:
    from pxanalysis.survey.checking.headers import expected_columns

    unknown = [name for name in answers if name not in expected_columns(journey)]
    if unknown:
        raise SurveyError(
            f"study.toml [readings]: '{unknown[0]}' is not an id of journey '{journey.id}'. Left of the = stands the "
            "journey's id (not the export's column)."
        )


def _leave_out(cells: pl.Series, file: str, name: str) -> JudgedColumn:
    nothing = pl.Series(cells.name, [None], dtype=pl.Float64).new_from_index(0, len(cells))
    return JudgedColumn(nothing, Verdict(file, cells.name, name, "read", "left out, as study.toml says"))


def _judge_other(
    cells: pl.Series,
    file: str,
    name: str,
    journey: Journey,
    policy: SurveyPolicy,
    reading: Reading | None,
    date_format: str | None,
) -> JudgedColumn:
    if name in {"response_id", "practice_id"}:
        return judge_ids(cells, file, name)
    if name == "completed_on":
        return judge_dates(cells, file, reading, date_format, policy.missing, policy.today)
    if name == "simulated" or name in {outcome.id for outcome in journey.behaviours}:
        return judge_flags(_without(cells, policy), file, name, reading)
    for variable in journey.case_mix:
        if variable.id == name and variable.type == "number":
            return judge_numbers(_without(cells, policy), file, name, variable.range, reading)
    n = len(cells) - cells.null_count()
    return JudgedColumn(cells, Verdict(file, cells.name, name, "read", "text", n, said=False))


def _without(cells: pl.Series, policy: SurveyPolicy) -> pl.Series:
    from pxanalysis.journey.parts import Scale
    from pxanalysis.survey.checking.parsing import empty_cells

    return empty_cells(cells, policy.missing, Scale(min=0, max=1)) if policy.missing else cells


def _ask_reversed(
    judged: Mapping[str, JudgedColumn], journey: Journey, file: str, answers: Mapping[str, Reading]
) -> dict[str, JudgedColumn]:
    """Columns that run against all others, and are not answered for in study.toml."""
    directions = {placed.id: placed.item.direction for placed in journey.items}
    ratings = {outcome.id: outcome.direction for outcome in journey.rated_outcomes}
    items = _scores(judged, journey, directions)
    outcomes = _scores(judged, journey, ratings)
    out = {}
    for name, found in find_directions(items, outcomes).items():
        one, scale = judged[name], scale_of(journey, name)
        if scale is None or name in answers:
            continue
        if found.reversed:
            told = f"answers run against all others (correlation {found.correlation:.2f}, {found.n} people)"
            lines = (f'{name} = "{scale.max}-{scale.min}"', f'{name} = "as-it-stands"')
            verdict = replace(
                one.verdict, decision="ask", evidence=told, lines=lines, examples=name_examples(one.cells), said=True
            )
            out[name] = JudgedColumn(one.cells.clear(len(one.cells)), verdict)
        elif found.unknown:
            told = f"{one.verdict.evidence}; {found.n} people cannot tell whether it is reversed"
            out[name] = replace(one, verdict=replace(one.verdict, evidence=told))
    return out


def _scores(
    judged: Mapping[str, JudgedColumn], journey: Journey, directions: Mapping[str, str]
) -> dict[str, FloatArray]:
    scores = {}
    for name, direction in directions.items():
        scale = scale_of(journey, name)
        if name not in judged or scale is None or judged[name].verdict.decision != "read":
            continue
        cells = judged[name].cells
        values = parse_numbers(cells)[0] if cells.dtype.is_numeric() else parse_answers(cells, scale)[0]
        inside = values.is_between(scale.min, scale.max).fill_null(value=False)
        numbers = values.set(~inside, None).cast(pl.Float64).to_numpy().astype(float)
        scores[name] = -numbers if direction == "lower-is-better" else numbers
    return scores
