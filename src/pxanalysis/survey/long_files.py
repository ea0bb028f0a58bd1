"""A file too long to be held in memory: gone through once to judge its columns, and once more to check its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pxanalysis.errors import SurveyError
from pxanalysis.journey.model import Journey
from pxanalysis.survey.checking.headers import match_columns, whole_number_columns
from pxanalysis.survey.checking.known_ids import KnownIds
from pxanalysis.survey.checking.validation import ValidatedTable, validate_answers
from pxanalysis.survey.columns.evidence import FileEvidence
from pxanalysis.survey.columns.judge import FileRules, judge_evidence
from pxanalysis.survey.policy import SurveyPolicy
from pxanalysis.survey.questionnaire_exports import translate_export
from pxanalysis.survey.reading import name_practice
from pxanalysis.survey.sources.parts import PART_SIZE, FileParts, UnlikeError, open_parts
from pxanalysis.survey.sources.raw import RawTable, hash_file
from pxanalysis.survey.sources.tools import tidy_export

__all__ = ["LongFile", "judge_long_file"]


@dataclass(frozen=True, slots=True, eq=False)
class LongFile:
    """A file whose columns were judged by all of its rows.

    Attributes
    ----------
    rows
        How many records can be split into columns.
    head
        No rows, and every column.
    """

    journey: Journey
    parts: FileParts
    rules: FileRules
    rows: int
    head: RawTable
    columns: Mapping[str, str]
    policy: SurveyPolicy
    practice: str | None

    def check(self) -> Iterator[ValidatedTable]:
        """Check the rows, part by part and in order.

        Raises
        ------
        SourceError
            When the file is not as it was when its columns were judged.
        """
        before = KnownIds()
        for part in self.parts:
            raw = _name(part, self.columns, self.practice)
            judged = self.rules.apply(raw)
            yield validate_answers(
                judged.table,
                self.journey,
                columns=self.columns,
                policy=self.policy,
                original=raw,
                known=judged.problems,
                before=before,
            )


def judge_long_file(
    path: Path,
    journey: Journey,
    *,
    columns: Mapping[str, str] | None = None,
    policy: SurveyPolicy | None = None,
    readings: Mapping[str, str | Mapping[str, str]] | None = None,
    date_format: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    practice: str | None = None,
    size: int = PART_SIZE,
) -> LongFile | None:
    """Judge the columns of a file without holding it.

    Parameters
    ----------
    size
        Bytes of a part; other parameters as in :func:`pxanalysis.survey.reading.read_table` and
        :func:`pxanalysis.survey.columns.judge.judge_columns`.

    Returns
    -------
    None for a file that has to be read as a whole: of a kind without records one after the other, an export of a
    survey tool, or one that leaves a doubt where a record ends.

    Raises
    ------
    SurveyError
        When a reading in study.toml is none.
    """
    columns, policy = columns or {}, policy or SurveyPolicy()
    parts = open_parts(
        path,
        hash_file(path),
        delimiter=delimiter,
        encoding=encoding,
        whole_numbers=whole_number_columns(journey, columns),
        size=size,
    )
    while parts is not None:
        try:
            gathered = _gather(parts, journey, columns, practice, date_format)
            break
        except UnlikeError as error:
            parts = None if error.manner is None else replace(parts, manner=error.manner)
    if parts is None or gathered is None:
        return None
    evidence, head, parts = gathered
    rules = judge_evidence(evidence, parts.name, journey, policy=policy, readings=readings, date_format=date_format)
    return LongFile(journey, parts, rules, evidence.rows, head, columns, policy, practice)


def _gather(
    parts: FileParts, journey: Journey, columns: Mapping[str, str], practice: str | None, date_format: str | None
) -> tuple[FileEvidence, RawTable, FileParts] | None:
    """What the columns hold, a table without rows, and the parts without columns that hold nothing and have no name."""
    evidence, head, held = None, None, set[str]()
    for part in parts:
        raw = _name(part, columns, practice)
        if evidence is None:
            if tidy_export(raw) is not raw or (not columns and translate_export(raw, journey) is not raw):
                return None
            try:
                evidence = FileEvidence(journey, match_columns(raw, journey, columns), date_format)
            except SurveyError:
                return None  # what is wrong is said of the file as a whole
            head = replace(raw, cells=raw.cells.clear(), rows=raw.rows.clear(), bad_lines=())
        evidence.add(raw)
        held |= {name for name in parts.layout.nameless if raw.cells[name].null_count() < raw.cells.height}
    if evidence is None or head is None:
        return None
    dropped = tuple(name for name in parts.layout.nameless if name not in held)
    return evidence, replace(head, cells=head.cells.drop(dropped)), replace(parts, dropped=dropped)


def _name(part: RawTable, columns: Mapping[str, str], practice: str | None) -> RawTable:
    return part if practice is None else name_practice(part, columns.get("practice_id", "practice_id"), practice)
