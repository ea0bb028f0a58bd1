"""Every column of a file judged: what is read and how, what is asked, and whether the file can be used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from pxanalysis.errors import SurveyError
from pxanalysis.survey.checking.headers import match_columns
from pxanalysis.survey.checking.parsing import parse_answers, parse_numbers
from pxanalysis.survey.checking.schema import scale_of
from pxanalysis.survey.columns.applying import ColumnRule
from pxanalysis.survey.columns.dates import DayColumn, judge_dates
from pxanalysis.survey.columns.direction import find_directions, turn_to_content
from pxanalysis.survey.columns.evidence import ColumnEvidence, FileEvidence
from pxanalysis.survey.columns.flags import judge_flags
from pxanalysis.survey.columns.ids import judge_ids
from pxanalysis.survey.columns.labelled import ask_labelled, ask_other_way
from pxanalysis.survey.columns.labels import labels_in_cells
from pxanalysis.survey.columns.numbers import judge_numbers
from pxanalysis.survey.columns.readings import LEAVE_OUT, PER_FILE, Reading, readings_of_file
from pxanalysis.survey.columns.scales import ScaleColumn, judge_scales
from pxanalysis.survey.columns.tally import count_cells
from pxanalysis.survey.columns.verdict import NO_PROBLEMS, JudgedColumn, Verdict, name_examples
from pxanalysis.survey.policy import SurveyPolicy

if TYPE_CHECKING:
    from pxanalysis.arrays import FloatArray
    from pxanalysis.journey.model import Journey, Scale
    from pxanalysis.survey.sources.raw import RawTable

__all__ = ["FileRules", "Judgement", "check_usable", "judge_columns", "judge_evidence"]

_TELLS_BAD, _FEWEST_BAD, _BAD = 30, 3, 0.4
"""Answers, columns and mean (0-1) from which on it is said that everybody seems to be discontent: few places are so."""


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
        """Refuse a file whose ids are spoilt; see :func:`check_usable`."""
        check_usable(self.verdicts)


def check_usable(verdicts: Iterable[Verdict]) -> None:
    """Refuse a file whose ids are spoilt.

    Raises
    ------
    SurveyError
        Naming every such column.
    """
    refused = [str(verdict) for verdict in verdicts if verdict.decision == "refuse"]
    if refused:
        raise SurveyError("\n".join(refused))


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
    evidence = FileEvidence(journey, match_columns(raw, journey, columns or {}), date_format)
    evidence.add(raw)
    rules = judge_evidence(
        evidence,
        raw.name,
        journey,
        policy=policy,
        readings=readings,
        date_format=date_format,
        form=form,
        labels=raw.labels,
    )
    return rules.apply(raw)


def judge_evidence(
    evidence: FileEvidence,
    file: str,
    journey: Journey,
    *,
    policy: SurveyPolicy | None = None,
    readings: Mapping[str, str | Mapping[str, str]] | None = None,
    date_format: str | None = None,
    form: str | None = None,
    labels: Mapping[str, Mapping[str, str]] | None = None,
) -> FileRules:
    """Judge columns by what was gathered of all their rows; the parameters are those of :func:`judge_columns`.

    ``labels``: of the file's columns, its own words of their codes.
    """
    policy = policy or SurveyPolicy()
    answers = readings_of_file(readings or {}, file, form)
    _check_known(answers, journey)
    judged: dict[str, JudgedColumn] = {}
    scaled: list[ScaleColumn] = []
    low_is_good = {placed.id for placed in journey.items if placed.item.direction == "lower-is-better"}
    low_is_good |= {outcome.id for outcome in journey.outcomes if outcome.direction == "lower-is-better"}
    for name, held in evidence.columns.items():
        reading, scale = answers.get(name), scale_of(journey, name)
        words = (labels or {}).get(evidence.names[name], {})
        if reading is not None and reading.text == LEAVE_OUT:
            judged[name] = _leave_out(held.cells, file, name)
        elif scale is not None:
            scaled.append(ScaleColumn(name, held.cells, scale, reading, name not in low_is_good, held.times, words))
        else:
            judged[name] = _judge_other(held, file, name, journey, policy, reading, date_format, words)
    judged |= judge_scales(scaled, file, policy.missing, policy.most_refused)
    for column in scaled:
        words = _find_labels(column)
        if words and column.name not in answers:
            one, cells, times = judged[column.name], column.cells, column.times
            asked = ask_labelled(one, cells, times, words, column.scale) or ask_other_way(
                one, cells, times, words, column.scale, good_high=column.good_high
            )
            judged |= {} if asked is None else {column.name: asked}
    judged |= _ask_reversed(judged, evidence, journey, file, answers)
    left_out = {name for name, reading in answers.items() if reading.text == LEAVE_OUT}
    rules = {
        name: ColumnRule(
            name,
            evidence.columns[name],
            one,
            empty=one.verdict.decision == "ask" or name in left_out,
            behind=_name_file(file, name, answers.get(name)),
        )
        for name, one in judged.items()
    }
    return FileRules(evidence.names, rules)


def _name_file(file: str, name: str, reading: Reading | None) -> str:
    """What stands behind every id of a file that numbers its responses anew: its own name."""
    return f"@{file}" if name == "response_id" and reading is not None and reading.text == PER_FILE else ""


def _find_labels(column: ScaleColumn) -> dict[str, str]:
    """The file's words of a column's codes, those in its cells ("5 - very good") first."""
    if column.cells.dtype != pl.String:
        return dict(column.labels or {})
    counts = count_cells(column.cells, column.times)
    return dict(column.labels or {}) | labels_in_cells({str(cell): number for cell, number in counts})


@dataclass(frozen=True, slots=True, eq=False)
class FileRules:
    """How the columns of a file are read, decided by all of its rows, for any of them.

    Attributes
    ----------
    names
        Journey id to the file's column.
    """

    names: Mapping[str, str]
    rules: Mapping[str, ColumnRule]

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """One per column that the journey knows."""
        return tuple(self.rules[name].judged.verdict for name in self.names)

    def apply(self, raw: RawTable) -> Judgement:
        """Read rows of the file so."""
        read = {name: rule.apply(raw.cells[self.names[name]]) for name, rule in self.rules.items()}
        table = raw.cells.with_columns([read[name][0].alias(column) for name, column in self.names.items()])
        problems = pl.concat([NO_PROBLEMS, *(found for _, found in read.values())])
        return Judgement(replace(raw, cells=table), self.verdicts, problems)


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
    held: ColumnEvidence,
    file: str,
    name: str,
    journey: Journey,
    policy: SurveyPolicy,
    reading: Reading | None,
    date_format: str | None,
    labels: Mapping[str, str],
) -> JudgedColumn:
    cells, times = held.cells, held.times
    if held.kind == "ids":
        return judge_ids(cells, file, name, held.n, times)
    if held.kind == "days":
        days = DayColumn(times, held.in_order)
        return judge_dates(cells, file, reading, date_format, policy.missing, policy.today, days)
    if name == "simulated" or name in {outcome.id for outcome in journey.behaviours}:
        return judge_flags(_without(cells, policy), file, name, reading, times, labels)
    for variable in journey.case_mix:
        if variable.id == name and variable.type == "number":
            return judge_numbers(_without(cells, policy), file, name, variable.range, reading, times)
    return JudgedColumn(cells, Verdict(file, cells.name, name, "read", "text", held.n, said=False))


def _without(cells: pl.Series, policy: SurveyPolicy) -> pl.Series:
    from pxanalysis.journey.parts import Scale
    from pxanalysis.survey.checking.parsing import empty_cells

    return empty_cells(cells, policy.missing, Scale(min=0, max=1)) if policy.missing else cells


def _ask_reversed(
    judged: Mapping[str, JudgedColumn],
    evidence: FileEvidence,
    journey: Journey,
    file: str,
    answers: Mapping[str, Reading],
) -> dict[str, JudgedColumn]:
    """Columns that run against all others, and are not answered for in study.toml."""
    directions = {placed.id: placed.item.direction for placed in journey.items}
    ratings = {outcome.id: outcome.direction for outcome in journey.rated_outcomes}
    items = _scores(judged, evidence, journey, directions)
    outcomes = _scores(judged, evidence, journey, ratings)
    levels = {
        name: _find_level(
            values, scale_of(journey, name), low_is_good=(directions | ratings)[name] == "lower-is-better"
        )
        for name, values in (items | outcomes).items()
    }
    out = {}
    for name, found in turn_to_content(find_directions(items, outcomes), levels).items():
        one, scale = judged[name], scale_of(journey, name)
        if scale is None or name in answers:
            continue
        if found.reversed:
            told = f"answers run against all others (correlation {found.correlation:.2f}, {found.n} people)"
            lines = (f'{name} = "{scale.max}-{scale.min}"', f'{name} = "as-it-stands"')
            examples = name_examples(one.cells, times=evidence.columns[name].times)
            verdict = replace(one.verdict, decision="ask", evidence=told, lines=lines, examples=examples, said=True)
            out[name] = JudgedColumn(one.cells.clear(len(one.cells)), verdict)
        elif found.unknown:
            told = f"{one.verdict.evidence}; {found.n} people cannot tell whether it is reversed"
            out[name] = replace(one, verdict=replace(one.verdict, evidence=told))
    if any(one.verdict.decision == "ask" for one in out.values()):
        return out
    return out | _tell_bad(dict(judged) | out, levels, journey)


def _find_level(values: FloatArray, scale: Scale | None, *, low_is_good: bool) -> tuple[float, int]:
    """Mean of a column's scores, 0 for the worst answer and 1 for the best, and how many there are."""
    known = values[np.isfinite(values)]
    if scale is None or not len(known):
        return np.nan, 0
    level = float((known.mean() + (scale.max if low_is_good else -scale.min)) / (scale.max - scale.min))
    return level, len(known)


