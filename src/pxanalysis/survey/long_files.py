"""A file too long to be held in memory: gone through once to judge its columns, and once more to check its rows.

Text is taken apart once only: what was read of it is kept, beyond some size on disk, until it is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import polars as pl

from pxanalysis.errors import SourceError, SurveyError
from pxanalysis.journey.form import own_columns
from pxanalysis.journey.model import Journey
from pxanalysis.survey.ahead import work_ahead
from pxanalysis.survey.checking.cell_tables import CellTable, tabulate_cells
from pxanalysis.survey.checking.headers import match_columns, whole_number_columns
from pxanalysis.survey.checking.known_ids import KnownIds
from pxanalysis.survey.checking.schema import build_schema
from pxanalysis.survey.checking.validated import ValidatedTable
from pxanalysis.survey.checking.validation import validate_answers
from pxanalysis.survey.columns.by_form import FormRules, judge_forms
from pxanalysis.survey.columns.evidence import FileEvidence
from pxanalysis.survey.columns.judge import FileRules, judge_evidence
from pxanalysis.survey.contacts import ContactColumns, ContactSearch
from pxanalysis.survey.files import Scratch, temporary_name
from pxanalysis.survey.form_rule import FormRule
from pxanalysis.survey.policy import SurveyPolicy
from pxanalysis.survey.sources.companions import add_labels
from pxanalysis.survey.sources.parts import PART_SIZE, FileParts, UnlikeError, open_parts
from pxanalysis.survey.sources.raw import BadLine, RawTable
from pxanalysis.survey.tidying import PartTidier, TidyRules

__all__ = ["LongFile", "judge_long_file"]


@dataclass(frozen=True, slots=True, eq=False)
class LongFile:
    """A file whose columns were judged by all of its rows.

    Attributes
    ----------
    head
        No rows, and every column; ``parts``: what was read.
    rows
        How many records can be split into columns.
    contacts
        Of a file with columns of contacts, which are in no part: who asked to be called back.
    """

    journey: Journey
    head: RawTable
    parts: tuple[_KeptPart, ...]
    rules: FileRules | FormRules
    rows: int
    columns: Mapping[str, str]
    policy: SurveyPolicy
    contacts: ContactSearch | None = None

    def check(self) -> Iterator[ValidatedTable]:
        """Check the rows, part by part and in order."""
        before, tables = KnownIds(), self._tabulate()
        for raw in work_ahead(part.read(self.head) for part in self.parts):
            judged = self.rules.apply(raw)
            yield validate_answers(
                judged.table,
                self.journey,
                columns=self.columns,
                policy=self.policy,
                original=raw,
                known=judged.problems,
                before=before,
                tables=tables,
            )

    def _tabulate(self) -> dict[str, CellTable]:
        """What the cells are of which all different ones are known, by journey id."""
        if isinstance(self.rules, FormRules):
            return {}
        schema, missing = build_schema(self.journey, self.policy), self.policy.missing
        return {
            name: tabulate_cells(rule.judged.cells, name, self.journey, schema, missing=missing)
            for name, rule in self.rules.rules.items()
            if rule.held.kind in {"codes", "days"}
        }


_ROW = "\0row"
_CELLS = "cells"


@dataclass(frozen=True, slots=True)
class _KeptPart:
    """Cells of a part, with the row of each record; and the lines that could not be split."""

    cells: Callable[..., pl.DataFrame]
    bad_lines: tuple[BadLine, ...]

    @staticmethod
    def keep(raw: RawTable, used: Collection[str], scratch: Scratch) -> _KeptPart:
        """Keep the columns that are used."""
        table = raw.cells.select(name for name in raw.cells.columns if name in used).with_columns(raw.rows.alias(_ROW))
        return _KeptPart(scratch.put(table, _CELLS), raw.bad_lines)

    def read(self, head: RawTable) -> RawTable:
        """The part with all columns of the file; those that are not used are empty."""
        table = self.cells()
        held = set(table.columns)
        absent = [name for name in head.cells.columns if name not in held]
        cells = table.with_columns(pl.lit(None).alias(name) for name in absent).select(head.cells.columns)
        return replace(head, cells=cells, rows=table[_ROW].alias("row"), bad_lines=self.bad_lines)


def judge_long_file(
    path: Path,
    journey: Journey,
    *,
    scratch: Path,
    columns: Mapping[str, str] | None = None,
    policy: SurveyPolicy | None = None,
    readings: Mapping[str, str | Mapping[str, str]] | None = None,
    date_format: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    practice: str | None = None,
    contacts: ContactColumns | None = None,
    forms: FormRule | None = None,
    size: int = PART_SIZE,
) -> LongFile | None:
    """Judge the columns of a file without holding it.

    Parameters
    ----------
    scratch
        Folder for what was read, until it is checked; whoever makes it removes it.
    contacts
        Columns that are kept apart from answers.
    forms
        What tells the version of the questionnaire; each is judged apart.
    size
        Bytes of a part; other parameters as in :func:`pxanalysis.survey.reading.read_table` and
        :func:`pxanalysis.survey.columns.judge.judge_columns`.

    Returns
    -------
    None for a file that has to be read as a whole: of a kind without records one after the other, an export whose
    header rows rename its columns, or one that leaves a doubt where a record ends.

    Raises
    ------
    SurveyError
        When a reading in study.toml is none, a line cannot be split in which a contact may stand, the file cannot be
        read, changes meanwhile, or the disk is full.
    """
    columns, policy = columns or {}, policy or SurveyPolicy()
    keep = {*policy.keep, *([] if forms is None or forms.column is None else [forms.column])}
    try:
        parts = open_parts(
            path,
            copy=temporary_name(scratch / "utf-8"),
            delimiter=delimiter,
            encoding=encoding,
            whole_numbers=whole_number_columns(journey, columns),
            size=size,
        )
        rules = TidyRules(columns, practice, contacts)
        gathered = _go_through(parts, journey, rules, keep, date_format, scratch)
    except OSError as error:
        raise SourceError(
            f"{path}: cannot be read ({error.strerror}). Check who may read the file, and that the disk has room for a "
            f"copy in {scratch.parent}."
        ) from error
    if gathered is None:
        return None
    head = add_labels(gathered.head, path.parent) if columns else gathered.head  # else its codes may be turned back
    judge = partial(
        judge_evidence,
        file=head.name,
        journey=journey,
        policy=policy,
        readings=readings,
        date_format=date_format,
        labels=head.labels,
    )
    begin = partial(FileEvidence, journey, gathered.evidence.names, date_format)
    judged = _judge_versions(gathered, judge, forms, begin)
    return LongFile(journey, head, gathered.kept, judged, gathered.evidence.rows, columns, policy, gathered.contacts)


@dataclass(frozen=True, slots=True, eq=False)
class _Gathered:
    """What the columns hold; a table without rows; what was read; who asked to be called back."""

    evidence: FileEvidence
    head: RawTable
    kept: tuple[_KeptPart, ...]
    contacts: ContactSearch | None


def _judge_versions(
    gathered: _Gathered,
    judge: Callable[..., FileRules],
    rule: FormRule | None,
    begin: Callable[[], FileEvidence],
) -> FileRules | FormRules:
    """Judge all rows together, or each version of the questionnaire apart."""
    head, whole = gathered.head, judge(gathered.evidence)
    if rule is None or not rule.is_told_by(head.cells.columns):
        return whole
    return judge_forms(
        whole,
        rule,
        work_ahead(part.read(head) for part in gathered.kept),
        begin,
        lambda some, form: judge(some, form=form),
    )


def _go_through(
    parts: FileParts | None,
    journey: Journey,
    rules: TidyRules,
    keep: Collection[str],
    date_format: str | None,
    scratch: Path,
) -> _Gathered | None:
    """Gather in the first manner in which every part can be read; None where there is none."""
    while parts is not None:
        try:
            return _gather(parts, journey, rules, keep, date_format, scratch)
        except UnlikeError as error:
            parts = None if error.manner is None else parts.read_in(error.manner)
    return None


def _gather(
    parts: FileParts,
    journey: Journey,
    rules: TidyRules,
    keep: Collection[str],
    date_format: str | None,
    scratch: Path,
) -> _Gathered | None:
    """What the columns hold, a table without rows (and without columns that have no name and are empty), and parts."""
    for left in scratch.glob(f"*-{_CELLS}"):  # of a reading in another manner
        left.unlink()
    tidier, evidence, head, held, used = None, None, None, set[str](), set[str]()
    kept: list[_KeptPart] = []
    shelf = Scratch(scratch)
    for part in work_ahead(parts):
        tidier = tidier or PartTidier(part, journey, rules)
        raw = tidier.tidy(part)
        if evidence is None:
            try:
                evidence = FileEvidence(journey, match_columns(raw, journey, rules.columns), date_format)
            except SurveyError:
                return None  # what is wrong is said of the file as a whole
            used = {*evidence.names.values(), *own_columns(journey), *keep}
            head = replace(raw, cells=raw.cells.clear(), rows=raw.rows.clear(), bad_lines=())
        evidence.add(raw)
        kept.append(_KeptPart.keep(raw, used, shelf))
        held |= {name for name in parts.nameless if part.cells[name].null_count() < part.cells.height}
    if tidier is None or evidence is None or head is None:
        return None
    dropped = [name for name in parts.nameless if name not in held]
    head = replace(head, cells=head.cells.drop(dropped, strict=False), notes=tidier.describe())
    return _Gathered(evidence, head, tuple(kept), tidier.contacts)