def _tell_bad(
    judged: Mapping[str, JudgedColumn], levels: Mapping[str, tuple[float, int]], journey: Journey
) -> dict[str, JudgedColumn]:
    """Say of the first rated column that nearly all of them are bad, which a file with 1 for the best looks like."""
    means = [level for level, n in levels.values() if n >= _TELLS_BAD]
    if len(means) < _FEWEST_BAD or max(means) >= 0.5 or sum(means) / len(means) >= _BAD:
        return {}
    name = next(iter(levels))
    one, scale = judged[name], scale_of(journey, name)
    told = f"{one.verdict.evidence}; most answers to every question of this file are bad ones. Is 1 the best in it?"
    if scale is not None:
        told += f' Then study.toml says so of each, under [readings]: {name} = "{scale.max}-{scale.min}"'
    return {name: replace(one, verdict=replace(one.verdict, evidence=told, said=True))}


def _scores(
    judged: Mapping[str, JudgedColumn], evidence: FileEvidence, journey: Journey, directions: Mapping[str, str]
) -> dict[str, FloatArray]:
    scores, people = {}, evidence.people()
    for name, direction in directions.items():
        scale = scale_of(journey, name)
        if name not in judged or scale is None or judged[name].verdict.decision != "read":
            continue
        cells = judged[name].cells
        values = parse_numbers(cells)[0] if cells.dtype.is_numeric() else parse_answers(cells, scale)[0]
        inside = values.is_between(scale.min, scale.max).fill_null(value=False)
        numbers = values.set(~inside, None).cast(pl.Float64)
        held = evidence.columns[name]
        found = JudgedColumn(-numbers if direction == "lower-is-better" else numbers, judged[name].verdict)
        rows, _ = ColumnRule(name, held, found).apply(people[evidence.names[name]])
        scores[name] = rows.to_numpy().astype(float)
    return scores
